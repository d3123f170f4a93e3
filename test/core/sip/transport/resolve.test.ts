import { describe, expect, test } from "vitest";
import { isSipUri, parseUri } from "../../../../core/sip/message/uri.ts";
import type { Dns, NaptrRecord, SrvRecord } from "../../../../core/sip/transport/dns.ts";
import type { TransportName } from "../../../../core/sip/transport/flow.ts";
import { inOrder, locate, MAX_TARGETS } from "../../../../core/sip/transport/resolve.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

interface Zone {
  readonly naptr?: Readonly<Record<string, readonly NaptrRecord[]>>;
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  /** Names for which nobody answers. */
  readonly silent?: readonly string[];
}

const ALL: readonly TransportName[] = ["tls", "tcp", "udp"];

function dnsOf(zone: Zone, asked: string[] = []): Dns {
  const look = async <T>(
    table: Readonly<Record<string, readonly T[]>> | undefined,
    name: string,
  ): Promise<readonly T[]> => {
    asked.push(name);
    if (zone.silent?.includes(name)) throw new Error("ETIMEOUT");
    return table?.[name] ?? [];
  };
  return {
    naptr: (name) => look(zone.naptr, name),
    srv: (name) => look(zone.srv, name),
    addresses: (name) => look(zone.addresses, name),
  };
}

const srv = (name: string, port = 5060, priority = 0, weight = 0): SrvRecord => ({ name, port, priority, weight });
const naptr = (order: number, service: string, replacement: string, preference = 0): NaptrRecord => ({
  order,
  preference,
  service,
  flags: "s",
  replacement,
});

/** Where requests to the URI go, as `transport:address:port`, or the code of the failure. */
async function targets(text: string, zone: Zone = {}, transports = ALL): Promise<readonly string[] | string> {
  const uri = parseUri(text);
  if (!uri.ok || !isSipUri(uri.value)) throw new Error("not a SIP URI");
  const found = await locate(uri.value, { dns: dnsOf(zone), random: seededRandom(), transports });
  return found.ok
    ? found.value.map(
        ({ transport, address, port, alternative }) =>
          `${transport}:${address}:${port}${alternative === undefined ? "" : ` or ${alternative}`}`,
      )
    : found.error.code;
}

describe("a literal address", () => {
  test.each([
    ["sip:192.0.2.1", ["udp:192.0.2.1:5060"]],
    ["sip:192.0.2.1:5070", ["udp:192.0.2.1:5070"]],
    ["sip:192.0.2.1;transport=tcp", ["tcp:192.0.2.1:5060"]],
    ["sip:192.0.2.1;transport=TLS", ["tls:192.0.2.1:5061"]],
    ["sips:192.0.2.1", ["tls:192.0.2.1:5061"]],
    ["sips:192.0.2.1:5071;transport=tcp", ["tls:192.0.2.1:5071"]],
    ["sip:[2001:db8::1]", ["udp:2001:db8::1:5060"]],
    ["sip:[2001:db8::1]:5070;transport=tcp", ["tcp:2001:db8::1:5070"]],
  ])("%s needs no DNS", async (uri, expected) => {
    expect(await targets(uri)).toEqual(expected);
  });

  test("is reached by what is in use where UDP is not", async () => {
    expect(await targets("sip:192.0.2.1", {}, ["tls"])).toEqual(["tls:192.0.2.1:5061"]);
  });
});

describe("WebSockets", () => {
  const EVERY: readonly TransportName[] = [...ALL, "wss", "ws"];
  const zone: Zone = { addresses: { "b.example": ["192.0.2.1"], "edge.b.example": ["192.0.2.2"] } };

  test.each([
    ["sip:192.0.2.1;transport=ws", ["ws:192.0.2.1:80"]],
    ["sips:192.0.2.1;transport=ws", ["wss:192.0.2.1:443"]],
    ["sip:192.0.2.1:8443;transport=wss", ["wss:192.0.2.1:8443"]],
    ["sip:b.example;transport=WS", ["ws:192.0.2.1:80"]],
  ])("are used for %s", async (uri, expected) => {
    expect(await targets(uri, zone, EVERY)).toEqual(expected);
  });

  test("are never guessed", async () => {
    expect(await targets("sip:b.example", zone, EVERY)).toEqual([
      "tls:192.0.2.1:5061",
      "tcp:192.0.2.1:5060",
      "udp:192.0.2.1:5060",
    ]);
    expect(await targets("sips:192.0.2.1", {}, EVERY)).toEqual(["tls:192.0.2.1:5061"]);
  });

  test("are used where NAPTR names them", async () => {
    const named: Zone = {
      ...zone,
      naptr: { "b.example": [naptr(1, "SIPS+D2W", "_sips._ws.b.example"), naptr(2, "SIP+D2W", "_sip._ws.b.example")] },
      srv: {
        "_sips._ws.b.example": [srv("edge.b.example", 8443)],
        "_sip._ws.b.example": [srv("edge.b.example", 8080)],
      },
    };
    expect(await targets("sip:b.example", named, EVERY)).toEqual(["wss:192.0.2.2:8443", "ws:192.0.2.2:8080"]);
    expect(await targets("sip:b.example", named)).not.toContain("wss:192.0.2.2:8443");
  });

  test("are not in use unless the stack says so", async () => {
    expect(await targets("sip:192.0.2.1;transport=ws")).toBe("SIP_NO_TRANSPORT");
  });
});

describe("a name with a port", () => {
  const zone: Zone = {
    addresses: { "b.example": ["192.0.2.1", "2001:db8::1"] },
    srv: { "_sip._udp.b.example": [srv("other.example")] },
  };

  test("has its addresses tried and no services", async () => {
    expect(await targets("sip:b.example:5070", zone)).toEqual(["udp:192.0.2.1:5070", "udp:2001:db8::1:5070"]);
  });

  test("goes to maddr where that is given, and still expects the name's certificate", async () => {
    const uri = parseUri("sip:b.example:5070;maddr=192.0.2.9;transport=tls");
    if (!uri.ok || !isSipUri(uri.value)) throw new Error("not a SIP URI");
    const found = await locate(uri.value, { dns: dnsOf({}), random: seededRandom(), transports: ALL });
    expect(found).toEqual({
      ok: true,
      value: [{ transport: "tls", address: "192.0.2.9", port: 5070, serverName: "b.example" }],
    });
  });
});

describe("a name alone", () => {
  const addresses = { "one.example": ["192.0.2.1"], "two.example": ["192.0.2.2"], "b.example": ["192.0.2.99"] };

  test("follows NAPTR by order, then preference, and takes what it names", async () => {
    const zone: Zone = {
      naptr: {
        "b.example": [
          naptr(20, "SIP+D2U", "_sip._udp.b.example"),
          naptr(10, "SIP+D2T", "_sip._tcp.b.example", 2),
          naptr(10, "SIPS+D2T", "_sips._tcp.b.example", 1),
          naptr(1, "E2U+sip", "_other.b.example"),
        ],
      },
      srv: {
        "_sips._tcp.b.example": [srv("one.example", 5061)],
        "_sip._tcp.b.example": [srv("one.example")],
        "_sip._udp.b.example": [srv("two.example")],
      },
      addresses,
    };
    expect(await targets("sip:b.example", zone)).toEqual([
      "tls:192.0.2.1:5061",
      "tcp:192.0.2.1:5060",
      "udp:192.0.2.2:5060",
    ]);
    expect(await targets("sips:b.example", zone)).toEqual(["tls:192.0.2.1:5061"]);
    expect(await targets("sip:b.example", zone, ["udp"])).toEqual(["udp:192.0.2.2:5060"]);
  });

  test("without NAPTR has the services of what is in use asked for, most liked first", async () => {
    const zone: Zone = {
      srv: {
        "_sip._udp.b.example": [srv("two.example")],
        "_sip._tcp.b.example": [srv("two.example", 5080, 2), srv("one.example", 5070, 1)],
      },
      addresses,
    };
    expect(await targets("sip:b.example", zone)).toEqual([
      "tcp:192.0.2.1:5070",
      "tcp:192.0.2.2:5080",
      "udp:192.0.2.2:5060",
    ]);
  });

  test("with a transport has that service asked for, whatever NAPTR would choose", async () => {
    const zone: Zone = {
      naptr: { "b.example": [naptr(1, "SIP+D2T", "_elsewhere.example")] },
      srv: { "_sip._tcp.b.example": [srv("one.example")], "_elsewhere.example": [srv("two.example")] },
      addresses,
    };
    expect(await targets("sip:b.example;transport=tcp", zone)).toEqual(["tcp:192.0.2.1:5060"]);
  });

  test("without services is its own host", async () => {
    expect(await targets("sip:b.example", { addresses }, ["tls", "udp"])).toEqual([
      "tls:192.0.2.99:5061",
      "udp:192.0.2.99:5060",
    ]);
  });

  test("with a service that says it is not there is not reached that way", async () => {
    const zone: Zone = { srv: { "_sip._udp.b.example": [srv(".")] }, addresses };
    expect(await targets("sip:b.example", zone, ["udp"])).toBe("SIP_NAME_UNKNOWN");
    expect(await targets("sip:b.example", zone, ["tcp", "udp"])).toEqual(["tcp:192.0.2.99:5060"]);
  });

  test("has addresses of both families in the order of the DNS, for streams in pairs", async () => {
    const four = ["192.0.2.1", "192.0.2.2"];
    const zone = (...list: readonly string[]): Zone => ({ addresses: { "b.example": list } });
    const of = (transport: TransportName, ...list: readonly string[]) =>
      targets("sip:b.example", zone(...list), [transport]);
    expect(await of("udp", "2001:db8::1", "192.0.2.1")).toEqual(["udp:2001:db8::1:5060", "udp:192.0.2.1:5060"]);
    expect(await of("tcp", "2001:db8::1", "192.0.2.1")).toEqual(["tcp:2001:db8::1:5060 or 192.0.2.1"]);
    expect(await of("tcp", "192.0.2.1", "2001:db8::1")).toEqual(["tcp:192.0.2.1:5060 or 2001:db8::1"]);
    expect(await of("tls", ...four, "2001:db8::1")).toEqual([
      "tls:192.0.2.1:5061 or 2001:db8::1",
      "tls:192.0.2.2:5061",
    ]);
    expect(await of("tcp", "2001:db8::1", ...four)).toEqual([
      "tcp:2001:db8::1:5060 or 192.0.2.1",
      "tcp:192.0.2.2:5060",
    ]);
  });

  test("that lists more than is sensible is cut", async () => {
    const many = Array.from({ length: 50 }, (_none, place) => `192.0.2.${place}`);
    expect(await targets("sip:b.example", { addresses: { "b.example": many } })).toHaveLength(MAX_TARGETS);
  });
});

describe("a failure", () => {
  test("says that a name does not exist", async () => {
    expect(await targets("sip:nowhere.example")).toBe("SIP_NAME_UNKNOWN");
  });

  test("says that nobody answered", async () => {
    const silent = ["b.example", "_sips._tcp.b.example", "_sip._tcp.b.example", "_sip._udp.b.example"];
    expect(await targets("sip:b.example", { silent })).toBe("SIP_DNS_FAILED");
  });

  test.each(["sip:b.example;transport=ws", "sip:192.0.2.1;transport=sctp", "sips:192.0.2.1;transport=udp"])(
    "says that %s asks for what is not in use",
    async (uri) => {
      expect(await targets(uri)).toBe("SIP_NO_TRANSPORT");
    },
  );

  test("of one record does not hide the others", async () => {
    const zone: Zone = {
      srv: { "_sip._udp.b.example": [srv("broken.example", 5060, 1), srv("one.example", 5060, 2)] },
      addresses: { "one.example": ["192.0.2.1"] },
      // Routers that forward DNS often know nothing of NAPTR and answer with an error.
      silent: ["b.example", "broken.example"],
    };
    expect(await targets("sip:b.example", zone, ["udp"])).toEqual(["udp:192.0.2.1:5060"]);
  });
});

describe("a record that is foreign or leads nowhere hides no other", () => {
  const addresses = { "one.example": ["192.0.2.1"], "two.example": ["192.0.2.2"], "b.example": ["192.0.2.99"] };
  const services = { "_sip._udp.b.example": [srv("one.example")] };

  test.each<[string, Zone, string]>([
    [
      "a NAPTR record of a service that nobody knows",
      { naptr: { "b.example": [naptr(1, "SIP+D2Q", "_x.b.example"), naptr(2, "", "")] }, srv: services, addresses },
      "udp:192.0.2.1:5060",
    ],
    [
      "a NAPTR record with flags that mean something else",
      {
        naptr: { "b.example": [{ ...naptr(1, "SIP+D2U", "one.example"), flags: "u" }] },
        srv: services,
        addresses,
      },
      "udp:192.0.2.1:5060",
    ],
    [
      "a NAPTR record that points nowhere",
      { naptr: { "b.example": [naptr(1, "SIP+D2U", "_sip._udp.gone.example")] }, srv: services, addresses },
      "udp:192.0.2.1:5060",
    ],
    [
      "a NAPTR record that points to what is not answered, before one that is",
      {
        naptr: { "b.example": [naptr(1, "SIP+D2U", "_dead.example"), naptr(2, "SIP+D2U", "_alive.example")] },
        srv: { "_alive.example": [srv("two.example")] },
        addresses,
        silent: ["_dead.example"],
      },
      "udp:192.0.2.2:5060",
    ],
    [
      "an SRV record whose host has no address",
      { srv: { "_sip._udp.b.example": [srv("gone.example", 5060, 1), srv("two.example", 5060, 2)] }, addresses },
      "udp:192.0.2.2:5060",
    ],
    [
      "an SRV record with a dot beside one with a host",
      { srv: { "_sip._udp.b.example": [srv(".", 0, 1), srv("two.example", 5060, 2)] }, addresses },
      "udp:192.0.2.2:5060",
    ],
    [
      "a host with addresses of both families",
      {
        srv: { "_sip._udp.b.example": [srv("six.example"), srv("two.example", 5060, 1)] },
        addresses: { ...addresses, "six.example": ["2001:db8::6"] },
      },
      "udp:2001:db8::6:5060 udp:192.0.2.2:5060",
    ],
  ])("%s", async (_name, zone, expected) => {
    const found = await targets("sip:b.example", zone, ["udp"]);
    expect(Array.isArray(found) ? found.join(" ") : found).toBe(expected);
  });
});

describe("services of one priority", () => {
  test("are drawn in proportion to their weights", () => {
    const random = seededRandom(7);
    const records = [srv("heavy", 1, 0, 75), srv("light", 1, 0, 25)];
    let heavyFirst = 0;
    for (let count = 0; count < 2_000; count++) if (inOrder(records, random)[0]?.name === "heavy") heavyFirst++;
    expect(heavyFirst / 2_000).toBeGreaterThan(0.7);
    expect(heavyFirst / 2_000).toBeLessThan(0.8);
  });

  test("stay behind those of a lower number and are all kept", () => {
    const records = [srv("c", 1, 2, 9), srv("a", 1, 1, 0), srv("b", 1, 1, 5)];
    const ordered = inOrder(records, seededRandom(3)).map(({ name }) => name);
    expect(ordered.slice(0, 2).sort()).toEqual(["a", "b"]);
    expect(ordered[2]).toBe("c");
  });
});
