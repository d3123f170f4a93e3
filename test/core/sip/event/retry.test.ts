import { expect, test } from "vitest";
import {
  afterFailure,
  afterTermination,
  FIRST_RETRY,
  LONGEST_RETRY,
  RETRY_AFTER_GIVEUP,
} from "../../../../core/sip/event/retry.ts";

test.each([
  ["deactivated", undefined, { delay: 0, meaning: "again" }],
  ["timeout", 60, { delay: 0, meaning: "again" }],
  ["probation", undefined, { delay: RETRY_AFTER_GIVEUP, meaning: "unreachable" }],
  ["probation", 5, { delay: 5_000, meaning: "unreachable" }],
  ["giveup", undefined, { delay: RETRY_AFTER_GIVEUP, meaning: "unreachable" }],
  ["giveup", 7, { delay: 7_000, meaning: "unreachable" }],
  ["rejected", 5, { meaning: "rejected" }],
  ["noresource", undefined, { meaning: "no-such-resource" }],
  ["invariant", undefined, { meaning: "again" }],
  [undefined, undefined, { delay: FIRST_RETRY, meaning: "again" }],
  ["something-new", 9, { delay: 9_000, meaning: "again" }],
] as const)("terminated because of %s with Retry-After %s means %o", (reason, retryAfter, expected) => {
  expect(afterTermination(reason, retryAfter)).toEqual(expected);
});

test.each([
  [404, { meaning: "no-such-resource" }],
  [410, { meaning: "no-such-resource" }],
  [604, { meaning: "no-such-resource" }],
  [403, { meaning: "rejected" }],
  [603, { meaning: "rejected" }],
  [405, { meaning: "not-supported" }],
  [489, { meaning: "not-supported" }],
  [501, { meaning: "not-supported" }],
  [481, { delay: 0, meaning: "again" }],
  [503, { delay: FIRST_RETRY, meaning: "unreachable" }],
  [undefined, { delay: FIRST_RETRY, meaning: "unreachable" }],
] as const)("a SUBSCRIBE answered with %s means %o", (status, expected) => {
  expect(afterFailure(status, undefined, 0)).toEqual(expected);
});

test("failures in a row are retried ever later, up to a limit, unless the server names a time", () => {
  const delays = [0, 1, 2, 7, 8, 100].map((failures) => afterFailure(500, undefined, failures).delay);
  expect(delays).toEqual([2_000, 4_000, 8_000, 256_000, LONGEST_RETRY, LONGEST_RETRY]);
  expect(afterFailure(503, 30, 5).delay).toBe(30_000);
});
