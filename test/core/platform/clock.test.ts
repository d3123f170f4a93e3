import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isoTime, systemClock } from "../../../core/platform/clock.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("the machine's clock", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("waits longer than Node's timers can", () => {
    let fired = 0;
    systemClock().after(30 * 86_400_000, () => fired++);
    vi.advanceTimersByTime(30 * 86_400_000 - 1);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });

  test("takes back a timer in any of its pieces", () => {
    let fired = 0;
    const timer = systemClock().after(30 * 86_400_000, () => fired++);
    vi.advanceTimersByTime(28 * 86_400_000);
    timer.cancel();
    vi.advanceTimersByTime(28 * 86_400_000);
    expect(fired).toBe(0);
  });

  test("takes a time that is over as now", () => {
    let fired = 0;
    systemClock().after(-5, () => fired++);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });
});

describe("the tests' clock", () => {
  test("fires in the order of time, then of setting, and what follows from one runs before the next", async () => {
    const clock = new ManualClock();
    const order: string[] = [];
    clock.after(20, () => order.push("late"));
    clock.after(10, () => {
      order.push("first");
      void Promise.resolve().then(() => order.push("promise"));
      clock.after(5, () => order.push("made on the way"));
    });
    clock.after(10, () => order.push("second"));
    clock.after(10, () => order.push("never")).cancel();
    await clock.advance(20);
    expect(order).toEqual(["first", "promise", "second", "made on the way", "late"]);
    expect(clock.pending).toBe(0);
  });

  test("has two faces: a jump moves one of them and fires nothing", async () => {
    const clock = new ManualClock(1_000);
    let fired = 0;
    clock.after(10, () => fired++);
    clock.jump(500);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([1_500, 0, 0]);
    await clock.advance(10);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([1_510, 10, 1]);
  });
});

test("times leave in UTC", () => {
  expect(isoTime(Date.UTC(2026, 0, 5, 9))).toBe("2026-01-05T09:00:00.000Z");
});
