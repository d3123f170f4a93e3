/** Bytes to message (RFC 3261 §7, §18.3). Linear in the length of the message; header values are decoded later. */
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import { bodyLength, bodyTooLarge, headTooLarge, noContentLength } from "./head.ts";
import { Headers } from "./header.ts";
import type { HeaderLine } from "./header-line.ts";
import { LineReader } from "./line-reader.ts";
import { limits } from "./limits.ts";
import type { SipMessage, SipRequest } from "./message.ts";
import type { Source } from "./source.ts";
import { codeAt } from "./source.ts";
import type { StartLine } from "./start-line.ts";
import { readStartLine } from "./start-line.ts";

const CR = 0x0d;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Why a message could not be parsed. */
export interface ParseFailure extends SipError {
  /** What was understood of a request, when that suffices to answer it: Via, From, To, Call-ID and CSeq are there. */
  readonly request?: SipRequest;
}

/**
 * Reads one message. In a datagram what follows the body is dropped, and without Content-Length the body is the rest;
 * from a stream Content-Length has to be there. Accepted though wrong: CRLFs before the message, lines that end in a
 * bare LF, and a message without body whose empty line is missing.
 * Whether the headers make sense is for `checkRequest` and `checkResponse` to say.
 */
export function parseMessage(bytes: Buffer, framing: "datagram" | "stream"): Result<SipMessage, ParseFailure> {
  if (bytes.length > limits.messageBytes) return failure(sipError("SIP_MESSAGE_TOO_LARGE", "Message Too Large", 513));
  let start = 0;
  while (bytes[start] === CR || bytes[start] === LF) start++;
  const whole = start === 0 ? bytes : bytes.subarray(start);
  const head = readHead(whole);
  if (!head) return failure(headTooLarge);
  const { startLine, headers, fault, length } = head;
  if (!startLine) return failure(sipError("SIP_NOT_SIP", "Not a SIP Message"));
  const broken = startLine.fault ?? fault;
  if (broken) return failed(broken, startLine, headers);
  const body = cutBody(whole, length, headers, framing);
  return body.ok ? success(assemble(startLine, headers, body.value)) : failed(body.error, startLine, headers);
}

const unendedHead = sipError("SIP_UNENDED_HEAD", "Headers Do Not End", 400);
const tooManyHeaders = sipError("SIP_TOO_MANY_HEADERS", "Too Many Headers", 513);

function assemble(line: StartLine, headers: Headers, body: Buffer): SipMessage {
  return line.kind === "request"
    ? { kind: "request", method: line.method, uri: line.uri, headers, body }
    : { kind: "response", status: line.status, reason: line.reason, headers, body };
}

const NEEDED_TO_ANSWER = ["via", "from", "to", "call-id", "cseq"];

function failed(error: SipError, line: StartLine, headers: Headers): Result<never, ParseFailure> {
  if (line.kind === "response" || !NEEDED_TO_ANSWER.every((name) => headers.has(name))) return failure(error);
  const request: SipRequest = { kind: "request", method: line.method, uri: line.uri, headers, body: NOTHING };
  return failure({ ...error, request });
}

/** Enough for nearly every head. */
const FIRST_LOOK = 4_096;

interface Head {
  readonly startLine: StartLine | undefined;
  readonly headers: Headers;
  /** The first thing that is wrong with the header lines. */
  readonly fault: SipError | undefined;
  /** Bytes up to the body. */
  readonly length: number;
}

/** Looks at more and more bytes until the head is in sight; undefined when it is beyond its limit. */
function readHead(bytes: Buffer): Head | undefined {
  const most = Math.min(bytes.length, limits.headBytes);
  for (let size = Math.min(FIRST_LOOK, most); ; size = Math.min(size * 4, most)) {
    const text = bytes.toString("latin1", 0, size);
    const source = { text, codes: bytes };
    const firstLineFeed = text.indexOf("\n");
    const lineFeed = firstLineFeed < 0 ? size : firstLineFeed;
    const { lines, fault, end } = readLines(source, lineFeed + 1, size);
    if (end === undefined && size < most) continue;
    if (end === undefined && size < bytes.length) return undefined;
    const isUnended = end === undefined && codeAt(source, size - 1) !== LF;
    return {
      startLine: readStartLine(source, withoutCr(source, 0, lineFeed)),
      headers: Headers.ofLines(lines),
      fault: fault ?? (isUnended ? unendedHead : undefined),
      length: end ?? size,
    };
  }
}

function withoutCr(source: Source, start: number, end: number): number {
  return end > start && codeAt(source, end - 1) === CR ? end - 1 : end;
}

interface Lines {
  readonly lines: readonly HeaderLine[];
  readonly fault: SipError | undefined;
  /** Behind the empty line; undefined when there is none. */
  readonly end: number | undefined;
}

/** Reads header lines up to the empty one. With a fault come those that could be read, so that it can be answered. */
function readLines(source: Source, from: number, to: number): Lines {
  const lines: HeaderLine[] = [];
  let fault: SipError | undefined;
  const reader = new LineReader(source);
  for (let start = from; start < to; start = reader.next) {
    const lineFeed = codeAt(source, start) === CR ? start + 1 : start;
    if (lineFeed === to) break;
    if (codeAt(source, lineFeed) === LF) return { lines, fault, end: lineFeed + 1 };
    const line = reader.read(start);
    if (lines.length === limits.headerCount) fault ??= tooManyHeaders;
    else if ("code" in line) fault ??= line;
    else lines.push(line);
  }
  return { lines, fault, end: undefined };
}

function cutBody(
  bytes: Buffer,
  from: number,
  headers: Headers,
  framing: "datagram" | "stream",
): Result<Buffer, SipError> {
  const length = bodyLength(headers.lines("content-length"));
  if (!length.ok) return length;
  const rest = bytes.length - from;
  if (length.value === undefined) {
    if (framing === "stream") return failure(noContentLength);
    return rest > limits.bodyBytes ? bodyTooLarge : success(bytes.subarray(from));
  }
  if (rest < length.value) return failure(bodyTooShort);
  return success(length.value === 0 ? NOTHING : bytes.subarray(from, from + length.value));
}

const bodyTooShort = sipError("SIP_BODY_TOO_SHORT", "Body Shorter Than Content-Length", 400);
