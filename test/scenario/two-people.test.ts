/**
 * Two people of one office at their own clients, over TLS with the office's fingerprint as trust.
 *
 *     alice            gateway            bob
 *       |--REGISTER------>|<------REGISTER--|
 *       |--PUBLISH------->|<-------PUBLISH--|
 *       |--SUBSCRIBE bob->|                 |
 *       |<---NOTIFY-------|                 |
 *       |                 |<--PUBLISH away--|
 *       |<---NOTIFY-------|                 |
 *       |--MESSAGE------->|-----MESSAGE---->|
 *       |                 |<----200---------|
 *       |<---200----------|                 |
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CommandArgs, PrivacyRule } from "../../core/bridge/contract.ts";
import { ClientProcess } from "../support/client-process.ts";
import { freePort } from "../support/free-ports.ts";
import { GatewayProcess, passwordOf } from "../support/gateway-process.ts";

/** What the product promises: milliseconds from one person's click to another person's screen. */
const PROMISE = 1_000;

interface Office {
  readonly gateway: GatewayProcess;
  readonly alice: ClientProcess;
  readonly bob: ClientProcess;
}

/** Alice and Bob, signed in, each in the other's list and seen as available. */
async function officeOfTwo(): Promise<Office> {
  const gateway = await GatewayProcess.start({ people: ["alice", "bob"] });
  const [alice, bob] = await Promise.all([
    ClientProcess.signedIn("alice", gateway),
    ClientProcess.signedIn("bob", gateway),
  ]);
  await alice.do("contact.add", { address: bob.address });
  await bob.do("contact.add", { address: alice.address });
  await Promise.all([alice.sees("bob", "available"), bob.sees("alice", "available")]);
  return { gateway, alice, bob };
}

describe("presence", () => {
  test("a change with its note is seen within a second", async () => {
    const { alice, bob } = await officeOfTwo();
    const took: number[] = [];
    for (const state of ["busy", "away", "in-a-meeting", "on-the-phone", "do-not-disturb", "be-right-back"] as const) {
      const start = performance.now();
      await bob.do("presence.set", { state, note: `now ${state}` });
      const { note } = await alice.sees("bob", state);
      took.push(Math.round(performance.now() - start));
      expect(note).toBe(`now ${state}`);
    }
    console.info(`a presence change took ${took.join(", ")} ms`);
    expect(Math.max(...took)).toBeLessThan(PROMISE);
    await bob.do("presence.set", { state: "available" });
    expect(await alice.sees("bob", "available")).not.toHaveProperty("note");
  });

  test("the end of a state is told with it and comes by itself", async () => {
    const { alice, bob } = await officeOfTwo();
    const until = new Date(Date.now() + 1_500).toISOString();
    await bob.do("presence.set", { state: "in-a-meeting", until });
    expect(await alice.sees("bob", "in-a-meeting")).toMatchObject({ until });
    await alice.sees("bob", "available");
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
  });

  test("signing in, changing and signing out is seen as exactly that", async () => {
    const { gateway, alice, bob } = await officeOfTwo();
    await bob.do("presence.set", { state: "away" });
    await alice.sees("bob", "away");
    await bob.do("account.signOut", {});
    await alice.sees("bob", "offline");
    await bob.signIn(gateway);
    await alice.sees("bob", "away");
    await bob.do("presence.set", { state: "available" });
    await alice.sees("bob", "available");
    await bob.stop();
    await alice.sees("bob", "offline");
    expect(alice.statesOf("bob")).toEqual(["available", "away", "offline", "away", "available", "offline"]);
  });

  test("whoever signs in invisible is never seen as available, not for an instant", async () => {
    const { gateway, alice, bob } = await officeOfTwo();
    await bob.do("presence.set", { state: "invisible" });
    await alice.sees("bob", "offline");
    await bob.do("account.signOut", {});
    await bob.signIn(gateway);
    await bob.stop();
    bob.restart();
    // A message is there and back after everything that the sign-in told.
    await bob.do("message.send", { to: alice.address, text: "I am here, do not tell" });
    await alice.until("message.received", ({ text }) => text.startsWith("I am here"));
    await bob.do("presence.set", { state: "busy" });
    await alice.sees("bob", "busy");
    expect(alice.statesOf("bob")).toEqual(["available", "offline", "busy"]);
  });

  test("a client that dies is seen as lost, and as what it was when it comes back", async () => {
    const { alice, bob } = await officeOfTwo();
    await bob.do("presence.set", { state: "busy" });
    await alice.sees("bob", "busy");
    await bob.kill();
    await alice.sees("bob", "connection-lost");
    bob.restart();
    await alice.sees("bob", "busy");
    expect(alice.statesOf("bob")).toEqual(["available", "busy", "connection-lost", "busy"]);
  });
});

/**
 *   alice                 gateway                    bob
 *     | typing: active ----->|------------------------>| "alice is writing"
 *     | MESSAGE ------------>|------------------------>| stored, shown
 *     |<---------------------|<------ IMDN: delivered  |
 *     |<---------------------|<------ IMDN: displayed  | when the conversation was read
 */
describe("receipts and typing", () => {
  const updates = (client: ClientProcess, messageId: string) =>
    client
      .heard("message.updated")
      .filter((update) => update.messageId === messageId)
      .map(({ status }) => status);

  test("tell the writer that a message that waited has arrived and was read", async () => {
    const { alice, bob } = await officeOfTwo();
    await bob.kill();
    await alice.sees("bob", "connection-lost");
    const { messageId } = await alice.do("message.send", { to: bob.address, text: "for later" });
    await alice.until("message.updated", ({ status }) => status === "stored");
    bob.restart();
    await alice.until("message.updated", ({ status }) => status === "delivered");
    expect(updates(alice, messageId)).toEqual(["stored", "delivered"]);
    await bob.do("conversation.read", { with: alice.address });
    await alice.until("message.updated", ({ status }) => status === "displayed");
    expect(await alice.history("bob")).toMatchObject([{ messageId, status: "displayed" }]);
  });

  test("go to nobody from whom one hides", async () => {
    const { alice, bob } = await officeOfTwo();
    await bob.do("privacy.set", { address: alice.address, rule: "appear-offline" });
    await alice.sees("bob", "offline");
    const { messageId } = await alice.do("message.send", { to: bob.address, text: "are you there?" });
    await bob.until("message.received", ({ text }) => text === "are you there?");
    await bob.do("message.typing", { to: alice.address, active: true });
    await bob.do("conversation.read", { with: alice.address });
    await bob.do("privacy.set", { address: alice.address, rule: "allow" });
    await alice.sees("bob", "available");
    await bob.do("message.send", { to: alice.address, text: "now I am" });
    await alice.until("message.received", ({ text }) => text === "now I am");
    expect(updates(alice, messageId)).toEqual(["stored"]);
    expect(alice.heard("typing.changed")).toEqual([]);
  });

  test("show that somebody writes, until they have written", async () => {
    const { alice, bob } = await officeOfTwo();
    await alice.sees("bob", "available");
    await bob.sees("alice", "available");
    await alice.do("message.typing", { to: bob.address, active: true });
    await bob.until("typing.changed", ({ address, active }) => address === alice.address && active);
    await alice.do("message.send", { to: bob.address, text: "written" });
    await bob.until("typing.changed", ({ active }) => !active);
    expect(bob.heard("typing.changed").map(({ active }) => active)).toEqual([true, false]);
  });
});

describe("messages", () => {
  test("go both ways, with every sign people write, in their order", async () => {
    const { alice, bob } = await officeOfTwo();
    const texts = ["Grüße aus Köln", "日本語 🙂", "two\nlines", "<b>&amp;</b>", "  spaces  "];
    for (const text of texts) {
      await alice.do("message.send", { to: bob.address, text });
      await bob.do("message.send", { to: alice.address, text: `re: ${text}` });
    }
    await alice.until("message.received", ({ text }) => text === `re: ${texts.at(-1)}`);
    await bob.until("message.received", ({ text }) => text === texts.at(-1));
    expect(bob.heard("message.received").map(({ text }) => text)).toEqual(texts);
    expect(alice.heard("message.received").map(({ text }) => text)).toEqual(texts.map((text) => `re: ${text}`));
    const last = await alice.do("message.send", { to: bob.address, text: "done" });
    await alice.until(
      "message.updated",
      ({ messageId, status }) => messageId === last.messageId && status === "delivered",
    );
    expect((await alice.history("bob")).filter(({ outgoing }) => outgoing).map(({ status }) => status)).toEqual(
      Array.from({ length: texts.length + 1 }, () => "delivered"),
    );
  });

  test("to somebody who is not there wait, and arrive when they come", async () => {
    const { gateway, alice, bob } = await officeOfTwo();
    await bob.do("account.signOut", {});
    await alice.sees("bob", "offline");
    for (const text of ["one", "two", "three"]) {
      const { messageId } = await alice.do("message.send", { to: bob.address, text });
      await alice.until("message.updated", (update) => update.messageId === messageId && update.status === "stored");
    }
    await bob.signIn(gateway);
    await bob.until("message.received", ({ text }) => text === "three");
    expect(bob.heard("message.received").map(({ text }) => text)).toEqual(["one", "two", "three"]);
  });

  test("written without a connection leave when it is back", async () => {
    const { gateway, alice, bob } = await officeOfTwo();
    await gateway.stop();
    await alice.until("registration.changed", ({ state }) => state === "failed");
    await alice.do("message.send", { to: bob.address, text: "written in the dark" });
    await gateway.restart();
    await bob.until("message.received", ({ text }) => text === "written in the dark");
  });

  test("to an address that the office does not have fail with a sentence", async () => {
    const { alice } = await officeOfTwo();
    const { messageId } = await alice.do("message.send", { to: "nobody@acme.example", text: "hello?" });
    const failed = await alice.until("message.updated", (update) => update.messageId === messageId);
    expect(failed).toMatchObject({ status: "failed", reason: expect.stringMatching(/no such address.*\.$/) });
  });
});

describe("privacy", () => {
  test("ask, answer, and take back", async () => {
    const { alice, bob } = await officeOfTwo();
    const rule = (rule: PrivacyRule): Promise<null> => bob.do("privacy.set", { address: alice.address, rule });
    await rule("ask");
    await alice.sees("bob", "pending");
    await bob.until("watcher.pending", ({ address }) => address === alice.address);
    expect(await bob.do("watcher.list", {})).toMatchObject([{ address: alice.address, status: "pending" }]);
    await rule("allow");
    await alice.sees("bob", "available");
    await bob.do("presence.set", { state: "busy", note: "not to be bothered" });
    await alice.sees("bob", "busy");
    await rule("basic");
    expect(await alice.sees("bob", "available")).not.toHaveProperty("note");
    await rule("block");
    await alice.sees("bob", "unreachable");
    const refused = await alice.do("message.send", { to: bob.address, text: "please" });
    await alice.until(
      "message.updated",
      ({ messageId, status }) => messageId === refused.messageId && status === "failed",
    );
    await rule("allow");
    await bob.do("message.send", { to: alice.address, text: "again" });
    await alice.until("message.received", ({ text }) => text === "again");
    expect(bob.heard("message.received")).toEqual([]);
  });

  test("somebody new asks a person who wants to be asked", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice", "bob"] });
    const bob = await ClientProcess.signedIn("bob", gateway);
    await bob.do("privacy.set", { address: "*", rule: "ask" });
    const alice = await ClientProcess.signedIn("alice", gateway, { contacts: ["bob"] });
    await bob.until("watcher.pending", ({ address }) => address === alice.address);
    await alice.sees("bob", "pending");
    await bob.do("privacy.set", { address: alice.address, rule: "allow" });
    await alice.sees("bob", "available");
    expect(alice.statesOf("bob")).toEqual(["pending", "available"]);
  });

  test("whoever appears offline cannot be told from somebody who is", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice", "bob", "carol"] });
    const bob = await ClientProcess.signedIn("bob", gateway);
    await bob.do("privacy.set", { address: "alice@acme.example", rule: "appear-offline" });
    await bob.do("presence.set", { state: "busy", note: "secret" });
    const alice = await ClientProcess.signedIn("alice", gateway, { contacts: ["bob", "carol"] });
    const appears = await alice.sees("bob", "offline");
    const is = await alice.sees("carol", "offline");
    expect({ ...appears, address: "", since: "" }).toEqual({ ...is, address: "", since: "" });
    for (const { address } of [appears, is]) {
      const { messageId } = await alice.do("message.send", { to: address, text: "hello" });
      const update = await alice.until("message.updated", (one) => one.messageId === messageId);
      expect(update).toMatchObject({ status: "stored" });
      expect(update).not.toHaveProperty("reason");
    }
    await bob.until("message.received", ({ text }) => text === "hello");
    expect(alice.statesOf("bob")).toEqual(["offline"]);
  });
});

test("everything is there after a restart of everything", async () => {
  const { gateway, alice, bob } = await officeOfTwo();
  await alice.do("contact.update", { address: bob.address, name: "Robert", groups: ["Sales"], favourite: true });
  await alice.do("privacy.set", { address: bob.address, rule: "basic" });
  await alice.do("presence.set", { state: "in-a-meeting", note: "Room 5" });
  await bob.sees("alice", "available");
  await alice.do("message.send", { to: bob.address, text: "remember me" });
  await bob.until("message.received", ({ text }) => text === "remember me");
  await alice.until("message.updated", ({ status }) => status === "delivered");
  const before = await alice.do("session.open", {});
  const history = await alice.history("bob");

  await Promise.all([alice.stop(), bob.stop()]);
  await gateway.stop();
  await gateway.restart();
  const seen = alice.events.length;
  alice.restart();
  bob.restart();
  await alice.sees("bob", "available");
  await bob.until("presence.own", ({ published }) => published);

  const { snapshot } = await alice.do("session.open", {});
  expect(await alice.history("bob")).toEqual(history);
  expect(snapshot.contacts).toEqual(before.snapshot.contacts);
  expect(snapshot.rules).toEqual(before.snapshot.rules);
  expect(snapshot.conversations).toEqual(before.snapshot.conversations);
  expect(snapshot.own).toMatchObject([{ state: "in-a-meeting", note: "Room 5" }]);
  expect(alice.events.slice(seen).filter(({ event }) => event === "message.received")).toEqual([]);
  // The rule still holds at the gateway: bob learns that alice is there and nothing more.
  expect(await bob.sees("alice", "available")).not.toHaveProperty("note");
});

describe("signing in is refused", () => {
  type Wish = (gateway: GatewayProcess) => Partial<CommandArgs["account.signIn"]>;
  async function refusal(wish: Wish) {
    const gateway = await GatewayProcess.start({ people: ["alice"] });
    const alice = ClientProcess.start("alice");
    const answer = await alice.call("account.signIn", {
      address: alice.address,
      password: passwordOf("alice"),
      server: gateway.server(),
      ...wish(gateway),
    });
    expect(await alice.do("account.list", {})).toEqual([]);
    return { gateway, answer };
  }
  const refused = (code: string, sentence: RegExp) => ({ ok: false, code, message: expect.stringMatching(sentence) });

  test("with a wrong password", async () => {
    const { answer } = await refusal(({ fingerprint: trust }) => ({ trust, password: "not this one" }));
    expect(answer).toMatchObject(refused("wrong-password", /refuses the password\. Type it again.*\.$/));
  });

  test("with an address that is nobody's: the office does not tell strangers whom it has", async () => {
    const { answer } = await refusal(({ fingerprint: trust }) => ({ trust, address: "mallory@acme.example" }));
    expect(answer).toMatchObject(refused("wrong-password", /\.$/));
  });

  test("at a server that nobody vouches for, with the fingerprint to compare", async () => {
    const { gateway, answer } = await refusal(() => ({}));
    expect(answer).toMatchObject({
      ...refused("certificate-not-trusted", /Compare the fingerprint with your administrator.*\.$/),
      details: { fingerprint: gateway.fingerprint },
    });
  });

  // An empty trust is no trust, yet it is reported as one that was broken.
  test("the same when the field for the fingerprint was left empty", async () => {
    const { answer } = await refusal(() => ({ trust: "" }));
    expect(answer).toMatchObject({ code: "certificate-not-trusted" });
  });

  test("at a server with another authority than the trusted one", async () => {
    const { answer } = await refusal(() => ({ trust: `sha256:${"0".repeat(64)}` }));
    expect(answer).toMatchObject(refused("certificate-changed", /another authority.*Nothing was sent\..*\.$/));
  });

  test("where no server is", async () => {
    const server = `tls:127.0.0.1:${await freePort()}`;
    const { answer } = await refusal(({ fingerprint: trust }) => ({ trust, server }));
    expect(answer).toMatchObject(refused("server-unreachable", /cannot be reached.*\.$/));
  });
});

test("a certificate that changes under a signed-in client ends the trust", async () => {
  const { gateway, alice } = await officeOfTwo();
  await gateway.stop();
  for (const file of ["authority.key", "authority.pem", "server.key", "server.pem"]) rmSync(join(gateway.folder, file));
  await gateway.restart();
  const { code, reason } = await alice.until(
    "registration.changed",
    (change) => change.state === "failed" && change.code !== "server-unreachable",
  );
  expect(code).toBe("certificate-changed");
  expect(reason).toMatch(/Nothing was sent\./);
});
