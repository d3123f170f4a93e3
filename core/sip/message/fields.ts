/**
 * The decoded header fields of a message, each computed once and only when asked for.
 * What is absent or malformed is undefined (or left out of a list): `check.ts` tells the two apart.
 */
import type { Headers } from "./header.ts";
import type { NameAddr } from "./name-addr.ts";
import { parseNameAddr } from "./name-addr.ts";
import type { Params } from "./params.ts";
import { parseParams } from "./params.ts";
import { TOKEN_CHARACTERS, indexOutside, parseNumber, trim, unquote } from "./text.ts";
import type { Via } from "./via.ts";
import { parseVia } from "./via.ts";

export type { NameAddr } from "./name-addr.ts";
export { formatNameAddr, parseNameAddr } from "./name-addr.ts";
export type { Params } from "./params.ts";
export { formatParams, parseParams } from "./params.ts";
export { latin1, quote, unquote, utf8 } from "./text.ts";
export type { Via } from "./via.ts";
export { formatVia, parseVia } from "./via.ts";

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
const decodeFrom = (headers: Headers): NameAddr | undefined => nameAddr(headers.get("from"));

export function to(message: WithHeaders): NameAddr | undefined {
  return message.headers.once(decodeTo);
}
const decodeTo = (headers: Headers): NameAddr | undefined => nameAddr(headers.get("to"));

function nameAddr(value: string | undefined): NameAddr | undefined {
  return value === undefined ? undefined : parseNameAddr(value);
}

export function fromTag(message: WithHeaders): string | undefined {
  return from(message)?.params.get("tag") || undefined;
}

export function toTag(message: WithHeaders): string | undefined {
  return to(message)?.params.get("tag") || undefined;
}

/** The Call-ID, which is compared byte by byte (RFC 3261 §8.1.1.4); empty when absent. */
export function callId(message: WithHeaders): string {
  return message.headers.get("call-id") ?? "";
}

const CSEQ = new RegExp(`^([0-9]+)[ \\t]+([${TOKEN_CHARACTERS}]+)$`);

export function cseq(message: WithHeaders): CSeq | undefined {
  return message.headers.once(decodeCSeq);
}

function decodeCSeq(headers: Headers): CSeq | undefined {
  const match = CSEQ.exec(headers.get("cseq") ?? "");
  const number = parseNumber(match?.[1], MAX_NUMBER);
  return number === undefined ? undefined : { number, method: match?.[2] ?? "" };
}

/** The topmost first. */
export function vias(message: WithHeaders): readonly Via[] {
  return message.headers.once(decodeVias);
}
const decodeVias = (headers: Headers): readonly Via[] => decodeList(headers.values("via"), parseVia);

export function topVia(message: WithHeaders): Via | undefined {
  return message.headers.once(decodeTopVia);
}

function decodeTopVia(headers: Headers): Via | undefined {
  const line = headers.get("via") ?? "";
  return parseVia(trim(line.slice(0, indexOutside(line, ","))));
}

/** The contacts, or `*` when a REGISTER removes all (RFC 3261 §10.2.2). */
export function contacts(message: WithHeaders): readonly NameAddr[] | "*" {
  return message.headers.once(decodeContacts);
}

function decodeContacts(headers: Headers): readonly NameAddr[] | "*" {
  const values = headers.values("contact");
  return values.length === 1 && values[0] === "*" ? "*" : decodeList(values, parseNameAddr);
}

export function routes(message: WithHeaders): readonly NameAddr[] {
  return message.headers.once(decodeRoutes);
}
const decodeRoutes = (headers: Headers): readonly NameAddr[] => decodeList(headers.values("route"), parseNameAddr);

export function recordRoutes(message: WithHeaders): readonly NameAddr[] {
  return message.headers.once(decodeRecordRoutes);
}
const decodeRecordRoutes = (headers: Headers): readonly NameAddr[] =>
  decodeList(headers.values("record-route"), parseNameAddr);

function decodeList<T>(values: readonly string[], decode: (value: string) => T | undefined): readonly T[] {
  const list: T[] = [];
  for (const value of values) {
    const decoded = decode(value);
    if (decoded !== undefined) list.push(decoded);
  }
  return list;
}

/** From 0 to 255 (RFC 3261 §20.22). */
export function maxForwards(message: WithHeaders): number | undefined {
  return parseNumber(message.headers.get("max-forwards"), 255);
}

/** Seconds. Larger values than 32 bits hold mean the largest (RFC 4475 §3.1.2.4 lets them be defaulted). */
export function expires(message: WithHeaders): number | undefined {
  return seconds(message.headers.get("expires"));
}

function seconds(text: string | undefined): number | undefined {
  const number = parseNumber(text, Number.MAX_VALUE);
  return number === undefined ? undefined : Math.min(number, MAX_NUMBER);
}

const MEDIA_TYPE = new RegExp(`^([${TOKEN_CHARACTERS}]+)[ \\t]*/[ \\t]*([${TOKEN_CHARACTERS}]+)`);

export function contentType(message: WithHeaders): ContentType | undefined {
  return message.headers.once(decodeContentType);
}

function decodeContentType(headers: Headers): ContentType | undefined {
  const value = headers.get("content-type") ?? "";
  const match = MEDIA_TYPE.exec(value);
  const params = match && parseParams(value, match[0].length);
  return params ? { type: `${match[1]}/${match[2]}`.toLowerCase(), params } : undefined;
}

const LEADING_TOKEN = new RegExp(`^[${TOKEN_CHARACTERS}]+`);

function tokenWithParams(value = ""): { readonly token: string; readonly params: Params } | undefined {
  const token = LEADING_TOKEN.exec(value)?.[0];
  const params = token === undefined ? undefined : parseParams(value, token.length);
  return token !== undefined && params ? { token: token.toLowerCase(), params } : undefined;
}

/** RFC 6665 §8.2.1. */
export function event(message: WithHeaders): EventField | undefined {
  return message.headers.once(decodeEvent);
}

function decodeEvent(headers: Headers): EventField | undefined {
  const value = tokenWithParams(headers.get("event"));
  if (!value) return undefined;
  const id = value.params.get("id");
  return { name: value.token, ...(id !== undefined && { id }), params: value.params };
}

/** RFC 6665 §8.2.3. */
export function subscriptionState(message: WithHeaders): SubscriptionState | undefined {
  return message.headers.once(decodeSubscriptionState);
}

function decodeSubscriptionState(headers: Headers): SubscriptionState | undefined {
  const value = tokenWithParams(headers.get("subscription-state"));
  if (!value) return undefined;
  const { token: state, params } = value;
  const reason = params.get("reason");
  const expires = seconds(params.get("expires"));
  const retryAfter = seconds(params.get("retry-after"));
  return {
    state,
    ...(reason !== undefined && { reason: unquote(reason).toLowerCase() }),
    ...(expires !== undefined && { expires }),
    ...(retryAfter !== undefined && { retryAfter }),
    params,
  };
}

/** The tags in Supported, Require, Proxy-Require, Allow and the like, as they were sent; an empty header has none. */
export function optionTags(message: WithHeaders, name: string): readonly string[] {
  return message.headers.values(name).filter((tag) => tag !== "");
}
