/**
 * The decoded header fields of a message, each computed once and only when asked for.
 * What is absent or malformed is undefined (or left out of a list): `check.ts` tells the two apart.
 */
import { DIGIT, TOKEN } from "./characters.ts";
import type { Headers } from "./header.ts";
import { fieldOf } from "./header.ts";
import { valueOf } from "./header-line.ts";
import { MAX_NUMBER, readSeconds, readTokenWithParams, readTrimmedNumber, seconds } from "./field-readers.ts";
import type { ContentType } from "./fields-content.ts";
import { CONTENT_TYPE } from "./fields-content.ts";
import { headerName } from "./header-names.ts";
import type { NameAddr } from "./name-addr.ts";
import { readNameAddr } from "./name-addr.ts";
import type { Params } from "./params.ts";
import type { Reader, Source } from "./source.ts";
import { endOfValue, readNumber, skip, skipBlanks, skipBack } from "./source.ts";
import { unquote } from "./text.ts";
import type { Via } from "./via.ts";
import { readVia } from "./via.ts";

export type { NameAddr } from "./name-addr.ts";
export { MAX_NUMBER } from "./field-readers.ts";
export type { ContentType } from "./fields-content.ts";
export { parseContentType } from "./fields-content.ts";
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

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

export interface EventField {
  /** In lower case: `presence`, `presence.winfo`. */
  readonly name: string;
  readonly id: string | undefined;
  readonly params: Params;
}

export interface SubscriptionState {
  /** In lower case: active, pending, terminated or an extension. */
  readonly state: string;
  /** In lower case: deactivated, probation, rejected, timeout, giveup, noresource, invariant or an extension. */
  readonly reason: string | undefined;
  /** Seconds. */
  readonly expires: number | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  readonly params: Params;
}

export const FROM = fieldOf("from", readNameAddr);

export function from(message: WithHeaders): NameAddr | undefined {
  return message.headers.first(FROM);
}

export const TO = fieldOf("to", readNameAddr);

export function to(message: WithHeaders): NameAddr | undefined {
  return message.headers.first(TO);
}

export function fromTag(message: WithHeaders): string | undefined {
  return from(message)?.params.get("tag") || undefined;
}

export function toTag(message: WithHeaders): string | undefined {
  return to(message)?.params.get("tag") || undefined;
}

const CALL_ID = headerName("call-id");

/** The Call-ID, which is compared byte by byte (RFC 3261 §8.1.1.4); empty when absent. */
export function callId(message: WithHeaders): string {
  const line = message.headers.line(CALL_ID);
  return line ? valueOf(line) : "";
}

export const CSEQ = fieldOf("cseq", readCSeq);

export function cseq(message: WithHeaders): CSeq | undefined {
  return message.headers.first(CSEQ);
}

function readCSeq(source: Source, from: number, to: number): CSeq | undefined {
  const start = skipBlanks(source, from, to);
  const end = skip(source, start, to, DIGIT);
  const method = skipBlanks(source, end, to);
  const methodEnd = skip(source, method, to, TOKEN);
  const number = readNumber(source, start, end, MAX_NUMBER);
  const isWhole = method > end && methodEnd > method && skipBlanks(source, methodEnd, to) === to;
  return number === undefined || !isWhole ? undefined : { number, method: source.text.slice(method, methodEnd) };
}

export const VIAS = fieldOf("via", readVia);

/** The topmost first. */
export function vias(message: WithHeaders): readonly Via[] {
  return message.headers.all(VIAS);
}

const TOP_VIA = fieldOf("via", readTopVia);

export function topVia(message: WithHeaders): Via | undefined {
  return message.headers.first(TOP_VIA);
}

function readTopVia(source: Source, from: number, to: number): Via | undefined {
  const start = skipBlanks(source, from, to);
  const comma = endOfValue(source, start, to);
  return readVia(source, start, skipBack(source, start, comma));
}

export const CONTACTS = fieldOf("contact", readNameAddr);

/** The contacts, or `*` when a REGISTER removes all (RFC 3261 §10.2.2). */
export function contacts(message: WithHeaders): readonly NameAddr[] | "*" {
  const list = message.headers.all(CONTACTS);
  if (list.length > 0) return list;
  const values = message.headers.has("contact") ? message.headers.values("contact") : [];
  return values.length === 1 && values[0] === "*" ? "*" : list;
}

export const ROUTES = fieldOf("route", readNameAddr);

export function routes(message: WithHeaders): readonly NameAddr[] {
  return message.headers.all(ROUTES);
}

export const RECORD_ROUTES = fieldOf("record-route", readNameAddr);

export function recordRoutes(message: WithHeaders): readonly NameAddr[] {
  return message.headers.all(RECORD_ROUTES);
}

export const MAX_FORWARDS = fieldOf("max-forwards", (source, from, to) => readTrimmedNumber(source, from, to, 255));

/** From 0 to 255 (RFC 3261 §20.22). */
export function maxForwards(message: WithHeaders): number | undefined {
  return message.headers.first(MAX_FORWARDS);
}

export const EXPIRES = fieldOf("expires", readSeconds);

/** Seconds. Larger values than 32 bits hold mean the largest (RFC 4475 §3.1.2.4 lets them be defaulted). */
export function expires(message: WithHeaders): number | undefined {
  return message.headers.first(EXPIRES);
}

/** RFC 3261 §20.15. */
export function contentType(message: WithHeaders): ContentType | undefined {
  return message.headers.first(CONTENT_TYPE);
}

export const EVENT = fieldOf("event", readEvent);

/** RFC 6665 §8.2.1. */
export function event(message: WithHeaders): EventField | undefined {
  return message.headers.first(EVENT);
}

function readEvent(source: Source, from: number, to: number): EventField | undefined {
  const value = readTokenWithParams(source, from, to);
  return value && { name: value.token, id: value.params.get("id"), params: value.params };
}

export const SUBSCRIPTION_STATE = fieldOf("subscription-state", readSubscriptionState);

/** RFC 6665 §8.2.3. */
export function subscriptionState(message: WithHeaders): SubscriptionState | undefined {
  return message.headers.first(SUBSCRIPTION_STATE);
}

function readSubscriptionState(source: Source, from: number, to: number): SubscriptionState | undefined {
  const value = readTokenWithParams(source, from, to);
  if (!value) return undefined;
  const { token: state, params } = value;
  const reason = params.get("reason");
  return {
    state,
    reason: reason === undefined ? undefined : unquote(reason).toLowerCase(),
    expires: seconds(params.get("expires")),
    retryAfter: seconds(params.get("retry-after")),
    params,
  };
}

/** The tags in Supported, Require, Proxy-Require, Allow and the like, as they were sent; an empty header has none. */
export function optionTags(message: WithHeaders, name: string): readonly string[] {
  const wanted = headerName(name);
  return message.headers.line(wanted) ? message.headers.readEach(wanted, readTag) : [];
}

/** One tag; an empty header has none. */
export const readTag: Reader<string | undefined> = ({ text }, from, to) =>
  from === to ? undefined : text.slice(from, to);
