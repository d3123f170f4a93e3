import { describe, expect, test } from "vitest";
import { KnownPresence, OwnState } from "../../../core/client/presence.ts";
import { formatPidf, parsePidf } from "../../../core/payload/pidf.ts";
import { pidfToState, stateToPidf } from "../../../core/payload/presence-state.ts";
import type { ProfileAccount } from "../../../core/store/store.ts";
import { BOB, ME, Profile } from "./profile.ts";

const HOUR = 3_600_000;

describe("what is known of others", () => {
  function known() {
    const profile = new Profile();
    return { profile, presence: new KnownPresence(ME, profile.clock, profile.events) };
  }

  function active(state: "available" | "busy", since?: number) {
    const document = stateToPidf({ entity: `sip:${BOB}`, tupleId: "d", state, ...(since !== undefined && { since }) });
    return { state: "active", contentType: "application/pidf+xml", body: Buffer.from(formatPidf(document)) };
  }

  test("is told when it is new, and not again", () => {
    const { profile, presence } = known();
    const since = profile.clock.now() - HOUR;
    presence.learn(BOB, active("busy", since));
    presence.learn(BOB, active("busy", since));
    expect(profile.of("presence.changed")).toMatchObject([
      { account: ME, address: BOB, state: "busy", since: "2026-01-05T08:00:00.000Z", source: "published" },
    ]);
  });

  test("has the age of its first sight where the other side says nothing", async () => {
    const { profile, presence } = known();
    presence.learn(BOB, { state: "pending", body: Buffer.alloc(0) });
    await profile.clock.advance(HOUR);
    presence.learn(BOB, { state: "pending", body: Buffer.alloc(0) });
    expect(presence.get(BOB)).toMatchObject({ state: "pending", since: "2026-01-05T09:00:00.000Z" });
  });

  // The payload ignores an activity whose beginning is to come, and a clock that is behind makes it so.
  test("is right although our clock is a few seconds behind the other side's", () => {
    const { profile, presence } = known();
    presence.learn(BOB, active("busy", profile.clock.now() + 5_000));
    expect(presence.get(BOB)?.state).toBe("busy");
  });

  test.each([
    ["rejected", "unreachable"],
    ["no-such-resource", "unknown-address"],
    ["not-supported", "unreachable"],
    ["unreachable", "unreachable"],
  ] as const)("is nothing because of %s: %s, with a sentence", (meaning, state) => {
    const { presence } = known();
    presence.learn(BOB, { meaning });
    expect(presence.get(BOB)).toMatchObject({ state, source: "none", reason: expect.stringMatching(/\.$/) });
  });

  test("stays while the subscription is only asked for again", () => {
    const { presence } = known();
    presence.learn(BOB, active("available"));
    presence.learn(BOB, { meaning: "again", delay: 0 });
    presence.learn(BOB, { state: "terminated", body: Buffer.alloc(0) });
    expect(presence.get(BOB)?.state).toBe("available");
  });

  test("is nothing when what came cannot be read", () => {
    const { presence } = known();
    presence.learn(BOB, { state: "active", contentType: "application/pidf+xml", body: Buffer.from("<oops") });
    expect(presence.get(BOB)?.state).toBe("unreachable");
    presence.forget(BOB);
    expect(presence.list()).toEqual([]);
  });
});

describe("our own state", () => {
  function ownState(account: Partial<ProfileAccount> = {}, profile = new Profile()) {
    const saved: ProfileAccount[] = [];
    const published: string[] = [];
    const own = new OwnState(
      {
        clock: profile.clock,
        events: profile.events,
        device: "desk",
        save: async (record) => void saved.push(record),
        publish: (document) => void published.push(document),
      },
      { account: ME, signedIn: true, state: "available", ...account },
    );
    return { profile, own, saved, published };
  }

  function told(document: string | undefined) {
    const parsed = parsePidf(document ?? "");
    return parsed.ok ? pidfToState(parsed.value, Date.UTC(2026, 0, 5, 12)) : undefined;
  }

  test("is on disk before it is told, and held only when the server says so", async () => {
    const { profile, own, saved, published } = ownState();
    const since = profile.clock.now();
    const setting = own.set("busy", "Writing", undefined);
    expect([saved.length, published.length]).toEqual([1, 0]);
    await setting;
    expect(saved[0]).toMatchObject({ state: "busy", note: "Writing", since });
    expect(told(published[0])).toMatchObject({ state: "busy", note: "Writing", since });
    expect(own.current.published).toBe(false);
    own.confirm(true);
    own.confirm(true);
    expect(profile.of("presence.own").map((one) => one.published)).toEqual([false, true]);
  });

  test("keeps its age through a restart, and through another note", async () => {
    const since = Date.UTC(2026, 0, 5, 6);
    const { own, saved, published } = ownState({ state: "away", since });
    own.publish();
    expect(told(published[0])?.since).toBe(since);
    await own.set("away", "Back at noon", undefined);
    expect(saved.at(-1)?.since).toBe(since);
    await own.set("busy", undefined, undefined);
    expect(saved.at(-1)?.since).toBeGreaterThan(since);
    expect(saved.at(-1)).not.toHaveProperty("note");
  });

  test("ends at its time and is available then", async () => {
    const { profile, own } = ownState();
    await own.set("in-a-meeting", "Room 4", profile.clock.now() + HOUR);
    await profile.clock.advance(HOUR - 1);
    expect(own.current.state).toBe("in-a-meeting");
    await profile.clock.advance(1);
    expect(own.current).toEqual({ account: ME, state: "available", published: false });
  });

  test("whose time was over at the start has ended", async () => {
    const { profile, own, saved } = ownState({ state: "in-a-meeting", until: Date.UTC(2026, 0, 5, 8) });
    await profile.clock.advance(0);
    expect(own.current.state).toBe("available");
    expect(saved).toHaveLength(1);
  });

  test("whose end passed while the machine slept ends when it wakes", async () => {
    const { profile, own } = ownState();
    await own.set("away", undefined, profile.clock.now() + HOUR);
    profile.clock.jump(2 * HOUR);
    expect(own.current.state).toBe("away");
    own.judge();
    await profile.clock.advance(0);
    expect(own.current.state).toBe("available");
  });

  test("that is chosen anew forgets the end of the one before", async () => {
    const { profile, own } = ownState();
    await own.set("away", undefined, profile.clock.now() + HOUR);
    await own.set("busy", undefined, undefined);
    await profile.clock.advance(2 * HOUR);
    expect(own.current.state).toBe("busy");
    own.close();
    expect(profile.clock.pending).toBe(0);
  });
});
