/** The object identifiers that Hallway writes into certificates or reads from them. */

export const COMMON_NAME = "2.5.4.3";

export const EXTENSION = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  certificatePolicies: "2.5.29.32",
  authorityKeyIdentifier: "2.5.29.35",
  extKeyUsage: "2.5.29.37",
} as const;

export const KEY_PURPOSE = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  /** RFC 5924 §4.1: the names in this certificate may stand for SIP domains. */
  sipDomain: "1.3.6.1.5.5.7.3.20",
  anyExtendedKeyUsage: "2.5.29.37.0",
} as const;

/** Signatures over MD2, MD4, MD5 or SHA-1, which can be forged (RFC 9325 §4.1). */
export const FORGEABLE_SIGNATURES: ReadonlySet<string> = new Set([
  "1.2.840.113549.1.1.2",
  "1.2.840.113549.1.1.3",
  "1.2.840.113549.1.1.4",
  "1.2.840.113549.1.1.5",
  "1.2.840.10040.4.3",
  "1.2.840.10045.4.1",
  "1.3.14.3.2.29",
]);
