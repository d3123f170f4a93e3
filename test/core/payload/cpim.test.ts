import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CpimMessage,
  formatCpim,
  MAX_CPIM_HEADERS,
  MAX_CPIM_SIZE,
  parseCpim,
} from "../../../core/payload/cpim.ts";
import { escapeHeaderValue, unescapeHeaderValue } from "../../../core/payload/cpim-escape.ts";
import { parseImdn } from "../../../core/payload/imdn.ts";
import { hasSuites, suite } from "./suites.ts";
import { valueOf } from "./values.ts";

describe.skipIf(!hasSuites)("examples of the RFCs (skipped without the suites)", () => {
  test("RFC 3862 §5.1: names, two subjects, headers of a foreign namespace", () => {
    const message = valueOf(parseCpim(suite("cpim/rfc/rfc3862-1.cpim")));
    expect(message).toMatchObject({
      from: { name: "MR SANDERS", uri: "im:piglet@100akerwood.com" },
      to: [{ name: "Depressed Donkey", uri: "im:eeyore@100akerwood.com" }],
      dateTime: Date.UTC(2000, 11, 13, 21, 40),
      subject: "the weather will be fine today",
      headers: [
        { namespace: "", name: "Subject", value: ";lang=fr beau temps prevu pour aujourd'hui" },
        { namespace: "", name: "Require", value: "MyFeatures.VitalMessageOption" },
        { namespace: "mid:MessageFeatures@id.foo.com", name: "VitalMessageOption", value: "Confirmation-requested" },
        { namespace: "mid:MessageFeatures@id.foo.com", name: "WackyMessageOption", value: "Use-silly-font" },
      ],
    });
    expect(message.contentHeaders.get("content-type")).toBe("text/xml; charset=utf-8");
    expect(message.body.toString()).toContain("Here is the text of my message.");
  });

  test("RFC 5438 §7: a message that asks for notifications, and the notification", () => {
    // As printed, the first one has no empty line before its content headers.
    const printed = suite("cpim/rfc/rfc5438-1.cpim").toString();
    const message = valueOf(parseCpim(Buffer.from(printed.replace("Content-type", "\nContent-type"))));
    expect(message).toMatchObject({ messageId: "34jk324j", dispositions: ["positive-delivery", "negative-delivery"] });
    const answer = suite("cpim/rfc/rfc5438-2.cpim").toString();
    const notification = valueOf(parseCpim(Buffer.from(answer.replace("Content-type", "\nContent-type"))));
    expect(valueOf(parseImdn(notification.body))).toMatchObject({ messageId: "34jk324j", status: "delivered" });
  });
});

const FULL: CpimMessage = {
  from: { name: "Alice", uri: "sip:alice@example.com" },
  to: [{ uri: "sip:bob@example.com" }, { name: "Carol C", uri: "sip:carol@example.com" }],
  dateTime: 1000,
  subject: "tea",
  messageId: "m1",
  dispositions: ["positive-delivery", "display"],
  headers: [
    { namespace: "urn:x", name: "One", value: "a\nb\\c" },
    { namespace: "urn:x", name: "Two", value: "2" },
    { namespace: "", name: "Subject", value: ";lang=fr thé" },
    { namespace: "urn:ietf:params:imdn", name: "IMDN-Route", value: "<sip:x>" },
  ],
  contentHeaders: new Map([
    ["content-type", "text/plain; charset=utf-8"],
    ["content-disposition", "render"],
  ]),
  body: Buffer.from("Hello\r\n\r\nthere"),
};

test("a message survives writing and reading", () => {
  expect(valueOf(parseCpim(formatCpim(FULL)))).toEqual(FULL);
});

test("the text of an envelope is what RFC 3862 and RFC 5438 print", () => {
  const { headers: _, ...rest } = FULL;
  expect(formatCpim({ ...rest, headers: [] }).toString()).toBe(
    [
      "From: Alice <sip:alice@example.com>",
      "To: <sip:bob@example.com>",
      "To: Carol C <sip:carol@example.com>",
      "DateTime: 1970-01-01T00:00:01Z",
      "Subject: tea",
      "NS: imdn <urn:ietf:params:imdn>",
      "imdn.Message-ID: m1",
      "imdn.Disposition-Notification: positive-delivery, display",
      "",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Disposition: render",
      "",
      "Hello\r\n\r\nthere",
    ].join("\r\n"),
  );
});

test("no value can smuggle in a header", () => {
  const evil = "x\r\nTo: <sip:evil@example.com>\r\n\r\n";
  const message = valueOf(
    parseCpim(
      formatCpim({
        ...FULL,
        from: { name: evil, uri: evil },
        to: [],
        subject: evil,
        messageId: evil,
        contentHeaders: new Map([["content-type", evil]]),
      }),
    ),
  );
  expect(message.to).toEqual([]);
  expect(message.subject).toBe(evil);
  expect(message.body).toEqual(FULL.body);
});

test("the imdn namespace is known by its URI, whatever its prefix", () => {
  const source = "NS: i <urn:ietf:params:imdn>\ni.Message-ID: 1\nimdn.Message-ID: 2\n\nContent-Type: text/plain\n\n";
  expect(valueOf(parseCpim(Buffer.from(source)))).toMatchObject({ messageId: "1", headers: [] });
});

test("escapes are undone, unknown ones leave their character", () => {
  expect(unescapeHeaderValue(String.raw`a\nb\\c\u00e9\"\x\ `)).toBe('a\nb\\cé"x ');
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      expect(unescapeHeaderValue(escapeHeaderValue(value))).toBe(value);
      expect(escapeHeaderValue(value)).not.toMatch(/[\r\n]/);
    }),
  );
});

describe("limits", () => {
  const code = (source: Buffer): string => {
    const result = parseCpim(source);
    return result.ok ? "accepted" : result.error.code;
  };

  test("size", () => {
    const head = "From: <sip:a@b>\n\nA: b\n\n";
    const fits = head + "x".repeat(MAX_CPIM_SIZE - head.length);
    expect(code(Buffer.from(fits))).toBe("accepted");
    expect(code(Buffer.from(`${fits}x`))).toBe("cpim-too-large");
  });

  test("headers of the envelope and of the content", () => {
    const headers = (count: number): string => "A: b\n".repeat(count);
    expect(code(Buffer.from(`${headers(MAX_CPIM_HEADERS)}\n${headers(MAX_CPIM_HEADERS)}\n`))).toBe("accepted");
    expect(code(Buffer.from(`${headers(MAX_CPIM_HEADERS + 1)}\n\n`))).toBe("cpim-too-many-headers");
    expect(code(Buffer.from(`\n${headers(MAX_CPIM_HEADERS + 1)}\n`))).toBe("cpim-too-many-headers");
  });

  test("headers that do not end", () => {
    expect(code(Buffer.from("From: <sip:a@b>\n"))).toBe("cpim-malformed");
    expect(code(Buffer.from("From: <sip:a@b>\n\nContent-Type: text/plain"))).toBe("cpim-malformed");
  });
});
