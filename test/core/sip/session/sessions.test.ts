/**
 *     alice                 bob
 *       | INVITE ----------> |
 *       | <------ 180, 200   |   200 again and again, until
 *       | ACK -------------> |   the ACK is there
 *       | <------ INVITE --> |   either side may change it
 *       | BYE -------------> |
 */
import { describe, expect, test } from "vitest";
import { request, responseTo } from "../../../../core/sip/message/message.ts";
import type { SipRequest } from "../../../../core/sip/message/message.ts";
import type { Reinvitation } from "../../../../core/sip/session/session.ts";
import { REPEAT_RINGING } from "../../../../core/sip/session/incoming-call.ts";
import { MAX_FORKS } from "../../../../core/sip/session/outgoing-call.ts";
import type { SessionSettings } from "../../../../core/sip/session/settings.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import type { Fate, MemoryNetworkOptions } from "../../../../core/sip/transport/memory.ts";
import { World } from "../agents-on-memory.ts";

const ALICE = "192.0.2.1";
const BOB = "192.0.2.2";
const ANSWER = { contentType: "application/sdp", body: "answer" };

async function two(options: Partial<MemoryNetworkOptions> = {}, forBob: Partial<SessionSettings> = {}) {
  const world = new World(options);
  const alice = await world.agent("alice", ALICE);
  const bob = await world.agent("bob", BOB, "udp", forBob);
  const settle = (milliseconds = 0): Promise<void> => world.clock.advance(milliseconds);
  return { alice, bob, settle, clock: world.clock, network: world.network };
}

async function talking(options: Partial<MemoryNetworkOptions> = {}, forBob: Partial<SessionSettings> = {}) {
  const both = await two(options, forBob);
  both.alice.invite(both.bob.uri);
  await both.settle();
  both.bob.call.accept(ANSWER);
  await both.settle();
  return both;
}

/** A callee without a stack. */
async function script() {
  const world = new World();
  const alice = await world.agent("alice", ALICE);
  const peer = await ScriptedPeer.datagram(
    world.network,
    { address: BOB, port: 5_060 },
    { address: ALICE, port: 5_060 },
  );
  const call = alice.invite(`sip:bob@${BOB}`);
  await world.clock.advance(0);
  return { clock: world.clock, alice, peer, call, invite: peer.takeRequest("INVITE") };
}

const contactOf = (name: string): readonly [string, string] => ["Contact", `<sip:${name}@${BOB}>`];

describe("a call", () => {
  test("rings, is answered, and ends on both sides with BYE", async () => {
    const { alice, bob, settle } = await two();
    alice.invite(bob.uri);
    await settle();
    expect(bob.call.request.body.toString()).toBe("offer");
    bob.call.ring();
    await settle();
    bob.call.accept(ANSWER);
    await settle();
    expect(alice.heard).toEqual(["180", "answered answer"]);
    expect([alice.session.state, bob.call.session.state]).toEqual(["confirmed", "confirmed"]);
    await Promise.all([alice.session.bye(), settle()]);
    expect(alice.heard.at(-1)).toBe("ended local");
    expect(bob.heard).toEqual(["call", "ended remote"]);
    expect([alice.sessions.count, bob.sessions.count]).toEqual([0, 0]);
  });

  test("ends with BYE from the called side too", async () => {
    const { alice, bob, settle } = await talking();
    await Promise.all([bob.call.session.bye(), settle()]);
    expect(alice.heard.at(-1)).toBe("ended remote");
  });

  test("is refused", async () => {
    const { alice, bob, settle } = await two();
    alice.invite(bob.uri);
    await settle();
    bob.call.reject(486);
    await settle();
    expect(alice.heard).toEqual(["failed 486"]);
    expect(bob.heard).toEqual(["call", "ended rejected"]);
    expect([alice.sessions.count, bob.sessions.count]).toEqual([0, 0]);
  });

  test("to somebody who has too many already is busy", async () => {
    const { alice, bob, settle } = await two({}, { most: 1 });
    alice.invite(bob.uri);
    alice.invite(bob.uri);
    await settle();
    expect(bob.calls).toHaveLength(1);
    expect(alice.heard).toEqual(["failed 486"]);
  });

  test("without a Contact is refused, and nobody is rung", async () => {
    const { bob, clock, network } = await two();
    const peer = await ScriptedPeer.datagram(
      network,
      { address: "192.0.2.3", port: 5_060 },
      { address: BOB, port: 5_060 },
    );
    await peer.send(
      "INVITE sip:bob@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKx;rport\r\nFrom: <sip:c@c>;tag=c\r\n" +
        "To: <sip:bob@b>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
    );
    await clock.advance(0);
    expect(peer.takeResponse().status).toBe(400);
    expect(bob.calls).toHaveLength(0);
  });

  test("rings again every minute, so that no proxy on the way gives up", async () => {
    const { alice, bob, settle } = await two();
    alice.invite(bob.uri);
    await settle();
    bob.call.ring();
    await settle(REPEAT_RINGING * 2);
    expect(alice.heard).toEqual(["180", "180", "180"]);
  });

  test.each([1, 2, 3, 4, 5, 6])("is answered and ended over a network that loses a third (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const fate = (): Fate => (random.fraction() < 0.33 ? "lose" : "deliver");
    const { alice, bob, settle } = await two({ fate });
    alice.invite(bob.uri);
    await settle(10_000);
    bob.call.accept(ANSWER);
    await settle(31_000);
    expect(alice.heard).toContain("answered answer");
    expect(bob.calls).toHaveLength(1);
    expect(bob.call.session.state).toBe("confirmed");
    void alice.session.bye();
    await settle(32_000);
    expect(bob.heard.at(-1)).toBe("ended remote");
  });
});

/** A caller without a stack, and Bob, whom it called. */
async function scriptedCaller(forBob: Partial<SessionSettings> = {}) {
  const world = new World();
  const bob = await world.agent("bob", BOB, "udp", forBob);
  const peer = await ScriptedPeer.datagram(
    world.network,
    { address: ALICE, port: 5_060 },
    { address: BOB, port: 5_060 },
  );
  const say = async (method: string, sequence: number, branch = `${method}${sequence}`): Promise<void> => {
    const tag = bob.calls.length > 0 && method !== "CANCEL" ? `;tag=${bob.call.session.dialog.localTag}` : "";
    await peer.send([
      `${method} sip:bob@${BOB} SIP/2.0`,
      `Via: SIP/2.0/UDP ${ALICE}:5060;branch=z9hG4bK${branch};rport`,
      "From: <sip:c@c.example>;tag=c",
      `To: <sip:bob@b.example>${tag}`,
      "Call-ID: scripted",
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:c@${ALICE}>`,
      "Content-Length: 0",
      "\r\n",
    ]);
    await world.clock.advance(0);
  };
  await say("INVITE", 1);
  return { clock: world.clock, peer, bob, say };
}

describe("an answer", () => {
  test("is repeated after 0.5, 1, 2 and then every 4 seconds until its own ACK comes", async () => {
    const { clock, peer, bob, say } = await scriptedCaller();
    bob.call.accept(ANSWER);
    await clock.advance(3_500);
    expect(peer.messages).toHaveLength(4);
    await say("ACK", 2);
    await clock.advance(4_000);
    expect(peer.messages).toHaveLength(5);
    await say("ACK", 1);
    await clock.advance(60_000);
    expect(peer.messages).toHaveLength(5);
    expect(bob.call.session.state).toBe("confirmed");
  });

  test("that nobody acknowledges ends the session with BYE after 64·T1", async () => {
    const { clock, peer, bob } = await scriptedCaller();
    bob.call.accept(ANSWER);
    await clock.advance(31_999);
    expect(bob.call.session.state).toBe("confirmed");
    peer.messages.length = 0;
    await clock.advance(1);
    expect(peer.takeRequest("BYE").headers.get("to")).toContain("tag=c");
    expect(bob.heard.at(-1)).toBe("ended unacknowledged");
  });

  test("whose callee wants to end at once waits for the ACK before the BYE", async () => {
    const { clock, peer, bob, say } = await scriptedCaller();
    bob.call.accept(ANSWER);
    void bob.call.session.bye();
    await clock.advance(0);
    expect(peer.messages).toHaveLength(1);
    peer.messages.length = 0;
    await say("ACK", 1);
    peer.takeRequest("BYE");
  });
});

describe("a caller who gives up", () => {
  test("sends no CANCEL before something has answered, then the call ends on both sides", async () => {
    const { alice, bob, settle } = await two();
    const call = alice.invite(bob.uri);
    await settle();
    call.cancel();
    await settle();
    expect(bob.heard).toEqual(["call"]);
    await settle(200);
    expect(bob.heard).toEqual(["call", "ended cancelled"]);
    expect(alice.heard).toEqual(["failed 487"]);
    expect([alice.sessions.count, bob.sessions.count]).toEqual([0, 0]);
  });

  test("before anything has left calls nobody", async () => {
    const { alice, bob, settle } = await two();
    alice.invite(bob.uri).cancel();
    await settle(1_000);
    expect(alice.heard).toEqual(["failed unreachable"]);
    expect(bob.heard).toEqual([]);
  });

  test("ends with BYE what was accepted meanwhile", async () => {
    const { clock, alice, peer, call, invite } = await script();
    await peer.answer(invite, 180, { headers: [contactOf("bob")] });
    await clock.advance(0);
    call.cancel();
    await clock.advance(0);
    peer.takeRequest("CANCEL");
    await peer.answer(invite, 200, { headers: [contactOf("bob")] });
    await clock.advance(0);
    peer.takeRequest("ACK");
    peer.takeRequest("BYE");
    expect(alice.heard).toEqual(["180", "ended local", "failed 200"]);
  });

  test("hears of it after 64·T1 when nobody answers the CANCEL", async () => {
    const { clock, alice, peer, call, invite } = await script();
    await peer.answer(invite, 180, { headers: [contactOf("bob")] });
    await clock.advance(0);
    call.cancel();
    await clock.advance(32_000);
    expect(alice.heard).toEqual(["180", "ended cancelled", "failed timeout"]);
    expect(alice.stack.transactions.counts.client).toBe(0);
  });

  test("with BYE before the answer ends the call too", async () => {
    const { peer, bob, say } = await scriptedCaller();
    bob.call.ring();
    await say("BYE", 2);
    expect(peer.messages.map((message) => message.kind === "response" && message.status)).toEqual([180, 200, 487]);
    expect(bob.heard).toEqual(["call", "ended cancelled"]);
  });
});

describe("a call that forks", () => {
  const branch = (tag: string) => ({ toTag: tag, headers: [contactOf(tag)] });

  test("has an early session for each branch; those that only rang end when no answer can come any more", async () => {
    const { clock, alice, peer, invite } = await script();
    await peer.answer(invite, 180, branch("one"));
    await peer.answer(invite, 183, branch("two"));
    await clock.advance(0);
    expect(alice.sessions.inspect(9).map(({ state }) => state)).toEqual(["early", "early"]);
    await peer.answer(invite, 200, branch("two"));
    await clock.advance(31_999);
    expect(alice.sessions.inspect(9).map(({ state }) => state)).toEqual(["early", "confirmed"]);
    await clock.advance(1);
    expect(alice.sessions.inspect(9).map(({ state }) => state)).toEqual(["confirmed"]);
  });

  test("keeps the first answer, and ends each further one after its ACK", async () => {
    const { clock, alice, peer, invite } = await script();
    for (const tag of ["one", "two"]) await peer.answer(invite, 200, branch(tag));
    await clock.advance(0);
    expect(peer.messages.map((message) => "method" in message && `${message.method} ${message.uri}`)).toEqual([
      `ACK sip:one@${BOB}`,
      `ACK sip:two@${BOB}`,
      `BYE sip:two@${BOB}`,
    ]);
    expect(alice.answered).toHaveLength(1);
  });

  test("keeps all answers where that is wanted", async () => {
    const world = new World();
    const alice = await world.agent("alice", ALICE);
    const peer = await ScriptedPeer.datagram(
      world.network,
      { address: BOB, port: 5_060 },
      { address: ALICE, port: 5_060 },
    );
    alice.invite(`sip:bob@${BOB}`, { forks: "all" });
    await world.clock.advance(0);
    const invite = peer.takeRequest("INVITE");
    for (const tag of ["one", "two"]) await peer.answer(invite, 200, branch(tag));
    await world.clock.advance(0);
    expect(alice.answered.map(({ dialog }) => dialog.remoteTag)).toEqual(["one", "two"]);
    expect(peer.messages).toHaveLength(2);
  });

  test("acknowledges each answer as often as it comes, with the same ACK", async () => {
    const { clock, peer, invite } = await script();
    for (let count = 0; count < 3; count++) await peer.answer(invite, 200, branch("one"));
    await clock.advance(0);
    const acks = [peer.takeRequest("ACK"), peer.takeRequest("ACK"), peer.takeRequest("ACK")];
    expect(new Set(acks.map((ack) => ack.headers.get("via"))).size).toBe(1);
    expect(acks[0]?.headers.get("cseq")).toBe("1 ACK");
  });

  test("into more branches than anybody has phones is followed into so many only", async () => {
    const { clock, alice, peer, invite } = await script();
    for (let count = 0; count < MAX_FORKS + 4; count++) await peer.answer(invite, 180, branch(`t${count}`));
    await clock.advance(0);
    expect(alice.sessions.count).toBe(MAX_FORKS);
  });

  test("takes the way of a dialog from its 2xx, not from what rang before", async () => {
    const { clock, alice, peer, invite } = await script();
    await peer.answer(invite, 180, { ...branch("one"), headers: [contactOf("early")] });
    await peer.answer(invite, 200, { ...branch("one"), headers: [contactOf("late")] });
    await clock.advance(0);
    expect(peer.takeRequest("ACK").uri).toBe(`sip:late@${BOB}`);
    expect(alice.sessions.count).toBe(1);
  });
});

describe("a change of the session", () => {
  const accepting = (changes: Reinvitation[]): Partial<SessionSettings> => ({
    reinvited: (_session, change) => (
      changes.push(change),
      change.accept({ contentType: "application/sdp", body: "new" })
    ),
  });

  test("goes both ways", async () => {
    const changes: Reinvitation[] = [];
    const { alice, bob, settle } = await talking({}, accepting(changes));
    const [outcome] = await Promise.all([
      alice.session.reinvite({ contentType: "application/sdp", body: "hold" }),
      settle(),
    ]);
    expect(outcome).toMatchObject({ kind: "response", response: { status: 200 } });
    expect(changes[0]?.request.body.toString()).toBe("hold");
    await settle(40_000);
    expect([alice.session.state, bob.call.session.state]).toEqual(["confirmed", "confirmed"]);
    const [back] = await Promise.all([bob.call.session.reinvite(), settle()]);
    expect(back).toMatchObject({ response: { status: 488 } });
    expect(alice.session.state).toBe("confirmed");
  });

  test("of both sides at once meets 491 and is tried again: the caller later", async () => {
    const changes: Reinvitation[] = [];
    const world = new World({ delay: 50 });
    const alice = await world.agent("alice", ALICE, "udp", accepting(changes));
    const bob = await world.agent("bob", BOB, "udp", accepting(changes));
    alice.invite(bob.uri);
    await world.clock.advance(100);
    bob.call.accept(ANSWER);
    await world.clock.advance(200);
    const both = [alice.session.reinvite(), bob.call.session.reinvite()];
    await world.clock.advance(100);
    expect(changes).toHaveLength(0);
    await world.clock.advance(2_100);
    expect(changes).toHaveLength(1);
    await world.clock.advance(4_000);
    expect(await Promise.all(both)).toMatchObject([{ response: { status: 200 } }, { response: { status: 200 } }]);
    expect(changes).toHaveLength(2);
  });

  test("is not begun while another one is under way", async () => {
    const { alice, settle } = await talking({}, { reinvited: () => undefined });
    void alice.session.reinvite();
    await settle();
    expect(await alice.session.reinvite()).toEqual({ kind: "busy" });
  });

  test("that the peer begins twice is answered 500 with a pause", async () => {
    const { peer, bob, say } = await scriptedCaller({ reinvited: () => undefined });
    bob.call.accept(ANSWER);
    await say("ACK", 1);
    await say("INVITE", 2);
    peer.messages.length = 0;
    await say("INVITE", 3);
    const refusal = peer.takeResponse();
    expect(refusal.status).toBe(500);
    expect(Number(refusal.headers.get("retry-after"))).toBeLessThanOrEqual(10);
  });

  test("of the peer moves the way to it", async () => {
    const { peer, bob, say } = await scriptedCaller();
    bob.call.accept(ANSWER);
    await say("ACK", 1);
    expect(peer.messages).toHaveLength(1);
    await say("UPDATE", 2);
    expect(bob.call.session.dialog.remoteTarget).toBe(`sip:c@${ALICE}`);
  });

  test("to which the peer says 481 ends the session", async () => {
    const { alice, bob, settle } = await talking();
    bob.call.session.end("lost");
    await Promise.all([alice.session.reinvite(), settle()]);
    expect(alice.heard.at(-1)).toBe("ended lost");
  });
});

describe("other requests inside a session", () => {
  test("are handed on as they came, and answered by whoever took them", async () => {
    const seen: SipRequest[] = [];
    const { alice, settle } = await talking(
      {},
      {
        requested(_session, transaction) {
          seen.push(transaction.request);
          transaction.respond(ok(transaction.request));
        },
      },
    );
    for (const method of ["UPDATE", "INFO", "X-WAVE"]) {
      const [outcome] = await Promise.all([alice.session.request(method, [["X-One", "1"]], "body"), settle()]);
      expect(outcome).toMatchObject({ response: { status: 200 } });
    }
    expect(seen.map(({ method, body }) => `${method} ${body.toString()}`)).toEqual([
      "UPDATE body",
      "INFO body",
      "X-WAVE body",
    ]);
  });

  test("that are older than one already seen are answered 500", async () => {
    const { peer, bob, say } = await scriptedCaller();
    bob.call.accept(ANSWER);
    await say("ACK", 1);
    peer.messages.length = 0;
    await say("INFO", 9);
    await say("INFO", 5);
    expect([peer.takeResponse().status, peer.takeResponse().status]).toEqual([405, 500]);
  });

  test("of sessions that are not there are answered 481", async () => {
    const { alice, bob, settle } = await talking();
    const stray = request("BYE", bob.uri, [
      ["From", "<sip:x@x.example>;tag=x"],
      ["To", "<sip:bob@b.example>;tag=y"],
      ["Call-ID", "z"],
      ["CSeq", "1 BYE"],
    ]);
    const [outcome] = await Promise.all([alice.stack.send(stray), settle()]);
    expect(outcome).toMatchObject({ response: { status: 481 } });
  });
});

test("a challenged call is made again with credentials, and its ACK carries them", async () => {
  const authorize = (sent: SipRequest): SipRequest => ({
    ...sent,
    headers: sent.headers.append("Authorization", "proof"),
  });
  const world = new World();
  const alice = await world.agent("alice", ALICE, "udp", { authorize });
  const peer = await ScriptedPeer.datagram(
    world.network,
    { address: BOB, port: 5_060 },
    { address: ALICE, port: 5_060 },
  );
  alice.invite(`sip:bob@${BOB}`);
  await world.clock.advance(0);
  await peer.answer(peer.takeRequest("INVITE"), 401);
  await world.clock.advance(0);
  peer.takeRequest("ACK");
  const again = peer.takeRequest("INVITE");
  expect(again.headers.get("cseq")).toBe("2 INVITE");
  await peer.answer(again, 200, { headers: [contactOf("bob")] });
  await world.clock.advance(0);
  expect(peer.takeRequest("ACK").headers.get("authorization")).toBe("proof");
  expect(alice.session.dialog.localSequence).toBe(2);
});

function ok(sent: SipRequest) {
  return responseTo(sent, 200);
}
