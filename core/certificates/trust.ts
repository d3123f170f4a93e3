import { X509Certificate } from "node:crypto";
import { failure, type Result, success } from "../platform/result.ts";
import { certificateSpeaksFor, sipIdentities } from "./names.ts";
import { FORGEABLE_SIGNATURES } from "./object-identifiers.ts";
import { fromPem } from "./pem.ts";
import { type CertificateFacts, readCertificate } from "./read.ts";

/** How many certificates of one handshake are looked at; real chains have two to four. */
export const MAX_CHAIN_LENGTH = 10;

/** Where a peer's chain must end. */
export type Trust =
  /** One of these certificates: an authority, or the peer's own. */
  | { readonly pem: string }
  /** A presented certificate with this key, which outlives renewals (`sha256:` and hexadecimal). */
  | { readonly keyFingerprint: string }
  /** One of the machine's public authorities, each PEM. */
  | { readonly system: true; readonly roots: readonly string[] };

export interface ChainCheck {
  /** DER as presented in the handshake, the peer's own first. */
  readonly chain: readonly Uint8Array[];
  readonly trust: Trust;
  /** The SIP domain, or the host of a fixed next hop. */
  readonly expected: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface TrustError {
  readonly code:
    | "certificate-expired"
    | "certificate-not-yet-valid"
    | "certificate-wrong-name"
    | "certificate-not-trusted"
    | "certificate-broken-chain";
  /** One sentence for people: what happened and what to do. */
  readonly message: string;
}

/** From the peer's own certificate to the anchor, each issued by the next. */
type Path = readonly CertificateFacts[];

/**
 * Judges the chain of a finished TLS handshake (RFC 5280 §6, RFC 5922 §7): signatures up to an anchor of `trust`,
 * validity of every certificate on the way, and the expected name. TLS itself has proved that the peer owns its key.
 * Revocation is not asked about. Errors come in that order of weight: trust, time, name.
 */
export function checkChain(check: ChainCheck): Result<{ readonly keyFingerprint: string }, TrustError> {
  const presented = parseChain(check.chain);
  if (!presented.ok) return presented;
  const links = linkToAnchor(presented.value, anchorsOf(check.trust, presented.value));
  if (!links.ok) return links;
  const path = readPath(links.value);
  if (!path.ok) return path;
  const problem =
    restrictionBroken(path.value) ?? outOfTime(path.value, check.now) ?? wrongName(path.value, check.expected);
  if (problem !== undefined) return failure(problem);
  return success({ keyFingerprint: path.value.at(-1)?.keyFingerprint ?? "" });
}

/**
 * The key fingerprint of the topmost certificate that really stands above the peer's own, to be shown to a person who
 * is asked whether to trust it. Certificates in the chain that signed nothing are passed over.
 */
export function authorityFingerprint(chain: readonly Uint8Array[]): Result<string, TrustError> {
  const presented = parseChain(chain);
  if (!presented.ok) return presented;
  const climbed = climb(presented.value, () => false).at(-1);
  const facts = climbed === undefined ? undefined : readCertificate(climbed.raw);
  return facts?.ok === true ? success(facts.value.keyFingerprint) : broken();
}

function parseChain(chain: readonly Uint8Array[]): Result<readonly X509Certificate[], TrustError> {
  if (chain.length === 0) {
    return failure({
      code: "certificate-broken-chain",
      message: "The other side showed no certificate: ask its administrator to switch on TLS with a certificate.",
    });
  }
  if (chain.length > MAX_CHAIN_LENGTH) return broken();
  const parsed = chain.map(parseCertificate).filter((certificate) => certificate !== undefined);
  return parsed.length === chain.length ? success(parsed) : broken();
}

function parseCertificate(data: Uint8Array | string): X509Certificate | undefined {
  try {
    return new X509Certificate(data);
  } catch {
    return undefined;
  }
}

function anchorsOf(trust: Trust, presented: readonly X509Certificate[]): readonly X509Certificate[] {
  if ("keyFingerprint" in trust) return presented.filter((certificate) => hasKey(certificate, trust.keyFingerprint));
  const texts = "pem" in trust ? [trust.pem] : trust.roots;
  return texts
    .flatMap((text) => fromPem("CERTIFICATE", text))
    .map(parseCertificate)
    .filter((certificate) => certificate !== undefined);
}

function hasKey(certificate: X509Certificate, keyFingerprint: string): boolean {
  const facts = readCertificate(certificate.raw);
  return facts.ok && facts.value.keyFingerprint === keyFingerprint.toLowerCase();
}

function linkToAnchor(
  presented: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): Result<readonly X509Certificate[], TrustError> {
  const isAnchor = (certificate: X509Certificate): boolean => anchors.some(({ raw }) => raw.equals(certificate.raw));
  const path = climb([...presented, ...anchors], isAnchor);
  const top = path.at(-1);
  if (top !== undefined && isAnchor(top)) return success(path);
  const torn = presented.some((other) => top !== other && other.subject === top?.issuer && !path.includes(other));
  return torn ? broken() : notTrusted();
}

/** From the first certificate upwards, each step to one that issued the last; an anchor is preferred and ends it. */
function climb(
  pool: readonly X509Certificate[],
  isAnchor: (certificate: X509Certificate) => boolean,
): X509Certificate[] {
  const path = pool.slice(0, 1);
  for (let current = path[0]; current !== undefined && !isAnchor(current);) {
    const below = current;
    const issuers = pool.filter((candidate) => !path.includes(candidate) && issued(candidate, below));
    current = issuers.find(isAnchor) ?? issuers[0];
    if (current !== undefined) path.push(current);
  }
  return path;
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && issuer.ca && certificate.verify(issuer.publicKey);
  } catch {
    // Keys of kinds that this OpenSSL does not know.
    return false;
  }
}

function readPath(links: readonly X509Certificate[]): Result<Path, TrustError> {
  const path: CertificateFacts[] = [];
  for (const { raw } of links) {
    const facts = readCertificate(raw);
    if (!facts.ok) return broken();
    path.push(facts.value);
  }
  return success(path);
}

/** What the certificates themselves forbid. The anchor was chosen by a person and is not asked (RFC 5280 §6.1). */
function restrictionBroken(path: Path): TrustError | undefined {
  const judged = path.slice(0, -1);
  if (judged.some(({ signatureAlgorithm }) => FORGEABLE_SIGNATURES.has(signatureAlgorithm))) {
    return {
      code: "certificate-not-trusted",
      message:
        "The other side's certificate is signed in a way that can be forged: ask its administrator for a new one with SHA-256.",
    };
  }
  if (judged.some(({ uncheckedRestrictions }) => uncheckedRestrictions.length > 0)) {
    return {
      code: "certificate-not-trusted",
      message:
        "The other side's certificate has restrictions that Hallway cannot check: ask its administrator for one without.",
    };
  }
  return path.some(({ pathLength }, height) => pathLength !== undefined && authoritiesBelow(path, height) > pathLength)
    ? brokenChain
    : undefined;
}

/** Authorities between the peer's certificate and the one at `height`; those that only renew their own key are free. */
function authoritiesBelow(path: Path, height: number): number {
  return path.slice(1, Math.max(height, 1)).filter(({ subject, issuer }) => subject !== issuer).length;
}

function outOfTime(path: Path, now: number): TrustError | undefined {
  const expired = path.find(({ notAfter }) => now > notAfter);
  if (expired !== undefined) {
    return {
      code: "certificate-expired",
      message: `The certificate ${nameOf(expired)} ended on ${day(expired.notAfter)}: check this computer's clock, then ask the other side's administrator to renew it.`,
    };
  }
  const early = path.find(({ notBefore }) => now < notBefore);
  if (early === undefined) return undefined;
  return {
    code: "certificate-not-yet-valid",
    message: `The certificate ${nameOf(early)} begins on ${day(early.notBefore)}: check this computer's clock, then ask the other side's administrator to check theirs.`,
  };
}

function wrongName([leaf]: Path, expected: string): TrustError | undefined {
  if (leaf === undefined || certificateSpeaksFor(leaf, expected)) return undefined;
  const names = [...sipIdentities(leaf.identities), ...leaf.identities.ips].slice(0, 3).join(", ");
  return {
    code: "certificate-wrong-name",
    message: `The certificate is ${names === "" ? "for no SIP server" : `for ${names}`}, not for ${expected}: check the address, or ask the other side's administrator for a certificate with that name.`,
  };
}

const nameOf = ({ subject }: CertificateFacts): string => `"${subject}"`;
const day = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

const brokenChain: TrustError = {
  code: "certificate-broken-chain",
  message:
    "The certificates that the other side showed do not belong together: ask its administrator to install the whole chain.",
};

function broken(): Result<never, TrustError> {
  return failure(brokenChain);
}

function notTrusted(): Result<never, TrustError> {
  return failure({
    code: "certificate-not-trusted",
    message:
      "The other side's certificate comes from an authority that you have not accepted: compare its fingerprint with the administrator's, then accept it.",
  });
}
