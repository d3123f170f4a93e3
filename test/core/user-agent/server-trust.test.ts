import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { OfficeIdentity } from "../../../core/certificates/office.ts";
import { officeIdentity } from "../../../core/certificates/office.ts";
import { memoryFiles } from "../../../core/platform/files.ts";
import { parseTrust, serverTrust } from "../../../core/user-agent/server-trust.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function identityOf(domain: string, now: number): Promise<OfficeIdentity> {
  return officeIdentity({ domain, hosts: ["server.example"], files: memoryFiles(), now });
}

function chainOf(identity: OfficeIdentity): Buffer[] {
  const parts = identity.certificate.match(/-----BEGIN[^]*?-----END CERTIFICATE-----/g) ?? [];
  return parts.map((pem) => Buffer.from(new X509Certificate(pem).raw));
}

async function judged(
  trust: (identity: OfficeIdentity) => string | undefined,
  shown = "office.example",
  host = "elsewhere.example",
) {
  const clock = new ManualClock();
  const office = await identityOf("office.example", clock.now());
  const other = shown === "office.example" ? office : await identityOf(shown, clock.now());
  const untrusted: string[] = [];
  const verify = serverTrust({
    clock,
    domain: "office.example",
    trust: trust(office),
    untrusted: (fingerprint) => void untrusted.push(fingerprint),
  });
  return { code: verify(chainOf(other), host)?.code, untrusted, shown: other };
}

describe("a server that shows its certificate", () => {
  test("is accepted by the authority's key or certificate", async () => {
    expect((await judged(({ fingerprint }) => fingerprint)).code).toBeUndefined();
    expect((await judged(({ authority }) => authority)).code).toBeUndefined();
  });

  test("of nobody this machine knows is refused, with the fingerprint to compare", async () => {
    const { code, untrusted, shown } = await judged(() => undefined);
    expect(code).toBe("certificate-not-trusted");
    expect(untrusted).toEqual([shown.fingerprint]);
  });

  test("of another authority than before is refused in other words", async () => {
    const { code } = await judged(({ fingerprint }) => fingerprint, "other.example");
    expect(code).toBe("certificate-changed");
  });

  test("may name the host that was given by hand instead of the domain", async () => {
    const clock = new ManualClock();
    const other = await identityOf("other.example", clock.now());
    const verify = serverTrust({ clock, domain: "office.example", trust: other.authority, untrusted: () => undefined });
    expect(verify(chainOf(other), "server.example")).toBeUndefined();
    expect(verify(chainOf(other), "third.example")?.code).toBe("certificate-wrong-name");
  });

  test("and shows none is refused", async () => {
    const verify = serverTrust({
      clock: new ManualClock(),
      domain: "office.example",
      trust: "sha256:00",
      untrusted: () => undefined,
    });
    expect(verify([], "office.example")).toBeDefined();
  });
});

test.each([
  ["sha256:AB CD", { keyFingerprint: "sha256:abcd" }],
  [" abcd ", { keyFingerprint: "sha256:abcd" }],
  ["-----BEGIN CERTIFICATE-----", { pem: "-----BEGIN CERTIFICATE-----" }],
])("trust in %j is read", (text, expected) => {
  expect(parseTrust(text)).toEqual(expected);
});
