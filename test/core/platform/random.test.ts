import { expect, test } from "vitest";
import { systemRandom, token, uuid } from "../../../core/platform/random.ts";
import { seededRandom } from "../../support/seeded-random.ts";

test.each([
  ["the machine's", systemRandom()],
  ["the tests'", seededRandom()],
])("%s randomness makes tokens, identifiers and fractions", (_name, random) => {
  expect(token(random)).toMatch(/^[0-9a-f]{16}$/);
  expect(token(random, 3)).toMatch(/^[0-9a-f]{6}$/);
  expect(uuid(random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const fractions = Array.from({ length: 1_000 }, () => random.fraction());
  expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...fractions)).toBeLessThan(1);
  expect(new Set(fractions).size).toBeGreaterThan(990);
});

test("the tests' randomness repeats itself for the same seed alone", () => {
  expect(token(seededRandom(1))).toBe(token(seededRandom(1)));
  expect(token(seededRandom(1))).not.toBe(token(seededRandom(2)));
});
