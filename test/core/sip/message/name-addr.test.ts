import { describe, expect, test } from "vitest";
import { formatNameAddr, parseNameAddr } from "../../../../core/sip/message/name-addr.ts";
import { latin1, utf8 } from "../../../../core/sip/message/text.ts";

describe("reading", () => {
  test.each([
    [
      '"Mr. Watson" <sip:watson@worcester.example.com>;q=0.7; expires=3600',
      "Mr. Watson",
      "sip:watson@worcester.example.com",
      { q: "0.7", expires: "3600" },
    ],
    ["sip:c8oqz84zk7z@privacy.org;tag=hyh8", undefined, "sip:c8oqz84zk7z@privacy.org", { tag: "hyh8" }],
    ["<sip:a@b;lr>;tag=1", undefined, "sip:a@b;lr", { tag: "1" }],
    [
      "The Operator <sip:operator@cs.columbia.edu>;tag=287447",
      "The Operator",
      "sip:operator@cs.columbia.edu",
      { tag: "287447" },
    ],
    ["caller<sip:caller@example.com>;tag=323", "caller", "sip:caller@example.com", { tag: "323" }],
    ['"" <sip:a@b>', undefined, "sip:a@b", {}],
    ['"Quoted \\"string\\" \\\\ <x>" <sip:a@b> ; x = "y;z"', 'Quoted "string" \\ <x>', "sip:a@b", { x: '"y;z"' }],
    ["sip:user@example.com;unknownparam", undefined, "sip:user@example.com", { unknownparam: undefined }],
    ["< sip:user@example.com >", undefined, "sip:user@example.com", {}],
    [
      '<sip:a@b>;+sip.instance="<urn:uuid:f81d4fae>"',
      undefined,
      "sip:a@b",
      { "+sip.instance": '"<urn:uuid:f81d4fae>"' },
    ],
    ["isbn:2983792873", undefined, "isbn:2983792873", {}],
    ["<http://www.example.com>;tag=x", undefined, "http://www.example.com", { tag: "x" }],
  ])("%s", (text, displayName, uriText, params) => {
    const address = parseNameAddr(text);
    expect(address?.displayName).toBe(displayName);
    expect(address?.uriText).toBe(uriText);
    expect(Object.fromEntries(address?.params ?? [])).toEqual(params);
  });

  test("raw UTF-8 in a display name is kept, quoted or not", () => {
    expect(utf8(parseNameAddr(latin1("Jörg à Paris <sip:a@b>"))?.displayName ?? "")).toBe("Jörg à Paris");
    expect(utf8(parseNameAddr(latin1('"Зоя" <sip:a@b>'))?.displayName ?? "")).toBe("Зоя");
  });

  test("escaped control characters in a display name survive", () => {
    expect(parseNameAddr('"BEL:\\\x07 NUL:\\\x00" <sip:a@b>')?.displayName).toBe("BEL:\x07 NUL:\x00");
  });

  test.each([
    "",
    "<>",
    '"" <> ;,',
    "Bell, Alexander <sip:a.g.bell@example.com>;tag=43",
    '"Mr. J. User <sip:j.user@example.com>',
    'Strange User" <sip:a@b>',
    "<sip:a@b",
    "<sip:a@b>;;tag=1",
    "<sip:a@b>;tag=1;",
    "<sip:a@b> tag=1",
    "<sip:a@b>;tag=<x>",
    "sip:user@example.com?Route=%3Csip:sip.example.com%3E",
    "sip:a,b@example.com",
    "a;b <sip:a@b>",
    "<<sip:a@b>>",
  ])("%j is refused", (text) => expect(parseNameAddr(text)).toBeUndefined());
});

describe("writing", () => {
  test("what was read can be written", () => {
    const address = parseNameAddr("Bob <sip:bob@b.com;lr>;tag=1;x");
    expect(address && formatNameAddr(address)).toBe('"Bob" <sip:bob@b.com;lr>;tag=1;x');
  });

  test("a display name cannot break out of its quotes or its line", () => {
    const text = formatNameAddr({ displayName: 'a" <sip:evil@x>\r\nVia: \\', uri: "sip:a@b" });
    expect(text).toBe('"a\\" <sip:evil@x>  Via: \\\\" <sip:a@b>');
    expect(parseNameAddr(text)?.uriText).toBe("sip:a@b");
  });
});
