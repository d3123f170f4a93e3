/** Who may speak for a foreign domain, with real certificates; the flows are as a finished handshake leaves them. */
import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { makeAuthority, makeServerCertificate } from "../../../../core/certificates/authority.ts";
import { makeCommunity } from "../../../../core/server/federation/community.ts";
import type { NewCommunity } from "../../../../core/server/federation/community.ts";
import { Federation } from "../../../../core/server/federation/federation.ts";
import type { Dns } from "../../../../core/sip/transport/dns.ts";
import type { Flow } from "../../../../core/sip/transport/flow.ts";
import type { SipUri } from "../../../../core/sip/message/uri.ts";
import { isSipUri, parseUri } from "../../../../core/sip/message/uri.ts";
import { openGatewayStore } from "../../../../core/store/sqlite/gateway-store.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

const clock = new ManualClock();

interface Office {
  readonly authority: string;
  readonly chain: readonly Buffer[];
}

async function office(domain: string): Promise<Office> {
  const authority = await makeAuthority({ name: domain, now: clock.now() });
  const { chain } = await makeServerCertificate({ authority, domain, hosts: [`sip.${domain}`], now: clock.now() });
  const ders = chain.split(/(?<=-----END CERTIFICATE-----\n)/).map((pem) => new X509Certificate(pem).raw);
  return { authority: authority.certificate, chain: ders };
}

let b: Office;
let c: Office;
beforeAll(async () => {
  [b, c] = await Promise.all([office("b.example"), office("c.example")]);
});

function federationWith(communities: readonly NewCommunity[], dns: Partial<Dns> = {}) {
  const store = openGatewayStore(":memory:", clock);
  for (const one of communities) store.communities.put(makeCommunity(one, ["acme.example"]));
  const nothing: Dns = { naptr: async () => [], srv: async () => [], addresses: async () => [] };
  const settings = { clock, random: seededRandom(1), dns: { ...nothing, ...dns }, communities: store.communities };
  return { federation: new Federation(settings), table: store.communities };
}

function flowFrom(address: string, chain?: readonly Buffer[]): Flow {
  return {
    id: "flow",
    transport: chain ? "tls" : "udp",
    local: { address: "192.0.2.1", port: 5061 },
    remote: { address, port: 40_000 },
    ...(chain && { peer: { chain, protocol: "TLSv1.3", cipher: "" } }),
    inbound: true,
    open: true,
    send: async () => undefined,
    close: () => undefined,
    whenClosed: () => () => undefined,
  };
}

function sip(text: string): SipUri {
  const uri = parseUri(text);
  if (!uri.ok || !isSipUri(uri.value)) throw new Error(text);
  return uri.value;
}

const refused = (reason: RegExp) => ({ status: 403, reason: expect.stringMatching(reason) });

describe("a request from another domain", () => {
  const partner = (): NewCommunity => ({ name: "B", domains: ["b.example"], authority: b.authority });

  test("is taken from a server whose certificate speaks for the domain", () => {
    const { federation } = federationWith([partner()]);
    expect(federation.admit("b.example", flowFrom("192.0.2.9", b.chain))).toBeUndefined();
  });

  test("is refused when nobody lists the domain", () => {
    const { federation } = federationWith([partner()]);
    expect(federation.admit("c.example", flowFrom("192.0.2.9", c.chain))).toEqual(
      refused(/does not talk to c\.example/),
    );
  });

  test("is refused while the exchange is switched off, and taken when it is on again", () => {
    const { federation, table } = federationWith([partner()]);
    const flow = flowFrom("192.0.2.9", b.chain);
    const record = table.list()[0];
    if (!record) throw new Error("no community");
    expect(federation.admit("b.example", flow)).toBeUndefined();
    table.put({ ...record, enabled: false });
    federation.changed();
    expect(federation.admit("b.example", flow)).toEqual(refused(/switched off/));
    table.put(record);
    federation.changed();
    expect(federation.admit("b.example", flow)).toBeUndefined();
  });

  test("is refused from a partner who may speak for another domain only", () => {
    const { federation } = federationWith([partner(), { name: "C", domains: ["c.example"], authority: c.authority }]);
    expect(federation.admit("b.example", flowFrom("192.0.2.9", c.chain))).toEqual(refused(/Certificate refused/));
  });

  test("is refused when the authority is that of another partner, though the name is right", () => {
    const { federation } = federationWith([{ ...partner(), authority: c.authority }]);
    expect(federation.admit("b.example", flowFrom("192.0.2.9", b.chain))).toEqual(refused(/authority/));
  });

  test("is refused without a certificate, unless it comes from a listed address", () => {
    const { federation } = federationWith([{ ...partner(), trusted: ["198.51.100.0/24"] }]);
    expect(federation.admit("b.example", flowFrom("192.0.2.9"))).toEqual(refused(/Nothing proves/));
    expect(federation.admit("b.example", flowFrom("198.51.100.7"))).toBeUndefined();
  });

  test("may come from a fixed next hop that shows its own name", () => {
    const { federation } = federationWith([
      { name: "Hosted", domains: ["*.d.example"], proxy: "c.example", authority: c.authority },
    ]);
    expect(federation.admit("x.d.example", flowFrom("192.0.2.9", c.chain))).toBeUndefined();
  });

  test("makes its flow one on which nobody of ours can be", () => {
    const { federation } = federationWith([partner()]);
    const flow = flowFrom("192.0.2.9", b.chain);
    expect(federation.isPeer(flow)).toBe(false);
    federation.admit("b.example", flow);
    expect(federation.isPeer(flow)).toBe(true);
  });
});

describe("the way to another domain", () => {
  const named: Partial<Dns> = {
    srv: async (name) =>
      name === "_sips._tcp.b.example" ? [{ name: "edge.b.example", port: 5061, priority: 1, weight: 1 }] : [],
    addresses: async (name) => (name === "edge.b.example" ? ["192.0.2.20"] : name === "hop.test" ? ["192.0.2.30"] : []),
  };
  const hop = sip("sip:bob@b.example");

  test("is found by DNS, and the certificate has to speak for the domain", async () => {
    const { federation } = federationWith([{ name: "B", domains: ["b.example"] }], named);
    const target = { transport: "tls", address: "192.0.2.20", port: 5061, serverName: "b.example" };
    expect(await federation.way("b.example", hop)).toEqual({ targets: [target] });
  });

  test.each([
    ["hop.test:5071", "tls", { transport: "tls", address: "192.0.2.30", port: 5071 }],
    ["192.0.2.40", "tcp", { transport: "tcp", address: "192.0.2.40", port: 5060 }],
    ["[2001:db8::1]", "tls", { transport: "tls", address: "2001:db8::1", port: 5061 }],
    ["192.0.2.40:5080", "udp", { transport: "udp", address: "192.0.2.40", port: 5080 }],
  ])("goes by the fixed next hop %s over %s", async (proxy, transport, target) => {
    const { federation } = federationWith([{ name: "B", domains: ["b.example"], proxy, transport }], named);
    expect(await federation.way("b.example", hop)).toEqual({ targets: [{ ...target, serverName: "b.example" }] });
  });

  test("is closed for who is not listed or switched off, and told when the name is unknown", async () => {
    const { federation, table } = federationWith([{ name: "B", domains: ["b.example"] }]);
    expect(await federation.way("c.example", sip("sip:x@c.example"))).toEqual({ refusal: refused(/does not talk/) });
    expect(await federation.way("b.example", hop)).toMatchObject({ refusal: { status: 404 } });
    const [record] = table.list();
    if (record) table.put({ ...record, enabled: false });
    federation.changed();
    expect(await federation.way("b.example", hop)).toEqual({ refusal: refused(/switched off/) });
  });

  test("ends at a server that shows another partner's certificate", () => {
    const { federation } = federationWith([
      { name: "B", domains: ["b.example"], authority: b.authority },
      { name: "C", domains: ["c.example"], authority: c.authority },
    ]);
    expect(federation.verifyServer(b.chain, "b.example")).toBeUndefined();
    expect(federation.verifyServer(c.chain, "b.example")).toMatchObject({ code: "SIP_NO_TRUST" });
    expect(federation.verifyServer(b.chain, "other.test")).toMatchObject({ message: expect.stringMatching(/talk/) });
  });
});
