import { describe, expect, test } from "vitest";
import type { Facts } from "../../../../core/server/operation/health.ts";
import {
  CERTIFICATE_WARNING,
  DISK_WARNING,
  DISK_WRONG,
  JUMP_TOLD,
  problemsOf,
} from "../../../../core/server/operation/health.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 5);
const WELL: Facts = {
  now: NOW,
  certificateEnds: NOW + 365 * DAY,
  disk: { free: 10_000_000_000, total: 20_000_000_000 },
  lostListeners: [],
};

test("an office that is well has nothing to say", () => {
  expect(problemsOf(WELL)).toEqual([]);
  expect(problemsOf({ ...WELL, disk: undefined })).toEqual([]);
});

describe.each<[string, Partial<Facts>, string, string, RegExp]>([
  ["a certificate that ends soon", { certificateEnds: NOW + 3 * DAY }, "certificate", "warning", /ends in 3 days\./],
  ["one that ends tomorrow", { certificateEnds: NOW + DAY }, "certificate", "warning", /ends in one day\./],
  ["one that ends today", { certificateEnds: NOW + DAY - 1 }, "certificate", "warning", /ends today\./],
  ["one at the edge", { certificateEnds: NOW + CERTIFICATE_WARNING }, "certificate", "warning", /in 14 days/],
  ["one that has ended", { certificateEnds: NOW }, "certificate", "wrong", /has ended/],
  ["a disk with little room", { disk: { free: DISK_WARNING, total: 1 } }, "disk", "warning", /^500 MB are left/],
  ["a full disk", { disk: { free: DISK_WRONG, total: 1 } }, "disk", "wrong", /^50 MB are left/],
  [
    "a listener that is gone",
    { lostListeners: ["tls:0.0.0.0:5061"] },
    "listener",
    "wrong",
    /on tls:0\.0\.0\.0:5061 any/,
  ],
  ["a store that takes nothing", { storeFault: "disk I/O error" }, "store", "wrong", /\(disk I\/O error\)/],
  ["a clock set forward", { jump: { by: 3_600_000, at: NOW } }, "clock", "warning", /forward by 60 minutes/],
  ["a clock set back", { jump: { by: -90_000, at: NOW - JUMP_TOLD } }, "clock", "warning", /back by 90 seconds/],
])("%s", (_what, facts, code, verdict, text) => {
  test("is told in whole sentences", () => {
    const problems = problemsOf({ ...WELL, ...facts });
    expect(problems).toEqual([{ code, verdict, text: expect.stringMatching(text) }]);
    expect(problems[0]?.text).toMatch(/^[A-Z0-9].*\.$/);
  });
});

test("a jump of the clock is forgotten after a while, and a day later nobody asks", () => {
  expect(problemsOf({ ...WELL, jump: { by: 3_600_000, at: NOW - JUMP_TOLD - 1 } })).toEqual([]);
  expect(problemsOf({ ...WELL, certificateEnds: NOW + CERTIFICATE_WARNING + 1 })).toEqual([]);
});
