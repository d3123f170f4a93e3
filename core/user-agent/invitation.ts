/** Redeeming an invitation: one request over TLS to the office that made it, before there is an account to sign in with. */
import type { InvitationLink } from "../payload/invitation-link.ts";
import type { Result } from "../platform/result.ts";
import { failure } from "../platform/result.ts";
import { Stack } from "../sip/stack.ts";
import { TransportError } from "../sip/transport/flow.ts";
import type { OfficeFault } from "../xcap-client/office-client.ts";
import { OfficeClient } from "../xcap-client/office-client.ts";
import { XcapClient } from "../xcap-client/xcap-client.ts";
import { serverTrust } from "./server-trust.ts";
import type { UserAgentPorts } from "./user-agent.ts";
import { serverTargets } from "./user-agent.ts";

/**
 * Sets the password of the invited account. The secret leaves only to a server of the office whose key the link names;
 * any other one is `invitation-foreign`. Further faults are those of `OfficeClient` and of the connection.
 */
export async function redeemInvitation(
  ports: UserAgentPorts,
  { address, server, trust, secret }: InvitationLink,
  password: string,
): Promise<Result<undefined, OfficeFault>> {
  const domain = address.slice(address.indexOf("@") + 1);
  const targets = await serverTargets(ports, server, domain);
  const target = "code" in targets ? undefined : targets[0];
  if (!target) return failure("unreachable");
  const verifyServer = serverTrust({ clock: ports.clock, domain, trust, untrusted: () => undefined });
  const stack = new Stack({ ...ports, transports: ["tls"], verifyServer });
  let isForeign = false;
  const open = async () => {
    try {
      return await stack.transport.openRaw(target);
    } catch (error) {
      isForeign ||= error instanceof TransportError && error.code.startsWith("certificate-");
      throw error;
    }
  };
  try {
    const { clock, random } = ports;
    const http = new XcapClient({ clock, random, user: address, password: "", open });
    const redeemed = await new OfficeClient(address, http).redeem(secret, password);
    return !redeemed.ok && isForeign ? failure("invitation-foreign") : redeemed;
  } finally {
    stack.close();
  }
}
