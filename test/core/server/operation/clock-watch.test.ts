import { expect, test } from "vitest";
import { ClockWatch, TOLERANCE } from "../../../../core/server/operation/clock-watch.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

test("a clock that is set is noticed, one that is drawn slowly is not", async () => {
  const clock = new ManualClock();
  const watch = new ClockWatch(clock);
  for (let round = 0; round < 3; round++) {
    clock.jump(TOLERANCE);
    await clock.advance(10_000);
  }
  expect(watch.jump).toBeUndefined();
  clock.jump(-7_200_000);
  await clock.advance(10_000);
  expect(watch.jump).toEqual({ by: -7_200_000, at: clock.now() });
  watch.close();
  expect(clock.pending).toBe(0);
});
