/** A certificate of 127.0.0.1 from an authority of its own, as offices make them: for servers that tests start. */
import { makeAuthority, makeServerCertificate } from "../../core/certificates/authority.ts";
import { DOMAIN } from "../support/gateway-process.ts";

export interface LoopbackIdentity {
  /** PEM: the server's certificate followed by its authority's. */
  readonly certificate: string;
  readonly key: string;
  /** PEM: what whoever connects has to trust. */
  readonly authority: string;
}

let made: Promise<LoopbackIdentity> | undefined;

/** The same for all servers of a test file. */
export function loopbackIdentity(): Promise<LoopbackIdentity> {
  return (made ??= make());
}

async function make(): Promise<LoopbackIdentity> {
  const now = Date.now();
  const authority = await makeAuthority({ name: "Interop authority", now });
  const server = await makeServerCertificate({ authority, domain: DOMAIN, hosts: ["127.0.0.1"], now });
  return { certificate: server.chain, key: server.privateKey, authority: authority.certificate };
}
