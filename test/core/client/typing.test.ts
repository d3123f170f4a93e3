/** Typing notices on a clock that the test moves. */
import { describe, expect, test } from "vitest";
import { IDLE_AFTER, Typing } from "../../../core/client/typing.ts";
import type { SendResult } from "../../../core/user-agent/messaging.ts";
import { BOB, CAROL, Profile } from "./profile.ts";

class Fixture {
  readonly profile = new Profile();
  readonly sent: string[] = [];
  mayTell = true;
  answer: SendResult = { kind: "delivered" };
  readonly typing = new Typing({
    ...this.profile.shared,
    mayTell: () => this.mayTell,
    send: async ({ to, active }) => (this.sent.push(`${to} ${active ? "active" : "idle"}`), this.answer),
  });

  /** A key every second. */
  async typeFor(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.typing.typed(BOB, true);
      await this.profile.clock.advance(1_000);
    }
  }

  get changes(): readonly string[] {
    return this.profile.of("typing.changed").map(({ address, active }) => `${address} ${active ? "writes" : "rests"}`);
  }
}

describe("what others are told of us", () => {
  test("once when we begin, again after a minute, and at rest after 15 seconds", async () => {
    const fixture = new Fixture();
    await fixture.typeFor(59);
    expect(fixture.sent).toEqual([`sip:${BOB} active`]);
    await fixture.typeFor(3);
    expect(fixture.sent).toEqual([`sip:${BOB} active`, `sip:${BOB} active`]);
    await fixture.profile.clock.advance(IDLE_AFTER - 1_001);
    expect(fixture.sent).toHaveLength(2);
    await fixture.profile.clock.advance(1);
    expect(fixture.sent.at(-1)).toBe(`sip:${BOB} idle`);
    await fixture.profile.clock.advance(600_000);
    expect(fixture.sent).toHaveLength(3);
  });

  test("nothing more when the text was sent, for that says it", async () => {
    const fixture = new Fixture();
    await fixture.typeFor(2);
    fixture.typing.sent(BOB);
    await fixture.profile.clock.advance(600_000);
    expect(fixture.sent).toEqual([`sip:${BOB} active`]);
  });

  test("at rest when the text was cleared", async () => {
    const fixture = new Fixture();
    await fixture.typeFor(2);
    fixture.typing.typed(BOB, false);
    expect(fixture.sent).toEqual([`sip:${BOB} active`, `sip:${BOB} idle`]);
  });

  test("nothing to whom it may not be told, and it begins when it may", async () => {
    const fixture = new Fixture();
    fixture.mayTell = false;
    await fixture.typeFor(3);
    expect(fixture.sent).toEqual([]);
    fixture.mayTell = true;
    await fixture.typeFor(1);
    expect(fixture.sent).toEqual([`sip:${BOB} active`]);
  });

  test("nothing any more when their program does not know such notices", async () => {
    const fixture = new Fixture();
    fixture.answer = { kind: "failed", code: "not-understood", reason: "" };
    await fixture.typeFor(200);
    expect(fixture.sent).toEqual([`sip:${BOB} active`]);
  });
});

describe("what we are told of others", () => {
  const heard = (fixture: Fixture, active: boolean, refresh = 120, from = BOB): void =>
    fixture.typing.heard({ kind: "typing", from: `sip:${from}`, active, refresh });

  test("is told once, and ends when they say so", () => {
    const fixture = new Fixture();
    heard(fixture, true);
    heard(fixture, true);
    heard(fixture, false);
    heard(fixture, false);
    expect(fixture.changes).toEqual([`${BOB} writes`, `${BOB} rests`]);
  });

  test("ends by itself when it is not said again in time", async () => {
    const fixture = new Fixture();
    heard(fixture, true, 60);
    await fixture.profile.clock.advance(59_999);
    expect(fixture.changes).toEqual([`${BOB} writes`]);
    await fixture.profile.clock.advance(1);
    expect(fixture.changes).toEqual([`${BOB} writes`, `${BOB} rests`]);
  });

  test("goes on when it is said again", async () => {
    const fixture = new Fixture();
    heard(fixture, true, 60);
    await fixture.profile.clock.advance(50_000);
    heard(fixture, true, 60);
    await fixture.profile.clock.advance(50_000);
    expect(fixture.changes).toEqual([`${BOB} writes`]);
  });

  test("is not believed for days, whatever they say", async () => {
    const fixture = new Fixture();
    heard(fixture, true, 4_000_000_000);
    await fixture.profile.clock.advance(300_000);
    expect(fixture.changes.at(-1)).toBe(`${BOB} rests`);
  });

  test("ends with their text, for them alone", () => {
    const fixture = new Fixture();
    heard(fixture, true);
    heard(fixture, true, 120, CAROL);
    fixture.typing.over(BOB);
    expect(fixture.changes).toEqual([`${BOB} writes`, `${CAROL} writes`, `${BOB} rests`]);
  });

  test("cannot make us follow thousands", () => {
    const fixture = new Fixture();
    for (let n = 0; n < 1_000; n++) heard(fixture, true, 120, `n${n}@office.example`);
    expect(fixture.changes).toHaveLength(200);
  });
});
