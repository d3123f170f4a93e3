import { describe, expect, test } from "vitest";
import { limits } from "../../../../core/sip/message/limits.ts";
import { parseMessage } from "../../../../core/sip/message/parse.ts";
import { serialize } from "../../../../core/sip/message/serialize.ts";
import { bytesOf, essentials, messageOf } from "./message-text.ts";

const startLine = "OPTIONS sip:bob@biloxi.com SIP/2.0";

function codeOf(bytes: Buffer, framing: "datagram" | "stream" = "datagram"): string {
  const parsed = parseMessage(bytes, framing);
  return parsed.ok ? "ok" : parsed.error.code;
}

describe("a request", () => {
  test("is read", () => {
    const message = messageOf(bytesOf([startLine, ...essentials, "Content-Length: 4"], "body and more"));
    expect(message).toMatchObject({ kind: "request", method: "OPTIONS", uri: "sip:bob@biloxi.com" });
    expect(message.body.toString()).toBe("body");
    expect([...message.headers].map(({ raw }) => raw)).toEqual([...essentials, "Content-Length: 4"]);
  });

  test("has the rest of the datagram as body when it gives no length", () => {
    expect(messageOf(bytesOf([startLine, ...essentials], "body\r\n\r\nmore")).body.toString()).toBe("body\r\n\r\nmore");
  });

  test.each([
    ["INVITE  sip:a@b SIP/2.0", "SIP_BAD_REQUEST_LINE", 400],
    ["INVITE sip:a@b; lr SIP/2.0", "SIP_BAD_REQUEST_LINE", 400],
    ["INVITE sip:a@b SIP/2.0  ", "SIP_BAD_REQUEST_LINE", 400],
    ["INVITE sip:a@b SIP/7.0", "SIP_BAD_VERSION", 505],
    ["INVITE sip:a@b SIP/2.1", "SIP_BAD_VERSION", 505],
  ])("with the start line %j can be answered: %s", (line, code, status) => {
    const parsed = parseMessage(bytesOf([line, ...essentials]), "datagram");
    expect(parsed).toMatchObject({ ok: false, error: { code, status, request: { method: "INVITE" } } });
  });

  test.each(["INVITE sip:a@b", "GET / HTTP/1.1", "", "IN@VITE sip:a@b SIP/2.0", "\x16\x03\x01"])(
    "%j is not SIP",
    (line) => {
      const parsed = parseMessage(bytesOf([line, ...essentials]), "datagram");
      expect(parsed).toMatchObject({ ok: false, error: { code: "SIP_NOT_SIP" } });
      expect(!parsed.ok && parsed.error.request).toBeFalsy();
    },
  );

  test("that lacks what an answer needs comes without the request", () => {
    const parsed = parseMessage(bytesOf(["A sip:b SIP/3.0", ...essentials.slice(1)]), "datagram");
    expect(!parsed.ok && parsed.error.request).toBe(undefined);
  });
});

describe("a response", () => {
  test.each([
    ["SIP/2.0 200 OK", 200, "OK"],
    ["SIP/2.0 100 ", 100, ""],
    ["SIP/2.0 100", 100, ""],
    ["sip/2.0 200 = 2**3 * 5**2 \u00d0\u00bd\u00d0\u00be", 200, "= 2**3 * 5**2 \u00d0\u00bd\u00d0\u00be"],
  ])("%j", (line, status, reason) =>
    expect(messageOf(bytesOf([line, ...essentials]))).toMatchObject({ kind: "response", status, reason }),
  );

  test.each([
    "SIP/2.0 4294967301 better not break the receiver",
    "SIP/2.0 700 x",
    "SIP/2.0 099 x",
    "SIP/2.0 20 x",
    "SIP/2.0",
  ])("%j is dropped", (line) => {
    const parsed = parseMessage(bytesOf([line, ...essentials]), "datagram");
    expect(parsed).toMatchObject({ ok: false, error: { code: "SIP_BAD_STATUS_LINE" } });
    expect(!parsed.ok && (parsed.error.request ?? parsed.error.status)).toBeUndefined();
  });

  test("of another version is dropped", () =>
    expect(codeOf(bytesOf(["SIP/3.0 200 OK", ...essentials]))).toBe("SIP_BAD_VERSION"));
});

describe("lines", () => {
  test("may end in a bare LF and leave with CRLF, folds too", () => {
    const bytes = Buffer.from("\r\n\nOPTIONS sip:a@b SIP/2.0\nSubject: a\n b\nContent-Length: 1\n\nxyz");
    expect(serialize(messageOf(bytes)).toString()).toBe(
      "OPTIONS sip:a@b SIP/2.0\r\nSubject: a\r\n b\r\nContent-Length: 1\r\n\r\nx",
    );
  });

  test.each(["Subject: a\rVia: b", "Subject: a\r\n b\rc", "no colon here", ": no name", "Sub ject: x"])(
    "%j is refused",
    (line) => expect(codeOf(bytesOf([startLine, ...essentials, line]))).toBe("SIP_BAD_HEADER"),
  );

  test("a line end smuggled into the start line is refused", () => {
    expect(codeOf(bytesOf(["OPTIONS sip:a@b\rVia: SIP/2.0", ...essentials]))).not.toBe("ok");
    expect(codeOf(bytesOf(["SIP/2.0 200 O\rK", ...essentials]))).toBe("SIP_BAD_STATUS_LINE");
  });

  test("a folded first header line belongs to nothing", () => {
    expect(codeOf(bytesOf([startLine, " x", ...essentials]))).toBe("SIP_BAD_HEADER");
  });

  test("NUL is a character like others", () => {
    expect(messageOf(bytesOf([startLine, ...essentials, "Subject: a\0b"])).headers.get("subject")).toBe("a\0b");
  });

  test("the empty line may be missing where there is no body", () => {
    const text = [startLine, ...essentials].join("\r\n");
    expect(codeOf(Buffer.from(`${text}\r\n`))).toBe("ok");
    expect(codeOf(Buffer.from(text))).toBe("SIP_UNENDED_HEAD");
    expect(codeOf(Buffer.from(`${text}\r\nContent-Length: 3\r\n`))).toBe("SIP_BODY_TOO_SHORT");
  });
});

describe("Content-Length", () => {
  test.each([
    [["Content-Length: 5"], "SIP_BODY_TOO_SHORT"],
    [["Content-Length: -999"], "SIP_BAD_CONTENT_LENGTH"],
    [["Content-Length: 0x1"], "SIP_BAD_CONTENT_LENGTH"],
    [["Content-Length: "], "SIP_BAD_CONTENT_LENGTH"],
    [["Content-Length: 4", "l: 3"], "SIP_CONTENT_LENGTH_CONFLICT"],
    [["Content-Length: 4", "l: 04"], "ok"],
    [["Content-Length: 4, 4"], "SIP_BAD_CONTENT_LENGTH"],
  ])("%j: %s", (lines, code) => {
    for (const framing of ["datagram", "stream"] as const)
      expect(codeOf(bytesOf([startLine, ...essentials, ...lines], "body"), framing)).toBe(code);
  });

  test("has to be there on a stream", () => {
    expect(codeOf(bytesOf([startLine, ...essentials]), "stream")).toBe("SIP_NO_CONTENT_LENGTH");
  });
});

describe("limits", () => {
  const filler = (length: number): string => "x".repeat(length);
  const pads = (count: number, length: number): string[] => Array.from({ length: count }, () => `X: ${filler(length)}`);

  test("a message", () => {
    const bytes = Buffer.alloc(limits.messageBytes + 1, bytesOf([startLine, ...essentials]));
    expect(parseMessage(bytes, "datagram")).toMatchObject({ error: { code: "SIP_MESSAGE_TOO_LARGE", status: 513 } });
  });

  test("a head", () => {
    expect(codeOf(bytesOf([startLine, ...essentials, ...pads(6, 10_000)]))).toBe("ok");
    expect(codeOf(bytesOf([startLine, ...essentials, ...pads(7, 10_000)]))).toBe("SIP_HEAD_TOO_LARGE");
  });

  test("a body", () => {
    const head = [startLine, ...essentials];
    expect(codeOf(bytesOf(head, filler(limits.bodyBytes)))).toBe("ok");
    expect(codeOf(bytesOf(head, filler(limits.bodyBytes + 1)))).toBe("SIP_BODY_TOO_LARGE");
    expect(codeOf(bytesOf([...head, `l: ${limits.bodyBytes + 1}`]))).toBe("SIP_BODY_TOO_LARGE");
  });

  test("a start line", () => {
    const line = (length: number): string => `OPTIONS sip:${filler(length - 20)} SIP/2.0`;
    expect(codeOf(bytesOf([line(limits.startLineBytes), ...essentials]))).toBe("ok");
    expect(parseMessage(bytesOf([line(limits.startLineBytes + 1), ...essentials]), "datagram")).toMatchObject({
      error: { code: "SIP_START_LINE_TOO_LONG", status: 414, request: { kind: "request" } },
    });
    expect(codeOf(bytesOf([`SIP/2.0 200 ${filler(limits.startLineBytes)}`, ...essentials]))).toBe(
      "SIP_BAD_STATUS_LINE",
    );
  });

  test("a header line, also one of many folds", () => {
    const most = limits.headerLineBytes - "X: ".length;
    expect(codeOf(bytesOf([startLine, ...essentials, `X: ${filler(most)}`]))).toBe("ok");
    expect(codeOf(bytesOf([startLine, ...essentials, `X: ${filler(most + 1)}`]))).toBe("SIP_HEADER_TOO_LONG");
    expect(codeOf(bytesOf([startLine, ...essentials, `X: ${"a\r\n ".repeat(most / 4 + 1)}`]))).toBe(
      "SIP_HEADER_TOO_LONG",
    );
  });

  test("the number of headers", () => {
    const room = limits.headerCount - essentials.length;
    expect(codeOf(bytesOf([startLine, ...essentials, ...pads(room, 1)]))).toBe("ok");
    expect(codeOf(bytesOf([startLine, ...essentials, ...pads(room + 1, 1)]))).toBe("SIP_TOO_MANY_HEADERS");
  });
});
