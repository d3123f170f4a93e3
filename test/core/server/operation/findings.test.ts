import { describe, expect, test } from "vitest";
import { makeAuthority, makeServerCertificate } from "../../../../core/certificates/authority.ts";
import type { DnsQuestion } from "../../../../core/server/operation/dns-findings.ts";
import { dnsFindings, isPublicName } from "../../../../core/server/operation/dns-findings.ts";
import {
  certificateFinding,
  clockFinding,
  databaseFinding,
  healthFindings,
} from "../../../../core/server/operation/findings.ts";

const NOW = Date.UTC(2026, 0, 5);

describe("certificate", () => {
  test("stands for the domain, for another one, cannot be read, is not there yet", async () => {
    const authority = await makeAuthority({ name: "acme", now: NOW });
    const made = await makeServerCertificate({ authority, domain: "acme.example", hosts: [], now: NOW });
    expect(certificateFinding(made.chain, "acme.example")).toMatchObject({ verdict: "good" });
    expect(certificateFinding(made.chain, "else.example")).toMatchObject({ verdict: "warning" });
    expect(certificateFinding("nonsense", "acme.example")).toMatchObject({ verdict: "wrong" });
    expect(certificateFinding(undefined, "acme.example")).toMatchObject({ verdict: "good" });
  });
});

test("a database is whole, damaged, or too new", () => {
  expect(databaseFinding({ version: 1, damage: [] }, 1)).toMatchObject({ verdict: "good" });
  expect(databaseFinding({ version: 1, damage: ["page 3 is odd"] }, 1)).toMatchObject({
    verdict: "wrong",
    text: expect.stringContaining("page 3 is odd"),
  });
  expect(databaseFinding({ version: 2, damage: [] }, 1)).toMatchObject({ verdict: "wrong" });
});

test("a clock before this program existed is wrong", () => {
  expect([clockFinding(NOW).verdict, clockFinding(0).verdict]).toEqual(["good", "wrong"]);
});

test("what the health says is told, and what it is silent about is good", () => {
  const disk = { code: "disk", verdict: "warning", text: "Little room." } as const;
  expect(healthFindings([disk], ["disk", "store"])).toEqual([
    { name: "disk", verdict: "warning", text: "Little room." },
    { name: "store", verdict: "good", text: "It takes changes." },
  ]);
});

describe("DNS", () => {
  const HERE = "192.0.2.7";
  const LISTENERS = [
    { transport: "tls", port: 5061 },
    { transport: "udp", port: 5060 },
  ] as const;
  type Zone = Readonly<Record<string, readonly (string | number)[]>>;

  /** A zone by name: `host:port` for SRV, services for NAPTR, addresses for the rest. */
  function question(zone: Zone): DnsQuestion {
    const at = (name: string): readonly string[] => (zone[name] ?? []).map(String);
    return {
      domain: "acme.org",
      listeners: LISTENERS,
      addresses: [HERE],
      dns: {
        naptr: async (name) =>
          at(`NAPTR ${name}`).map((service) => ({ order: 1, preference: 1, service, flags: "s", replacement: "" })),
        srv: async (name) =>
          at(name).map((one) => ({
            name: one.split(":")[0] ?? "",
            port: Number(one.split(":")[1]),
            priority: 1,
            weight: 1,
          })),
        addresses: async (name) => at(name),
      },
    };
  }

  const COMPLETE: Zone = {
    "NAPTR acme.org": ["SIPS+D2T", "SIP+D2U"],
    "_sips._tcp.acme.org": ["sip.acme.org:5061"],
    "_sip._udp.acme.org": ["sip.acme.org:5060"],
    "sip.acme.org": [HERE],
  };
  const lines = async (zone: Zone) =>
    (await dnsFindings(question(zone))).map(({ verdict, text }) => `${verdict}: ${text}`);

  test("is complete", async () => {
    expect((await lines(COMPLETE)).every((line) => line.startsWith("good"))).toBe(true);
  });

  test("is empty: the lines to add are there to be copied", async () => {
    const text = (await lines({})).join("\n");
    for (const line of [
      "_sips._tcp.acme.org. 3600 IN SRV 10 10 5061 sip.acme.org.",
      "_sip._udp.acme.org. 3600 IN SRV 10 10 5060 sip.acme.org.",
      "sip.acme.org. 3600 IN A 192.0.2.7",
      'acme.org. 3600 IN NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.acme.org.',
    ])
      expect(text).toContain(line);
  });

  test.each<[string, Zone, RegExp]>([
    [
      "leads to another port",
      { ...COMPLETE, "_sip._udp.acme.org": ["sip.acme.org:5099"] },
      /^warning: .*sip\.acme\.org:5099, and the office listens on port 5060\./,
    ],
    [
      "leads to another computer",
      { ...COMPLETE, "sip.acme.org": ["203.0.113.9"] },
      /^warning: sip\.acme\.org is 203\.0\.113\.9, which is not this/,
    ],
    [
      "leads to a host without an address",
      { ...COMPLETE, "sip.acme.org": [] },
      /^warning: sip\.acme\.org has no address\. .*IN A 192\.0\.2\.7/,
    ],
    [
      "names one transport and forgets another",
      { ...COMPLETE, "NAPTR acme.org": ["SIPS+D2T"] },
      /^warning: NAPTR .*"SIP\+D2U"/,
    ],
  ])("%s", async (_what, zone, expected) => {
    const found = await lines(zone);
    expect(found.filter((line) => !line.startsWith("good"))).toEqual([expect.stringMatching(expected)]);
  });

  test("does not answer", async () => {
    const silent = question({});
    const findings = await dnsFindings({
      ...silent,
      dns: { ...silent.dns, naptr: () => Promise.reject(new Error("timeout")) },
    });
    expect(findings).toEqual([
      { name: "dns", verdict: "warning", text: expect.stringMatching(/^No DNS server answered/) },
    ]);
  });

  test.each([
    ["acme.org", true],
    ["office.example.org", true],
    ["acme.example", false],
    ["acme.local", false],
    ["home.arpa", false],
    ["localhost", false],
    ["office", false],
  ])("can know %s: %s", (domain, expected) => {
    expect(isPublicName(domain)).toBe(expected);
  });
});
