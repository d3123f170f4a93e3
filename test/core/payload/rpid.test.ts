import { describe, expect, test } from "vitest";
import { formatPidf, parsePidf } from "../../../core/payload/pidf.ts";
import { ACTIVITIES, activitiesElement, readRpid, rpidOf, userInputElement } from "../../../core/payload/rpid.ts";
import { element, parseXml } from "../../../core/payload/xml.ts";
import { canValidate, hasSuites, presenceErrors, suite } from "./suites.ts";
import { valueOf } from "./values.ts";

describe.skipIf(!hasSuites)("RFC 4480's example (skipped without the suites)", () => {
  test("is read whole", () => {
    const rpid = rpidOf(valueOf(parsePidf(suite("rfc-examples/rfc4480/xml-001.xml"))));
    expect(rpid).toEqual({
      activities: [
        {
          values: ["away"],
          others: [],
          extensions: [],
          notes: [{ text: "Far away" }],
          from: Date.UTC(2005, 4, 30, 7),
          until: Date.UTC(2005, 4, 30, 12),
        },
      ],
      moods: ["angry", "brooding"],
      placeTypes: ["residence"],
      sphere: "bowling league",
      statusIcon: "http://example.com/play.gif",
      timeOffset: -240,
      userInputs: [{ state: "idle", lastInput: Date.UTC(2004, 9, 21, 18, 20), idleThreshold: 600 }],
    });
  });
});

test("every activity survives writing and reading", () => {
  const written = activitiesElement({
    values: ACTIVITIES,
    others: ["reading"],
    notes: [{ text: "x" }],
    from: 0,
    until: 1000,
  });
  expect(readRpid([written]).activities).toEqual([
    { values: ACTIVITIES, others: ["reading"], extensions: [], notes: [{ text: "x" }], from: 0, until: 1000 },
  ]);
});

test("no activity at all is written as unknown", () => {
  expect(readRpid([activitiesElement({})]).activities[0]?.values).toEqual(["unknown"]);
});

test("activities are found in an early draft's namespace and in a status", () => {
  const node = valueOf(
    parseXml('<activities xmlns="urn:ietf:params:xml:ns:pidf:status:rpid"><meeting/><nonsense/></activities>'),
  );
  const tuple = { id: "t", statusExtensions: [node], deviceIds: [], extensions: [], notes: [] };
  expect(rpidOf({ persons: [], tuples: [tuple], devices: [], extensions: [] }).activities[0]?.values).toEqual([
    "meeting",
  ]);
});

test("user input that is neither active nor idle says nothing", () => {
  expect(readRpid([element("urn:ietf:params:xml:ns:pidf:rpid", "user-input", {}, "maybe")]).userInputs).toEqual([]);
});

test.skipIf(!canValidate)("what is written is valid (skipped without schemas or xmllint)", () => {
  const activities = activitiesElement({
    // In the schema "unknown" stands alone, and "lunch" was forgotten.
    values: ACTIVITIES.filter((activity) => activity !== "lunch" && activity !== "unknown"),
    others: ["reading"],
    extensions: [element("urn:example", "own")],
    notes: [{ text: "x", language: "en" }],
    from: 0,
    until: 1000,
  });
  const input = userInputElement({ state: "idle", lastInput: 0, idleThreshold: 60 });
  const document = formatPidf({
    entity: "sip:a@b",
    tuples: [],
    persons: [{ id: "p", extensions: [activities, input], notes: [] }],
    devices: [],
    notes: [],
    extensions: [],
  });
  expect(presenceErrors(document)).toBe("");
});
