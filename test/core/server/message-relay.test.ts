import { describe, expect, test } from "vitest";
import { TRY_AGAIN } from "../../../core/server/message-delivery.ts";
import { ANSWER_WITHIN } from "../../../core/server/message-relay.ts";
import type { Phone } from "./office.ts";
import { Office } from "./office.ts";

const INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";reg-id=1';

/** Bob writes; Alice has a desk phone and one in her pocket. */
async function officeWithTwoDevices(settings: Readonly<Record<string, string>> = {}) {
  const office = await Office.open({ settings });
  const bob = await office.phone("bob", "192.0.2.20");
  const desk = await office.phone("alice", "192.0.2.10");
  const pocket = await office.phone("alice", "192.0.2.11");
  await desk.register();
  await pocket.register();
  return { office, bob, desk, pocket };
}

describe("a copy for every device", () => {
  test("is sent at once, and the first that takes it settles the answer", async () => {
    const { bob, desk, pocket } = await officeWithTwoDevices();
    const answer = await bob.message("alice", "lunch?");
    expect([desk.texts(), pocket.texts(), answer()]).toEqual([["lunch?"], ["lunch?"], undefined]);
    await desk.answerAll();
    expect(answer()).toBe(200);
  });

  test("is on disk for the device that has not answered before the sender hears 200", async () => {
    const { office, bob, desk, pocket } = await officeWithTwoDevices();
    const answer = await bob.message("alice", "lunch?");
    await desk.takeMessage();
    await office.clock.advance(2);
    expect([answer(), office.store.messages.count("sip:alice@acme.example")]).toEqual([undefined, 0]);
    await office.settle();
    expect([answer(), office.store.messages.count("sip:alice@acme.example")]).toEqual([200, 1]);
    await pocket.answerAll();
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(0);
  });

  test("reaches the device that was away when it comes back, once and without the one that had it", async () => {
    const { office, bob, desk, pocket } = await officeWithTwoDevices();
    await bob.message("alice", "lunch?");
    await desk.answerAll();
    await office.clock.advance(40_000);
    pocket.peer.messages.length = 0;
    await pocket.register();
    await pocket.answerAll();
    await office.clock.advance(TRY_AGAIN * 3);
    expect([desk.texts(), pocket.texts()]).toEqual([["lunch?"], ["lunch?"]]);
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(0);
  });

  test("is answered 202 when nobody takes it in time, and stays for all", async () => {
    const { office, bob } = await officeWithTwoDevices();
    const answer = await bob.message("alice", "lunch?");
    await office.clock.advance(ANSWER_WITHIN);
    expect(answer()).toBe(202);
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(2);
  });

  test("is refused only when every device refuses, with the refusal", async () => {
    const { bob, desk, pocket } = await officeWithTwoDevices();
    const answer = await bob.message("alice", "picture");
    await desk.answerAll(415);
    expect(answer()).toBeUndefined();
    await pocket.answerAll(415);
    expect(answer()).toBe(415);
  });

  test("of a device that is busy for the moment waits; the refusal of another does not end it", async () => {
    const { office, bob, desk, pocket } = await officeWithTwoDevices();
    const answer = await bob.message("alice", "lunch?");
    await desk.answerAll(415);
    await pocket.answerAll(480);
    expect(answer()).toBe(202);
    expect(office.store.messages.waiting("sip:alice@acme.example", "sip:alice@192.0.2.11:5060")).toHaveLength(1);
    expect(office.store.messages.waiting("sip:alice@acme.example", "sip:alice@192.0.2.10:5060")).toHaveLength(0);
  });
});

describe("a typing notice", () => {
  const typing = (phone: Phone, to = "alice"): Promise<() => number | undefined> =>
    phone.message(to, "<isComposing/>", { headers: ["Content-Type: application/im-iscomposing+xml"] });

  test("reaches every device that is there, and its answer tells nothing", async () => {
    const { bob, desk, pocket } = await officeWithTwoDevices();
    expect((await typing(bob))()).toBe(202);
    expect([desk.texts(), pocket.texts()]).toEqual([["<isComposing/>"], ["<isComposing/>"]]);
    await desk.answerAll(415);
    await pocket.answerAll(415);
  });

  test("is kept for nobody", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    expect((await typing(bob))()).toBe(202);
    const alice = await office.phone("alice", "192.0.2.10");
    await alice.register();
    await office.clock.advance(60_000);
    expect(alice.texts()).toEqual([]);
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(0);
  });

  test("does not overtake texts that wait for the device", async () => {
    const { bob, desk, pocket } = await officeWithTwoDevices();
    await bob.message("alice", "first");
    await desk.answerAll(480);
    await pocket.answerAll();
    await typing(bob);
    expect(desk.texts()).toEqual(["first"]);
    expect(pocket.texts()).toEqual(["first", "<isComposing/>"]);
  });
});

describe("somebody who is not there", () => {
  test("gets what waits in order, with the time at which it was written and none of the sender's secrets", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    for (const text of ["one", "two", "three"]) {
      const secrets = ['Proxy-Authorization: Digest username="bob"', "Route: <sip:192.0.2.1;lr>"];
      expect((await bob.message("alice", text, { headers: secrets }))()).toBe(202);
      await office.clock.advance(60_000);
    }
    const alice = await office.phone("alice", "192.0.2.10");
    await alice.register();
    expect(alice.texts()).toEqual(["one"]);
    await alice.answerAll();
    expect(alice.texts()).toEqual(["one", "two", "three"]);
    const [first] = alice.requests("MESSAGE");
    expect(first?.headers.get("date")).toBe("Mon, 05 Jan 2026 09:00:00 GMT");
    expect(first?.headers.has("proxy-authorization")).toBe(false);
    expect(first?.headers.has("route")).toBe(false);
    expect(first?.headers.count("via")).toBe(1);
  });

  test("gets what came in the moment of their registration", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    const alice = await office.phone("alice", "192.0.2.10");
    await Promise.all([alice.register(), bob.message("alice", "just now")]);
    await alice.answerAll();
    expect(alice.texts()).toEqual(["just now"]);
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(0);
  });

  test("whose connection breaks under a message gets it on the next one at once", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    const before = await office.streamPhone("alice");
    await before.register(`<sip:alice@10.0.0.1;transport=tcp>;${INSTANCE}`, { headers: ["Supported: outbound"] });
    const answer = await bob.message("alice", "hold on");
    expect(before.texts()).toEqual(["hold on"]);
    before.peer.close();
    const after = await office.streamPhone("alice");
    await after.register(`<sip:alice@10.0.0.1;transport=tcp>;${INSTANCE}`, {
      headers: ["Supported: outbound"],
      callId: "again",
    });
    await after.answerAll();
    expect([answer(), after.texts()]).toEqual([202, ["hold on"]]);
  });

  test("connects anew while another device still thinks, and has the message as soon as that one has answered", async () => {
    const { office, bob, desk } = await officeWithTwoDevices();
    const laptop = `<sip:alice@10.0.0.1;transport=tcp>;${INSTANCE}`;
    const before = await office.streamPhone("alice");
    await before.register(laptop, { headers: ["Supported: outbound"] });
    const answer = await bob.message("alice", "hold on");
    before.peer.close();
    const after = await office.streamPhone("alice");
    await after.register(laptop, { headers: ["Supported: outbound"], callId: "again" });
    expect(after.texts()).toEqual([]);
    await desk.answerAll();
    expect([answer(), after.texts()]).toEqual([200, ["hold on"]]);
  });

  test("may have so many messages waiting; the next one is refused for now", async () => {
    const office = await Office.open({ settings: { "message.quota": "2" } });
    const bob = await office.phone("bob", "192.0.2.20");
    const statuses: unknown[] = [];
    for (const text of ["one", "two", "three"]) statuses.push((await bob.message("alice", text))());
    expect(statuses).toEqual([202, 202, 480]);
  });

  test("does not get what waited too long", async () => {
    const office = await Office.open({ settings: { "message.keep-days": "1" } });
    const bob = await office.phone("bob", "192.0.2.20");
    await bob.message("alice", "yesterday's news");
    await office.clock.advance(25 * 3_600_000);
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(0);
  });

  test("is told nothing of the quota of others", async () => {
    const office = await Office.open({ settings: { "message.quota": "1" } });
    const bob = await office.phone("bob", "192.0.2.20");
    await bob.message("alice", "one");
    expect((await bob.message("carol", "two"))()).toBe(202);
  });
});

describe("a message that is repeated", () => {
  test("gets the answer that it got, whoever is there by now", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    const named = { headers: ["Hallway-Message-ID: 5fd0b9e2"] };
    expect((await bob.message("alice", "once", { ...named, callId: "first" }))()).toBe(202);
    const alice = await office.phone("alice", "192.0.2.10");
    await alice.register();
    await alice.answerAll();
    expect((await bob.message("alice", "once", { ...named, callId: "second" }))()).toBe(202);
    await alice.answerAll();
    expect(alice.texts()).toEqual(["once"]);
  });

  test("without a name of its own is known by its Call-ID, tag and number", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    for (let time = 0; time < 2; time++) await bob.message("alice", "once", { callId: "same", sequence: 1 });
    await bob.message("alice", "twice", { callId: "same", sequence: 2 });
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(2);
  });

  test("while the first is under way shares its fate", async () => {
    const { bob, desk } = await officeWithTwoDevices();
    const named = { headers: ["Hallway-Message-ID: 5fd0b9e2"] };
    const first = await bob.message("alice", "once", { ...named, callId: "first" });
    const second = await bob.message("alice", "once", { ...named, callId: "second" });
    expect(desk.texts()).toEqual(["once"]);
    await desk.answerAll();
    expect([first(), second()]).toEqual([200, 200]);
  });

  test("by somebody else is another message", async () => {
    const office = await Office.open();
    const named = { headers: ["Hallway-Message-ID: 5fd0b9e2"] };
    const bob = await office.phone("bob", "192.0.2.20");
    const carol = await office.phone("carol", "192.0.2.21");
    await bob.message("alice", "mine", named);
    await carol.message("alice", "mine too", named);
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(2);
  });

  test("after a restart of the gateway leaves under the branch that it had", async () => {
    const { office, bob, desk } = await officeWithTwoDevices();
    const named = { headers: ["Hallway-Message-ID: 5fd0b9e2"] };
    await bob.message("alice", "once", { ...named, callId: "first" });
    await office.restart();
    await bob.message("alice", "once", { ...named, callId: "second" });
    // `requests` counts by Via: two copies under one branch are one request.
    expect(desk.peer.messages.filter(({ kind }) => kind === "request").length).toBeGreaterThan(1);
    expect(desk.texts()).toEqual(["once"]);
  });
});

describe("order", () => {
  test("a message queues behind what the device has not taken yet", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    const alice = await office.phone("alice", "192.0.2.10");
    await bob.message("alice", "one");
    await alice.register();
    expect(alice.texts()).toEqual(["one"]);
    const second = await bob.message("alice", "two");
    expect([alice.texts(), second()]).toEqual([["one"], 202]);
    await alice.answerAll();
    expect(alice.texts()).toEqual(["one", "two"]);
  });

  test("what a device refuses for good does not block what is behind it", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    for (const text of ["one", "two"]) await bob.message("alice", text);
    const alice = await office.phone("alice", "192.0.2.10");
    await alice.register();
    await alice.answerAll(415);
    expect(alice.texts()).toEqual(["one", "two"]);
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(0);
  });

  test("what waits is brought after a restart to devices that are still registered", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    const alice = await office.phone("alice", "192.0.2.10");
    await alice.register(undefined, { expires: 3600 });
    await bob.message("alice", "one");
    await office.clock.advance(ANSWER_WITHIN);
    await office.restart(1_000);
    await alice.answerAll();
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(0);
  });
});

describe("who may write", () => {
  test("nobody to a person that the office does not have, nor into another domain", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    expect((await bob.message("nobody", "hello"))()).toBe(404);
    expect((await bob.message("alice", "hello", { uri: "sip:alice@elsewhere.example" }))()).toBe(403);
  });

  test("somebody who dials the gateway's address means its domain", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    expect((await bob.message("alice", "hello", { uri: "sip:Alice@192.0.2.1" }))()).toBe(202);
    expect(office.store.messages.count("sip:alice@acme.example")).toBe(1);
  });
});

test("a gateway that stops with messages under way leaves nothing behind that fails later", async () => {
  const { office, bob, desk } = await officeWithTwoDevices();
  const laptop = await office.streamPhone("carol");
  await laptop.register(`<sip:carol@10.0.0.1;transport=tcp>;${INSTANCE}`, { headers: ["Supported: outbound"] });
  await bob.message("alice", "lunch?");
  await bob.message("carol", "and you?");
  await desk.takeMessage();
  await office.clock.advance(1);
  office.stop();
  await office.clock.advance(120_000);
  expect(office.faults).toEqual([]);
});
