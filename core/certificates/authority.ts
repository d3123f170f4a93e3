import { createPrivateKey, webcrypto } from "node:crypto";
import * as asn1js from "asn1js";
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CryptoEngine,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  Time,
} from "pkijs";

import { type Random, systemRandom } from "../platform/random.ts";
import { ipToBytes } from "./ip-address.ts";
import { COMMON_NAME, EXTENSION, KEY_PURPOSE } from "./object-identifiers.ts";
import { fromPem, toPem } from "./pem.ts";

const DAY = 24 * 60 * 60 * 1000;

/** How long an office authority lives, in milliseconds: ten years. */
export const AUTHORITY_LIFETIME = 3652 * DAY;

/** How long a server certificate lives, in milliseconds: two years. */
export const SERVER_LIFETIME = 730 * DAY;

/** Certificates begin this much in the past, in milliseconds, for peers whose clocks are behind. */
export const CLOCK_TOLERANCE = DAY;

/** A certificate with its private key, both PEM. The key is the caller's to protect: it is kept nowhere else. */
export interface CertificateAndKey {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A server certificate; `chain` is it followed by its authority, as TLS presents them. */
export interface ServerCertificate extends CertificateAndKey {
  readonly chain: string;
}

export interface AuthorityRequest {
  /** How people recognise the office, for example `Example Office`; cut after 64 characters (RFC 5280 appendix A). */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly random?: Random;
}

export interface ServerCertificateRequest {
  readonly authority: CertificateAndKey;
  /** The SIP domain in ASCII; it becomes `URI:sip:domain` and `DNS:domain`. */
  readonly domain: string;
  /** More names under which the server is reached: host names and IP addresses. */
  readonly hosts?: readonly string[];
  readonly now: number;
  readonly random?: Random;
}

const HASH = "SHA-256";
const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const KEY_USAGE = { digitalSignature: 0x80, certificateSigning: 0x06 } as const;
const COMMON_NAME_LIMIT = 64;
const SERIAL_BYTES = 16;
const URI_NAME = 6;
const DNS_NAME = 2;
const IP_NAME = 7;

const engine = (): CryptoEngine => new CryptoEngine({ name: "node", crypto: webcrypto });

/** Makes an office's certificate authority: P-256, valid for {@link AUTHORITY_LIFETIME}, for servers only. */
export async function makeAuthority({ name, now, random }: AuthorityRequest): Promise<CertificateAndKey> {
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const draft = blankCertificate(random ?? systemRandom(), now, now + AUTHORITY_LIFETIME);
  draft.subject.typesAndValues.push(commonName(name.slice(0, COMMON_NAME_LIMIT)));
  draft.issuer = draft.subject;
  await draft.subjectPublicKeyInfo.importKey(keys.publicKey, engine());
  draft.extensions = [
    // Its word is final: no further authorities below it.
    extension(EXTENSION.basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema(), true),
    extension(EXTENSION.keyUsage, keyUsage(KEY_USAGE.certificateSigning), true),
    extension(EXTENSION.subjectKeyIdentifier, new asn1js.OctetString({ valueHex: await keyHash(draft) })),
  ];
  await draft.sign(keys.privateKey, HASH, engine());
  return { certificate: certificatePem(draft), privateKey: await privateKeyPem(keys.privateKey) };
}

/**
 * Issues a server certificate for a SIP domain (RFC 5922 §6, RFC 5924): P-256, valid for {@link SERVER_LIFETIME} or as
 * long as the authority. Throws when the authority's PEM is not one made here.
 */
export async function makeServerCertificate(request: ServerCertificateRequest): Promise<ServerCertificate> {
  const { authority, domain, hosts = [], now } = request;
  const issuer = authorityCertificate(authority.certificate);
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const until = Math.min(now + SERVER_LIFETIME, issuer.notAfter.value.getTime());
  const draft = blankCertificate(request.random ?? systemRandom(), now, until);
  const named = domain.length <= COMMON_NAME_LIMIT;
  if (named) draft.subject.typesAndValues.push(commonName(domain));
  draft.issuer = issuer.subject;
  await draft.subjectPublicKeyInfo.importKey(keys.publicKey, engine());
  const signer = new AuthorityKeyIdentifier({
    keyIdentifier: new asn1js.OctetString({ valueHex: await keyHash(issuer) }),
  });
  draft.extensions = [
    extension(EXTENSION.basicConstraints, new BasicConstraints({ cA: false }).toSchema(), true),
    extension(EXTENSION.keyUsage, keyUsage(KEY_USAGE.digitalSignature), true),
    extension(EXTENSION.extKeyUsage, keyPurposes().toSchema()),
    // Critical when the subject is empty (RFC 5280 §4.2.1.6).
    extension(EXTENSION.subjectAltName, alternativeNames(domain, hosts).toSchema(), !named),
    extension(EXTENSION.subjectKeyIdentifier, new asn1js.OctetString({ valueHex: await keyHash(draft) })),
    extension(EXTENSION.authorityKeyIdentifier, signer.toSchema()),
  ];
  await draft.sign(await signingKey(authority.privateKey), HASH, engine());
  const certificate = certificatePem(draft);
  return {
    certificate,
    chain: certificate + certificatePem(issuer),
    privateKey: await privateKeyPem(keys.privateKey),
  };
}

function blankCertificate(random: Random, now: number, until: number): Certificate {
  const draft = new Certificate();
  draft.version = 2;
  draft.serialNumber = new asn1js.Integer({ valueHex: serialNumber(random) });
  draft.notBefore = time(now - CLOCK_TOLERANCE);
  draft.notAfter = time(until);
  return draft;
}

/** A positive number of fixed length: neither the sign bit nor a leading zero (RFC 5280 §4.1.2.2). */
function serialNumber(random: Random): ArrayBuffer {
  const bytes = Uint8Array.from(random.bytes(SERIAL_BYTES));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.buffer;
}

/** UTCTime to the year 2049, GeneralizedTime after it, whole seconds (RFC 5280 §4.1.2.5). */
function time(milliseconds: number): Time {
  const value = new Date(Math.floor(milliseconds / 1000) * 1000);
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value });
}

function commonName(value: string): AttributeTypeAndValue {
  return new AttributeTypeAndValue({ type: COMMON_NAME, value: new asn1js.Utf8String({ value }) });
}

function extension(extnID: string, value: asn1js.AsnType, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER(false) });
}

/** DER wants the trailing zero bits of a named bit list gone (X.690 §11.2.2). */
function keyUsage(bits: number): asn1js.BitString {
  const unusedBits = 31 - Math.clz32(bits & -bits);
  return new asn1js.BitString({ valueHex: Uint8Array.of(bits).buffer, unusedBits });
}

function keyPurposes(): ExtKeyUsage {
  return new ExtKeyUsage({ keyPurposes: [KEY_PURPOSE.serverAuth, KEY_PURPOSE.clientAuth, KEY_PURPOSE.sipDomain] });
}

/**
 * Every host name stands as a SIP URI and as a DNS name: where one SIP URI exists, strict peers ignore all DNS names
 * (RFC 5922 §7.1), and would refuse the host name that somebody dialled.
 */
function alternativeNames(domain: string, hosts: readonly string[]): GeneralNames {
  const names = [...new Set([domain, ...hosts].map((name) => name.toLowerCase()))];
  return new GeneralNames({
    names: names.flatMap((name) => {
      const address = ipToBytes(name);
      if (address === undefined) {
        return [
          new GeneralName({ type: URI_NAME, value: `sip:${name}` }),
          new GeneralName({ type: DNS_NAME, value: name }),
        ];
      }
      return [new GeneralName({ type: IP_NAME, value: new asn1js.OctetString({ valueHex: address.buffer }) })];
    }),
  });
}

function keyHash(certificate: Certificate): Promise<ArrayBuffer> {
  return certificate.getKeyHash("SHA-1", engine());
}

function authorityCertificate(pem: string): Certificate {
  const [der] = fromPem("CERTIFICATE", pem);
  if (der === undefined) throw new TypeError("The authority's certificate is not PEM.");
  return Certificate.fromBER(new Uint8Array(der));
}

function certificatePem(certificate: Certificate): string {
  return toPem("CERTIFICATE", new Uint8Array(certificate.toSchema(false).toBER(false)));
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return toPem("PRIVATE KEY", new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", key)));
}

function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const pkcs8 = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", pkcs8, CURVE, false, ["sign"]);
}
