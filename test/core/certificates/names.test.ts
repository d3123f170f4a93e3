import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToIp, canonicalIp, ipToBytes } from "../../../core/certificates/ip-address.ts";
import { certificateSpeaksFor } from "../../../core/certificates/names.ts";
import type { CertificateFacts, CertificateIdentities } from "../../../core/certificates/read.ts";

function certificate(identities: Partial<CertificateIdentities>, keyPurposes?: readonly string[]): CertificateFacts {
  return {
    der: Buffer.alloc(0),
    subject: "",
    issuer: "",
    notBefore: 0,
    notAfter: 0,
    identities: { uris: [], dns: [], ips: [], ...identities },
    keyPurposes,
    isAuthority: false,
    pathLength: undefined,
    signatureAlgorithm: "",
    uncheckedRestrictions: [],
    keyFingerprint: "",
  };
}

describe("finding SIP identities (RFC 5922 §7.1)", () => {
  test.each([
    ["a SIP URI", { uris: ["sip:example.com"] }, "example.com", true],
    ["a scheme in capitals", { uris: ["SIP:example.com"] }, "example.com", true],
    ["a SIP URI with port and parameters", { uris: ["sip:example.com:5061;transport=tls"] }, "example.com", true],
    ["another scheme", { uris: ["sips:example.com", "https://example.com"] }, "example.com", false],
    ["a person's URI", { uris: ["sip:alice@example.com"] }, "example.com", false],
    ["a person hidden in a parameter", { uris: ["sip:example.com;x=@y"] }, "example.com", false],
    ["a DNS name", { dns: ["example.com"] }, "example.com", true],
    ["a DNS name beside another scheme", { uris: ["https://a.example"], dns: ["example.com"] }, "example.com", true],
    [
      "a DNS name beside a SIP URI, which silences it",
      { uris: ["sip:a.example"], dns: ["example.com"] },
      "example.com",
      false,
    ],
    ["a common name where nothing else stands", { commonName: "example.com" }, "example.com", true],
    ["a common name that is no DNS name", { commonName: "Example Office" }, "example office", false],
    ["no name at all", {}, "example.com", false],
  ])("%s", (_, identities, domain, speaks) => {
    expect(certificateSpeaksFor(certificate(identities), domain)).toBe(speaks);
  });
});

describe("comparing SIP identities (RFC 5922 §7.2)", () => {
  test.each([
    ["example.com", "EXAMPLE.com", true],
    ["example.com", "example.com.", true],
    ["example.com", "foo.example.com", false],
    ["foo.example.com", "example.com", false],
    ["*.example.com", "foo.example.com", false],
    ["*.example.com", "*.example.com", true],
    [".example.com", "foo.example.com", false],
    [".example.com", ".example.com", true],
    ["example.com\0.evil.example", "example.com", false],
    ["xn--bcher-kva.example", "bücher.example", true],
    ["", "", false],
  ])("%j for %j: %j", (presented, expected, speaks) => {
    expect(certificateSpeaksFor(certificate({ dns: [presented] }), expected)).toBe(speaks);
    expect(certificateSpeaksFor(certificate({ uris: [`sip:${presented}`] }), expected)).toBe(speaks);
  });

  test.each([
    ["127.0.0.1", "127.0.0.1", true],
    ["2001:db8::7", "[2001:0DB8:0:0::7]", true],
    ["2001:db8::7", "2001:db8::8", false],
  ])("address %s for %s: %j", (presented, expected, speaks) => {
    expect(certificateSpeaksFor(certificate({ ips: [presented] }), expected)).toBe(speaks);
  });

  test("an address does not count as a name", () => {
    expect(certificateSpeaksFor(certificate({ dns: ["127.0.0.1"], commonName: "127.0.0.1" }), "127.0.0.1")).toBe(false);
  });
});

describe("extended key usage (RFC 5924 §5)", () => {
  const [serverAuth, clientAuth, codeSigning, email] = [1, 2, 3, 4].map((kind) => `1.3.6.1.5.5.7.3.${kind}`);
  const sipDomain = "1.3.6.1.5.5.7.3.20";
  test.each([
    ["none", undefined, true],
    ["sipDomain", [sipDomain], true],
    ["sipDomain among others", [codeSigning ?? "", sipDomain], true],
    ["anyExtendedKeyUsage", ["2.5.29.37.0"], true],
    ["serverAuth, as public authorities issue", [serverAuth ?? ""], true],
    ["clientAuth alone", [clientAuth ?? ""], false],
    ["code signing and mail", [codeSigning ?? "", email ?? ""], false],
    ["an empty set", [], false],
  ])("%s", (_, purposes, speaks) => {
    expect(certificateSpeaksFor(certificate({ uris: ["sip:example.com"] }, purposes), "example.com")).toBe(speaks);
  });
});

describe("IP addresses", () => {
  test("survive the way to octets and back", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const bytes = ipToBytes(text);
        expect(bytes === undefined ? undefined : bytesToIp(bytes)).toBe(canonicalIp(text));
        expect(bytes?.length).toBe(text.includes(":") ? 16 : 4);
      }),
    );
  });

  test.each(["", "1.2.3", "1.2.3.256", "1.2.3.4.", "example.com", "::g", "1:2", "fe80::1%eth0", "[::1"])(
    "%j is none",
    (text) => {
      expect(canonicalIp(text)).toBeUndefined();
      expect(ipToBytes(text)).toBeUndefined();
    },
  );

  test("have 4 or 16 octets", () => {
    expect(bytesToIp(new Uint8Array(5))).toBeUndefined();
  });
});
