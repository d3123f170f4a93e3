/** Bytes to message (RFC 3261 §7, §18.3). Linear in the length of the message; header values are decoded later. */
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import { bodyLength, bodyTooLarge, headTooLarge, noContentLength } from "./head.ts";
import { Headers } from "./header.ts";
import type { HeaderLine } from "./header-line.ts";
import { lineAt, lineOf } from "./header-line.ts";
import { limits } from "./limits.ts";
import type { SipMessage, SipRequest } from "./message.ts";
import type { StartLine } from "./start-line.ts";
import { readStartLine } from "./start-line.ts";

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
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
  const head = readHead(bytes, start);
  if (!head) return failure(headTooLarge);
  const { startLine, headers, fault, length } = head;
  if (!startLine) return failure(sipError("SIP_NOT_SIP", "Not a SIP Message"));
  const broken = startLine.fault ?? fault;
  if (broken) return failed(broken, startLine, headers);
  const body = cutBody(bytes, start + length, headers, framing);
  return body.ok ? success(assemble(startLine, headers, body.value)) : failed(body.error, startLine, headers);
}

const unendedHead = sipError("SIP_UNENDED_HEAD", "Headers Do Not End", 400);
const badHeader = sipError("SIP_BAD_HEADER", "Malformed Header Line", 400);
const headerTooLong = sipError("SIP_HEADER_TOO_LONG", "Header Too Long", 513);
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
function readHead(bytes: Buffer, start: number): Head | undefined {
  const most = Math.min(bytes.length - start, limits.headBytes);
  for (let size = Math.min(FIRST_LOOK, most); ; size = Math.min(size * 4, most)) {
    const text = bytes.toString("latin1", start, start + size);
    const lineEnd = endOfLine(text, 0);
    const { lines, fault, end } = readLines(text, lineEnd + 1);
    if (end === undefined && size < most) continue;
    if (end === undefined && start + size < bytes.length) return undefined;
    return {
      startLine: readStartLine(text, withoutCr(text, 0, lineEnd)),
      headers: Headers.ofLines(lines),
      fault: fault ?? (end === undefined && !text.endsWith("\n") ? unendedHead : undefined),
      length: end ?? size,
    };
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function withoutCr(text: string, start: number, end: number): number {
  return end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end;
}

interface Lines {
  readonly lines: readonly HeaderLine[];
  readonly fault: SipError | undefined;
  /** Behind the empty line; undefined when there is none. */
  readonly end: number | undefined;
}

/** Reads header lines up to the empty one. With a fault come those that could be read, so that it can be answered. */
function readLines(text: string, from: number): Lines {
  const lines: HeaderLine[] = [];
  const extent: Extent = { lineFeed: 0, isFolded: false, hasLoneCr: false };
  let fault: SipError | undefined;
  let start = from;
  while (start < text.length) {
    const end = endOfEmptyLine(text, start);
    if (end !== undefined) return { lines, fault, end: end > text.length ? undefined : end };
    measureLine(text, start, extent);
    const isOneTooMany = lines.length === limits.headerCount;
    const line = isOneTooMany ? undefined : readLine(text, start, extent);
    if (line === undefined || "code" in line) fault ??= line ?? tooManyHeaders;
    else lines.push(line);
    start = extent.lineFeed + 1;
  }
  return { lines, fault, end: undefined };
}

/** Undefined when the line is not empty; beyond the text when its line feed has not come yet. */
function endOfEmptyLine(text: string, start: number): number | undefined {
  const lineFeed = text.charCodeAt(start) === CR ? start + 1 : start;
  return lineFeed === text.length || text.charCodeAt(lineFeed) === LF ? lineFeed + 1 : undefined;
}

/** How far a header line reaches; one that begins with white space continues the one before (RFC 3261 §7.3.1). */
interface Extent {
  /** Of the line, or of its last part; the length of the text when there is none. */
  lineFeed: number;
  isFolded: boolean;
  /** Others might take it for the end of the line, and so see other headers than we do. */
  hasLoneCr: boolean;
}

function measureLine(text: string, start: number, extent: Extent): void {
  extent.isFolded = false;
  extent.hasLoneCr = false;
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > CR) continue;
    const next = text.charCodeAt(at + 1);
    if (code === CR && next !== LF && at + 1 < text.length) extent.hasLoneCr = true;
    if (code !== LF) continue;
    if (next !== SPACE && next !== TAB) break;
    extent.isFolded = true;
  }
  extent.lineFeed = at;
}

function readLine(text: string, start: number, { lineFeed, isFolded, hasLoneCr }: Extent): HeaderLine | SipError {
  const end = withoutCr(text, start, lineFeed);
  if (end - start > limits.headerLineBytes) return headerTooLong;
  if (hasLoneCr) return badHeader;
  // Folds that came with bare line feeds leave with CRLF: line ends must mean the same to everybody.
  const line = isFolded ? lineOf(text.slice(start, end).replace(/\r?\n/g, "\r\n")) : lineAt(text, start, end);
  return line ?? badHeader;
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
