import { createHash, X509Certificate } from "node:crypto";
import * as asn1js from "asn1js";
import { BasicConstraints, Certificate, ExtKeyUsage, type Extension, GeneralNames } from "pkijs";
import { failure, type Result, success } from "../platform/result.ts";
import { bytesToIp } from "./ip-address.ts";
import { COMMON_NAME, EXTENSION } from "./object-identifiers.ts";
import { fromPem } from "./pem.ts";

/** The largest certificate that is read, in bytes; real ones stay below 8 KiB. */
export const MAX_CERTIFICATE_SIZE = 64 * 1024;

/** The names for which a certificate may stand, as they are written in it. */
export interface CertificateIdentities {
  readonly uris: readonly string[];
  readonly dns: readonly string[];
  /** IP addresses in canonical text. */
  readonly ips: readonly string[];
  /** Only where no subjectAltName exists: elsewhere it is decoration, not an identity (RFC 5922 §7.1). */
  readonly commonName?: string;
}

export interface CertificateFacts {
  readonly der: Buffer;
  /** Distinguished names for people to read, for example `CN=Example Office, O=Example`. */
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since 1970; both moments still belong to the validity. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly identities: CertificateIdentities;
  /** Object identifiers of the extended key usage; undefined without that extension. */
  readonly keyPurposes: readonly string[] | undefined;
  readonly isAuthority: boolean;
  /** How many further authorities may stand below this one; undefined without a limit. */
  readonly pathLength: number | undefined;
  readonly signatureAlgorithm: string;
  /** Restrictions in it that we cannot check, by object identifier. */
  readonly uncheckedRestrictions: readonly string[];
  /** `sha256:` and the SHA-256 of SubjectPublicKeyInfo in lower-case hexadecimal: the same after a renewal. */
  readonly keyFingerprint: string;
}

export interface CertificateReadError {
  readonly code: "certificate-unreadable" | "certificate-too-large";
  readonly message: string;
}

const UNDERSTOOD: ReadonlySet<string> = new Set([
  EXTENSION.subjectKeyIdentifier,
  EXTENSION.keyUsage,
  EXTENSION.subjectAltName,
  EXTENSION.basicConstraints,
  EXTENSION.certificatePolicies,
  EXTENSION.authorityKeyIdentifier,
  EXTENSION.extKeyUsage,
]);

/** Tags of GeneralName, RFC 5280 §4.2.1.6. */
const GENERAL_NAME = { dns: 2, uri: 6, ip: 7 } as const;

/**
 * What stands in a certificate (RFC 5280), from PEM text (its first certificate) or DER.
 *
 * Nothing is judged here, neither time nor trust. Errors: `certificate-too-large` over
 * {@link MAX_CERTIFICATE_SIZE}, `certificate-unreadable` for everything that is not one well-formed certificate.
 */
export function readCertificate(pemOrDer: string | Uint8Array): Result<CertificateFacts, CertificateReadError> {
  const der = typeof pemOrDer === "string" ? fromPem("CERTIFICATE", pemOrDer)[0] : Buffer.from(pemOrDer);
  if (der === undefined) return unreadable("The text holds no certificate.");
  if (der.length > MAX_CERTIFICATE_SIZE) {
    return failure({ code: "certificate-too-large", message: "The certificate is larger than any real one." });
  }
  try {
    return success(factsOf(der));
  } catch {
    return unreadable("The data is not a well-formed certificate.");
  }
}

function unreadable(message: string): Result<never, CertificateReadError> {
  return failure({ code: "certificate-unreadable", message });
}

function factsOf(der: Buffer): CertificateFacts {
  const x509 = new X509Certificate(der);
  const { result, offset } = asn1js.fromBER(der);
  // Two parsers read these bytes; they must mean the same ones.
  if (offset !== der.length || !x509.raw.equals(der)) throw new Error("trailing or ambiguous bytes");
  const certificate = new Certificate({ schema: result });
  const extensions = extensionsOf(certificate);
  const constraints = parsed(extensions.get(EXTENSION.basicConstraints), BasicConstraints);
  const pathLength = constraints?.pathLenConstraint;
  return {
    der,
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    notBefore: certificate.notBefore.value.getTime(),
    notAfter: certificate.notAfter.value.getTime(),
    identities: identitiesOf(certificate, extensions.get(EXTENSION.subjectAltName)),
    keyPurposes: parsed(extensions.get(EXTENSION.extKeyUsage), ExtKeyUsage)?.keyPurposes,
    isAuthority: constraints?.cA ?? false,
    pathLength: typeof pathLength === "object" ? pathLength.valueBlock.valueDec : pathLength,
    signatureAlgorithm: certificate.signatureAlgorithm.algorithmId,
    uncheckedRestrictions: [...extensions.values()].filter(restrictsUnchecked).map(({ extnID }) => extnID),
    keyFingerprint: fingerprint(subjectPublicKeyInfo(result)),
  };
}

/** RFC 5280 §4.2: at most one instance of each extension; a second one could say something else to another reader. */
function extensionsOf(certificate: Certificate): ReadonlyMap<string, Extension> {
  const extensions = certificate.extensions ?? [];
  const byId = new Map(extensions.map((extension) => [extension.extnID, extension]));
  if (byId.size !== extensions.length) throw new Error("repeated extension");
  return byId;
}

/** Name constraints limit even where they are wrongly not marked critical. */
function restrictsUnchecked({ extnID, critical }: Extension): boolean {
  return extnID === EXTENSION.nameConstraints || (critical && !UNDERSTOOD.has(extnID));
}

function parsed<T>(extension: Extension | undefined, kind: new (from: { schema: asn1js.AsnType }) => T): T | undefined {
  if (extension === undefined) return undefined;
  return new kind({ schema: asn1js.fromBER(extension.extnValue.getValue()).result });
}

function identitiesOf(certificate: Certificate, alternatives: Extension | undefined): CertificateIdentities {
  const names = parsed(alternatives, GeneralNames)?.names;
  if (names === undefined) {
    const common = certificate.subject.typesAndValues.findLast(({ type }) => type === COMMON_NAME);
    const value: unknown = common?.value.valueBlock.value;
    return { uris: [], dns: [], ips: [], ...(typeof value === "string" && { commonName: value }) };
  }
  const texts = (type: number): string[] =>
    names.filter((name) => name.type === type).map(({ value }) => (typeof value === "string" ? value : ""));
  const addresses = names.filter((name) => name.type === GENERAL_NAME.ip).map(({ value }) => addressOf(value));
  return {
    uris: texts(GENERAL_NAME.uri),
    dns: texts(GENERAL_NAME.dns),
    ips: addresses.filter((address) => address !== undefined),
  };
}

function addressOf(value: unknown): string | undefined {
  return value instanceof asn1js.OctetString ? bytesToIp(new Uint8Array(value.getValue())) : undefined;
}

/**
 * The bytes of SubjectPublicKeyInfo as they stand in the certificate: a key exported again could be encoded otherwise,
 * and would then be known under two fingerprints.
 */
function subjectPublicKeyInfo(certificate: asn1js.AsnType): Uint8Array {
  const [toBeSigned] = sequence(certificate);
  const fields = sequence(toBeSigned);
  const hasVersion = fields[0]?.idBlock.tagClass === CONTEXT_SPECIFIC;
  const field = fields[hasVersion ? 6 : 5];
  if (field === undefined) throw new Error("no key");
  return field.valueBeforeDecodeView;
}

const CONTEXT_SPECIFIC = 3;

function sequence(block: asn1js.AsnType | undefined): readonly asn1js.AsnType[] {
  if (!(block instanceof asn1js.Sequence)) throw new Error("no sequence");
  return block.valueBlock.value;
}

function fingerprint(key: Uint8Array): string {
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

function oneLine(distinguishedName: string | undefined): string {
  return (distinguishedName ?? "").split("\n").join(", ");
}
