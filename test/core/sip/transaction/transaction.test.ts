import { describe, expect, test } from "vitest";
import { callId, cseq, toTag, topVia } from "../../../../core/sip/message/fields.ts";
import { request } from "../../../../core/sip/message/message.ts";
import type { Outcome, StackSettings } from "../../../../core/sip/stack.ts";
import { MAX_SERVER_TRANSACTIONS, MAX_UNANSWERED } from "../../../../core/sip/transaction/transaction.ts";
import type { Fate } from "../../../../core/sip/transport/memory.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import { written } from "../../../support/sip-lines.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

const PEER = { address: "127.0.0.1", port: 5090 };
const TARGETS = [{ transport: "udp", ...PEER, serverName: "peer" }] as const;

function outgoing(method: string) {
  return request(method, "sip:bob@127.0.0.1:5090", [
    ["Max-Forwards", "70"],
    ["From", "<sip:alice@office.example>;tag=a"],
    ["To", "<sip:bob@office.example>"],
    ["Call-ID", "out"],
    ["CSeq", `1 ${method}`],
  ]);
}

function via(branch: string): string {
  return `UDP 127.0.0.1:5090;branch=z9hG4bK-${branch.replace(" ", "-")};rport`;
}

async function overUdp(fate?: (bytes: Buffer) => Fate, settings: Partial<StackSettings> = {}) {
  const here = stackOnMemory(fate && { fate }, settings);
  await here.stack.listen("udp", HERE);
  const peer = await ScriptedPeer.datagram(here.network, PEER, HERE);
  return { ...here, peer };
}

describe("a request that comes in over UDP", () => {
  test("is shown to the user once, however often it is repeated, and has one answer", async () => {
    const { clock, stack, requests, peer } = await overUdp();
    await peer.send(written());
    await peer.send(written());
    await clock.advance(0);
    expect(requests).toHaveLength(1);
    const [transaction] = requests;
    if (transaction) stack.respond(transaction, 200);
    await clock.advance(0);
    await peer.send(written());
    await clock.advance(0);
    const [first, second] = [peer.takeResponse(), peer.takeResponse()];
    expect(first.status).toBe(200);
    expect(toTag(second)).toBe(toTag(first));
    expect(requests).toHaveLength(1);
  });

  test("is a new one after timer J", async () => {
    const { clock, stack, requests, peer } = await overUdp();
    await peer.send(written());
    await clock.advance(0);
    if (requests[0]) stack.respond(requests[0], 200);
    await clock.advance(31_999);
    await peer.send(written());
    await clock.advance(0);
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    expect(stack.transactions.counts.server).toBe(0);
    await peer.send(written());
    await clock.advance(0);
    expect(requests).toHaveLength(2);
  });

  test("is told from another one under the same empty branch", async () => {
    const { clock, stack, requests, peer } = await overUdp();
    const via = "UDP 127.0.0.1:5090;branch=z9hG4bK;rport";
    await peer.send(written({ via, callId: "one" }));
    await peer.send(written({ via, callId: "two" }));
    await peer.send(written({ via, callId: "one" }));
    await clock.advance(0);
    expect(requests.map((one) => callId(one.request))).toEqual(["one", "two"]);
    for (const transaction of requests) stack.respond(transaction, 200);
    await clock.advance(0);
    expect([callId(peer.takeResponse()), callId(peer.takeResponse())]).toEqual(["one", "two"]);
  });

  test("of RFC 2543 has its ACK matched without a branch", async () => {
    const { clock, stack, requests, acknowledged, peer } = await overUdp();
    const invite = { method: "INVITE", via: "UDP 127.0.0.1:5090" };
    await peer.send(written(invite));
    await clock.advance(0);
    if (requests[0]) stack.respond(requests[0], 486, { toTag: "t" });
    await clock.advance(0);
    await peer.send(written({ ...invite, to: "<sip:bob@office.example>;tag=t" }).replaceAll("INVITE", "ACK"));
    await clock.advance(20_000);
    expect(peer.messages.filter((message) => message.kind === "response")).toHaveLength(1);
    expect(acknowledged).toHaveLength(0);
    expect(stack.transactions.counts.server).toBe(0);
  });

  test("that is too much is refused without state, the same way each time", async () => {
    const { clock, stack, requests, peer } = await overUdp(undefined, { limits: { transactions: 3, unanswered: 3 } });
    for (const name of ["one", "two", "three"]) await peer.send(written({ via: via(name) }));
    await clock.advance(0);
    expect(requests).toHaveLength(3);
    await peer.send(written({ via: via("late") }));
    await peer.send(written({ via: via("late") }));
    await clock.advance(0);
    const [first, second] = [peer.takeResponse(), peer.takeResponse()];
    expect(first.status).toBe(503);
    expect(toTag(first)).toBeTruthy();
    expect(toTag(second)).toBe(toTag(first));
    expect(requests).toHaveLength(3);
    for (const transaction of requests) stack.respond(transaction, 200);
    await peer.send(written({ via: via("later") }));
    await clock.advance(0);
    expect(requests).toHaveLength(3);
    await clock.advance(32_000);
    await peer.send(written({ via: via("much later") }));
    await clock.advance(0);
    expect(requests).toHaveLength(4);
  });

  test("is refused while too many others wait for their answers", async () => {
    const { clock, stack, requests, peer } = await overUdp(undefined, { limits: { transactions: 9, unanswered: 1 } });
    await peer.send(written({ via: via("one") }));
    await peer.send(written({ via: via("two") }));
    await clock.advance(0);
    expect(peer.takeResponse().status).toBe(503);
    if (requests[0]) stack.respond(requests[0], 200);
    await peer.send(written({ via: via("two") }));
    await clock.advance(0);
    expect(requests).toHaveLength(2);
  });

  test("has limits that its memory allows for", () => {
    expect(MAX_SERVER_TRANSACTIONS).toBe(100_000);
    expect(MAX_UNANSWERED).toBe(20_000);
  });
});

describe("an INVITE that comes in", () => {
  test("gets 100 when its user is silent for 200 ms", async () => {
    const { clock, peer } = await overUdp();
    await peer.send(written({ method: "INVITE" }));
    await clock.advance(199);
    expect(peer.messages).toHaveLength(0);
    await clock.advance(1);
    expect(peer.takeResponse().status).toBe(100);
  });

  test("has its failure repeated by timer G until timer H", async () => {
    const { clock, stack, requests, peer } = await overUdp();
    await peer.send(written({ method: "INVITE" }));
    await clock.advance(0);
    if (requests[0]) stack.respond(requests[0], 486);
    await clock.advance(32_000);
    // At 0, 0.5, 1.5, 3.5, 7.5 and then every 4 seconds.
    expect(peer.messages).toHaveLength(11);
    expect(stack.transactions.counts.server).toBe(0);
  });

  test("hands an ACK for its 2xx to the user", async () => {
    const { clock, stack, requests, acknowledged, peer } = await overUdp();
    await peer.send(written({ method: "INVITE" }));
    await clock.advance(0);
    if (requests[0]) stack.respond(requests[0], 200, { toTag: "t" });
    await clock.advance(0);
    const ack = written({
      method: "ACK",
      to: "<sip:bob@office.example>;tag=t",
      via: "UDP 127.0.0.1:5090;branch=z9hG4bK2",
    });
    await peer.send(ack);
    await clock.advance(0);
    expect(acknowledged).toHaveLength(1);
  });

  test("is found by its CANCEL", async () => {
    const { clock, stack, requests, peer } = await overUdp();
    await peer.send(written({ method: "INVITE" }));
    await peer.send(written({ method: "CANCEL" }));
    await clock.advance(0);
    const [invite, cancel] = requests;
    expect(cancel?.request.method).toBe("CANCEL");
    expect(cancel && stack.transactions.cancelled(cancel.request)?.invite).toBe(invite);
  });
});

describe("a request that goes out over UDP", () => {
  test("is repeated at 0.5, 1, 2 and then every 4 seconds until timer F", async () => {
    const { clock, stack, peer } = await overUdp();
    let outcome: Outcome | undefined;
    void stack.send(outgoing("MESSAGE"), { targets: TARGETS }).then((value) => (outcome = value));
    const times: number[] = [];
    await clock.advance(0);
    for (let seen = 0; clock.monotonic() <= 32_000; await clock.advance(clock.untilNext ?? 1)) {
      if (peer.messages.length > seen) times.push(clock.monotonic());
      seen = peer.messages.length;
    }
    expect(times).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(outcome).toEqual({ kind: "timeout" });
  });

  test("is the same bytes each time", async () => {
    const { clock, stack, peer } = await overUdp();
    void stack.send(outgoing("MESSAGE"), { targets: TARGETS });
    await clock.advance(0);
    const once = peer.raw.toString("latin1");
    await clock.advance(500);
    expect(peer.raw.toString("latin1")).toBe(once + once);
  });

  test("waits at T2 after a provisional response, and for timer K after a final one", async () => {
    const { clock, stack, peer } = await overUdp();
    const answers: number[] = [];
    const sent = stack.send(outgoing("MESSAGE"), {
      targets: TARGETS,
      provisional: (response) => void answers.push(response.status),
    });
    await clock.advance(0);
    const first = peer.takeRequest();
    await peer.answer(first, 100);
    await clock.advance(500);
    expect(peer.messages).toHaveLength(1);
    await clock.advance(3_999);
    expect(peer.messages).toHaveLength(1);
    await clock.advance(1);
    expect(peer.messages).toHaveLength(2);
    await peer.answer(first, 200);
    await peer.answer(first, 200);
    await clock.advance(0);
    expect(await sent).toMatchObject({ kind: "response", response: { status: 200 } });
    expect(answers).toEqual([100]);
    expect(stack.transactions.counts.client).toBe(1);
    await clock.advance(5_000);
    expect(stack.transactions.counts.client).toBe(0);
  });

  test("of method INVITE acknowledges each repetition of a failure, in the same transaction", async () => {
    const { clock, stack, peer } = await overUdp();
    const sent = stack.send(outgoing("INVITE"), { targets: TARGETS });
    await clock.advance(0);
    const invite = peer.takeRequest("INVITE");
    await peer.answer(invite, 486);
    await peer.answer(invite, 486);
    await clock.advance(0);
    expect(await sent).toMatchObject({ kind: "response", response: { status: 486 } });
    const acks = [peer.takeRequest("ACK"), peer.takeRequest("ACK")];
    for (const ack of acks) {
      expect(topVia(ack)?.branch).toBe(topVia(invite)?.branch);
      expect(toTag(ack)).toBe("peer");
      expect(cseq(ack)).toEqual({ number: 1, method: "ACK" });
    }
    await clock.advance(32_000);
    expect(stack.transactions.counts.client).toBe(0);
  });
});

describe("over a network that loses and doubles", () => {
  test.each([1, 2, 3, 4, 5])("a MESSAGE reaches its user exactly once (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const fate = (): Fate => {
      const drawn = random.fraction();
      return drawn < 0.4 ? "lose" : drawn < 0.7 ? "double" : "deliver";
    };
    const there = await overUdp(fate);
    there.stack.use({
      request: (transaction) => (there.requests.push(transaction), there.stack.respond(transaction, 200)),
    });
    const near = stackOnMemory({}, { network: there.network, clock: there.clock, random });
    await near.stack.listen("udp", { address: "127.0.0.1", port: 5070 });
    const outcomes: Outcome[] = [];
    for (let count = 0; count < 20; count++) {
      const message = outgoing("MESSAGE");
      const sent = { ...message, headers: message.headers.with("Call-ID", `m${count}`) };
      const target = { transport: "udp", ...HERE, serverName: "there" } as const;
      void near.stack.send(sent, { targets: [target] }).then((outcome) => outcomes.push(outcome));
    }
    await there.clock.advance(40_000);
    expect(outcomes).toHaveLength(20);
    const ids = there.requests.map((one) => callId(one.request));
    expect(new Set(ids).size).toBe(ids.length);
    const answered = outcomes.filter(({ kind }) => kind === "response").length;
    expect(ids.length).toBeGreaterThanOrEqual(answered);
    expect(answered).toBeGreaterThan(15);
  });
});

describe("over a stream", () => {
  test("nothing is repeated, and the transaction ends with its answer", async () => {
    const { clock, network, stack } = stackOnMemory();
    const server = await ScriptedPeer.listen(network, PEER);
    const sent = stack.send(outgoing("MESSAGE"), { targets: [{ transport: "tcp", ...PEER, serverName: "peer" }] });
    await clock.advance(10_000);
    const peer = server.peers[0];
    expect(peer?.messages).toHaveLength(1);
    if (peer) await peer.answer(peer.takeRequest(), 200);
    await clock.advance(0);
    expect(await sent).toMatchObject({ kind: "response" });
    expect(stack.transactions.counts.client).toBe(0);
  });

  test("a break ends what waits for an answer at once", async () => {
    const { clock, network, stack } = stackOnMemory();
    const server = await ScriptedPeer.listen(network, PEER);
    const sent = stack.send(outgoing("MESSAGE"), { targets: [{ transport: "tcp", ...PEER, serverName: "peer" }] });
    await clock.advance(0);
    server.peers[0]?.close();
    await clock.advance(0);
    expect(await sent).toMatchObject({ kind: "unreachable", code: "SIP_FLOW_CLOSED" });
    expect(stack.transactions.counts.client).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe("a user who answers while it is asked", () => {
  async function answering(method: string, status: number) {
    const { clock, network, stack } = stackOnMemory();
    stack.use({ request: (transaction) => stack.respond(transaction, status) });
    await stack.listen("tcp", HERE);
    const peer = await ScriptedPeer.connect(network, HERE);
    await peer.send(written({ method, via: "TCP 127.0.0.1:5090;branch=z9hG4bKone;rport" }));
    await clock.advance(0);
    return { clock, stack, peer };
  }

  test("with 100, and then with nothing, does not leave the request behind", async () => {
    const { clock, stack } = await answering("MESSAGE", 100);
    await clock.advance(31_999);
    expect(stack.transactions.counts.server).toBe(1);
    await clock.advance(1);
    expect(stack.transactions.counts.server).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test("with 180 has no 100 sent behind it", async () => {
    const { clock, peer } = await answering("INVITE", 180);
    await clock.advance(1_000);
    expect(peer.messages.map((one) => one.kind === "response" && one.status)).toEqual([180]);
  });

  test("with the end has nothing left to wait for", async () => {
    const { clock, stack } = await answering("MESSAGE", 200);
    expect(clock.pending).toBe(0);
    expect(stack.transactions.counts.server).toBe(0);
  });
});
