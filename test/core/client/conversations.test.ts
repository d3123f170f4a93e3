import { describe, expect, test } from "vitest";
import { Conversations } from "../../../core/client/conversations.ts";
import type { IncomingText } from "../../../core/user-agent/incoming-message.ts";
import { BOB, ME, Profile } from "./profile.ts";

function conversationsOn(profile = new Profile()) {
  return { profile, conversations: new Conversations({ ...profile.shared, owing: () => undefined }) };
}

const INCOMING: IncomingText = {
  kind: "text",
  from: `sip:${BOB}`,
  text: "hi",
  key: "k1",
  sentAt: Date.UTC(2026, 0, 5, 8),
  wants: [],
};

describe("a message of ours", () => {
  test("is told when it is on disk, and takes the draft's place", async () => {
    const { profile, conversations } = conversationsOn();
    await profile.done(conversations.draft(BOB, "alm"));
    const writing = conversations.write(BOB, "almost");
    await profile.clock.advance(4);
    expect(profile.of("message.added")).toEqual([]);
    const message = await profile.done(writing);
    expect(message).toMatchObject({ with: BOB, from: ME, text: "almost", outgoing: true, status: "queued" });
    expect(profile.store.history.queued(ME)).toHaveLength(1);
    expect(profile.of("message.added")).toEqual([message]);
    expect(profile.of("conversation.changed").at(-1)).toEqual({
      account: ME,
      with: BOB,
      unread: 0,
      lastAt: "2026-01-05T09:00:00.050Z",
      lastText: "almost",
    });
  });
});

describe("a message that comes in", () => {
  test("is told once, when it is on disk, with the time of its writing", async () => {
    const { profile, conversations } = conversationsOn();
    const receiving = conversations.receive(INCOMING);
    expect(profile.told).toEqual([]);
    await profile.done(receiving);
    await profile.done(conversations.receive(INCOMING));
    expect(profile.of("message.received")).toMatchObject([
      { with: BOB, from: BOB, text: "hi", outgoing: false, sentAt: "2026-01-05T08:00:00.000Z" },
    ]);
    expect(conversations.list()).toMatchObject([{ with: BOB, unread: 1 }]);
  });

  test("is known again after a restart", async () => {
    const { profile, conversations } = conversationsOn();
    await profile.done(conversations.receive(INCOMING));
    await profile.done(conversationsOn(profile).conversations.receive(INCOMING));
    expect(profile.of("message.received")).toHaveLength(1);
  });

  test("that cannot be stored fails, so that it is not acknowledged", async () => {
    const { profile, conversations } = conversationsOn();
    profile.store.close();
    await expect(profile.done(conversations.receive(INCOMING))).rejects.toThrow();
    expect(profile.told).toEqual([]);
  });

  test("is read when somebody says so", async () => {
    const { profile, conversations } = conversationsOn();
    await profile.done(conversations.receive(INCOMING));
    await profile.done(conversations.read(BOB));
    expect(profile.of("conversation.changed").at(-1)?.unread).toBe(0);
  });
});

test("a list of conversations shows the beginning of long texts", async () => {
  const { profile, conversations } = conversationsOn();
  await profile.done(conversations.write(BOB, "x".repeat(1_000)));
  expect(conversations.list()[0]?.lastText).toHaveLength(200);
});

test("pages are read by places that exist", async () => {
  const { profile, conversations } = conversationsOn();
  for (const text of ["one", "two", "three"]) await profile.done(conversations.write(BOB, text));
  const page = conversations.page(BOB, undefined, "older", 2);
  expect(page.items.map(({ text }) => text)).toEqual(["two", "three"]);
  expect(conversations.page(BOB, page.older, "older", 2).items.map(({ text }) => text)).toEqual(["one"]);
  for (const cursor of ["x", "", "-1", "1; DROP TABLE"])
    expect(() => conversations.page(BOB, cursor, "older", 2)).toThrow(expect.objectContaining({ code: "bad-cursor" }));
});
