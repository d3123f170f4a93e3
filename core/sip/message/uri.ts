/** SIP and other URIs (RFC 3261 §19.1): reading, writing, comparing, and the key of an address-of-record. */
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import { DIGIT, HEX, TOKEN, URI, lowerCase, skip } from "./characters.ts";
import { endOfHost, readPort } from "./host.ts";
import type { Params } from "./params.ts";
import { formatParams, noParams, paramNameAt } from "./params.ts";
import { escape, unescape } from "./text.ts";
import { Words } from "./words.ts";

export type { Params } from "./params.ts";

export interface SipUri {
  readonly scheme: "sip" | "sips";
  /** Raw, escapes kept. */
  readonly user?: string;
  readonly password?: string;
  /** In lower case; IPv6 in brackets. */
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
  /** Raw, what follows the question mark. */
  readonly headers?: string;
}

export interface OtherUri {
  /** In lower case: tel, im, pres, urn, http … */
  readonly scheme: string;
  /** All behind the colon, raw. */
  readonly opaque: string;
}

export type Uri = SipUri | OtherUri;

const schemes = new Words(["sip", "sips"]);
const SCHEME = /^[a-z][a-z0-9+.-]*$/;
/** What neither a user nor a password may say unescaped. */
const NOT_IN_USER = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g;
const NOT_UNRESERVED = /[^A-Za-z0-9\-_.!~*'();/?:@&=+$,%]/g;

export function isSipUri(uri: Uri): uri is SipUri {
  return !("opaque" in uri);
}

/** Reads one URI that fills the whole text. Unknown schemes are no error: what to do with them is the user's business. */
export function parseUri(text: string): Result<Uri, SipError> {
  const uri = skip(text, 0, text.length, URI) === text.length ? readUri(text, 0, text.length) : undefined;
  return uri ? success(uri) : malformed;
}

const malformed = failure(sipError("SIP_BAD_URI", "Malformed URI", 400));

/** Reads the URI that stands between two places, where only characters of URIs stand; undefined when malformed. */
export function readUri(text: string, from: number, to: number): Uri | undefined {
  const colon = skip(text, from, to, TOKEN);
  if (colon >= to || text.charCodeAt(colon) !== 0x3a) return undefined;
  const known = schemes.find(text, from, colon);
  if (known !== undefined) return readSipUri(known === "sip" ? "sip" : "sips", text, colon + 1, to);
  const scheme = lowerCase(text, from, colon);
  return SCHEME.test(scheme) && colon + 1 < to ? { scheme, opaque: text.slice(colon + 1, to) } : undefined;
}

function readSipUri(scheme: "sip" | "sips", text: string, from: number, to: number): SipUri | undefined {
  const sign = placeOfAt(text, from, to);
  if (sign === BROKEN || sign === from) return undefined;
  const host = sign === NOWHERE ? from : sign + 1;
  const hostEnd = endOfHost(text, host, to);
  const hasPort = hostEnd < to && text.charCodeAt(hostEnd) === 0x3a;
  const end = hasPort ? skip(text, hostEnd + 1, to, DIGIT) : hostEnd;
  const port = hasPort ? readPort(text, hostEnd + 1, end) : undefined;
  if (hostEnd === host || (hasPort && port === undefined)) return undefined;
  const question = indexOf(text, 0x3f, end, to);
  const params = readUriParams(text, end, question);
  if (!params) return undefined;
  const hostText = lowerCase(text, host, hostEnd);
  const uri =
    sign === NOWHERE ? { scheme, host: hostText, params } : withUser(scheme, text, from, sign, hostText, params);
  if (uri && port !== undefined) uri.port = port;
  if (uri && question < to) uri.headers = text.slice(question + 1, to);
  return uri;
}

type Growing = { -readonly [Name in keyof SipUri]: SipUri[Name] };

/** The colon of a password may not be the first character. */
function withUser(
  scheme: "sip" | "sips",
  text: string,
  from: number,
  to: number,
  host: string,
  params: Params,
): Growing | undefined {
  const colon = indexOf(text, 0x3a, from, to);
  const user = text.slice(from, colon);
  if (colon === to) return { scheme, user, host, params };
  return colon === from ? undefined : { scheme, user, password: text.slice(colon + 1, to), host, params };
}

const NOWHERE = -1;
const BROKEN = -2;

/** Where the first `@` stands; `BROKEN` when there is a per cent sign anywhere that begins no escape. */
function placeOfAt(text: string, from: number, to: number): number {
  let sign = NOWHERE;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x40 && sign === NOWHERE) sign = at;
    else if (code === 0x25 && skip(text, at + 1, Math.min(at + 3, to), HEX) < at + 3) return BROKEN;
  }
  return sign;
}

/** Where the character first stands; `to` if nowhere before. */
function indexOf(text: string, wanted: number, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) !== wanted) at++;
  return at;
}

function readUriParams(text: string, from: number, to: number): Params | undefined {
  if (from === to) return noParams;
  const params = new Map<string, string | undefined>();
  for (let at = from; at < to;) {
    const start = at + 1;
    const end = indexOf(text, 0x3b, start, to);
    const equals = indexOf(text, 0x3d, start, end);
    if (text.charCodeAt(at) !== 0x3b || equals === start) return undefined;
    const name = paramNameAt(text, start, equals);
    if (!params.has(name)) params.set(name, equals === end ? undefined : text.slice(equals + 1, end));
    at = end;
  }
  return params;
}

export function formatUri(uri: Uri): string {
  if (!isSipUri(uri)) return `${uri.scheme}:${uri.opaque}`;
  const { scheme, user, password, host, port, params, headers } = uri;
  const userInfo = user === undefined ? "" : `${user}${password === undefined ? "" : `:${password}`}@`;
  const hostPort = port === undefined ? host : `${host}:${port}`;
  return `${scheme}:${userInfo}${hostPort}${formatParams(params)}${headers === undefined ? "" : `?${headers}`}`;
}

/** Whether both mean the same (RFC 3261 §19.1.4, IPv6 addresses by RFC 5954 §4.1). Not transitive, as the RFC notes. */
export function uriEquals(a: Uri, b: Uri): boolean {
  if (a.scheme !== b.scheme) return false;
  if (!isSipUri(a) || !isSipUri(b)) return !isSipUri(a) && !isSipUri(b) && otherUriEquals(a, b);
  return (
    sameText(a.user, b.user) &&
    sameText(a.password, b.password) &&
    a.port === b.port &&
    canonicalHost(a.host) === canonicalHost(b.host) &&
    paramsEqual(a.params, b.params) &&
    headersEqual(a.headers, b.headers)
  );
}

function otherUriEquals(a: OtherUri, b: OtherUri): boolean {
  const key = addressOfRecord(a);
  return a.opaque === b.opaque || (key !== undefined && key === addressOfRecord(b));
}

/** Parameters that must stand in both if they stand in one. */
const DISTINGUISHING = ["user", "ttl", "method", "maddr", "transport"];

function paramsEqual(a: Params, b: Params): boolean {
  for (const name of DISTINGUISHING) if (a.has(name) !== b.has(name)) return false;
  for (const [name, value] of a) {
    if (b.has(name) && !sameText(value?.toLowerCase(), b.get(name)?.toLowerCase())) return false;
  }
  return true;
}

function headersEqual(a: string | undefined, b: string | undefined): boolean {
  return a === b || headerList(a) === headerList(b);
}

function headerList(headers = ""): string {
  const parts = headers.split("&").map((part) => {
    const equals = part.indexOf("=") + 1;
    return normalEscapes(part.slice(0, equals)).toLowerCase() + normalEscapes(part.slice(equals));
  });
  return parts.sort().join("&");
}

function sameText(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && normalEscapes(a) === normalEscapes(b);
}

/** Unreserved characters plain, reserved ones as they are, all others escaped: two spellings of one text become equal. */
function normalEscapes(text: string): string {
  return text
    .replace(/%[0-9A-Fa-f]{2}/g, (escaped) => {
      const plain = unescape(escaped);
      return /[A-Za-z0-9\-_.!~*'()]/.test(plain) ? plain : escaped.toUpperCase();
    })
    .replace(NOT_UNRESERVED, escape);
}

/** One spelling for each IPv6 address (RFC 5952); other hosts as they are. */
function canonicalHost(host: string): string {
  return host.startsWith("[") ? (URL.parse(`http://${host}`)?.hostname ?? host) : host;
}

/**
 * The key under which an address is known (RFC 3261 §10.3): `sip:user@host` without password, port, parameters and
 * headers, the user in its one canonical spelling, the host in lower case. `sips:`, `im:` and `pres:` give the same key.
 * Undefined for what names no user at a host.
 */
export function addressOfRecord(uri: Uri): string | undefined {
  if (isSipUri(uri)) return uri.user === undefined ? undefined : addressKey(uri.user, uri.host);
  if (uri.scheme !== "im" && uri.scheme !== "pres") return undefined;
  const mailbox = uri.opaque.split("?", 1)[0] ?? "";
  const parsed = readSipUri("sip", mailbox, 0, mailbox.length);
  return parsed?.user === undefined ? undefined : addressKey(parsed.user, parsed.host);
}

function addressKey(user: string, host: string): string {
  return `sip:${unescape(user).replace(NOT_IN_USER, escape)}@${canonicalHost(host)}`;
}
