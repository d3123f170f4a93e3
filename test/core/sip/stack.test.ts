import { describe, expect, test } from "vitest";
import { toTag, topVia } from "../../../core/sip/message/fields.ts";
import { request } from "../../../core/sip/message/message.ts";
import { MAX_DATAGRAM_REQUEST } from "../../../core/sip/transport/datagram-fit.ts";
import type { Dns } from "../../../core/sip/transport/dns.ts";
import { ScriptedPeer } from "../../support/scripted-peer.ts";
import { written } from "../../support/sip-lines.ts";
import { emptyDns, HERE, stackOnMemory } from "./stack-on-memory.ts";

const ONE = { address: "192.0.2.1", port: 5060 };
const TWO = { address: "192.0.2.2", port: 5060 };

function outgoing(method = "OPTIONS", headers: readonly (readonly [string, string])[] = [], body = "") {
  return request(
    method,
    "sip:bob@b.example",
    [
      ["Max-Forwards", "70"],
      ...headers,
      ["From", "<sip:alice@office.example>;tag=a"],
      ["To", "<sip:bob@b.example>"],
      ["Call-ID", "out"],
      ["CSeq", `1 ${method}`],
    ],
    body,
  );
}

const twoServers: Dns = {
  ...emptyDns,
  srv: async (name) =>
    name === "_sip._tcp.b.example"
      ? [
          { name: "one.b.example", port: 5060, priority: 1, weight: 0 },
          { name: "two.b.example", port: 5060, priority: 2, weight: 0 },
        ]
      : [],
  addresses: async (name) => (name === "one.b.example" ? [ONE.address] : name === "two.b.example" ? [TWO.address] : []),
};

async function withTwoServers() {
  const here = stackOnMemory({}, { dns: twoServers });
  const [one, two] = [await ScriptedPeer.listen(here.network, ONE), await ScriptedPeer.listen(here.network, TWO)];
  return { ...here, one, two };
}

describe("when a server fails", () => {
  test("with 503 the next one is tried, in a transaction of its own", async () => {
    const { clock, stack, one, two } = await withTwoServers();
    const sent = stack.send(outgoing());
    await clock.advance(0);
    const first = one.peers[0]?.takeRequest();
    if (first) await one.peers[0]?.answer(first, 503);
    await clock.advance(0);
    const second = two.peers[0]?.takeRequest();
    if (second) await two.peers[0]?.answer(second, 200);
    await clock.advance(0);
    expect(await sent).toMatchObject({ kind: "response", response: { status: 200 } });
    expect(first && topVia(first)?.branch).toMatch(/^z9hG4bK./);
    expect(second && topVia(second)?.branch).not.toBe(first && topVia(first)?.branch);
    expect(second?.headers.get("call-id")).toBe(first?.headers.get("call-id"));
    expect(second?.headers.values("via")).toHaveLength(1);
  });

  test("with anything else that is the answer", async () => {
    const { clock, stack, one, two } = await withTwoServers();
    const sent = stack.send(outgoing());
    await clock.advance(0);
    const [peer] = one.peers;
    if (peer) await peer.answer(peer.takeRequest(), 500);
    await clock.advance(0);
    expect(await sent).toMatchObject({ response: { status: 500 } });
    expect(two.peers).toHaveLength(0);
  });

  test("to take a connection, or breaks it, the next one is tried", async () => {
    const { clock, stack, one, two } = await withTwoServers();
    one.close();
    const sent = stack.send(outgoing());
    await clock.advance(0);
    const [peer] = two.peers;
    if (peer) await peer.answer(peer.takeRequest(), 200);
    await clock.advance(0);
    expect(await sent).toMatchObject({ kind: "response" });
  });

  test("to answer the next one is tried after timer F", async () => {
    const { clock, stack, two } = await withTwoServers();
    const sent = stack.send(outgoing());
    await clock.advance(32_000);
    const [peer] = two.peers;
    if (peer) await peer.answer(peer.takeRequest(), 200);
    await clock.advance(0);
    expect(await sent).toMatchObject({ kind: "response" });
  });
});

describe("a request goes", () => {
  async function triedHost(headers: readonly (readonly [string, string])[]): Promise<readonly string[]> {
    const asked: string[] = [];
    const dns: Dns = { ...emptyDns, addresses: async (name) => (asked.push(name), []) };
    const { stack } = stackOnMemory({}, { dns });
    await stack.send(outgoing("OPTIONS", headers));
    return [...new Set(asked)];
  }

  test("to its first Route", async () => {
    expect(await triedHost([["Route", "<sip:proxy.example;lr>, <sip:other.example;lr>"]])).toEqual(["proxy.example"]);
  });

  test("to its Request-URI without one, and where it was rewritten for a strict router", async () => {
    expect(await triedHost([])).toEqual(["b.example"]);
    expect(await triedHost([["Route", "<sip:bob@phone.example>"]])).toEqual(["b.example"]);
  });

  test("nowhere when its next hop is no SIP address", async () => {
    const { stack } = stackOnMemory();
    const tel = { ...outgoing(), uri: "tel:+1234" };
    expect(await stack.send(tel)).toMatchObject({ kind: "unreachable", code: "SIP_BAD_URI" });
  });

  test("nowhere when the name does not exist", async () => {
    const { stack } = stackOnMemory();
    expect(await stack.send(outgoing())).toMatchObject({ kind: "unreachable", code: "SIP_NAME_UNKNOWN" });
  });
});

describe("a request too long for a datagram", () => {
  const target = { transport: "udp", ...ONE, serverName: "one" } as const;
  const long = "x".repeat(MAX_DATAGRAM_REQUEST);

  test("leaves by TCP", async () => {
    const { clock, network, stack } = stackOnMemory();
    await stack.listen("udp", HERE);
    const listener = await ScriptedPeer.listen(network, ONE);
    void stack.send(outgoing("MESSAGE", [], long), { targets: [target] });
    await clock.advance(0);
    expect(listener.peers[0]?.takeRequest().body).toHaveLength(long.length);
  });

  test("falls back to UDP where there is no TCP, unless it is a MESSAGE", async () => {
    const { clock, network, stack } = stackOnMemory();
    await stack.listen("udp", HERE);
    const peer = await ScriptedPeer.datagram(network, ONE, HERE);
    const message = await stack.send(outgoing("MESSAGE", [], long), { targets: [target] });
    expect(message).toMatchObject({ kind: "unreachable" });
    void stack.send(outgoing("PUBLISH", [], long), { targets: [target] });
    await clock.advance(0);
    expect(peer.takeRequest("PUBLISH").body).toHaveLength(long.length);
  });
});

describe("an answer", () => {
  async function answered(status: number, method = "MESSAGE") {
    const { clock, network, stack, requests } = stackOnMemory();
    await stack.listen("udp", HERE);
    const peer = await ScriptedPeer.datagram(network, { address: "127.0.0.1", port: 5090 }, HERE);
    await peer.send(written({ method }));
    await clock.advance(0);
    if (requests[0]) stack.respond(requests[0], status);
    await clock.advance(0);
    return peer.takeResponse();
  }

  test("has a To tag and our name", async () => {
    const response = await answered(200);
    expect(toTag(response)).toBeTruthy();
    expect(response.headers.get("server")).toBe("Test");
  });

  test("of 100 has no tag", async () => {
    expect(toTag(await answered(100, "INVITE"))).toBeUndefined();
  });
});

test("requests over one long-lived connection leave nothing behind on it", async () => {
  const { clock, network, stack } = stackOnMemory();
  const listener = await ScriptedPeer.listen(network, ONE);
  const flow = await stack.transport.flowTo({ transport: "tcp", ...ONE, serverName: "one" });
  let listening = 0;
  const counted = Object.create(flow, {
    send: { value: (bytes: Buffer) => flow.send(bytes) },
    open: { get: () => flow.open },
    transport: { value: flow.transport },
    local: { value: flow.local },
    remote: { value: flow.remote },
    whenClosed: {
      value: (listener: () => void) => {
        listening++;
        const letGo = flow.whenClosed(listener);
        return () => (listening--, letGo());
      },
    },
  }) as typeof flow;
  for (let count = 0; count < 5; count++) {
    const sent = stack.send(outgoing(), { flow: counted });
    await clock.advance(0);
    const [peer] = listener.peers;
    if (peer) await peer.answer(peer.takeRequest(), 200);
    await clock.advance(0);
    await sent;
  }
  expect(listening).toBe(0);
});
