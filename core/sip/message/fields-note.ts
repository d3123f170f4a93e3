/** Header fields that tell people and programs about a message: times, warnings, products (RFC 3261 §20). */
import { DIGIT } from "./characters.ts";
import { MAX_NUMBER, readInfoUri, readLowerToken, readText, readWord } from "./field-readers.ts";
import { fieldOf } from "./header.ts";
import type { Params } from "./params.ts";
import { readParams } from "./params.ts";
import type { Source } from "./source.ts";
import { codeAt, readNumber, skip, skipBlanks } from "./source.ts";
import { parseNumber, trim, unquote, utf8 } from "./text.ts";

/** For people. */
export const SUBJECT = fieldOf("subject", readText);
export const ORGANIZATION = fieldOf("organization", readText);
/** In lower case: emergency, urgent, normal, non-urgent or an extension. */
export const PRIORITY = fieldOf("priority", readLowerToken);
/** The Call-IDs that are answered. */
export const IN_REPLY_TO = fieldOf("in-reply-to", readWord);
export const ALERT_INFO = fieldOf("alert-info", readInfoUri);
export const CALL_INFO = fieldOf("call-info", readInfoUri);
export const ERROR_INFO = fieldOf("error-info", readInfoUri);

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;

/** RFC 3261 §20.17: milliseconds since 1970, from the one form that is allowed, in GMT. */
export const DATE_FIELD = fieldOf("date", readDate);

function readDate({ text }: Source, from: number, to: number): number | undefined {
  const [, day, monthName = "", year, hour, minute, second] = DATE.exec(trim(text.slice(from, to))) ?? [];
  const month = MONTHS.indexOf(monthName);
  const time = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  const made = new Date(time);
  const isReal = made.getUTCDate() === Number(day) && made.getUTCHours() === Number(hour) && month >= 0;
  return isReal && Number(minute) < 60 && Number(second) <= 60 ? time : undefined;
}

export interface Timestamp {
  /** By the clock of whoever sent the request. */
  readonly seconds: number;
  /** Seconds that the server took (RFC 3261 §8.2.6.1). */
  readonly delay: number | undefined;
}

/** RFC 3261 §20.38. */
export const TIMESTAMP = fieldOf("timestamp", readTimestamp);

function readTimestamp({ text }: Source, from: number, to: number): Timestamp | undefined {
  const match = /^(\d{1,15}(?:\.\d{0,9})?)(?:[ \t]+(\d{0,15}(?:\.\d{0,9})?))?$/.exec(trim(text.slice(from, to)));
  if (!match) return undefined;
  return { seconds: Number(match[1]), delay: match[2] ? Number(match[2]) : undefined };
}

export interface RetryAfter {
  readonly seconds: number;
  /** For people. */
  readonly comment: string | undefined;
  /** Seconds for which the sender can be reached from then on. */
  readonly duration: number | undefined;
  readonly params: Params;
}

/** RFC 3261 §20.33. */
export const RETRY_AFTER = fieldOf("retry-after", readRetryAfter);

function readRetryAfter(source: Source, from: number, to: number): RetryAfter | undefined {
  const start = skipBlanks(source, from, to);
  const end = skip(source, start, to, DIGIT);
  const seconds = readNumber(source, start, end, Number.MAX_VALUE);
  const open = skipBlanks(source, end, to);
  const close = open < to && codeAt(source, open) === 0x28 ? endOfComment(source, open, to) : open;
  const params = close < 0 ? undefined : readParams(source, close, to);
  if (seconds === undefined || !params) return undefined;
  const comment = close > open ? utf8(source.text.slice(open + 1, close - 1)) : undefined;
  const duration = parseNumber(params.get("duration"), MAX_NUMBER);
  return { seconds: Math.min(seconds, MAX_NUMBER), comment, duration, params };
}

/** Where the comment that begins there has ended, comments within it included (RFC 3261 §25.1); -1 when nowhere. */
function endOfComment(source: Source, from: number, to: number): number {
  let depth = 0;
  for (let at = from; at < to; at++) {
    const code = codeAt(source, at);
    if (code === 0x5c) at++;
    else if (code === 0x28) depth++;
    else if (code === 0x29 && --depth === 0) return at + 1;
  }
  return -1;
}

export interface Warning {
  readonly code: number;
  /** Host or pseudonym of whoever warns. */
  readonly agent: string;
  /** For people. */
  readonly text: string;
}

/** RFC 3261 §20.43. */
export const WARNING = fieldOf("warning", readWarning);

function readWarning({ text }: Source, from: number, to: number): Warning | undefined {
  const [, code, agent = "", quoted = ""] =
    /^(\d{3})[ \t]+([^ \t"]+)[ \t]+("(?:[^"\\]|\\[^])*")$/.exec(trim(text.slice(from, to))) ?? [];
  return code === undefined ? undefined : { code: Number(code), agent, text: utf8(unquote(quoted)) };
}

/** A product, or a comment on the one before. */
export type ServerPart =
  | { readonly product: string; readonly version: string | undefined }
  | { readonly comment: string };

/** RFC 3261 §20.35, §20.41. */
export const USER_AGENT = fieldOf("user-agent", readProducts);
export const SERVER = fieldOf("server", readProducts);

function readProducts(source: Source, from: number, to: number): readonly ServerPart[] | undefined {
  const parts: ServerPart[] = [];
  for (let at = skipBlanks(source, from, to); at < to; at = skipBlanks(source, at, to)) {
    const isComment = codeAt(source, at) === 0x28;
    const end = isComment ? endOfComment(source, at, to) : endOfProduct(source, at, to);
    if (end < 0) return undefined;
    parts.push(isComment ? { comment: utf8(source.text.slice(at + 1, end - 1)) } : product(source.text.slice(at, end)));
    at = end;
  }
  return parts.length === 0 ? undefined : parts;
}

function endOfProduct(source: Source, from: number, to: number): number {
  let at = from;
  while (at < to && !PRODUCT_ENDS.has(codeAt(source, at))) at++;
  return at;
}

/** Space, tab and the beginning of a comment. */
const PRODUCT_ENDS = new Set([0x20, 0x09, 0x28]);

function product(text: string): ServerPart {
  const slash = text.indexOf("/");
  if (slash < 0) return { product: utf8(text), version: undefined };
  return { product: utf8(text.slice(0, slash)), version: utf8(text.slice(slash + 1)) };
}
