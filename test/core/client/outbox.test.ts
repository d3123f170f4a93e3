import { describe, expect, test } from "vitest";
import { Conversations } from "../../../core/client/conversations.ts";
import { Outbox } from "../../../core/client/outbox.ts";
import type { MessageRecord } from "../../../core/store/store.ts";
import type { SendResult } from "../../../core/user-agent/messaging.ts";
import { steadyRandom } from "../../support/seeded-random.ts";
import { BOB, CAROL, ME, Profile } from "./profile.ts";

class Fixture {
  readonly profile: Profile;
  readonly sent: MessageRecord[] = [];
  connected = true;
  answer: (message: MessageRecord) => Promise<SendResult> = async () => ({ kind: "delivered" });
  readonly outbox: Outbox;

  constructor(profile = new Profile()) {
    this.profile = profile;
    this.outbox = new Outbox({
      ...profile.shared,
      random: steadyRandom(1),
      connected: () => this.connected,
      send: (message) => (this.sent.push(message), this.answer(message)),
    });
  }

  async write(text: string, to = BOB): Promise<string> {
    const { messageId } = await this.profile.done(
      new Conversations({ ...this.profile.shared, owing: () => undefined }).write(to, text),
    );
    const record = this.profile.store.history.get(ME, messageId);
    if (record) this.outbox.add(record);
    return messageId;
  }

  get texts(): readonly string[] {
    return this.sent.map(({ text }) => text);
  }

  statusOf(messageId: string): string | undefined {
    return this.profile.store.history.get(ME, messageId)?.status;
  }
}

describe("messages to one person", () => {
  test("leave one at a time, in the order of writing", async () => {
    const fixture = new Fixture();
    const first = Promise.withResolvers<SendResult>();
    fixture.answer = () => first.promise;
    await fixture.write("one");
    await fixture.write("two");
    expect(fixture.texts).toEqual(["one"]);
    fixture.answer = async () => ({ kind: "stored" });
    first.resolve({ kind: "delivered" });
    await fixture.profile.clock.advance(50);
    expect(fixture.texts).toEqual(["one", "two"]);
    expect(fixture.profile.of("message.updated").map(({ status }) => status)).toEqual(["delivered", "stored"]);
  });

  test("do not wait for another person", async () => {
    const fixture = new Fixture();
    fixture.answer = (message) =>
      message.with === BOB ? new Promise(() => undefined) : Promise.resolve({ kind: "delivered" });
    await fixture.write("to bob");
    await fixture.write("to carol", CAROL);
    expect(fixture.texts).toEqual(["to bob", "to carol"]);
  });

  test("that nobody answers are sent again, as themselves, ever later, and the next waits", async () => {
    const fixture = new Fixture();
    fixture.answer = async () => ({ kind: "again" });
    const messageId = await fixture.write("one");
    await fixture.write("two");
    const waits: number[] = [];
    for (let round = 0; round < 8; round++) {
      const before = fixture.profile.clock.monotonic();
      const count = fixture.sent.length;
      while (fixture.sent.length === count) await fixture.profile.clock.advance(fixture.profile.clock.untilNext ?? 0);
      waits.push(Math.round((fixture.profile.clock.monotonic() - before) / 1_000));
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 120, 120]);
    expect(new Set(fixture.sent.map((message) => message.messageId))).toEqual(new Set([messageId]));
    expect(fixture.statusOf(messageId)).toBe("queued");
  });

  test("wait as long as the other side asks for", async () => {
    const fixture = new Fixture();
    fixture.answer = async () => ({ kind: "again", retryAfter: 60 });
    await fixture.write("one");
    expect(fixture.profile.clock.untilNext).toBeGreaterThan(59_000);
  });

  test("that were refused let the next one go", async () => {
    const fixture = new Fixture();
    fixture.answer = async ({ text }) =>
      text === "bad" ? { kind: "failed", code: "too-long", reason: "Too long." } : { kind: "delivered" };
    const bad = await fixture.write("bad");
    await fixture.write("good");
    await fixture.profile.clock.advance(50);
    expect(fixture.texts).toEqual(["bad", "good"]);
    expect(fixture.profile.store.history.get(ME, bad)).toMatchObject({ status: "failed", reason: "Too long." });
  });
});

describe("without a connection", () => {
  test("messages wait, and leave with it at once, however long the wait had become", async () => {
    const fixture = new Fixture();
    fixture.connected = false;
    await fixture.write("one");
    await fixture.profile.clock.advance(600_000);
    expect(fixture.sent).toHaveLength(0);
    fixture.connected = true;
    fixture.outbox.wake();
    expect(fixture.texts).toEqual(["one"]);
  });

  test("lost on the way, a message waits no longer than until the next", async () => {
    const fixture = new Fixture();
    fixture.answer = async () => ({ kind: "again" });
    await fixture.write("one");
    fixture.answer = async () => ({ kind: "delivered" });
    fixture.outbox.wake();
    await fixture.profile.clock.advance(50);
    expect(fixture.texts).toEqual(["one", "one"]);
    expect(fixture.profile.clock.pending).toBe(0);
  });
});

describe("a crash", () => {
  test("before a message left sends it after the restart", async () => {
    const before = new Fixture();
    before.connected = false;
    const messageId = await before.write("one");
    const after = new Fixture(before.profile);
    after.outbox.wake();
    await after.profile.clock.advance(50);
    expect(after.sent.map((message) => message.messageId)).toEqual([messageId]);
    expect(after.statusOf(messageId)).toBe("delivered");
  });

  test("between the answer and the disk sends it again under the same identifier", async () => {
    const before = new Fixture();
    const messageId = await before.write("one");
    before.outbox.close();
    expect(before.statusOf(messageId)).toBe("queued");
    const after = new Fixture(before.profile);
    after.outbox.wake();
    await after.profile.clock.advance(50);
    expect(after.sent.map((message) => message.messageId)).toEqual([messageId]);
  });

  test("keeps the order of what waited", async () => {
    const before = new Fixture();
    before.connected = false;
    for (const text of ["one", "two", "three"]) await before.write(text);
    const after = new Fixture(before.profile);
    after.outbox.wake();
    await after.profile.clock.advance(100);
    expect(after.texts).toEqual(["one", "two", "three"]);
  });

  test("of the disk itself is no reason to lose a message, or to send it without pause", async () => {
    const fixture = new Fixture();
    const messageId = await fixture.write("one").then((id) => id);
    await fixture.profile.clock.advance(50);
    expect(fixture.statusOf(messageId)).toBe("delivered");
    fixture.connected = false;
    await fixture.write("two");
    const durably = fixture.profile.store.durably;
    Object.assign(fixture.profile.store, { durably: () => Promise.reject(new Error("disk full")) });
    fixture.connected = true;
    fixture.outbox.wake();
    await fixture.profile.clock.advance(1_000);
    expect(fixture.texts).toEqual(["one", "two"]);
    Object.assign(fixture.profile.store, { durably });
    await fixture.profile.clock.advance(2_000);
    expect(fixture.texts).toEqual(["one", "two", "two"]);
    expect(fixture.profile.store.history.queued(ME)).toEqual([]);
  });
});

describe("a message that failed", () => {
  async function failed() {
    const fixture = new Fixture();
    fixture.answer = async () => ({ kind: "failed", code: "refused", reason: "No." });
    const messageId = await fixture.write("one");
    await fixture.profile.clock.advance(50);
    fixture.answer = async () => ({ kind: "delivered" });
    return { fixture, messageId };
  }

  test("is sent once more, as itself, when somebody says so", async () => {
    const { fixture, messageId } = await failed();
    await fixture.profile.done(fixture.outbox.retry(messageId));
    expect(fixture.sent.map((message) => message.messageId)).toEqual([messageId, messageId]);
    expect(fixture.profile.of("message.updated").map(({ status }) => status)).toEqual([
      "failed",
      "queued",
      "delivered",
    ]);
    expect(fixture.profile.store.history.get(ME, messageId)).not.toHaveProperty("reason");
  });

  test("is sent once though it was said twice", async () => {
    const { fixture, messageId } = await failed();
    fixture.answer = () => new Promise(() => undefined);
    await fixture.profile.done(Promise.all([fixture.outbox.retry(messageId), fixture.outbox.retry(messageId)]));
    fixture.outbox.wake();
    expect(fixture.sent).toHaveLength(2);
  });

  test("and another that did not, or is not there, are told apart", async () => {
    const { fixture, messageId } = await failed();
    await fixture.profile.done(fixture.outbox.retry(messageId));
    await expect(fixture.outbox.retry(messageId)).rejects.toMatchObject({ code: "not-failed" });
    await expect(fixture.outbox.retry("x")).rejects.toMatchObject({ code: "no-such-message" });
  });
});
