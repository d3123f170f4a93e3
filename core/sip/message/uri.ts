/** SIP and other URIs (RFC 3261 §19.1): reading, writing, comparing, and the key of an address-of-record. */
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import { DIGIT, HEX, LOWER_HOST, TOKEN, URI, URI_NAME, URI_VALUE } from "./characters.ts";
import { endOfHost, readPort } from "./host.ts";
import type { Params } from "./params.ts";
import { ParamList, formatParams, noParams, usualParamAt } from "./params.ts";
import type { Source } from "./source.ts";
import { codeAt, indexOf, skip, sourceOf } from "./source.ts";
import { telEquals } from "./tel.ts";
import { escape, unescape } from "./text.ts";

export type { Params } from "./params.ts";

export interface SipUri {
  readonly scheme: "sip" | "sips";
  /** Raw, escapes kept. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** In lower case; IPv6 in brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly params: Params;
  /** Raw, what follows the question mark. */
  readonly headers?: string | undefined;
}

export interface OtherUri {
  /** In lower case: tel, im, pres, urn, http … */
  readonly scheme: string;
  /** All behind the colon, raw. */
  readonly opaque: string;
}

export type Uri = SipUri | OtherUri;

const SCHEME = /^[a-z][a-z0-9+.-]*$/;
/** What neither a user nor a password may say unescaped. */
const NOT_IN_USER = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g;
const NOT_UNRESERVED = /[^A-Za-z0-9\-_.!~*'();/?:@&=+$,%]/g;

export function isSipUri(uri: Uri): uri is SipUri {
  return !("opaque" in uri);
}

/** Reads one URI that fills the whole text. Unknown schemes are no error: what to do with them is the user's business. */
export function parseUri(text: string): Result<Uri, SipError> {
  const source = sourceOf(text);
  const isVisible = skip(source, 0, text.length, URI) === text.length;
  const uri = isVisible ? readUri(source, 0, text.length, false) : undefined;
  return uri ? success(uri) : malformed;
}

const malformed = failure(sipError("SIP_BAD_URI", "Malformed URI", 400));

/**
 * Reads the URI that stands between two places, where only characters of URIs stand; undefined when malformed. It is
 * plain when it is known to have neither per cent signs nor question marks.
 */
export function readUri(source: Source, from: number, to: number, isPlain: boolean): Uri | undefined {
  const { text } = source;
  if (text.startsWith("sip:", from)) return readSipUri("sip", source, from + 4, to, isPlain);
  const colon = skip(source, from, to, TOKEN);
  if (colon >= to || codeAt(source, colon) !== 0x3a) return undefined;
  const scheme = text.slice(from, colon).toLowerCase();
  if (scheme === "sip" || scheme === "sips") return readSipUri(scheme, source, colon + 1, to, isPlain);
  return SCHEME.test(scheme) && colon + 1 < to ? { scheme, opaque: text.slice(colon + 1, to) } : undefined;
}

function readSipUri(
  scheme: "sip" | "sips",
  source: Source,
  from: number,
  to: number,
  isPlain: boolean,
): SipUri | undefined {
  const sign = indexOf(source, 0x40, from, to);
  const start = sign === to ? from : sign + 1;
  const lowerEnd = skip(source, start, to, LOWER_HOST);
  const hostEnd = endOfHost(source, start, to, lowerEnd);
  const hasPort = hostEnd < to && codeAt(source, hostEnd) === 0x3a;
  const end = hasPort ? skip(source, hostEnd + 1, to, DIGIT) : hostEnd;
  const port = hasPort ? readPort(source, hostEnd + 1, end) : undefined;
  if (sign === from || hostEnd === start || (hasPort && port === undefined)) return undefined;
  const question = isPlain ? to : indexOf(source, 0x3f, end, to);
  const params = readUriParams(source, end, question);
  if (!params || (!isPlain && hasBrokenEscape(source, from, to))) return undefined;
  const { text } = source;
  const hostText = text.slice(start, hostEnd);
  const host = lowerEnd === hostEnd ? hostText : hostText.toLowerCase();
  const headers = question < to ? text.slice(question + 1, to) : undefined;
  const userEnd = sign === to ? from : indexOf(source, 0x3a, from, sign);
  if (sign === to) return { scheme, user: undefined, password: undefined, host, port, params, headers };
  // The colon of a password must have a user before it.
  if (userEnd === from) return undefined;
  const password = userEnd < sign ? text.slice(userEnd + 1, sign) : undefined;
  return { scheme, user: text.slice(from, userEnd), password, host, port, params, headers };
}

/** Whether there is a per cent sign that begins no escape. */
function hasBrokenEscape(source: Source, from: number, to: number): boolean {
  for (let at = indexOf(source, 0x25, from, to); at < to; at = indexOf(source, 0x25, at + 1, to))
    if (skip(source, at + 1, Math.min(at + 3, to), HEX) < at + 3) return true;
  return false;
}

function readUriParams(source: Source, from: number, to: number): Params | undefined {
  if (from === to) return noParams;
  const params = new ParamList();
  for (let at = from; at < to;) {
    const start = at + 1;
    const known = usualParamAt(source, start, to);
    const nameEnd = skip(source, known === undefined ? start : start + known.text.length, to, URI_NAME);
    if (codeAt(source, at) !== 0x3b || nameEnd === start) return undefined;
    const name = known?.text.length === nameEnd - start ? known.text : source.text.slice(start, nameEnd).toLowerCase();
    const hasValue = nameEnd < to && codeAt(source, nameEnd) === 0x3d;
    at = hasValue ? skip(source, nameEnd + 1, to, URI_VALUE) : nameEnd;
    if (!params.add(name, hasValue ? source.text.slice(nameEnd + 1, at) : undefined)) return undefined;
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

/** Telephone numbers by RFC 3966 §5, im and pres by their mailbox, all others byte for byte. */
function otherUriEquals(a: OtherUri, b: OtherUri): boolean {
  if (a.scheme === "tel") return telEquals(a.opaque, b.opaque) ?? a.opaque === b.opaque;
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
  const parsed = readSipUri("sip", sourceOf(mailbox), 0, mailbox.length, false);
  return parsed?.user === undefined ? undefined : addressKey(parsed.user, parsed.host);
}

function addressKey(user: string, host: string): string {
  return `sip:${unescape(user).replace(NOT_IN_USER, escape)}@${canonicalHost(host)}`;
}
