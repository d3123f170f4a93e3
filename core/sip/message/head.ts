/** What the parser of whole messages and the framer of streams both know about the head of a message. */
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import { limits } from "./limits.ts";
import { parseNumber } from "./text.ts";

const CR = 0x0d;
const LF = 0x0a;

export const headTooLarge = sipError("SIP_HEAD_TOO_LARGE", "Message Head Too Large", 513);
export const startLineTooLong = sipError("SIP_START_LINE_TOO_LONG", "Start Line Too Long", 414);

export const noContentLength = sipError("SIP_NO_CONTENT_LENGTH", "Missing Content-Length", 400);

/**
 * Looks for the empty line from a place on. `found` is where the body begins; while there is none, `next` is where
 * to go on when more bytes have come. Lines may end in CRLF or LF.
 */
export function findHeadEnd(bytes: Buffer, from: number): { readonly found?: number; readonly next: number } {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const second = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (second >= bytes.length) return { next: at };
    if (bytes[second] === LF) return { found: second + 1, next: second + 1 };
  }
  return { next: bytes.length };
}

/** The one length that all Content-Length values agree on; undefined when there is none. */
export function bodyLength(values: readonly string[]): Result<number | undefined, SipError> {
  let length: number | undefined;
  let isOne = true;
  for (const value of values) {
    const number = parseNumber(value, Number.POSITIVE_INFINITY);
    if (number === undefined) return malformedLength;
    isOne &&= length === undefined || number === length;
    length ??= number;
  }
  if (!isOne) return conflictingLength;
  return length !== undefined && length > limits.bodyBytes ? bodyTooLarge : success(length);
}

const malformedLength = failure(sipError("SIP_BAD_CONTENT_LENGTH", "Malformed Content-Length", 400));
const conflictingLength = failure(sipError("SIP_CONTENT_LENGTH_CONFLICT", "Conflicting Content-Length", 400));
export const bodyTooLarge = failure(sipError("SIP_BODY_TOO_LARGE", "Body Too Large", 413));
