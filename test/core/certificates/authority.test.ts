import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  AUTHORITY_LIFETIME,
  CLOCK_TOLERANCE,
  makeAuthority,
  makeServerCertificate,
  SERVER_LIFETIME,
} from "../../../core/certificates/authority.ts";
import { fromPem } from "../../../core/certificates/pem.ts";
import { readCertificate } from "../../../core/certificates/read.ts";
import { hasOpenssl, openssl } from "./openssl.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const hosts = ["localhost", "sip.example.com", "127.0.0.1", "::1"];

async function office() {
  const authority = await makeAuthority({ name: "Example Office", now: NOW });
  const server = await makeServerCertificate({ authority, domain: "example.com", hosts, now: NOW });
  return { authority, server };
}

function read(pem: string) {
  const facts = readCertificate(pem);
  if (!facts.ok) throw new Error(facts.error.message);
  return facts.value;
}

describe("an office authority", () => {
  test("is an authority for ten years, with no further ones below it", async () => {
    const facts = read((await makeAuthority({ name: "Example Office", now: NOW })).certificate);
    expect(facts).toMatchObject({ subject: "CN=Example Office", isAuthority: true, pathLength: 0 });
    expect(facts.notAfter).toBe(NOW + AUTHORITY_LIFETIME);
    expect(facts.notBefore).toBe(NOW - CLOCK_TOLERANCE);
  });

  test("takes a name that is longer than a common name may be", async () => {
    const facts = read((await makeAuthority({ name: "x".repeat(100), now: NOW })).certificate);
    expect(facts.subject).toBe(`CN=${"x".repeat(64)}`);
  });

  test("draws its serial number from the given source, positive and of fixed length", async () => {
    const random = { bytes: (count: number) => Buffer.alloc(count, 0xff), fraction: () => 0 };
    const { certificate } = await makeAuthority({ name: "Example", now: NOW, random });
    expect(new X509Certificate(certificate).serialNumber).toBe(`7F${"FF".repeat(15)}`);
  });
});

describe("a server certificate", () => {
  test("speaks for its domain and hosts, as SIP URIs, DNS names and addresses", async () => {
    const { server } = await office();
    expect(read(server.certificate).identities).toEqual({
      uris: ["sip:example.com", "sip:localhost", "sip:sip.example.com"],
      dns: ["example.com", "localhost", "sip.example.com"],
      ips: ["127.0.0.1", "::1"],
    });
  });

  test("may be used by TLS servers, TLS clients and SIP domains, for two years", async () => {
    const { server } = await office();
    const facts = read(server.certificate);
    expect(facts.keyPurposes).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.20"]);
    expect(facts.notAfter).toBe(NOW + SERVER_LIFETIME);
    expect(facts.isAuthority).toBe(false);
  });

  test("carries its authority in the chain and belongs to its private key", async () => {
    const { authority, server } = await office();
    const [leaf, root] = fromPem("CERTIFICATE", server.chain).map((der) => new X509Certificate(der));
    expect(root?.raw).toEqual(new X509Certificate(authority.certificate).raw);
    expect(root !== undefined && leaf?.verify(root.publicKey)).toBe(true);
    expect(leaf?.checkPrivateKey(createPrivateKey(server.privateKey))).toBe(true);
  });

  test("does not outlive its authority", async () => {
    const authority = await makeAuthority({ name: "Example Office", now: NOW });
    const late = NOW + AUTHORITY_LIFETIME - 1000;
    const server = await makeServerCertificate({ authority, domain: "example.com", now: late });
    expect(read(server.certificate).notAfter).toBe(NOW + AUTHORITY_LIFETIME);
  });

  test("has an empty subject when the domain is too long for a common name", async () => {
    const authority = await makeAuthority({ name: "Example Office", now: NOW });
    const domain = `${"long-label.".repeat(8)}example`;
    const facts = read((await makeServerCertificate({ authority, domain, now: NOW })).certificate);
    expect(facts.subject).toBe("");
    expect(facts.identities.dns).toEqual([domain]);
  });

  test("is not issued by something that is no PEM certificate", async () => {
    const authority = { certificate: "nothing", privateKey: "nothing" };
    await expect(makeServerCertificate({ authority, domain: "example.com", now: NOW })).rejects.toThrow(TypeError);
  });

  test.skipIf(!hasOpenssl)("passes OpenSSL's strict verification (skipped without openssl)", async () => {
    const { authority, server } = await office();
    const folder = mkdtempSync(join(tmpdir(), "hallway-authority-"));
    writeFileSync(join(folder, "authority.pem"), authority.certificate);
    writeFileSync(join(folder, "server.pem"), server.certificate);
    const at = `${NOW / 1000}`;
    const said = openssl(
      "verify",
      "-x509_strict",
      "-attime",
      at,
      "-purpose",
      "sslserver",
      "-CAfile",
      join(folder, "authority.pem"),
      join(folder, "server.pem"),
    );
    expect(said.toString()).toContain("server.pem: OK");
  });
});
