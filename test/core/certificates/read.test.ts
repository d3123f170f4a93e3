import { createHash, randomBytes } from "node:crypto";
import { rootCertificates } from "node:tls";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeAuthority } from "../../../core/certificates/authority.ts";
import { fromPem, MAX_PEM_LENGTH, toPem } from "../../../core/certificates/pem.ts";
import { MAX_CERTIFICATE_SIZE, readCertificate } from "../../../core/certificates/read.ts";
import { hasOpenssl, openssl, opensslCertificate } from "./openssl.ts";

describe("reading certificates", () => {
  test("reads every public root that Node carries", () => {
    const unread = rootCertificates.filter((pem) => !readCertificate(pem).ok);
    expect(unread).toEqual([]);
  });

  test("refuses text without a certificate, oversized data and rubbish", () => {
    expect(readCertificate("no certificate")).toMatchObject({ error: { code: "certificate-unreadable" } });
    expect(readCertificate(randomBytes(200))).toMatchObject({ error: { code: "certificate-unreadable" } });
    const large = Buffer.alloc(MAX_CERTIFICATE_SIZE + 1, 0x30);
    expect(readCertificate(large)).toMatchObject({ error: { code: "certificate-too-large" } });
    expect(readCertificate(large.subarray(1))).toMatchObject({ error: { code: "certificate-unreadable" } });
  });

  test("refuses bytes after the certificate", async () => {
    const { certificate } = await makeAuthority({ name: "Example", now: 0 });
    const [der = Buffer.alloc(0)] = fromPem("CERTIFICATE", certificate);
    expect(readCertificate(der).ok).toBe(true);
    expect(readCertificate(Buffer.concat([der, Buffer.of(0)])).ok).toBe(false);
  });

  test("never throws on a damaged certificate", async () => {
    const { certificate } = await makeAuthority({ name: "Example", now: 0 });
    const [der = Buffer.alloc(0)] = fromPem("CERTIFICATE", certificate);
    const damage = fc.record({ at: fc.nat(der.length - 1), octet: fc.nat(255), cut: fc.nat(der.length) });
    fc.assert(
      fc.property(damage, ({ at, octet, cut }) => {
        const copy = Buffer.from(der);
        copy[at] = octet;
        readCertificate(copy);
        readCertificate(copy.subarray(0, cut));
      }),
      { numRuns: 500 },
    );
  });
});

describe.skipIf(!hasOpenssl)("reading what OpenSSL made (skipped without openssl)", () => {
  test("keeps a comma inside a name apart from the next name", () => {
    const { certificate } = opensslCertificate({
      subject: "/O=Example/CN=ignored.example",
      extensions: [
        "subjectAltName=@names",
        "[names]",
        "URI.1=sip:a.example;x=1, DNS:evil.example",
        "DNS.1=b.example",
        "IP.1=2001:db8::7",
      ],
    });
    const facts = readCertificate(certificate);
    expect(facts.ok && facts.value.identities).toEqual({
      uris: ["sip:a.example;x=1, DNS:evil.example"],
      dns: ["b.example"],
      ips: ["2001:db8::7"],
    });
    expect(facts.ok && facts.value.subject).toBe("O=Example, CN=ignored.example");
  });

  test("counts the common name as an identity only without alternative names", () => {
    const { certificate } = opensslCertificate({
      subject: "/CN=old.example",
      extensions: ["basicConstraints=CA:FALSE"],
    });
    const facts = readCertificate(certificate);
    expect(facts.ok && facts.value.identities.commonName).toBe("old.example");
  });

  test("has the fingerprint of the public key as OpenSSL exports it", () => {
    const { certificate, certificateFile, keyFile } = opensslCertificate({
      subject: "/CN=a",
      extensions: ["basicConstraints=CA:TRUE"],
    });
    const key = openssl("pkey", "-in", keyFile, "-pubout", "-outform", "DER");
    const facts = readCertificate(certificate);
    expect(facts.ok && facts.value.keyFingerprint).toBe(`sha256:${createHash("sha256").update(key).digest("hex")}`);
    const der = openssl("x509", "-in", certificateFile, "-outform", "DER");
    expect(readCertificate(der)).toEqual(facts);
  });

  test("names the restrictions that are not checked", () => {
    const { certificate } = opensslCertificate({
      subject: "/CN=a",
      extensions: [
        "basicConstraints=CA:TRUE",
        "nameConstraints=permitted;DNS:example.com",
        "1.2.3.4=critical,ASN1:NULL",
      ],
    });
    const facts = readCertificate(certificate);
    expect(facts.ok && facts.value.uncheckedRestrictions).toEqual(["2.5.29.30", "1.2.3.4"]);
  });
});

describe("PEM", () => {
  test("gives back what was written, whatever stands between the blocks", () => {
    const [first, second] = [randomBytes(100), randomBytes(48)];
    const text = `a comment\n${toPem("CERTIFICATE", first)}\n${toPem("PRIVATE KEY", first)}${toPem("CERTIFICATE", second)}`;
    expect(fromPem("CERTIFICATE", text.replaceAll("\n", "\r\n"))).toEqual([first, second]);
  });

  test("ignores an open block and a text over the limit", () => {
    expect(fromPem("CERTIFICATE", "-----BEGIN CERTIFICATE-----\nAAAA\n")).toEqual([]);
    expect(fromPem("CERTIFICATE", toPem("CERTIFICATE", Buffer.alloc(MAX_PEM_LENGTH)))).toEqual([]);
  });
});
