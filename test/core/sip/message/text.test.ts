import { expect, test } from "vitest";
import { indexOutside, latin1, parseNumber, quote, trim, unquote, utf8 } from "../../../../core/sip/message/text.ts";

test("text of people goes to the wire and back", () => {
  expect(latin1("é")).toBe("\u00c3\u00a9");
  expect(utf8(latin1("Zoë 😀"))).toBe("Zoë 😀");
});

test("bytes that are not UTF-8 are shown as replacement characters", () => expect(utf8("a\u00ffb")).toBe("a\ufffdb"));

test("quoting is undone by unquoting, and control characters are lost on the way", () => {
  expect(unquote(quote('say "a\\b"'))).toBe('say "a\\b"');
  expect(quote("a\r\nb\0")).toBe('"a  b "');
  expect(unquote("plain")).toBe("plain");
  expect(unquote('"')).toBe('"');
});

test("only spaces and tabs are trimmed", () => expect(trim("\t a\u00a0 ")).toBe("a\u00a0"));

test.each([
  ["0068", 255, 68],
  ["256", 255, undefined],
  ["99999999999999999999", 2 ** 32 - 1, undefined],
  ["-1", 255, undefined],
  ["1e2", 255, undefined],
  ["", 255, undefined],
  [undefined, 255, undefined],
])("%j up to %d is %s", (text, max, number) => expect(parseNumber(text, max)).toBe(number));

test("an unended quote hides everything behind it", () => expect(indexOutside('a "b, c', ",")).toBe(7));
