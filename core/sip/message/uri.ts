/** SIP and other URIs (RFC 3261 §19.1): reading, writing, comparing, and the key of an address-of-record. */
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import type { Params } from "./params.ts";
import { formatParams, noParams } from "./params.ts";
import { escape, unescape } from "./text.ts";

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

/** Visible characters and bytes of UTF-8, without quotes and angle brackets. */
const URI_TEXT = /^[!#-;=?-~\x80-\xff]+$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
/** Laxer than the grammar: underscores are in use, and RFC 5118 §4.10 wants three colons understood. */
const HOST_PORT = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9._-]*)(?::([0-9]{1,5}))?(?=[;?]|$)/;
const PARAM = /^([^=]+)(?:=(.*))?$/;
/** What neither a user nor a password may say unescaped. */
const NOT_IN_USER = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g;
const NOT_UNRESERVED = /[^A-Za-z0-9\-_.!~*'();/?:@&=+$,%]/g;

export function isSipUri(uri: Uri): uri is SipUri {
  return !("opaque" in uri);
}

/** Reads one URI that fills the whole text. Unknown schemes are no error: what to do with them is the user's business. */
export function parseUri(text: string): Result<Uri, SipError> {
  const colon = text.indexOf(":");
  const scheme = text.slice(0, Math.max(colon, 0));
  if (!SCHEME.test(scheme) || !URI_TEXT.test(text)) return malformed;
  const known = scheme.toLowerCase();
  const rest = text.slice(colon + 1);
  if (known === "sip" || known === "sips") return parseSipUri(known, rest);
  return rest === "" ? malformed : success({ scheme: known, opaque: rest });
}

const malformed = failure(sipError("SIP_BAD_URI", "Malformed URI", 400));

function parseSipUri(scheme: "sip" | "sips", text: string): Result<SipUri, SipError> {
  if (text.includes("%") && BROKEN_ESCAPE.test(text)) return malformed;
  const at = text.indexOf("@");
  const userInfo = at < 0 ? {} : parseUserInfo(text.slice(0, at));
  const rest = text.slice(at + 1);
  const match = HOST_PORT.exec(rest);
  if (!userInfo || !match?.[1]) return malformed;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && port > 65_535) return malformed;
  const question = rest.indexOf("?", match[0].length);
  const params = parseUriParams(rest.slice(match[0].length, question < 0 ? undefined : question));
  if (!params) return malformed;
  return success({
    scheme,
    ...userInfo,
    host: match[1].toLowerCase(),
    ...(port !== undefined && { port }),
    params,
    ...(question >= 0 && { headers: rest.slice(question + 1) }),
  });
}

function parseUserInfo(text: string): { user: string; password?: string } | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) return text === "" ? undefined : { user: text };
  return colon === 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function parseUriParams(text: string): Params | undefined {
  if (text === "") return noParams;
  const params = new Map<string, string | undefined>();
  for (const part of text.slice(1).split(";")) {
    const match = PARAM.exec(part);
    if (!match?.[1]) return undefined;
    const name = match[1].toLowerCase();
    if (!params.has(name)) params.set(name, match[2]);
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
  const parsed = parseSipUri("sip", mailbox);
  return parsed.ok && parsed.value.user !== undefined ? addressKey(parsed.value.user, parsed.value.host) : undefined;
}

function addressKey(user: string, host: string): string {
  return `sip:${unescape(user).replace(NOT_IN_USER, escape)}@${canonicalHost(host)}`;
}
