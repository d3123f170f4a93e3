/** Bytes to message (RFC 3261 §7, §18.3). Linear in the length of the message; header values are decoded later. */
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import { bodyLength, findHeadEnd, headTooLarge, noContentLength, startLineTooLong } from "./head.ts";
import type { Header } from "./header.ts";
import { Headers, parseHeader } from "./header.ts";
import { limits } from "./limits.ts";
import type { SipMessage, SipRequest } from "./message.ts";
import { TOKEN_CHARACTERS } from "./text.ts";

const CR = 0x0d;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Why a message could not be parsed. */
export interface ParseFailure extends SipError {
  /** What was understood of a request, when that suffices to answer it: Via, From, To, Call-ID and CSeq are there. */
  readonly request?: SipRequest;
}

/** What a start line says, with the first thing that is wrong with it. */
type StartLine =
  | { readonly kind: "request"; readonly method: string; readonly uri: string; readonly fault?: SipError }
  | { readonly kind: "response"; readonly status: number; readonly reason: string; readonly fault?: SipError };

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
  const { found: bodyStart } = findHeadEnd(bytes, start);
  if ((bodyStart ?? bytes.length) - start > limits.headBytes) return failure(headTooLarge);
  const text = bytes.toString("latin1", start, bodyStart ?? bytes.length);
  const lineEnd = endOfLine(text, 0);
  const line = parseStartLine(text.slice(0, withoutCr(text, 0, lineEnd)));
  if (!line) return failure(sipError("SIP_NOT_SIP", "Not a SIP Message"));
  const { headers, fault } = parseHeaders(text, lineEnd + 1);
  const broken = line.fault ?? fault ?? (text.endsWith("\n") ? undefined : unendedHead);
  if (broken) return failed(broken, line, headers);
  const body = cutBody(bytes.subarray(bodyStart ?? bytes.length), headers, framing);
  return body.ok ? success(assemble(line, headers, body.value)) : failed(body.error, line, headers);
}

const unendedHead = sipError("SIP_UNENDED_HEAD", "Headers Do Not End", 400);
const badRequestLine = sipError("SIP_BAD_REQUEST_LINE", "Malformed Request Line", 400);
const badStatusLine = sipError("SIP_BAD_STATUS_LINE", "Malformed Status Line");
const badVersion = sipError("SIP_BAD_VERSION", "Version Not Supported", 505);
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

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function withoutCr(text: string, start: number, end: number): number {
  return end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end;
}

const REQUEST_LINE = new RegExp(`^([${TOKEN_CHARACTERS}]+) ([^ ]+) SIP/([0-9]+)\\.([0-9]+)$`, "i");
/** A request line with too many spaces, say: understood well enough to be refused. */
const POOR_REQUEST_LINE = new RegExp(`^([${TOKEN_CHARACTERS}]+)[ \\t](.*)[ \\t]SIP/[0-9]+\\.[0-9]+[ \\t]*$`, "i");
const STATUS_LINE = /^SIP\/([0-9]+)\.([0-9]+) ([1-6][0-9]{2})(?: (.*))?$/i;

/** Undefined for what is not even meant to be SIP. */
function parseStartLine(text: string): StartLine | undefined {
  const tooLong = text.length > limits.startLineBytes;
  const source = tooLong ? "" : text;
  if (/^SIP\//i.test(text)) return parseStatusLine(source);
  const match = REQUEST_LINE.exec(source);
  const [, method = "", uri = "", major, minor] = match ?? POOR_REQUEST_LINE.exec(source) ?? [];
  if (tooLong) return { kind: "request", method, uri, fault: startLineTooLong };
  if (method === "") return undefined;
  if (!match || text.includes("\r")) return { kind: "request", method, uri, fault: badRequestLine };
  if (Number(major) !== 2 || Number(minor) !== 0) return { kind: "request", method, uri, fault: badVersion };
  return { kind: "request", method, uri };
}

function parseStatusLine(text: string): StartLine {
  const [, major, minor, status, reason = ""] = STATUS_LINE.exec(text) ?? [];
  const line = { kind: "response", status: Number(status), reason } as const;
  if (status === undefined || reason.includes("\r")) return { ...line, fault: badStatusLine };
  return Number(major) === 2 && Number(minor) === 0 ? line : { ...line, fault: badVersion };
}

/** Reads header lines up to the empty one. With a fault come those that could be read, so that it can be answered. */
function parseHeaders(text: string, from: number): { readonly headers: Headers; readonly fault?: SipError } {
  const list: Header[] = [];
  let fault: SipError | undefined;
  for (let start = from; start < text.length;) {
    const end = endOfHeader(text, start);
    const line = text.slice(start, withoutCr(text, start, end));
    start = end + 1;
    if (line === "") break;
    if (list.length >= limits.headerCount) {
      fault ??= tooManyHeaders;
      break;
    }
    const header = line.length > limits.headerLineBytes ? undefined : parseHeaderLine(line);
    if (header) list.push(header);
    else fault ??= line.length > limits.headerLineBytes ? headerTooLong : badHeader;
  }
  return fault ? { headers: Headers.of(list), fault } : { headers: Headers.of(list) };
}

/** A line that begins with white space continues the one before (RFC 3261 §7.3.1). */
function endOfHeader(text: string, start: number): number {
  let end = endOfLine(text, start);
  for (let next = text.charCodeAt(end + 1); next === 0x20 || next === 0x09; next = text.charCodeAt(end + 1))
    end = endOfLine(text, end + 1);
  return end;
}

/**
 * A carriage return alone is refused: others might take it for the end of the line, and so see other headers than
 * we do. Folds that came with bare LFs leave with CRLF for the same reason.
 */
function parseHeaderLine(line: string): Header | undefined {
  if (!line.includes("\n")) return line.includes("\r") ? undefined : parseHeader(line);
  const folded = line.replaceAll("\r\n", "\n");
  return folded.includes("\r") ? undefined : parseHeader(folded.replaceAll("\n", "\r\n"));
}

function cutBody(rest: Buffer, headers: Headers, framing: "datagram" | "stream"): Result<Buffer, SipError> {
  const length = bodyLength(headers.lines("content-length"));
  if (!length.ok) return length;
  if (length.value === undefined) {
    if (framing === "stream") return failure(noContentLength);
    return rest.length > limits.bodyBytes
      ? failure(sipError("SIP_BODY_TOO_LARGE", "Body Too Large", 413))
      : success(rest);
  }
  if (rest.length < length.value)
    return failure(sipError("SIP_BODY_TOO_SHORT", "Body Shorter Than Content-Length", 400));
  return success(rest.subarray(0, length.value));
}
