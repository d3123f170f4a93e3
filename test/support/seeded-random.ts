import type { Random } from "../../core/platform/random.ts";

/** The same numbers for the same seed (mulberry32). Never for anything but tests. */
export function seededRandom(seed = 1): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => next() & 0xff)),
    fraction: () => next() / 2 ** 32,
  };
}

/** Randomness whose fractions are always the same: for tests of waits with jitter. */
export function steadyRandom(fraction: number, seed = 1): Random {
  return { bytes: seededRandom(seed).bytes, fraction: () => fraction };
}
