import { describe, expect, test } from "vitest";
import type { Frame } from "../../../../core/sip/message/frame.ts";
import { StreamFramer } from "../../../../core/sip/message/frame.ts";
import { limits } from "../../../../core/sip/message/limits.ts";
import { bytesOf, essentials } from "./message-text.ts";

const startLine = "MESSAGE sip:bob@biloxi.com SIP/2.0";

function message(body: string, length: string = `Content-Length: ${body.length}`): Buffer {
  return bytesOf([startLine, ...essentials, length], body);
}

function shown(frames: readonly Frame[]): string[] {
  return frames.map((frame) => {
    if (frame.kind === "message") return frame.bytes.toString("latin1");
    return frame.kind === "error" ? frame.error.code : frame.kind;
  });
}

describe("messages", () => {
  const first = message("one\r\n\r\n");
  const second = message("", "l :\r\n 0");
  const third = Buffer.from("OPTIONS sip:a@b SIP/2.0\nContent-Length: 2\n\nhi");
  const stream = Buffer.concat([first, second, third]);
  const expected = [first, second, third].map((bytes) => bytes.toString("latin1"));

  test("in one chunk", () => expect(shown(new StreamFramer().push(stream))).toEqual(expected));

  test.each([1, 2, 3, 7, 64, 300])("in chunks of %d bytes", (size) => {
    const framer = new StreamFramer();
    const frames: Frame[] = [];
    for (let at = 0; at < stream.length; at += size) frames.push(...framer.push(stream.subarray(at, at + size)));
    expect(shown(frames)).toEqual(expected);
    expect(framer.pending).toBe(0);
  });

  test("cut anywhere", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const framer = new StreamFramer();
      const frames = [...framer.push(stream.subarray(0, cut)), ...framer.push(stream.subarray(cut))];
      expect(shown(frames)).toEqual(expected);
    }
  });

  test("given out stay as they are when more comes", () => {
    const framer = new StreamFramer();
    framer.push(first.subarray(0, 5));
    const [frame] = framer.push(Buffer.concat([first.subarray(5), second.subarray(0, 9)]));
    framer.push(second.subarray(9));
    expect(frame).toEqual({ kind: "message", bytes: first });
  });

  test("half a message is pending", () => {
    const framer = new StreamFramer();
    expect(framer.push(first.subarray(0, 20))).toEqual([]);
    expect(framer.pending).toBe(20);
  });
});

describe("keep-alives", () => {
  const text = message("x").toString("latin1");
  test.each([
    ["\r\n\r\n", ["ping"]],
    ["\r\n", ["pong"]],
    [`\r\n\r\n${text}\r\n${text}`, ["ping", text, "pong", text]],
    ["\r\n\r\n\r\n", ["ping", "pong"]],
    [`\n\n${text}`, [text]],
  ])("%j", (bytes, expected) => expect(shown(new StreamFramer().push(Buffer.from(bytes, "latin1")))).toEqual(expected));

  test.each([1, 3])("a ping cut after %d bytes is still one", (cut) => {
    const framer = new StreamFramer();
    expect(shown(framer.push(Buffer.from("\r\n\r\n".slice(0, cut))))).toEqual([]);
    expect(shown(framer.push(Buffer.from("\r\n\r\n".slice(cut))))).toEqual(["ping"]);
  });

  test("an answer is not held back to see whether more comes", () => {
    const framer = new StreamFramer();
    expect(shown(framer.push(Buffer.from("\r\n")))).toEqual(["pong"]);
    expect(shown(framer.push(Buffer.from("\r\n")))).toEqual(["pong"]);
  });
});

describe("what cannot be read", () => {
  test.each([
    ["Subject: no length", "SIP_NO_CONTENT_LENGTH", 400],
    ["Content-Length: -999", "SIP_BAD_CONTENT_LENGTH", 400],
    ["Content-Length: 1\r\nl: 2", "SIP_CONTENT_LENGTH_CONFLICT", 400],
    ["Content-Length: 1\r2", "SIP_BAD_CONTENT_LENGTH", 400],
    [`Content-Length: ${limits.bodyBytes + 1}`, "SIP_BODY_TOO_LARGE", 413],
  ])("%s", (line, code, status) => {
    const bytes = message("", line);
    const framer = new StreamFramer();
    expect(framer.push(Buffer.concat([bytes, message("x")]))).toEqual([
      { kind: "error", error: expect.objectContaining({ code, status }), head: bytes },
    ]);
    expect(framer.push(message("x"))).toEqual([]);
    expect(framer.pending).toBe(0);
  });

  test("a start line without end", () => {
    const framer = new StreamFramer();
    expect(framer.push(Buffer.alloc(limits.startLineBytes, "x"))).toEqual([]);
    expect(shown(framer.push(Buffer.from("x")))).toEqual(["SIP_START_LINE_TOO_LONG"]);
  });

  test("a head without end", () => {
    const framer = new StreamFramer();
    const line = Buffer.from(`${startLine}\r\n`);
    expect(framer.push(line)).toEqual([]);
    expect(framer.push(Buffer.alloc(limits.headBytes - line.length, "x: y\r\n"))).toEqual([]);
    expect(shown(framer.push(Buffer.from("x")))).toEqual(["SIP_HEAD_TOO_LARGE"]);
  });

  test("a carriage return that begins nothing", () => {
    expect(shown(new StreamFramer().push(Buffer.from("\rx")))).toEqual(["SIP_NOT_SIP"]);
    expect(shown(new StreamFramer().push(Buffer.from("\r\n\rx")))).toEqual(["pong", "SIP_NOT_SIP"]);
  });

  test("a head larger than all limits, byte by byte, costs each byte only a few looks", () => {
    const framer = new StreamFramer();
    const byte = Buffer.from("x");
    framer.push(Buffer.from(`${startLine}\r\n`));
    let frames: Frame[] = [];
    for (let count = 0; count <= limits.headBytes && frames.length === 0; count++) frames = framer.push(byte);
    expect(shown(frames)).toEqual(["SIP_HEAD_TOO_LARGE"]);
  });
});
