import { expect, test } from "vitest";
import { MAX_SOURCES, SourceLimit, sourceOf } from "../../../../core/server/operation/source-limit.ts";

const RATE = { perSecond: 2, burst: 3 };

test("a source is served its burst at once and then its rate, and is told how long to wait", () => {
  const limit = new SourceLimit();
  const take = (now: number): number => limit.take("192.0.2.1", RATE, now);
  expect([take(0), take(0), take(0), take(0), take(499)]).toEqual([0, 0, 0, 1, 1]);
  expect([take(500), take(500), take(1_000)]).toEqual([0, 1, 0]);
  expect([take(100_000), take(100_000), take(100_000), take(100_000)]).toEqual([0, 0, 0, 1]);
});

test("one source does not spend what belongs to another", () => {
  const limit = new SourceLimit();
  for (let count = 0; count < 10; count++) limit.take("192.0.2.1", RATE, 0);
  expect(limit.take("192.0.2.2", RATE, 0)).toBe(0);
});

test("a bounded number of sources is remembered, those heard last", () => {
  const limit = new SourceLimit();
  for (let count = 0; count < 4; count++) limit.take("192.0.2.1", RATE, 0);
  for (let number = 0; number < MAX_SOURCES - 1; number++) limit.take(`198.51.${number >> 8}.${number & 255}`, RATE, 0);
  expect([limit.size, limit.take("192.0.2.1", RATE, 0)]).toEqual([MAX_SOURCES, 1]);
  limit.take("203.0.113.1", RATE, 0);
  expect([limit.size, limit.take("198.51.0.0", RATE, 0)]).toEqual([MAX_SOURCES, 0]);
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["2001:db8:0:7:1:2:3:4", "2001:db8:0:7::/64"],
  ["2001:db8::7:1:2:3:4", "2001:db8:0:7::/64"],
  ["2001:0db8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("%s counts as %s", (address, source) => {
  expect(sourceOf(address)).toBe(source);
});
