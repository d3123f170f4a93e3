import { describe, expect, test } from "vitest";
import { formatCpim } from "../../../core/payload/cpim.ts";
import { htmlToText } from "../../../core/payload/html-text.ts";
import { MAX_ENVELOPES, MAX_TEXT_SIZE, messageText } from "../../../core/payload/message-text.ts";

const text = (type: string | undefined, body: string, encoding: BufferEncoding = "utf8"): string | undefined =>
  messageText(type, Buffer.from(body, encoding));

describe("plain text", () => {
  test.each([
    [undefined, "utf8"],
    ["text/plain", "utf8"],
    ['Text/Plain; format=flowed; Charset="UTF-8"', "utf8"],
    ["text/plain;charset=iso-8859-1", "latin1"],
    ["text/plain; charset=latin1", "latin1"],
  ] as const)("of %s", (type, encoding) => {
    expect(text(type, "Grüße <b>!", encoding)).toBe("Grüße <b>!");
  });

  test("keeps lines and tabs, and no other control character", () => {
    expect(text("text/plain", "a\r\nb\rc\td\u0000\u001b[31m\u0085\u007f")).toBe("a\nb\nc\td[31m");
  });

  test("bytes that are no UTF-8 are marked, not refused", () => {
    expect(text("text/plain", "\u00e9", "latin1")).toBe("\ufffd");
  });

  test.each([
    "image/png",
    "application/im-iscomposing+xml",
    "text/plain; charset=utf-7",
    "text/plain; charset=koi8-r",
    "text/plain; charset=constructor",
    "text/calendar",
    "",
  ])("%j is not ours to read", (type) => {
    expect(text(type, "x")).toBeUndefined();
  });

  test("has a largest size", () => {
    expect(text("text/plain", "x".repeat(MAX_TEXT_SIZE))).toHaveLength(MAX_TEXT_SIZE);
    expect(text("text/plain", "x".repeat(MAX_TEXT_SIZE + 1))).toBeUndefined();
  });
});

describe("HTML", () => {
  test.each([
    ["<p>Hello <b>there</b>,</p><p>see&nbsp;you &amp; yours<br/>soon</p>", "Hello there,\n\nsee you & yours\nsoon"],
    ["<html><head><title>x</title><style>p{}</style></head><body>a</body></html>", "a"],
    ["a<script>if (a < b && c > d) alert('<p>')</script>b", "ab"],
    ["a<SCRIPT src=x>never closed", "a"],
    ["1 < 2 and 3 > 2", "1 < 2 and 3 > 2"],
    ["a<!-- <b>no</b> -->b<!doctype html>", "ab"],
    ["<img src=x onerror=alert(1)>safe", "safe"],
    ["&lt;script&gt; &#65;&#x42; &unknown; &#0;&#x110000;&#xd800;", "<script> AB &unknown; \ufffd"],
    ["open <a href=", "open"],
    ["<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"],
  ])("%j", (html, expected) => {
    expect(htmlToText(html)).toBe(expected);
    expect(text("text/html; charset=utf-8", html)).toBe(expected);
  });

  test.each(["<", "<a", "<!--", "<script>", "< ", "&#1", "</", "<br", "\n ", "<p>"])(
    "of %j without end takes no time",
    (piece) => {
      const started = performance.now();
      htmlToText(piece.repeat(MAX_TEXT_SIZE / piece.length));
      expect(performance.now() - started).toBeLessThan(1000);
    },
  );
});

describe("envelopes", () => {
  const wrap = (type: string, body: Buffer): Buffer =>
    formatCpim({ to: [], dispositions: [], headers: [], contentHeaders: new Map([["content-type", type]]), body });

  test("are opened", () => {
    expect(messageText("message/cpim", wrap("text/html", Buffer.from("<b>hi</b>")))).toBe("hi");
    expect(messageText("message/cpim", wrap("message/imdn+xml", Buffer.from("<imdn/>")))).toBeUndefined();
    expect(text("message/cpim", "rubbish")).toBeUndefined();
  });

  test("are opened only so often", () => {
    const nest = (depth: number): Buffer =>
      depth === 1 ? wrap("text/plain", Buffer.from("hi")) : wrap("message/cpim", nest(depth - 1));
    expect(messageText("message/cpim", nest(MAX_ENVELOPES))).toBe("hi");
    expect(messageText("message/cpim", nest(MAX_ENVELOPES + 1))).toBeUndefined();
  });
});
