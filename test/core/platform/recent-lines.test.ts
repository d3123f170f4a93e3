import { expect, test } from "vitest";
import { jsonLog } from "../../../core/platform/log.ts";
import { LINES_REMEMBERED, MAX_REMEMBERED_LINE, RecentLines } from "../../../core/platform/recent-lines.ts";

function remembering() {
  const written: string[] = [];
  const recent = new RecentLines({ write: (line) => void written.push(line) });
  return { written, recent, log: jsonLog(recent, "debug").tagged("sip") };
}

test("lines are found again by level and by the request they speak of", () => {
  const { recent, log } = remembering();
  log.debug("A request came in.", { callId: "a" });
  log.warn("Something is odd.", { callId: "b" });
  expect(recent.select({ level: "warn" }).map(({ text }) => text)).toEqual(["Something is odd."]);
  expect(recent.select({ callId: "a" })).toMatchObject([
    { level: "debug", component: "sip", text: "A request came in.", fields: { callId: "a" } },
  ]);
});

test("memory is bounded by count and by length, and every line is written on", () => {
  const { written, recent, log } = remembering();
  for (let number = 0; number <= LINES_REMEMBERED; number++) log.info(`Line ${number}.`);
  log.info("x".repeat(MAX_REMEMBERED_LINE));
  expect(written).toHaveLength(LINES_REMEMBERED + 2);
  expect(recent.select().map(({ text }) => text)).toEqual(
    Array.from({ length: LINES_REMEMBERED }, (_, index) => `Line ${index + 1}.`),
  );
  expect(recent.select({ count: 1 })).toHaveLength(1);
});
