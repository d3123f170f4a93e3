/** An address in a header, with or without angle brackets (RFC 3261 §20, §20.10). */
import type { Params } from "./params.ts";
import { formatParams, noParams, parseParams } from "./params.ts";
import { quote, trim, unquote } from "./text.ts";
import type { Uri } from "./uri.ts";
import { formatUri, parseUri } from "./uri.ts";

export interface NameAddr {
  /** Without quotes; message text, see `utf8`. */
  readonly displayName?: string;
  readonly uri: Uri;
  /** The URI as it stands in the header. */
  readonly uriText: string;
  /** Those of the header, not those of the URI. */
  readonly params: Params;
}

const QUOTED_NAME = /^("[^"\\]*(?:\\[^][^"\\]*)*")[ \t]*</;
/** Words and UTF-8 without quotes are sent by real peers; what could be the end of something else is not taken. */
// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const LOOSE_NAME = /^([^"<>,;\x00-\x08\x0a-\x1f\x7f]*)</;

/**
 * Reads one address; undefined when malformed. Without brackets all parameters belong to the header. Spaces inside the
 * brackets are sent by some and passed over (RFC 4475 §3.1.2.14).
 */
export function parseNameAddr(text: string): NameAddr | undefined {
  const source = trim(text);
  const name = QUOTED_NAME.exec(source) ?? LOOSE_NAME.exec(source);
  if (!name) return parseAddrSpec(source);
  const start = name[0].length;
  const end = source.indexOf(">", start);
  if (end < 0) return undefined;
  const displayName = unquote(trim(name[1] ?? ""));
  return assemble(trim(source.slice(start, end)), parseParams(source, end + 1), displayName);
}

/** RFC 3261 §20: a URI with a comma, a question mark or a semicolon has to stand in brackets. */
function parseAddrSpec(source: string): NameAddr | undefined {
  const semicolon = source.indexOf(";");
  const end = semicolon < 0 ? source.length : semicolon;
  const uriText = trim(source.slice(0, end));
  return /[,?]/.test(uriText) ? undefined : assemble(uriText, parseParams(source, end), "");
}

function assemble(uriText: string, params: Params | undefined, displayName: string): NameAddr | undefined {
  const uri = parseUri(uriText);
  if (!uri.ok || !params) return undefined;
  return { ...(displayName !== "" && { displayName }), uri: uri.value, uriText, params };
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
