import { describe, expect, test } from "vitest";
import { toTag, topVia } from "../../../core/sip/message/fields.ts";
import { request, responseTo } from "../../../core/sip/message/message.ts";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import type { StackUser } from "../../../core/sip/stack.ts";
import { MAX_INSPECTED } from "../../../core/sip/stack.ts";
import type { ServerTransaction } from "../../../core/sip/transaction/transaction.ts";
import { MAX_DATAGRAM_REQUEST } from "../../../core/sip/transport/datagram-fit.ts";
import type { Dns } from "../../../core/sip/transport/dns.ts";
import { ScriptedPeer } from "../../support/scripted-peer.ts";
import type { Written } from "../../support/sip-lines.ts";
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

describe("a user of the stack", () => {
  const PEER = { address: "127.0.0.1", port: 5090 };

  async function using(user: Partial<StackUser>) {
    const here = stackOnMemory();
    const { stack, requests, network, clock } = here;
    stack.use({ request: (transaction) => void requests.push(transaction), ...user });
    await stack.listen("udp", HERE);
    const peer = await ScriptedPeer.datagram(network, PEER, HERE);
    const say = async (parts: Written, branch: string): Promise<void> => {
      await peer.send(written({ ...parts, via: `UDP 127.0.0.1:5090;branch=z9hG4bK${branch};rport` }));
      await clock.advance(0);
    };
    const statuses = (): number[] => peer.messages.splice(0).map((one) => (one.kind === "response" ? one.status : 0));
    return { ...here, peer, say, statuses };
  }

  test("may answer before a transaction costs anything, the same way each time", async () => {
    const headers = [["WWW-Authenticate", "Digest"]] as const;
    const screen = ({ method }: SipRequest) => (method === "MESSAGE" ? { status: 401, headers } : undefined);
    const { stack, requests, peer, say } = await using({ screen });
    await say({}, "one");
    await say({}, "one");
    const [first, second] = [peer.takeResponse(), peer.takeResponse()];
    expect([first.status, first.headers.get("www-authenticate"), toTag(first)]).toEqual([401, "Digest", toTag(second)]);
    expect(stack.transactions.counts.server).toBe(0);
    await say({ method: "OPTIONS" }, "two");
    await say({ method: "ACK" }, "three");
    expect(requests.map(({ request }) => request.method)).toEqual(["OPTIONS"]);
  });

  test("hears who gave an INVITE up; the CANCEL is answered for it", async () => {
    const cancelled: ServerTransaction[] = [];
    const { stack, requests, say, statuses } = await using({ cancelled: (invite) => void cancelled.push(invite) });
    await say({ method: "INVITE" }, "one");
    await say({ method: "CANCEL" }, "one");
    expect(statuses()).toEqual([200]);
    expect(cancelled).toEqual(requests);
    const [invite] = requests;
    if (invite) stack.respond(invite, 487);
    await say({ method: "CANCEL" }, "other");
    expect(statuses()).toEqual([487, 481]);
  });

  test("does not hear of a CANCEL that comes after the answer", async () => {
    const cancelled: ServerTransaction[] = [];
    const { stack, requests, say, statuses } = await using({ cancelled: (invite) => void cancelled.push(invite) });
    await say({ method: "INVITE" }, "one");
    const [invite] = requests;
    if (invite) stack.respond(invite, 200);
    await say({ method: "CANCEL" }, "one");
    expect(statuses()).toEqual([200, 200]);
    expect(cancelled).toHaveLength(0);
  });

  test("may have merged requests refused, method by method", async () => {
    const { clock, requests, say, statuses } = await using({ refuseMerged: new Set(["INVITE"]) });
    await say({ method: "INVITE" }, "one");
    await say({ method: "INVITE" }, "two");
    expect(statuses()).toEqual([482]);
    await say({ method: "INVITE", sequence: 2 }, "three");
    await say({ method: "INVITE", to: "<sip:bob@office.example>;tag=t" }, "four");
    await say({ method: "MESSAGE" }, "five");
    await say({ method: "MESSAGE" }, "six");
    expect(requests).toHaveLength(5);
    expect(statuses()).toEqual([]);
    for (const transaction of requests) transaction.respond(responseTo(transaction.request, 486));
    await clock.advance(40_000);
    await say({ method: "INVITE" }, "seven");
    expect(requests).toHaveLength(6);
  });

  test("sees what is under way", async () => {
    const { clock, stack, say } = await using({});
    await say({ method: "INVITE" }, "one");
    await clock.advance(300);
    expect(stack.inspect()).toMatchObject({
      transactions: { client: 0, server: 1 },
      live: [{ side: "server", method: "INVITE", branch: "z9hG4bKone", state: "proceeding", age: 300 }],
    });
  });

  test("can look at so many at the most", async () => {
    const { stack, say } = await using({});
    for (let count = 0; count < MAX_INSPECTED + 5; count++) await say({}, String(count));
    const { transactions, live } = stack.inspect();
    expect([transactions.server, live.length]).toEqual([MAX_INSPECTED + 5, MAX_INSPECTED]);
  });
});

describe("a request that is given up", () => {
  const target = { transport: "udp", ...ONE, serverName: "one" } as const;

  test("has its CANCEL in a transaction of its own, repeated until it is answered", async () => {
    const { clock, network, stack } = stackOnMemory();
    await stack.listen("udp", HERE);
    const peer = await ScriptedPeer.datagram(network, ONE, HERE);
    const { outcome, cancel } = stack.start(outgoing("INVITE", [["Route", "<sip:192.0.2.1;lr>"]]), {
      targets: [target],
    });
    await clock.advance(0);
    const invite = peer.takeRequest("INVITE");
    cancel();
    await clock.advance(0);
    expect(peer.messages).toHaveLength(0);
    await peer.answer(invite, 100);
    await clock.advance(0);
    const sent = peer.takeRequest("CANCEL");
    expect(sent.headers.get("via")).toBe(invite.headers.get("via"));
    expect(sent.headers.get("route")).toBe("<sip:192.0.2.1;lr>");
    expect(sent.headers.get("cseq")).toBe("1 CANCEL");
    await clock.advance(500);
    peer.takeRequest("CANCEL");
    await peer.answer(sent, 200);
    await peer.answer(invite, 487);
    await clock.advance(1_000);
    expect(await outcome).toMatchObject({ response: { status: 487 } });
    expect(peer.messages.map((one) => one.kind === "request" && one.method)).toEqual(["ACK"]);
  });

  test("is not tried at the next server", async () => {
    const { clock, stack, one, two } = await withTwoServers();
    const { outcome, cancel } = stack.start(outgoing("INVITE"));
    await clock.advance(0);
    cancel();
    const [peer] = one.peers;
    if (peer) await peer.answer(peer.takeRequest(), 503);
    await clock.advance(0);
    expect(await outcome).toMatchObject({ response: { status: 503 } });
    expect(two.peers).toHaveLength(0);
  });
});
