import { describe, expect, test } from "vitest";
import { topVia } from "../../../../core/sip/message/fields.ts";
import type { SipRequest } from "../../../../core/sip/message/message.ts";
import { request } from "../../../../core/sip/message/message.ts";
import { DATAGRAM_MARGIN, MAX_DATAGRAM_REQUEST } from "../../../../core/sip/transport/datagram-fit.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

const THERE = { address: "192.0.2.1", port: 5060 };
const target = { transport: "udp", ...THERE, serverName: "there" } as const;
/** As long as branches get here. */
const branch = (): string => `z9hG4bK${"x".repeat(32)}`;
/** A path of tunnels, and one between two machines of an office. */
const SMALL_MTU = 1_000;
const LARGE_MTU = 9_000;

function asking(method: string, body: string): SipRequest {
  const headers = [
    ["Max-Forwards", "70"],
    ["From", "<sip:alice@office.example>;tag=a"],
    ["To", "<sip:bob@b.example>"],
    ["Call-ID", "long"],
    ["CSeq", `1 ${method}`],
  ] as const;
  return request(method, "sip:bob@b.example", headers, body);
}

/** A stack that sends from 5060, and a server that takes UDP, and TCP where that is wanted. */
async function facing(pathMtu?: number, takesTcp = true) {
  const here = stackOnMemory({}, pathMtu === undefined ? {} : { pathMtu });
  await here.stack.listen("udp", HERE);
  const udp = await ScriptedPeer.datagram(here.network, THERE, HERE);
  const tcp = takesTcp ? await ScriptedPeer.listen(here.network, THERE) : undefined;
  const overhead = await (async () => {
    void here.stack.send(asking("OPTIONS", ""), { targets: [target], branch });
    await here.clock.advance(0);
    const { length } = udp.raw;
    udp.takeRequest();
    return length;
  })();
  /** A request that is so many bytes long when it leaves by UDP. */
  const long = (length: number, method = "OPTIONS"): SipRequest => {
    const rest = length - overhead - 2 * (method.length - "OPTIONS".length) + "0".length;
    const body = rest - String(rest).length;
    return asking(method, "x".repeat(String(body).length < String(rest).length ? body + 1 : body));
  };
  const send = async (message: SipRequest) => {
    const outcome = here.stack.send(message, { targets: [target], branch });
    await here.clock.advance(0);
    return outcome;
  };
  /** What the request left by. */
  const way = async (message: SipRequest): Promise<"udp" | "tcp" | "nothing"> => {
    udp.messages.length = 0;
    void send(message);
    await here.clock.advance(0);
    const streams = tcp?.peers.filter(({ messages }) => messages.length > 0) ?? [];
    for (const peer of tcp?.peers ?? []) peer.messages.length = 0;
    if (streams.length > 0) return "tcp";
    return udp.messages.length > 0 ? "udp" : "nothing";
  };
  return { ...here, udp, tcp, long, send, way };
}

describe("a request leaves by UDP", () => {
  test("up to MAX_DATAGRAM_REQUEST bytes, its Via included, where the path is unknown", async () => {
    const { long, way, udp } = await facing();
    const before = udp.raw.length;
    expect(await way(long(MAX_DATAGRAM_REQUEST))).toBe("udp");
    expect(udp.raw.length - before).toBe(MAX_DATAGRAM_REQUEST);
    expect(await way(long(MAX_DATAGRAM_REQUEST + 1))).toBe("tcp");
  });

  test.each([SMALL_MTU, LARGE_MTU])("up to DATAGRAM_MARGIN bytes below a known MTU of %i", async (mtu) => {
    const { long, way } = await facing(mtu);
    expect(await way(long(mtu - DATAGRAM_MARGIN))).toBe("udp");
    expect(await way(long(mtu - DATAGRAM_MARGIN + 1))).toBe("tcp");
  });
});

describe("a longer one", () => {
  test("says TCP in its Via, and UDP where nobody takes connections", async () => {
    const streams = await facing();
    void streams.send(streams.long(2_000));
    await streams.clock.advance(0);
    const byTcp = streams.tcp?.peers[0]?.takeRequest();
    expect(byTcp && topVia(byTcp)?.transport).toBe("TCP");
    const { clock, udp, long, send } = await facing(undefined, false);
    void send(long(2_000));
    await clock.advance(0);
    expect(topVia(udp.takeRequest())?.transport).toBe("UDP");
  });

  test.each(["ECONNREFUSED", "ECONNRESET", "ENOPROTOOPT", "EPROTONOSUPPORT"])(
    "falls back to UDP after %s",
    async (code) => {
      const { network, long, way } = await facing();
      network.connectStream = () => Promise.reject(Object.assign(new Error(code), { code }));
      expect(await way(long(2_000))).toBe("udp");
    },
  );

  test.each(["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"])(
    "does not after %s: nobody said that TCP is unknown",
    async (code) => {
      const { network, long, send } = await facing();
      network.connectStream = () => Promise.reject(Object.assign(new Error(code), { code }));
      expect(await send(long(2_000))).toMatchObject({ kind: "unreachable", code: "SIP_CONNECT_FAILED" });
    },
  );

  test("never does when it is a MESSAGE", async () => {
    const { long, send } = await facing(undefined, false);
    const outcome = await send(long(MAX_DATAGRAM_REQUEST + 1, "MESSAGE"));
    expect(outcome).toMatchObject({ kind: "unreachable", code: "SIP_CONNECT_FAILED" });
  });
});

describe("inside an existing flow by UDP", () => {
  async function inside(method: string, length: number) {
    const here = await facing();
    const flow = here.stack.transport.datagramFlow(THERE);
    here.udp.messages.length = 0;
    void here.stack.send(here.long(length, method), { ...(flow && { flow }), branch });
    await here.clock.advance(0);
    return { byUdp: here.udp.messages.length, byTcp: here.tcp?.peers[0]?.messages.length ?? 0 };
  }

  test("a NOTIFY of any length goes as it is", async () => {
    expect(await inside("NOTIFY", 5_000)).toEqual({ byUdp: 1, byTcp: 0 });
  });

  test("a MESSAGE goes as it is up to MAX_DATAGRAM_REQUEST bytes, and by TCP to the same place beyond", async () => {
    expect(await inside("MESSAGE", MAX_DATAGRAM_REQUEST)).toEqual({ byUdp: 1, byTcp: 0 });
    expect(await inside("MESSAGE", MAX_DATAGRAM_REQUEST + 1)).toEqual({ byUdp: 0, byTcp: 1 });
  });
});
