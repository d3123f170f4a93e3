/** The office's own authority and server certificate: made once, kept, renewed before they end. */
import type { PrivateFiles } from "../platform/files.ts";
import { ipToBytes } from "./ip-address.ts";
import { makeAuthority, makeServerCertificate } from "./authority.ts";
import { readCertificate } from "./read.ts";

/** A server certificate that ends within this many milliseconds is replaced at the next start. */
const RENEW_BEFORE = 30 * 86_400_000;

export interface OfficeIdentity {
  /** PEM, the server's certificate followed by the authority's. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of the authority: what colleagues trust. */
  readonly authority: string;
  /** Of the authority's key, which stays when certificates are renewed. */
  readonly fingerprint: string;
}

export interface OfficeRequest {
  readonly domain: string;
  /** Further domains for which the certificate speaks. */
  readonly furtherDomains?: readonly string[];
  /** Host names and addresses under which the server is reached, besides the domain. */
  readonly hosts: readonly string[];
  readonly files: PrivateFiles;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Reads the office's certificates, and makes what is missing, ending or for other domains. */
export async function officeIdentity(request: OfficeRequest): Promise<OfficeIdentity> {
  const { domain, files, now } = request;
  const hosts = [...(request.furtherDomains ?? []), ...request.hosts];
  const authority = await readOrMakeAuthority(request);
  const kept = { certificate: files.read("server.pem"), key: files.read("server.key") };
  const current = kept.certificate !== undefined && isGood(kept.certificate, [domain, ...hosts], now);
  if (!current || kept.key === undefined) {
    const made = await makeServerCertificate({ authority, domain, hosts, now });
    files.write("server.key", made.privateKey);
    files.write("server.pem", made.chain);
    kept.certificate = made.chain;
    kept.key = made.privateKey;
  }
  const facts = readCertificate(authority.certificate);
  return {
    certificate: kept.certificate ?? "",
    key: kept.key,
    authority: authority.certificate,
    fingerprint: facts.ok ? facts.value.keyFingerprint : "",
  };
}

async function readOrMakeAuthority({
  domain,
  files,
  now,
}: OfficeRequest): Promise<{ certificate: string; privateKey: string }> {
  const certificate = files.read("authority.pem");
  const privateKey = files.read("authority.key");
  if (certificate !== undefined && privateKey !== undefined) return { certificate, privateKey };
  const made = await makeAuthority({ name: `${domain} office authority`, now });
  files.write("authority.key", made.privateKey);
  files.write("authority.pem", made.certificate);
  return made;
}

/** Whether it stays for a while, and names every domain and host name of ours and no domain that was given up. */
function isGood(pem: string, names: readonly string[], now: number): boolean {
  const facts = readCertificate(pem);
  if (!facts.ok || facts.value.notAfter - RENEW_BEFORE <= now) return false;
  const wanted = new Set(
    names.filter((name) => ipToBytes(name) === undefined).map((name) => `sip:${name.toLowerCase()}`),
  );
  const { uris } = facts.value.identities;
  return uris.length === wanted.size && uris.every((uri) => wanted.has(uri));
}
