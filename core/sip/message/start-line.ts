/**
 * The first line of a message (RFC 3261 §7.1, §7.2). The trick of this file: what is written as it should be is read
 * by looking at each character once; only other lines are given to the patterns, which know what may be wrong.
 */
import { TOKEN, TOKEN_CHARACTERS, URI } from "./characters.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import { startLineTooLong } from "./head.ts";
import { limits } from "./limits.ts";
import type { Source } from "./source.ts";
import { codeAt, indexOf, readNumber, skip } from "./source.ts";

/** What a start line says, with the first thing that is wrong with it. */
export type StartLine =
  | { readonly kind: "request"; readonly method: string; readonly uri: string; readonly fault?: SipError }
  | { readonly kind: "response"; readonly status: number; readonly reason: string; readonly fault?: SipError };

const badRequestLine = sipError("SIP_BAD_REQUEST_LINE", "Malformed Request Line", 400);
const badStatusLine = sipError("SIP_BAD_STATUS_LINE", "Malformed Status Line");
const badVersion = sipError("SIP_BAD_VERSION", "Version Not Supported", 505);

const VERSION = "SIP/2.0";
const SPACE = 0x20;
const CR = 0x0d;

/** Reads the line that begins a text and ends before `end`. Undefined for what is not even meant to be SIP. */
export function readStartLine(source: Source, end: number): StartLine | undefined {
  const line = end > limits.startLineBytes ? undefined : (readRequestLine(source, end) ?? readStatusLine(source, end));
  return line ?? readOddLine(source.text.slice(0, end));
}

function readRequestLine(source: Source, end: number): StartLine | undefined {
  const { text } = source;
  const version = end - VERSION.length;
  if (!text.startsWith(VERSION, version)) return undefined;
  const methodEnd = skip(source, 0, version, TOKEN);
  const uri = methodEnd + 1;
  const uriEnd = version - 1;
  const isWhole = codeAt(source, methodEnd) === SPACE && codeAt(source, uriEnd) === SPACE;
  if (methodEnd === 0 || uriEnd <= uri || !isWhole) return undefined;
  if (skip(source, uri, uriEnd, URI) < uriEnd) return undefined;
  return { kind: "request", method: text.slice(0, methodEnd), uri: text.slice(uri, uriEnd) };
}

/** `SIP/2.0 200 OK`: the status stands at a place that is known. */
function readStatusLine(source: Source, end: number): StartLine | undefined {
  const from = VERSION.length + 1;
  const to = from + 3;
  if (end <= to || !source.text.startsWith(VERSION) || codeAt(source, from - 1) !== SPACE) return undefined;
  const status = readNumber(source, from, to, 699);
  if (status === undefined || status < 100 || codeAt(source, to) !== SPACE) return undefined;
  if (indexOf(source, CR, to, end) < end) return undefined;
  return { kind: "response", status, reason: source.text.slice(to + 1, end) };
}

const REQUEST_LINE = new RegExp(`^([${TOKEN_CHARACTERS}]+) ([^ ]+) SIP/([0-9]+)\\.([0-9]+)$`, "i");
/** A request line with too many spaces, say: understood well enough to be refused. */
const POOR_REQUEST_LINE = new RegExp(`^([${TOKEN_CHARACTERS}]+)[ \\t](.*)[ \\t]SIP/[0-9]+\\.[0-9]+[ \\t]*$`, "i");
const STATUS_LINE = /^SIP\/([0-9]+)\.([0-9]+) ([1-6][0-9]{2})(?: (.*))?$/i;

function readOddLine(text: string): StartLine | undefined {
  const tooLong = text.length > limits.startLineBytes;
  const source = tooLong ? "" : text;
  if (/^SIP\//i.test(text)) return readOddStatusLine(source);
  const match = REQUEST_LINE.exec(source);
  const [, method = "", uri = "", major, minor] = match ?? POOR_REQUEST_LINE.exec(source) ?? [];
  if (tooLong) return { kind: "request", method, uri, fault: startLineTooLong };
  if (method === "") return undefined;
  if (!match || text.includes("\r")) return { kind: "request", method, uri, fault: badRequestLine };
  if (Number(major) !== 2 || Number(minor) !== 0) return { kind: "request", method, uri, fault: badVersion };
  return { kind: "request", method, uri };
}

function readOddStatusLine(text: string): StartLine {
  const [, major, minor, status, reason = ""] = STATUS_LINE.exec(text) ?? [];
  const line = { kind: "response", status: Number(status), reason } as const;
  if (status === undefined || reason.includes("\r")) return { ...line, fault: badStatusLine };
  return Number(major) === 2 && Number(minor) === 0 ? line : { ...line, fault: badVersion };
}
