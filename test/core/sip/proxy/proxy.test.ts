/**
 *     alice            proxy            bob, carol
 *       | INVITE -------> | INVITE -------> |
 *       |                 | INVITE ------------> |
 *       | <-- 180, 200 -- | <-- 180, 200 -- |    |
 *       |                 | CANCEL ------------> |
 *       | ACK, BYE -----> | ACK, BYE -----> |
 */
import { describe, expect, test } from "vitest";
import { maxForwards, recordRoutes, topVia, vias } from "../../../../core/sip/message/fields.ts";
import { serialize } from "../../../../core/sip/message/serialize.ts";
import { formatUri } from "../../../../core/sip/message/uri.ts";
import { MAX_BRANCHES } from "../../../../core/sip/proxy/forwarding.ts";
import { TIMER_C } from "../../../../core/sip/proxy/fork.ts";
import type { Outcome } from "../../../../core/sip/stack.ts";
import type { Fate, MemoryNetworkOptions } from "../../../../core/sip/transport/memory.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import { written } from "../../../support/sip-lines.ts";
import { World } from "../agents-on-memory.ts";
import type { Agent } from "../agents-on-memory.ts";
import { alongRoute } from "../../../../core/sip/proxy/proxy.ts";
import type { ProxySettings, ProxyTarget } from "../../../../core/sip/proxy/proxy.ts";
import { AT_PROXY, behindProxy, PROXY, proxyOnMemory, SALES, toTargets } from "./proxy-on-memory.ts";

const ANSWER = { contentType: "application/sdp", body: "answer" };

/** Alice and Bob on UDP, Carol on TCP, the proxy between them. */
async function office(
  qs: { readonly bob?: number; readonly carol?: number },
  settings: Partial<ProxySettings> = {},
  options: Partial<MemoryNetworkOptions> = {},
) {
  const world = new World(options);
  const alice = behindProxy(await world.agent("alice", "192.0.2.1"), "udp");
  const bob = await world.agent("bob", "192.0.2.2");
  const carol = await world.agent("carol", "192.0.2.3", "tcp");
  const targets: ProxyTarget[] = [];
  if (qs.bob !== undefined) targets.push({ uri: bob.uri, q: qs.bob });
  if (qs.carol !== undefined) targets.push({ uri: carol.uri, q: qs.carol });
  const { stack, proxy } = await proxyOnMemory(
    world,
    toTargets(() => targets),
    settings,
  );
  const settle = (milliseconds = 0): Promise<void> => world.clock.advance(milliseconds);
  const send = async (agent: Agent, method: string, headers: readonly (readonly [string, string])[] = []) => {
    let outcome: Outcome | undefined;
    const proxied = { targets: [{ transport: "udp", ...AT_PROXY, serverName: "proxy" }] } as const;
    void agent.stack.send(agent.first(method, SALES, headers), proxied).then((one) => (outcome = one));
    await settle();
    return () => (outcome?.kind === "response" ? outcome.response : undefined);
  };
  return { world, clock: world.clock, alice, bob, carol, targets, stack, proxy, settle, send };
}

describe("a call to several phones at once", () => {
  test("rings all; who answers first has it, the others stop, and the talk goes through the proxy", async () => {
    const { alice, bob, carol, settle, proxy, stack } = await office({ bob: 1, carol: 1 });
    alice.invite(SALES);
    await settle();
    bob.call.ring();
    carol.call.ring();
    await settle();
    carol.call.accept(ANSWER);
    await settle();
    expect(alice.heard).toEqual(["180", "180", "answered answer"]);
    expect(bob.heard).toEqual(["call", "ended cancelled"]);
    const route = alice.session.dialog.routeSet.join();
    expect(route).toContain(PROXY);
    expect(carol.call.session.dialog.routeSet).toHaveLength(2);
    void alice.session.bye();
    await settle();
    expect(carol.heard).toEqual(["call", "ended remote"]);
    await settle(200_000);
    expect(proxy.count).toBe(0);
    expect(stack.transactions.counts).toEqual({ client: 0, server: 0 });
  });

  test("both may answer: each 2xx reaches the caller, who ends one", async () => {
    const { alice, bob, carol, settle } = await office({ bob: 1, carol: 1 }, {}, { delay: 10 });
    alice.invite(SALES);
    await settle(50);
    bob.call.accept(ANSWER);
    carol.call.accept(ANSWER);
    await settle(500);
    expect(alice.heard).toEqual(["answered answer", "ended local"]);
    const states = [bob.heard.at(-1), carol.heard.at(-1)].sort();
    expect(states).toEqual(["call", "ended remote"]);
  });

  test.each([1, 2, 3, 4])("works over a network that loses a quarter (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const fate = (): Fate => (random.fraction() < 0.25 ? "lose" : "deliver");
    const { alice, bob, carol, settle } = await office({ bob: 1, carol: 1 }, {}, { fate });
    alice.invite(SALES);
    await settle(12_000);
    bob.call.accept(ANSWER);
    await settle(31_000);
    expect(alice.heard).toContain("answered answer");
    expect(bob.call.session.state).toBe("confirmed");
    expect(carol.heard.at(-1)).toBe("ended cancelled");
    void alice.session.bye();
    await settle(32_000);
    expect(bob.heard.at(-1)).toBe("ended remote");
  });

  test("goes on to the next group when all of the first have refused", async () => {
    const { alice, bob, carol, settle } = await office({ bob: 1, carol: 0.5 });
    alice.invite(SALES);
    await settle();
    expect(carol.calls).toHaveLength(0);
    bob.call.reject(486);
    await settle();
    carol.call.accept(ANSWER);
    await settle();
    expect(alice.heard).toEqual(["answered answer"]);
  });

  test("is over when one refuses for all", async () => {
    const { alice, bob, carol, settle } = await office({ bob: 1, carol: 1 });
    alice.invite(SALES);
    await settle();
    bob.call.ring();
    await settle();
    carol.call.reject(603);
    await settle();
    expect(bob.heard.at(-1)).toBe("ended cancelled");
    expect(alice.heard).toEqual(["180", "ended rejected", "failed 603"]);
  });
});

describe("a caller who gives up", () => {
  test("stops every phone", async () => {
    const { alice, bob, carol, settle } = await office({ bob: 1, carol: 1 });
    const call = alice.invite(SALES);
    await settle(250);
    call.cancel();
    await settle(250);
    expect([bob.heard.at(-1), carol.heard.at(-1)]).toEqual(["ended cancelled", "ended cancelled"]);
    expect(alice.heard).toEqual(["failed 487"]);
  });

  test("while it is asked where the call goes reaches nobody", async () => {
    let found: (() => void) | undefined;
    const route = (): Promise<{ targets: ProxyTarget[] }> =>
      new Promise((resolve) => (found = () => resolve({ targets: [{ uri: "sip:bob@192.0.2.2", q: 1 }] })));
    const { alice, bob, settle, proxy } = await office({}, { route });
    const call = alice.invite(SALES);
    await settle(250);
    call.cancel();
    await settle();
    found?.();
    await settle(1_000);
    expect(alice.heard).toEqual(["failed 487"]);
    expect(bob.calls).toHaveLength(0);
    expect(proxy.count).toBe(0);
  });

  test("at the moment of the answer has a call that was answered", async () => {
    const { alice, bob, settle } = await office({ bob: 1 }, {}, { delay: 20 });
    const call = alice.invite(SALES);
    await settle(300);
    bob.call.accept(ANSWER);
    call.cancel();
    await settle(1_000);
    expect(alice.heard).toEqual(["ended local", "failed 200"]);
    expect(bob.heard.at(-1)).toBe("ended remote");
  });
});

describe("timer C", () => {
  test("ends a call that rings for ever", async () => {
    const { alice, bob, settle, proxy } = await office({ bob: 1 });
    alice.invite(SALES);
    await settle(TIMER_C - 1);
    expect(bob.heard).toEqual(["call"]);
    await settle(1_000);
    expect(bob.heard).toEqual(["call", "ended cancelled"]);
    expect(alice.heard).toEqual(["failed 487"]);
    await settle(40_000);
    expect(proxy.count).toBe(0);
  });

  test("begins anew while the phone says that it rings", async () => {
    const { alice, bob, settle } = await office({ bob: 1 });
    alice.invite(SALES);
    await settle();
    bob.call.ring();
    await settle(TIMER_C * 3);
    expect(bob.call.isOpen).toBe(true);
    expect(alice.heard.every((word) => word === "180")).toBe(true);
  });
});

describe("the best of several answers", () => {
  test("has the challenges of all", async () => {
    const { alice, bob, carol, send, settle } = await office({ bob: 1, carol: 1 });
    const response = await send(alice, "MESSAGE");
    const [one] = bob.requests;
    const [two] = carol.requests;
    if (one) bob.stack.respond(one, 401, { headers: [["WWW-Authenticate", 'Digest realm="bob"']] });
    if (two) carol.stack.respond(two, 407, { headers: [["Proxy-Authenticate", 'Digest realm="carol"']] });
    await settle();
    expect(response()?.status).toBe(401);
    expect(response()?.headers.lines("www-authenticate")).toEqual(['Digest realm="bob"']);
    expect(response()?.headers.lines("proxy-authenticate")).toEqual(['Digest realm="carol"']);
  });

  test("is 500 when a server said 503, which would speak of us", async () => {
    const { alice, bob, send, settle } = await office({ bob: 1 });
    const response = await send(alice, "MESSAGE");
    const [one] = bob.requests;
    if (one) bob.stack.respond(one, 503, { headers: [["Retry-After", "60"]] });
    await settle();
    expect(response()?.status).toBe(500);
    expect(response()?.headers.has("retry-after")).toBe(false);
  });

  test("is silence, not 408, for a request that is no INVITE and that nobody answers (RFC 4320)", async () => {
    const { alice, send, settle, stack, proxy } = await office({ bob: 1 });
    const response = await send(alice, "MESSAGE");
    await settle(70_000);
    expect(response()).toBeUndefined();
    expect(stack.transactions.counts).toEqual({ client: 0, server: 0 });
    expect(proxy.count).toBe(0);
  });

  test("is another answer than a 408 that a next server sent", async () => {
    const { alice, bob, carol, send, settle } = await office({ bob: 1, carol: 1 });
    const response = await send(alice, "MESSAGE");
    const [one] = bob.requests;
    if (one) bob.stack.respond(one, 404);
    await settle();
    carol.stack.close();
    await settle(40_000);
    expect(response()?.status).not.toBe(408);
  });
});

describe("on its way a request", () => {
  test.each(["MESSAGE", "X-STRANGE", "PUBLISH", "REFER"])(
    "%s stays byte for byte but for what a proxy writes",
    async (method) => {
      const { world, bob, clock } = await office({ bob: 1 }, { recordRoute: "never" });
      const peer = await ScriptedPeer.datagram(world.network, { address: "127.0.0.1", port: 5_090 }, AT_PROXY);
      const odd = ["x-odd:   a ,\tb", "Subject: =?UTF-8?Q?x?=", "v-ersion : 1"];
      await peer.send(written({ method, headers: odd, body: "\u00e4 body" }));
      await clock.advance(0);
      const [got] = bob.requests;
      const text = got ? serialize(got.request).toString("utf8") : "";
      for (const line of odd) expect(text).toContain(`\r\n${line}\r\n`);
      expect(got?.request.body.toString()).toBe("\u00e4 body");
      expect(got?.request.headers.get("max-forwards")).toBe("69");
      expect(got && vias(got.request)).toHaveLength(2);
    },
  );

  test("is refused without hops, with unknown demands, and for other schemes", async () => {
    const { world, clock, bob } = await office({ bob: 1 });
    const peer = await ScriptedPeer.datagram(world.network, { address: "127.0.0.1", port: 5_090 }, AT_PROXY);
    const via = (name: string) => `UDP 127.0.0.1:5090;branch=z9hG4bK${name};rport`;
    await peer.send(written({ via: via("a") }).replace("Max-Forwards: 70", "Max-Forwards: 0"));
    await peer.send(written({ via: via("b"), headers: ["Proxy-Require: wings"] }));
    await peer.send(written({ via: via("c"), uri: "tel:+1234" }));
    await peer.send(written({ via: via("d"), headers: ["Max-Breadth: 0"] }));
    await clock.advance(0);
    const answers = [peer.takeResponse(), peer.takeResponse(), peer.takeResponse(), peer.takeResponse()];
    expect(answers.map(({ status }) => status)).toEqual([483, 420, 416, 440]);
    expect(answers[1]?.headers.get("unsupported")).toBe("wings");
    expect(bob.requests).toHaveLength(0);
  });

  test("is answered by whoever knows that it goes nowhere", async () => {
    const headers = [["X-Why", "closed"]] as const;
    const { alice, send } = await office({}, { route: () => ({ status: 404, reason: "Nobody Here", headers }) });
    const response = await send(alice, "MESSAGE");
    expect(response()).toMatchObject({ status: 404, reason: "Nobody Here" });
    expect(response()?.headers.get("x-why")).toBe("closed");
  });

  test("is answered 500 when it cannot be said where it goes", async () => {
    const { alice, send, proxy } = await office({}, { route: () => Promise.reject(new Error("the disk is full")) });
    expect((await send(alice, "MESSAGE"))()?.status).toBe(500);
    expect(proxy.count).toBe(0);
  });
});

describe("a request that comes back", () => {
  test("for the same address is a loop", async () => {
    const { alice, settle, send } = await office({}, { route: () => ({ targets: [{ uri: SALES, q: 1, places }] }) });
    const response = await send(alice, "MESSAGE");
    await settle();
    expect(response()?.status).toBe(482);
  });

  test("for another address is a spiral, and goes on", async () => {
    const { alice, bob, settle } = await office(
      {},
      {
        route: ({ request }) => ({
          targets:
            request.uri === SALES
              ? [{ uri: "sip:bob@office.example", q: 1, places }]
              : [{ uri: "sip:bob@192.0.2.2", q: 1 }],
        }),
      },
    );
    alice.invite(SALES);
    await settle();
    expect(bob.calls).toHaveLength(1);
    expect(vias(bob.call.request)).toHaveLength(3);
  });

  test("and forks at each turn is found to be a loop at once (the attack of RFC 5393 §3)", async () => {
    let seen = 0;
    const uris = ["sip:a@office.example", "sip:b@office.example"];
    const route = () => (seen++, { targets: uris.map((uri) => ({ uri, q: 1, places })) });
    const { alice, settle, send } = await office({}, { route });
    const response = await send(alice, "INVITE", [["Contact", "<sip:alice@192.0.2.1>"]]);
    await settle(2_000);
    expect(seen).toBeLessThan(10);
    expect(response()?.status).toBe(482);
  });

  test("in ever new words, and forks at each turn, is never on more ways at once than its breadth", async () => {
    let seen = 0;
    const { alice, bob, settle } = await office(
      {},
      {
        route({ request }) {
          seen++;
          if ((maxForwards(request) ?? 0) <= 61) return { targets: [{ uri: "sip:bob@192.0.2.2", q: 1 }] };
          return { targets: ["a", "b"].map((name) => ({ uri: `sip:${name}${seen}@office.example`, q: 1, places })) };
        },
      },
    );
    alice.invite(SALES);
    await settle(150);
    expect(bob.calls).toHaveLength(60);
  });

  const places = [{ transport: "udp", ...AT_PROXY, serverName: "proxy" }] as const;
});

describe("breadth", () => {
  test("that is too small for all phones at once rings them in turns", async () => {
    const { alice, bob, carol, settle } = await office({ bob: 1, carol: 1 });
    alice.invite(SALES, {}, [["Max-Breadth", "1"]]);
    await settle();
    expect([bob.calls.length, carol.calls.length]).toEqual([1, 0]);
    expect(bob.call.request.headers.get("max-breadth")).toBe("1");
    bob.call.reject(486);
    await settle();
    expect(carol.calls).toHaveLength(1);
  });

  test("is shared among those that ring at once", async () => {
    const { alice, bob, carol, settle } = await office({ bob: 1, carol: 1 });
    alice.invite(SALES);
    await settle();
    const shares = [bob, carol].map(({ call }) => call.request.headers.get("max-breadth"));
    expect(shares).toEqual(["30", "30"]);
  });
});

test("a request with more targets than a person has phones goes to so many only", async () => {
  const { world, clock, alice, send } = await office(
    {},
    { route: () => ({ targets: Array.from({ length: 70 }, (_, n) => ({ uri: `sip:n${n}@127.0.0.1:5090`, q: 1 })) }) },
  );
  const peer = await ScriptedPeer.datagram(world.network, { address: "127.0.0.1", port: 5_090 }, AT_PROXY);
  await send(alice, "MESSAGE");
  const first = peer.messages.splice(0);
  expect(first).toHaveLength(60);
  for (const message of first) if (message.kind === "request") await peer.answer(message, 404);
  await clock.advance(0);
  expect(peer.messages).toHaveLength(MAX_BRANCHES - 60);
});

describe("redirections", () => {
  test("are handed back, or followed", async () => {
    for (const followRedirects of [false, true]) {
      const { alice, bob, carol, settle } = await office({ bob: 1 }, { followRedirects });
      alice.invite(SALES);
      await settle();
      bob.call.reject(302, { headers: [["Contact", `<${carol.uri}>`]] });
      await settle();
      expect(carol.calls).toHaveLength(followRedirects ? 1 : 0);
      if (!followRedirects) expect(alice.heard).toEqual(["failed 302"]);
    }
  });

  test("to places that were tried already end the search", async () => {
    const { alice, bob, settle } = await office({ bob: 1 }, { followRedirects: true });
    alice.invite(SALES);
    await settle();
    bob.call.reject(302, { headers: [["Contact", `<${bob.uri}>`]] });
    await settle();
    expect(bob.calls).toHaveLength(1);
    expect(alice.heard).toEqual(["failed 302"]);
  });

  test("are all that a redirect server says, most wanted first", async () => {
    const { alice, bob, carol, send } = await office({ bob: 0.5, carol: 1 }, { mode: "redirect" });
    const response = await send(alice, "MESSAGE");
    expect(response()?.status).toBe(300);
    expect(response()?.headers.get("contact")).toBe(`<${carol.uri}>;q=1, <${bob.uri}>;q=0.5`);
  });
});

describe("the recorded route", () => {
  test("names both sides where they differ, and serves requests from both (RFC 5658)", async () => {
    const world = new World();
    const alice = behindProxy(await world.agent("alice", "192.0.2.1"), "udp");
    const dora = await world.agent("dora", "192.0.2.4", "tls");
    await proxyOnMemory(
      world,
      toTargets(() => [{ uri: dora.uri, q: 1 }]),
      { recordRoute: "needed" },
    );
    alice.invite(SALES);
    await world.clock.advance(0);
    const written = recordRoutes(dora.call.request).map(({ uri }) => formatUri(uri).replace(/:[^@]*@/, ":"));
    expect(written).toEqual([`sip:${PROXY}:5061;transport=tls;lr`, `sip:${PROXY}:5060;lr`]);
    dora.call.accept(ANSWER);
    await world.clock.advance(0);
    expect(alice.heard).toEqual(["answered answer"]);
    const [back] = await Promise.all([dora.call.session.request("INFO"), world.clock.advance(0)]);
    expect(back).toMatchObject({ response: { status: 405 } });
    void dora.call.session.bye();
    await world.clock.advance(0);
    expect(alice.heard.at(-1)).toBe("ended remote");
  });

  test("is not written where nobody needs it, or where nobody wants it", async () => {
    for (const recordRoute of ["needed", "never"] as const) {
      const { alice, bob, settle } = await office({ bob: 1 }, { recordRoute });
      alice.invite(SALES);
      await settle();
      expect(bob.call.request.headers.has("record-route")).toBe(false);
    }
  });

  test("leads back over the connection of who cannot be dialled, and says 430 when that is gone", async () => {
    const world = new World();
    const bob = await world.agent("bob", "192.0.2.2");
    await proxyOnMemory(
      world,
      toTargets(() => [{ uri: bob.uri, q: 1 }]),
      { recordRoute: "needed" },
    );
    const peer = await ScriptedPeer.connect(world.network, AT_PROXY);
    const contact = "Contact: <sip:alice@nowhere.invalid;transport=tcp>";
    await peer.send(
      written({ method: "INVITE", uri: SALES, via: "TCP nowhere.invalid;branch=z9hG4bKx", headers: [contact] }),
    );
    await world.clock.advance(0);
    bob.call.accept(ANSWER);
    await world.clock.advance(0);
    void bob.call.session.request("INFO");
    await world.clock.advance(0);
    const types = peer.messages.map((message) => (message.kind === "request" ? message.method : message.status));
    expect(types).toContain("INFO");
    peer.close();
    const [outcome] = await Promise.all([bob.call.session.request("INFO"), world.clock.advance(0)]);
    expect(outcome).toMatchObject({ response: { status: 430 } });
  });

  test("joins two who are both behind connections of their own, to the same port of ours", async () => {
    const world = new World();
    const { stack } = await proxyOnMemory(
      world,
      (question) => {
        const along = question.isRecorded ? alongRoute(question) : undefined;
        const [, callee] = stack.transport.flows;
        return { targets: along ? [along] : [{ uri: SALES, q: 1, ...(callee && { flow: callee }) }] };
      },
      { recordRoute: "needed" },
    );
    const caller = await ScriptedPeer.connect(world.network, AT_PROXY);
    const callee = await ScriptedPeer.connect(world.network, AT_PROXY);
    const contact = "Contact: <sip:alice@nowhere.invalid;transport=tcp>";
    await caller.send(
      written({ method: "INVITE", uri: SALES, via: "TCP x.invalid;branch=z9hG4bKx", headers: [contact] }),
    );
    await world.clock.advance(0);
    const invite = callee.takeRequest("INVITE");
    const route = recordRoutes(invite).map(({ uriText }) => `<${uriText}>`);
    expect(route).toHaveLength(2);
    const back = ["Route", route.join(", ")].join(": ");
    const via = "TCP y.invalid;branch=z9hG4bKy";
    await callee.send(
      written({ method: "INFO", uri: "sip:alice@nowhere.invalid", callId: "call-one", via, headers: [back] }),
    );
    await world.clock.advance(0);
    expect(caller.takeRequest("INFO").headers.has("route")).toBe(false);
  });

  test("that somebody else wrote opens no way", async () => {
    const { world, clock, bob } = await office({}, { recordRoute: "always" });
    const peer = await ScriptedPeer.datagram(world.network, { address: "127.0.0.1", port: 5_090 }, AT_PROXY);
    const route = `Route: <sip:00000000000000000000.@${PROXY};lr>`;
    await peer.send(written({ uri: bob.uri, headers: [route] }));
    await clock.advance(0);
    expect(peer.takeResponse().status).toBe(480);
    await peer.send(written({ method: "ACK", uri: bob.uri, headers: [route], to: "<sip:b@b>;tag=1" }));
    await clock.advance(0);
    expect(bob.requests).toHaveLength(0);
  });
});

test("a response that belongs to no transaction is not forwarded (RFC 6026 §7)", async () => {
  const { world, clock } = await office({ bob: 1 });
  const caller = await ScriptedPeer.datagram(world.network, { address: "127.0.0.1", port: 5_090 }, AT_PROXY);
  const callee = await ScriptedPeer.datagram(world.network, { address: "127.0.0.1", port: 5_091 }, AT_PROXY);
  await callee.send([
    "SIP/2.0 200 OK",
    `Via: SIP/2.0/UDP ${PROXY}:5060;branch=z9hG4bKold`,
    "Via: SIP/2.0/UDP 127.0.0.1:5090;branch=z9hG4bKx",
    "From: <sip:a@a>;tag=a",
    "To: <sip:b@b>;tag=b",
    "Call-ID: x",
    "CSeq: 1 INVITE",
    "Content-Length: 0",
    "\r\n",
  ]);
  await clock.advance(0);
  expect(caller.messages).toHaveLength(0);
});

test("every branch has a Via of its own", async () => {
  const { alice, bob, carol, settle } = await office({ bob: 1, carol: 1 });
  alice.invite(SALES);
  await settle();
  const branches = [bob, carol].map(({ call }) => topVia(call.request)?.branch);
  expect(branches[0]).not.toBe(branches[1]);
});
