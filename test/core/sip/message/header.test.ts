import { describe, expect, test } from "vitest";
import {
  Headers,
  displayName,
  fieldOf,
  headerId,
  makeHeader,
  parseHeader,
  splitValues,
} from "../../../../core/sip/message/header.ts";
import { requestWith } from "./message-text.ts";

describe("names", () => {
  test.each([
    ["v", "via"],
    ["VIA", "via"],
    ["F", "from"],
    ["i", "call-id"],
    ["M", "contact"],
    ["e", "content-encoding"],
    ["l", "content-length"],
    ["c", "content-type"],
    ["s", "subject"],
    ["k", "supported"],
    ["t", "to"],
    ["o", "event"],
    ["r", "refer-to"],
    ["u", "allow-events"],
    ["b", "referred-by"],
    ["j", "reject-contact"],
    ["x", "session-expires"],
    ["a", "accept-contact"],
    ["y", "identity"],
    ["n", "identity-info"],
    ["d", "request-disposition"],
    ["NewFangledHeader", "newfangledheader"],
    ["constructor", "constructor"],
  ])("%s is %s", (name, id) => expect(headerId(name)).toBe(id));

  test.each([
    ["call-id", "Call-ID"],
    ["www-authenticate", "WWW-Authenticate"],
    ["sip-etag", "SIP-ETag"],
    ["cseq", "CSeq"],
    ["mime-version", "MIME-Version"],
    ["max-forwards", "Max-Forwards"],
    ["x-something-new", "X-Something-New"],
  ])("%s is written %s", (id, name) => expect(displayName(id)).toBe(name));
});

describe("making a header", () => {
  test("it gets its usual name and one space", () => {
    expect(makeHeader("v", " SIP/2.0/UDP a ")).toEqual({
      id: "via",
      value: "SIP/2.0/UDP a",
      raw: "Via: SIP/2.0/UDP a",
    });
  });

  test.each(["a\r\nVia: b", "a\nb", "a\rb", "a\0b", "a\u010ab", "a\u{1f600}"])("%j cannot get in", (value) => {
    expect(() => makeHeader("Subject", value)).toThrow(TypeError);
    expect(() => Headers.of([["Subject", value]])).toThrow(TypeError);
    expect(() => requestWith().headers.replaceFirstValue("via", value)).toThrow(TypeError);
  });

  test.each(["", "Sub ject", "Subject:", "Subj\r\nect"])("%j is no name", (name) =>
    expect(() => makeHeader(name, "x")).toThrow(TypeError),
  );
});

describe("reading a header", () => {
  test("folds count as one space, whatever stands around them", () => {
    expect(parseHeader("Subject : I know\t\r\n \t you're there,\r\n  pick up ")?.value).toBe(
      "I know you're there, pick up",
    );
  });

  test("a letter whose last byte looks like a space is kept whole", () => {
    const raw = `Subject: voil${Buffer.from("à").toString("latin1")}`;
    expect(parseHeader(raw)?.value).toBe("voil\u00c3\u00a0");
  });

  test.each(["no colon", ": no name", "two words: x"])("%j is none", (line) =>
    expect(parseHeader(line)).toBeUndefined(),
  );
});

test("values are split at commas outside quotes and angle brackets", () => {
  expect(splitValues('"a, \\", b" <sip:a,b@c> ;x="1,2" , <sip:d>,e')).toEqual([
    '"a, \\", b" <sip:a,b@c> ;x="1,2"',
    "<sip:d>",
    "e",
  ]);
  expect(splitValues("a,,b,")).toEqual(["a", "", "b", ""]);
  expect(splitValues("")).toEqual([]);
});

describe("the list", () => {
  const headers = Headers.of([
    ["Via", "SIP/2.0/UDP a, SIP/2.0/UDP b"],
    ["Subject", "first"],
    ["v", "SIP/2.0/UDP c"],
    ["Supported", ""],
  ]);
  const raw = (list: Headers): string[] => [...list].map((header) => header.raw);

  test("is asked by any spelling of a name", () => {
    expect(headers.get("VIA")).toBe("SIP/2.0/UDP a, SIP/2.0/UDP b");
    expect(headers.lines("v")).toEqual(["SIP/2.0/UDP a, SIP/2.0/UDP b", "SIP/2.0/UDP c"]);
    expect(headers.values("via")).toEqual(["SIP/2.0/UDP a", "SIP/2.0/UDP b", "SIP/2.0/UDP c"]);
    expect(headers.count("via")).toBe(2);
    expect(headers.has("k")).toBe(true);
    expect(headers.values("supported")).toEqual([]);
    expect(headers.get("to")).toBeUndefined();
    expect(headers.has("to")).toBe(false);
  });

  test("with puts one line in the place of the first", () => {
    expect(raw(headers.with("Via", "x"))).toEqual(["Via: x", "Subject: first", "Supported: "]);
    expect(raw(headers.with("To", "x")).at(-1)).toBe("To: x");
  });

  test("prepend, append and without change a copy", () => {
    const changed = headers.prepend("Route", "<sip:r>").append("l", "0").without("VIA");
    expect(raw(changed)).toEqual(["Route: <sip:r>", "Subject: first", "Supported: ", "Content-Length: 0"]);
    expect(raw(headers)).toHaveLength(4);
  });

  test("replacing the topmost value leaves all else byte for byte", () => {
    const folded = Headers.of([
      parseHeader('vIa:\tSIP/2.0/UDP a;x="1,2" ,\r\n\tSIP / 2.0/UDP b') ?? makeHeader("Via", ""),
      makeHeader("Via", "SIP/2.0/UDP c"),
    ]);
    const replaced = folded.replaceFirstValue("via", "new");
    expect(raw(replaced)).toEqual(["vIa:\tnew,\r\n\tSIP / 2.0/UDP b", "Via: SIP/2.0/UDP c"]);
    expect(replaced.values("via")).toEqual(["new", "SIP / 2.0/UDP b", "SIP/2.0/UDP c"]);
  });

  test("removing the topmost value takes its line when it was alone there", () => {
    const once = headers.replaceFirstValue("via", undefined);
    expect(raw(once)).toEqual(["Via: SIP/2.0/UDP b", "Subject: first", "Via: SIP/2.0/UDP c", "Supported: "]);
    expect(once.replaceFirstValue("via", undefined).lines("via")).toEqual(["SIP/2.0/UDP c"]);
  });

  test("a value that is not there is appended, and its removal changes nothing", () => {
    expect(headers.replaceFirstValue("route", "<sip:r>").get("route")).toBe("<sip:r>");
    expect(headers.replaceFirstValue("route", undefined)).toBe(headers);
  });

  test("decodes only once", () => {
    let calls = 0;
    const subject = fieldOf("subject", () => ++calls);
    expect([headers.first(subject), headers.first(subject)]).toEqual([1, 1]);
    const via = fieldOf("via", () => ++calls);
    expect(headers.all(via)).toBe(headers.all(via));
  });
});
