import { expect, test } from "vitest";
import { COUNT_WINDOW, NONCE_LIFE, Nonces, NONCES_REMEMBERED } from "../../../core/server/nonces.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

function made(seed = 1): { clock: ManualClock; nonces: Nonces } {
  const clock = new ManualClock();
  return { clock, nonces: new Nonces(clock, seededRandom(seed)) };
}

test("each count of a nonce is good once", () => {
  const { nonces } = made();
  const nonce = nonces.make();
  expect([1, 2, 2, 1, 3].map((count) => nonces.use(nonce, count))).toEqual([
    "fresh",
    "fresh",
    "stale",
    "stale",
    "fresh",
  ]);
});

test("requests may overtake each other, as far as the window goes", () => {
  const { nonces } = made();
  const nonce = nonces.make();
  expect([40, 39, 40 - COUNT_WINDOW, 39 - COUNT_WINDOW, 39].map((count) => nonces.use(nonce, count))).toEqual([
    "fresh",
    "fresh",
    "fresh",
    "stale",
    "stale",
  ]);
  expect(nonces.use(nonce, 41 + COUNT_WINDOW)).toBe("fresh");
  expect(nonces.use(nonce, 40)).toBe("stale");
});

test("an answer without a count uses its nonce up", () => {
  const { nonces } = made();
  const nonce = nonces.make();
  expect([nonces.use(nonce, undefined), nonces.use(nonce, undefined), nonces.use(nonce, 1)]).toEqual([
    "fresh",
    "stale",
    "fresh",
  ]);
});

test("a count that is no number is used once", () => {
  const { nonces } = made();
  const nonce = nonces.make();
  expect([nonces.use(nonce, Number.NaN), nonces.use(nonce, Number.NaN)]).toEqual(["fresh", "stale"]);
});

test("a nonce gets stale with time, by the clock that only goes forward", async () => {
  const { clock, nonces } = made();
  const nonce = nonces.make();
  clock.jump(NONCE_LIFE * 10);
  expect(nonces.use(nonce, 1)).toBe("fresh");
  await clock.advance(NONCE_LIFE + 1);
  expect(nonces.use(nonce, 2)).toBe("stale");
});

test("a nonce that was changed, invented or made by another process is stale", () => {
  const { nonces } = made();
  const nonce = nonces.make();
  const other = made(2).nonces.make();
  for (const wrong of [`${nonce.slice(0, -1)}x`, `f${nonce.slice(1)}`, nonce.slice(0, 24), "", "é".repeat(56), other])
    expect(nonces.use(wrong, 1)).toBe("stale");
});

test("what had to make room is stale and cannot be replayed", async () => {
  const { clock, nonces } = made();
  const victim = nonces.make();
  expect(nonces.use(victim, 1)).toBe("fresh");
  await clock.advance(1);
  for (let count = 0; count < NONCES_REMEMBERED; count++) nonces.use(nonces.make(), 1);
  expect(nonces.use(victim, 1)).toBe("stale");
  expect(nonces.use(victim, 2)).toBe("stale");
  await clock.advance(1);
  expect(nonces.use(nonces.make(), 1)).toBe("fresh");
});
