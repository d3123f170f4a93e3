/** Why an account is not connected: a stable code and one whole sentence with the next thing to do. */
import type { Outcome } from "../sip/stack.ts";

/** By this header our office says that a device was signed out from elsewhere. */
const SIGNED_OUT_HEADER = "hallway-signed-out";

export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, string>>;
  /** Trying again by itself makes sense. */
  readonly passing: boolean;
  /** Seconds before which the server does not want to be asked again. */
  readonly retryAfter?: number;
}

/** What a failed REGISTER or connection means. `rejected` says that the password was tried and not taken. */
export function registrationFault(outcome: Outcome, domain: string, rejected: boolean): Fault {
  if (outcome.kind === "timeout")
    return passing("server-silent", `The server of ${domain} did not answer. Hallway tries again by itself.`);
  if (outcome.kind === "unreachable") return connectionFault(outcome.code, outcome.message, domain);
  const { status, headers } = outcome.response;
  if (rejected)
    return final(
      "wrong-password",
      `${domain} refuses the password. Type it again, or ask your administrator for a new one.`,
    );
  if (status === 404)
    return final("unknown-user", `${domain} does not know this address. Check the part before the @.`);
  if (status === 403 && headers.has(SIGNED_OUT_HEADER))
    return final(
      "signed-out-remotely",
      `This device was signed out of ${domain}. Sign in again with your password if it should not have been.`,
    );
  if (status === 403)
    return final("refused", `${domain} refuses this account: ${outcome.response.reason}. Ask your administrator.`);
  // 430 is RFC 5626's: the connection to the next server is gone.
  if (status === 408 || status === 430 || status === 480 || status >= 500) {
    const busy = passing("server-busy", `The server of ${domain} cannot serve now. Hallway tries again by itself.`);
    const retryAfter = Number.parseInt(headers.get("retry-after") ?? "", 10);
    return retryAfter > 0 ? { ...busy, retryAfter } : busy;
  }
  return final("refused", `${domain} answered ${status} ${outcome.response.reason}. Ask your administrator.`);
}

/** What a connection that did not come about means; certificate faults carry their own sentence. */
export function connectionFault(code: string, message: string, domain: string): Fault {
  if (code.startsWith("certificate-")) return final(code, message);
  switch (code) {
    case "SIP_NAME_UNKNOWN":
      return final(
        "server-not-found",
        `${domain} does not exist in the DNS. Check the address, or give the server by hand.`,
      );
    case "SIP_DNS_FAILED":
      return passing("dns-failed", `No DNS server answered for ${domain}. Check this computer's network connection.`);
    case "SIP_FLOW_CLOSED":
      return passing("connection-lost", `The connection to ${domain} broke. Hallway connects again by itself.`);
    default:
      return passing(
        "server-unreachable",
        `The server of ${domain} cannot be reached. Check the network; Hallway tries again by itself.`,
      );
  }
}

function passing(code: string, message: string): Fault {
  return { code, message, passing: true };
}

function final(code: string, message: string): Fault {
  return { code, message, passing: false };
}
