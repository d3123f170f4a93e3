import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatDateTime, parseDateTime } from "../../../core/payload/date-time.ts";

test.each([
  ["2005-05-30T16:09:44+05:00", Date.UTC(2005, 4, 30, 11, 9, 44)],
  ["2001-10-27T16:49:29Z", Date.UTC(2001, 9, 27, 16, 49, 29)],
  ["2001-10-27t16:49:29.1239z", Date.UTC(2001, 9, 27, 16, 49, 29, 123)],
  [" 2001-10-27T16:49:29 ", Date.UTC(2001, 9, 27, 16, 49, 29)],
  ["2001-10-27", undefined],
  ["2001-13-27T16:49:29Z", undefined],
  ["Sat, 27 Oct 2001 16:49:29 GMT", undefined],
  ["", undefined],
  [undefined, undefined],
])("%j is %j", (text, milliseconds) => {
  expect(parseDateTime(text)).toBe(milliseconds);
});

test("every time of four-digit years comes back", () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1000, 0), max: Date.UTC(9999, 11, 31) }), (time) => {
      expect(parseDateTime(formatDateTime(time))).toBe(time);
    }),
  );
});

test("times that cannot be written are left out", () => {
  expect([undefined, Number.NaN, Infinity, 1e15].map(formatDateTime)).toEqual(Array.from({ length: 4 }));
});
