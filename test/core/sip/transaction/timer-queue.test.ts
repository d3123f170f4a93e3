import { expect, test } from "vitest";
import type { TimerName } from "../../../../core/sip/transaction/step.ts";
import type { TimerOwner } from "../../../../core/sip/transaction/timer-queue.ts";
import { TimerQueue } from "../../../../core/sip/transaction/timer-queue.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

function queue() {
  const clock = new ManualClock();
  const fired: string[] = [];
  const owner = (name: string): TimerOwner => ({
    fire: (timer) => void fired.push(`${name}${timer} ${clock.monotonic()}`),
  });
  return { clock, fired, owner, timers: new TimerQueue(clock) };
}

test("timers of different lengths fire in the order in which they are due", async () => {
  const { clock, fired, owner, timers } = queue();
  timers.set(owner("a"), "F", 300);
  timers.set(owner("b"), "E", 100);
  await clock.advance(50);
  timers.set(owner("c"), "E", 100);
  timers.set(owner("d"), "K", 20);
  await clock.advance(1_000);
  expect(fired).toEqual(["dK 70", "bE 100", "cE 150", "aF 300"]);
  expect(clock.pending).toBe(0);
});

test("all of them take one timer of the clock, and none when nothing runs", async () => {
  const { clock, owner, timers } = queue();
  const all = Array.from({ length: 100 }, (_, count) => timers.set(owner("x"), "J", 10 * (count % 7) + 5));
  expect(clock.pending).toBe(1);
  for (const timer of all) timers.cancel(timer);
  expect(clock.pending).toBe(0);
});

test("a cancelled timer stays quiet, wherever in its list it stood", async () => {
  const { clock, fired, owner, timers } = queue();
  const names: TimerName[] = ["A", "B", "D", "E"];
  const [first, , third, last] = names.map((name) => timers.set(owner(""), name, 100));
  for (const timer of [first, last, third, first]) if (timer) timers.cancel(timer);
  timers.set(owner(""), "F", 100);
  await clock.advance(100);
  expect(fired).toEqual(["B 100", "F 100"]);
});

test("a timer that is set while others fire is not lost", async () => {
  const { clock, fired, owner, timers } = queue();
  timers.set({ fire: () => void timers.set(owner("again"), "E", 10) }, "E", 10);
  timers.set(owner("long"), "F", 500);
  await clock.advance(500);
  expect(fired).toEqual(["againE 20", "longF 500"]);
});

test("after the machine slept each overdue timer fires once, in order", async () => {
  const { clock, fired, owner, timers } = queue();
  timers.set(owner("late"), "F", 32_000);
  timers.set(owner("early"), "E", 500);
  await clock.sleep(3 * 3_600_000);
  expect(fired).toEqual(["earlyE 10800000", "lateF 10800000"]);
});
