/**
 * Twice the input is at most about twice the work. Work is counted, not timed: every look at a character, every character
 * that is searched, compared or cut out. Not counted is what patterns do with what was cut out; each of those looks at a
 * character a bounded number of times.
 */
import { describe, expect, test } from "vitest";
import { readChallenge, readCredentials } from "../../core/sip/digest.ts";
import * as content from "../../core/sip/message/fields-content.ts";
import * as dialog from "../../core/sip/message/fields-dialog.ts";
import * as identity from "../../core/sip/message/fields-identity.ts";
import * as note from "../../core/sip/message/fields-note.ts";
import * as routing from "../../core/sip/message/fields-routing.ts";
import * as fields from "../../core/sip/message/fields.ts";
import { headerName } from "../../core/sip/message/header-names.ts";
import { readValues } from "../../core/sip/message/header-line.ts";
import { LineReader } from "../../core/sip/message/line-reader.ts";
import type { Reader, Source } from "../../core/sip/message/source.ts";

/** A source whose readers leave a count of their work. */
function counting(text: string): { readonly source: Source; readonly work: () => number } {
  let work = 0;
  const codes = new Proxy(Uint8Array.from(Buffer.from(text, "latin1")), {
    get: (target, key) => {
      work++;
      return Reflect.get(target, key, target);
    },
  });
  const counted = {
    length: text.length,
    slice: (from: number, to: number) => {
      const part = text.slice(from, to);
      work += part.length;
      return part;
    },
    startsWith: (word: string, from: number) => {
      work += word.length;
      return text.startsWith(word, from);
    },
    indexOf: (wanted: string, from: number) => {
      const at = text.indexOf(wanted, from);
      work += (at < 0 ? text.length : at) - from;
      return at;
    },
  };
  return { source: { text: counted as unknown as string, codes }, work: () => work };
}

const SHAPES: readonly (readonly [name: string, (count: number) => string])[] = [
  ["commas", (count) => ",".repeat(count)],
  ["values", (count) => "<sip:a@b>,".repeat(count)],
  ["semicolons", (count) => `<sip:a@b>${";".repeat(count)}`],
  ["parameters", (count) => `<sip:a@b>${";a=b".repeat(count)}`],
  ["parameters of a URI", (count) => `<sip:a@b${";c=d".repeat(count)}>`],
  ["quotes", (count) => '"'.repeat(count)],
  ["quotes that end", (count) => '"a" '.repeat(count)],
  ["escaped quotes", (count) => `"${'\\"'.repeat(count)}`],
  ["open brackets", (count) => "<".repeat(count)],
  ["closed brackets", (count) => "<>".repeat(count)],
  ["open comments", (count) => `5 ${"(".repeat(count)}`],
  ["comments", (count) => "(a) b/1 ".repeat(count)],
  ["deep comments", (count) => `${"(".repeat(count)}${")".repeat(count)}`],
  ["long tokens", (count) => "a".repeat(count)],
  ["long hosts", (count) => `<sip:a@${"b.".repeat(count)}>`],
  ["at signs", (count) => `<sip:${"@".repeat(count)}>`],
  ["colons", (count) => `<sip:${":".repeat(count)}>`],
  ["per cent signs", (count) => `<sip:${"%".repeat(count)}@b>`],
  ["digits", (count) => "9".repeat(count)],
  ["blanks", (count) => `${" ".repeat(count)}x`],
  ["blanks between", (count) => `a ${"; \t".repeat(count)}`],
  ["equals signs", (count) => `Digest ${"=".repeat(count)}`],
  ["credentials", (count) => `Digest ${'a="b",'.repeat(count)}`],
  ["slashes", (count) => "SIP/2.0/".repeat(count)],
];

const readers = new Map<string, Reader<unknown>>();
for (const module of [content, dialog, identity, note, routing, fields])
  for (const [name, field] of Object.entries(module))
    if (typeof field === "object" && "read" in field) readers.set(name, field.read);
readers.set("CHALLENGE", readChallenge).set("CREDENTIALS", readCredentials);

function workOf(text: string, read: (source: Source) => void): number {
  const { source, work } = counting(text);
  read(source);
  return work();
}

/** Enough that what is done once for every text does not count. */
const COUNT = 100;
const ALLOWED = 2.2;
const ONCE = 200;

describe.each(SHAPES)("%s", (_, shape) => {
  const [short, long] = [shape(COUNT), shape(2 * COUNT)];

  test("as one value", () => {
    for (const [name, read] of readers) {
      const whole = (source: Source): unknown => read(source, 0, source.text.length);
      expect(workOf(long, whole), name).toBeLessThan(workOf(short, whole) * ALLOWED + ONCE);
    }
  });

  test("as a list", () => {
    for (const [name, read] of readers) {
      const list = (source: Source): void => {
        const place = { source, start: 0, colon: -1, end: source.text.length };
        const line = { ...place, name: headerName("x"), hasComma: true, isPlain: true, value: undefined };
        readValues(line, read, undefined);
      };
      expect(workOf(long, list), name).toBeLessThan(workOf(short, list) * ALLOWED + ONCE);
    }
  });

  test("as header lines", () => {
    const lines = (source: Source): void => {
      const reader = new LineReader(source);
      for (let at = 0; at < source.text.length; at = reader.next) reader.read(at);
    };
    const head = (text: string): string => `To: ${text}\r\nX: ${text}\r\n`;
    expect(workOf(head(long), lines)).toBeLessThan(workOf(head(short), lines) * ALLOWED + ONCE);
  });
});

test.each([
  ["headers", "To: a\r\n"],
  ["headers with commas", "Via: a,b\r\n"],
  ["unknown headers", "X-a: b\r\n"],
  ["folds", "X:\r\n b\r\n"],
  ["lines without colon", "aaa\r\n"],
  ["bare line feeds", "a:b\n"],
  ["bare returns", "a:b\r"],
])("twice as many %s are twice the work", (_, line) => {
  const lines = (source: Source): void => {
    const reader = new LineReader(source);
    for (let at = 0; at < source.text.length; at = reader.next) reader.read(at);
  };
  const [short, long] = [COUNT, 2 * COUNT].map((count) => workOf(line.repeat(count), lines));
  expect(long).toBeLessThan((short ?? 0) * ALLOWED + ONCE);
});
