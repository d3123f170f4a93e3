/**
 * The decoded header fields of a message, each computed once and only when asked for.
 * What is absent or malformed is undefined (or left out of a list): `check.ts` tells the two apart.
 */
import { BLANK, DIGIT, TOKEN } from "./characters.ts";
import type { Headers } from "./header.ts";
import { readValue, valueOf } from "./header-line.ts";
import { headerId } from "./header-names.ts";
import type { NameAddr } from "./name-addr.ts";
import { readNameAddr } from "./name-addr.ts";
import type { Params } from "./params.ts";
import { readParams } from "./params.ts";
import type { Reader, Source } from "./source.ts";
import { codeAt, endOfValue, readNumber, skip, skipBack } from "./source.ts";
import { parseNumber, unquote } from "./text.ts";
import { lowerCaseAt, tokenAt } from "./tokens.ts";
import type { Via } from "./via.ts";
import { readVia } from "./via.ts";

export type { NameAddr } from "./name-addr.ts";
export { formatNameAddr, parseNameAddr } from "./name-addr.ts";
export type { Params } from "./params.ts";
export { formatParams } from "./params.ts";
export { unquote } from "./text.ts";
export type { Via } from "./via.ts";
export { formatVia } from "./via.ts";

/** A message, or anything else with headers. */
export interface WithHeaders {
  readonly headers: Headers;
}

/** The largest CSeq number, Expires and the like: 32 bits (RFC 3261 §8.1.1.5, §20.19). */
export const MAX_NUMBER = 2 ** 32 - 1;

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

export interface ContentType {
  /** In lower case: `text/plain`. */
  readonly type: string;
  readonly params: Params;
}

export interface EventField {
  /** In lower case: `presence`, `presence.winfo`. */
  readonly name: string;
  readonly id?: string;
  readonly params: Params;
}

export interface SubscriptionState {
  /** In lower case: active, pending, terminated or an extension. */
  readonly state: string;
  /** In lower case: deactivated, probation, rejected, timeout, giveup, noresource, invariant or an extension. */
  readonly reason?: string;
  /** Seconds. */
  readonly expires?: number;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly params: Params;
}

export function from(message: WithHeaders): NameAddr | undefined {
  return message.headers.once(decodeFrom);
}
const decodeFrom = (headers: Headers): NameAddr | undefined => readFirst(headers, "from", readNameAddr);

export function to(message: WithHeaders): NameAddr | undefined {
  return message.headers.once(decodeTo);
}
const decodeTo = (headers: Headers): NameAddr | undefined => readFirst(headers, "to", readNameAddr);

/** What a reader makes of the whole first line of a header. */
function readFirst<T>(headers: Headers, id: string, read: Reader<T | undefined>): T | undefined {
  const line = headers.line(id);
  return line && readValue(line, read);
}

export function fromTag(message: WithHeaders): string | undefined {
  return from(message)?.params.get("tag") || undefined;
}

export function toTag(message: WithHeaders): string | undefined {
  return to(message)?.params.get("tag") || undefined;
}

/** The Call-ID, which is compared byte by byte (RFC 3261 §8.1.1.4); empty when absent. */
export function callId(message: WithHeaders): string {
  const line = message.headers.line("call-id");
  return line ? valueOf(line) : "";
}

export function cseq(message: WithHeaders): CSeq | undefined {
  return message.headers.once(decodeCSeq);
}
const decodeCSeq = (headers: Headers): CSeq | undefined => readFirst(headers, "cseq", readCSeq);

function readCSeq(source: Source, from: number, to: number): CSeq | undefined {
  const start = skip(source, from, to, BLANK);
  const end = skip(source, start, to, DIGIT);
  const method = skip(source, end, to, BLANK);
  const methodEnd = skip(source, method, to, TOKEN);
  const number = readNumber(source, start, end, MAX_NUMBER);
  const isWhole = method > end && methodEnd > method && skip(source, methodEnd, to, BLANK) === to;
  return number === undefined || !isWhole ? undefined : { number, method: tokenAt(source, method, methodEnd) };
}

/** The topmost first. */
export function vias(message: WithHeaders): readonly Via[] {
  return message.headers.once(decodeVias);
}
const decodeVias = (headers: Headers): readonly Via[] => headers.readValues("via", readVia);

export function topVia(message: WithHeaders): Via | undefined {
  return message.headers.once(decodeTopVia);
}
const decodeTopVia = (headers: Headers): Via | undefined => readFirst(headers, "via", readTopVia);

function readTopVia(source: Source, from: number, to: number): Via | undefined {
  const start = skip(source, from, to, BLANK);
  const comma = endOfValue(source, start, to);
  return readVia(source, start, skipBack(source, start, comma));
}

/** The contacts, or `*` when a REGISTER removes all (RFC 3261 §10.2.2). */
export function contacts(message: WithHeaders): readonly NameAddr[] | "*" {
  return message.headers.once(decodeContacts);
}

function decodeContacts(headers: Headers): readonly NameAddr[] | "*" {
  const list = headers.readValues("contact", readNameAddr);
  const values = list.length === 0 ? headers.values("contact") : [];
  return values.length === 1 && values[0] === "*" ? "*" : list;
}

export function routes(message: WithHeaders): readonly NameAddr[] {
  return message.headers.once(decodeRoutes);
}
const decodeRoutes = (headers: Headers): readonly NameAddr[] => headers.readValues("route", readNameAddr);

export function recordRoutes(message: WithHeaders): readonly NameAddr[] {
  return message.headers.once(decodeRecordRoutes);
}
const decodeRecordRoutes = (headers: Headers): readonly NameAddr[] => headers.readValues("record-route", readNameAddr);

/** From 0 to 255 (RFC 3261 §20.22). */
export function maxForwards(message: WithHeaders): number | undefined {
  return readFirst(message.headers, "max-forwards", readHops);
}
const readHops: Reader<number | undefined> = (source, from, to) => readTrimmedNumber(source, from, to, 255);

/** Seconds. Larger values than 32 bits hold mean the largest (RFC 4475 §3.1.2.4 lets them be defaulted). */
export function expires(message: WithHeaders): number | undefined {
  return readFirst(message.headers, "expires", readSeconds);
}

function readSeconds(source: Source, from: number, to: number): number | undefined {
  const number = readTrimmedNumber(source, from, to, Number.MAX_VALUE);
  return number === undefined ? undefined : Math.min(number, MAX_NUMBER);
}

function readTrimmedNumber(source: Source, from: number, to: number, max: number): number | undefined {
  const start = skip(source, from, to, BLANK);
  return readNumber(source, start, skipBack(source, start, to), max);
}

function seconds(text: string | undefined): number | undefined {
  const number = parseNumber(text, Number.MAX_VALUE);
  return number === undefined ? undefined : Math.min(number, MAX_NUMBER);
}

export function contentType(message: WithHeaders): ContentType | undefined {
  return message.headers.once(decodeContentType);
}
const decodeContentType = (headers: Headers): ContentType | undefined =>
  readFirst(headers, "content-type", readContentType);

function readContentType(source: Source, from: number, to: number): ContentType | undefined {
  const start = skip(source, from, to, BLANK);
  const typeEnd = skip(source, start, to, TOKEN);
  const slash = skip(source, typeEnd, to, BLANK);
  const subtype = skip(source, slash + 1, to, BLANK);
  const end = skip(source, subtype, to, TOKEN);
  if (typeEnd === start || slash >= to || codeAt(source, slash) !== 0x2f || end <= subtype) return undefined;
  const params = readParams(source, end, to);
  if (!params) return undefined;
  const isClose = subtype === typeEnd + 1;
  const type = isClose
    ? lowerCaseAt(source, start, end)
    : `${lowerCaseAt(source, start, typeEnd)}/${lowerCaseAt(source, subtype, end)}`;
  return { type, params };
}

interface TokenWithParams {
  /** In lower case. */
  readonly token: string;
  readonly params: Params;
}

function readTokenWithParams(source: Source, from: number, to: number): TokenWithParams | undefined {
  const start = skip(source, from, to, BLANK);
  const end = skip(source, start, to, TOKEN);
  const params = end === start ? undefined : readParams(source, end, to);
  return params && { token: lowerCaseAt(source, start, end), params };
}

/** RFC 6665 §8.2.1. */
export function event(message: WithHeaders): EventField | undefined {
  return message.headers.once(decodeEvent);
}

function decodeEvent(headers: Headers): EventField | undefined {
  const value = readFirst(headers, "event", readTokenWithParams);
  if (!value) return undefined;
  const { token: name, params } = value;
  const id = params.get("id");
  return id === undefined ? { name, params } : { name, id, params };
}

/** RFC 6665 §8.2.3. */
export function subscriptionState(message: WithHeaders): SubscriptionState | undefined {
  return message.headers.once(decodeSubscriptionState);
}

function decodeSubscriptionState(headers: Headers): SubscriptionState | undefined {
  const value = readFirst(headers, "subscription-state", readTokenWithParams);
  if (!value) return undefined;
  const { token, params } = value;
  const state: { -readonly [Name in keyof SubscriptionState]: SubscriptionState[Name] } = { state: token, params };
  const reason = params.get("reason");
  const expires = seconds(params.get("expires"));
  const retryAfter = seconds(params.get("retry-after"));
  if (reason !== undefined) state.reason = unquote(reason).toLowerCase();
  if (expires !== undefined) state.expires = expires;
  if (retryAfter !== undefined) state.retryAfter = retryAfter;
  return state;
}

/** The tags in Supported, Require, Proxy-Require, Allow and the like, as they were sent; an empty header has none. */
export function optionTags(message: WithHeaders, name: string): readonly string[] {
  return message.headers.readValues(headerId(name), readTag);
}
const readTag: Reader<string | undefined> = (source, from, to) => (from === to ? undefined : tokenAt(source, from, to));
