import { expect, test } from "vitest";
import { LogLevels } from "../../../core/platform/log-levels.ts";
import { ManualClock } from "../../support/manual-clock.ts";

test("a component says more for a while, and then what it said before", async () => {
  const clock = new ManualClock();
  const levels = new LogLevels(clock, "info");
  levels.set("sip", "debug", 600_000);
  expect([levels.allows("sip", "debug"), levels.allows("presence", "debug")]).toEqual([true, false]);
  expect(levels.current).toEqual([
    { component: "all", level: "info" },
    { component: "sip", level: "debug", until: clock.now() + 600_000 },
  ]);
  await clock.advance(599_999);
  expect(levels.allows("sip", "debug")).toBe(true);
  await clock.advance(1);
  expect(levels.allows("sip", "debug")).toBe(false);
});

test("a later change takes the place of the earlier one, whose end no longer counts", async () => {
  const clock = new ManualClock();
  const levels = new LogLevels(clock, "info");
  levels.set("sip", "debug", 1_000);
  levels.set("sip", "warn");
  await clock.advance(2_000);
  expect([levels.allows("sip", "info"), levels.allows("sip", "warn"), clock.pending]).toEqual([false, true, 0]);
});

test("what is said of all holds for components without a level of their own", () => {
  const levels = new LogLevels(new ManualClock(), "info");
  levels.set("all", "silent");
  levels.set("sip", "error");
  expect([levels.allows(undefined, "error"), levels.allows("sip", "error")]).toEqual([false, true]);
});
