import { describe, expect, test } from "vitest";
import { formatIsComposing, parseIsComposing } from "../../../core/payload/is-composing.ts";
import { canValidate, hasSuites, schemaErrors, suite } from "./suites.ts";
import { valueOf } from "./values.ts";

describe.skipIf(!hasSuites)("RFC 3994's examples (skipped without the suites)", () => {
  test("somebody types", () => {
    const notice = { state: "active", contentType: "text/plain", refresh: 90 };
    expect(valueOf(parseIsComposing(suite("rfc-examples/rfc3994/xml-001.xml")))).toEqual(notice);
  });

  test("somebody stopped", () => {
    const notice = { state: "idle", contentType: "audio", lastActive: Date.UTC(2003, 0, 27, 10, 43) };
    expect(valueOf(parseIsComposing(suite("rfc-examples/rfc3994/xml-002.xml")))).toEqual(notice);
  });
});

test("a notice survives writing and reading", () => {
  const notice = { state: "active", contentType: "text/plain", refresh: 60, lastActive: 1000 } as const;
  expect(valueOf(parseIsComposing(formatIsComposing(notice)))).toEqual(notice);
  expect(valueOf(parseIsComposing(formatIsComposing({ state: "idle" })))).toEqual({ state: "idle" });
});

test("a state that does not exist is idle, a refresh that is no time is none", () => {
  const source =
    '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>thinking</state><refresh>-5</refresh></isComposing>';
  expect(valueOf(parseIsComposing(source))).toEqual({ state: "idle" });
});

test("another document is refused", () => {
  expect(parseIsComposing("<isComposing/>")).toMatchObject({ error: { code: "xml-unexpected" } });
});

test.skipIf(!canValidate)("what is written is valid (skipped without schemas or xmllint)", () => {
  const notice = formatIsComposing({ state: "active", contentType: "text/plain", refresh: 60, lastActive: 1000 });
  expect(schemaErrors("im-iscomposing.xsd", notice)).toBe("");
});
