import { BLANK, TOKEN, VALUE } from "./characters.ts";
import type { Source } from "./source.ts";
import { codeAt, endOfQuoted, readAll, skip } from "./source.ts";
import type { Word } from "./words.ts";
import { Words } from "./words.ts";

/** Names in lower case; values raw as on the wire, quotes kept; undefined for a flag. Of doubles the first counts. */
export type Params = ReadonlyMap<string, string | undefined>;

export const noParams: Params = new Map();

/** Names that are met often. */
// oxfmt-ignore
const usual = new Words([
  "tag", "branch", "rport", "received", "reg-id", "reason", "retry-after", "refresher", "transport", "lr", "expires",
  "maddr", "method", "ob", "+sip.instance", "ttl", "user", "charset", "boundary", "id", "gr", "alias", "comp", "keep",
  "pub-gruu", "temp-gruu", "r2", "text", "handling", "purpose",
]);

/** A usual name of a parameter, when one begins there in its usual spelling. */
export function usualParamAt(source: Source, from: number, to: number): Word | undefined {
  return usual.startingAt(source, from, to);
}

/**
 * Reads the `;name=value` list of a header (RFC 3261 §25.1, generic-param) from a place to the end of the text.
 * Undefined when something else stands there. Values may have any visible character, as `received` has colons.
 */
export function parseParams(text: string, from = 0): Params | undefined {
  return readAll(text.slice(from), readParams);
}

/** Reads the list that fills the part between two places. */
export function readParams(source: Source, from: number, to: number): Params | undefined {
  let at = skip(source, from, to, BLANK);
  if (at === to) return noParams;
  const params = new Map<string, string | undefined>();
  while (at < to) {
    if (codeAt(source, at) !== 0x3b) return undefined;
    const start = skip(source, at + 1, to, BLANK);
    const known = usual.startingAt(source, start, to);
    const end = known === undefined ? skip(source, start, to, TOKEN) : start + known.text.length;
    if (end === start) return undefined;
    const name = known?.text ?? source.text.slice(start, end).toLowerCase();
    at = skip(source, end, to, BLANK);
    let value: string | undefined;
    if (at < to && codeAt(source, at) === 0x3d) {
      const first = skip(source, at + 1, to, BLANK);
      const last = endOfParam(source, first, to);
      value = source.text.slice(first, last);
      at = skip(source, last, to, BLANK);
    }
    if (params.size === 0 || !params.has(name)) params.set(name, value);
  }
  return params;
}

/** A quoted string that does not end is no value; what is left of it is then not understood. */
function endOfParam(source: Source, from: number, to: number): number {
  const isQuoted = from < to && codeAt(source, from) === 0x22;
  return isQuoted ? Math.max(from, endOfQuoted(source, from, to)) : skip(source, from, to, VALUE);
}

/** The list as it stands behind what it belongs to, first `;` included. */
export function formatParams(params: Params): string {
  let text = "";
  for (const [name, value] of params) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}
