/** An address in a header, with or without angle brackets (RFC 3261 §20, §20.10). */
import { NAME, PLAIN_URI, URI } from "./characters.ts";
import type { Params } from "./params.ts";
import { formatParams, noParams, readParams } from "./params.ts";
import type { Source } from "./source.ts";
import { codeAt, endOfQuoted, indexOf, readAll, skip, skipBlanks, skipBack } from "./source.ts";
import { quote, unquote } from "./text.ts";
import type { Uri } from "./uri.ts";
import { formatUri, readUri } from "./uri.ts";

export interface NameAddr {
  /** Without quotes; message text, see `utf8`. */
  readonly displayName: string | undefined;
  readonly uri: Uri;
  /** The URI as it stands in the header. */
  readonly uriText: string;
  /** Those of the header, not those of the URI. */
  readonly params: Params;
}

/**
 * Reads one address; undefined when malformed. Without brackets all parameters belong to the header. Spaces inside the
 * brackets are sent by some and passed over (RFC 4475 §3.1.2.14).
 */
export function parseNameAddr(text: string): NameAddr | undefined {
  return readAll(text, readNameAddr);
}

/** Reads the address that stands between two places. */
export function readNameAddr(source: Source, from: number, to: number): NameAddr | undefined {
  const start = skipBlanks(source, from, to);
  const nameEnd = endOfName(source, start, to);
  const bracket = skipBlanks(source, nameEnd, to);
  if (bracket >= to || codeAt(source, bracket) !== 0x3c) return readAddrSpec(source, start, to);
  const uriStart = skipBlanks(source, bracket + 1, to);
  const plainEnd = skip(source, uriStart, to, PLAIN_URI);
  const uriEnd = skip(source, plainEnd, to, URI);
  const end = skipBlanks(source, uriEnd, to);
  if (end >= to || codeAt(source, end) !== 0x3e) return undefined;
  const params = readParams(source, end + 1, to);
  const uri = params && readUri(source, uriStart, uriEnd, plainEnd === uriEnd);
  if (!uri) return undefined;
  const uriText = source.text.slice(uriStart, uriEnd);
  const name = nameEnd === start ? "" : unquote(source.text.slice(start, skipBack(source, start, nameEnd)));
  return { displayName: name || undefined, uri, uriText, params };
}

/** Words and UTF-8 without quotes are sent by real peers; what could be the end of something else is not taken. */
function endOfName(source: Source, from: number, to: number): number {
  const isQuoted = from < to && codeAt(source, from) === 0x22;
  return isQuoted ? Math.max(from, endOfQuoted(source, from, to)) : skip(source, from, to, NAME);
}

/** RFC 3261 §20: a URI with a comma, a question mark or a semicolon has to stand in brackets. */
function readAddrSpec(source: Source, from: number, to: number): NameAddr | undefined {
  const end = indexOf(source, 0x3b, from, to);
  const uriEnd = skipBack(source, from, end);
  if (indexOf(source, 0x2c, from, uriEnd) < uriEnd || indexOf(source, 0x3f, from, uriEnd) < uriEnd) return undefined;
  const params = readParams(source, end, to);
  const isVisible = skip(source, from, uriEnd, URI) === uriEnd;
  const uri = params && isVisible ? readUri(source, from, uriEnd, false) : undefined;
  return params && uri && { displayName: undefined, uri, uriText: source.text.slice(from, uriEnd), params };
}

/** Always with brackets, the display name (message text, see `latin1`) always quoted. */
export function formatNameAddr(address: {
  readonly displayName?: string | undefined;
  readonly uri: Uri | string;
  readonly params?: Params | undefined;
}): string {
  const { displayName, uri, params = noParams } = address;
  const name = displayName === undefined ? "" : `${quote(displayName)} `;
  return `${name}<${typeof uri === "string" ? uri : formatUri(uri)}>${formatParams(params)}`;
}
