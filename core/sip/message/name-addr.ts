/** An address in a header, with or without angle brackets (RFC 3261 §20, §20.10). */
import { BLANK, NAME, URI, skip, skipBack } from "./characters.ts";
import type { Params } from "./params.ts";
import { formatParams, noParams, parseParams } from "./params.ts";
import { endOfQuoted, quote, unquote } from "./text.ts";
import type { Uri } from "./uri.ts";
import { formatUri, readUri } from "./uri.ts";

export interface NameAddr {
  /** Without quotes; message text, see `utf8`. */
  readonly displayName?: string;
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
  return readNameAddr(text, 0, text.length);
}

/** Reads the address that stands between two places. */
export function readNameAddr(text: string, from: number, to: number): NameAddr | undefined {
  const start = skip(text, from, to, BLANK);
  const nameEnd = endOfName(text, start, to);
  const bracket = skip(text, nameEnd, to, BLANK);
  if (bracket >= to || text.charCodeAt(bracket) !== 0x3c) return readAddrSpec(text, start, to);
  const uriStart = skip(text, bracket + 1, to, BLANK);
  const uriEnd = skip(text, uriStart, to, URI);
  const end = skip(text, uriEnd, to, BLANK);
  if (end >= to || text.charCodeAt(end) !== 0x3e) return undefined;
  const name = nameEnd === start ? "" : unquote(text.slice(start, skipBack(text, start, nameEnd)));
  return assemble(text, uriStart, uriEnd, parseParams(text, end + 1, to), name);
}

/** Words and UTF-8 without quotes are sent by real peers; what could be the end of something else is not taken. */
function endOfName(text: string, from: number, to: number): number {
  const isQuoted = from < to && text.charCodeAt(from) === 0x22;
  return isQuoted ? Math.max(from, endOfQuoted(text, from, to)) : skip(text, from, to, NAME);
}

/** RFC 3261 §20: a URI with a comma, a question mark or a semicolon has to stand in brackets. */
function readAddrSpec(text: string, from: number, to: number): NameAddr | undefined {
  let end = from;
  for (; end < to; end++) {
    const code = text.charCodeAt(end);
    if (code === 0x3b) break;
    if (code === 0x2c || code === 0x3f) return undefined;
  }
  const uriEnd = skipBack(text, from, end);
  if (skip(text, from, uriEnd, URI) < uriEnd) return undefined;
  return assemble(text, from, uriEnd, parseParams(text, end, to), "");
}

function assemble(
  text: string,
  start: number,
  end: number,
  params: Params | undefined,
  displayName: string,
): NameAddr | undefined {
  const uri = params && readUri(text, start, end);
  if (!uri) return undefined;
  const uriText = text.slice(start, end);
  return displayName === "" ? { uri, uriText, params } : { displayName, uri, uriText, params };
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
