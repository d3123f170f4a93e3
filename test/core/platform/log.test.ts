import { expect, test } from "vitest";
import { jsonLog, silentLog } from "../../../core/platform/log.ts";

test("a line is a sentence with its facts, its component and its time", () => {
  const lines: string[] = [];
  const log = jsonLog({ write: (line) => void lines.push(line) }, "info").tagged("transport");
  log.info("A stream was closed.", { peer: "192.0.2.1:5060" });
  log.debug("Not at this level.");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    msg: "A stream was closed.",
    peer: "192.0.2.1:5060",
    component: "transport",
    time: expect.stringMatching(/^\d{4}-.*Z$/),
  });
});

test("a silent log takes everything and keeps nothing", () => {
  expect(silentLog.tagged("x").error("y")).toBeUndefined();
});

test("a component's tag replaces the one before, and what a judge refuses is not written", () => {
  const lines: string[] = [];
  const log = jsonLog({ write: (line) => void lines.push(line) }, { allows: (component) => component === "sip" });
  log.error("Nobody hears this.");
  const sip = log.tagged("transport").tagged("sip");
  sip.debug("A request came in.");
  expect(lines.map((line) => line.match(/"component":"\w+"/g))).toEqual([['"component":"sip"']]);
  expect([sip.hears("debug"), log.hears("error")]).toEqual([true, false]);
});
