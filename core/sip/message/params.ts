import { BLANK, TOKEN, VALUE, lowerCase, skip } from "./characters.ts";
import { endOfQuoted } from "./text.ts";
import { Words } from "./words.ts";

/** Names in lower case; values raw as on the wire, quotes kept; undefined for a flag. Of doubles the first counts. */
export type Params = ReadonlyMap<string, string | undefined>;

export const noParams: Params = new Map();

/** Names that are met often, in headers and in URIs. */
// oxfmt-ignore
const usual = new Words([
  "+sip.instance", "alias", "boundary", "branch", "charset", "comp", "expires", "gr", "handling", "id", "keep", "lr",
  "maddr", "method", "ob", "pub-gruu", "purpose", "q", "r2", "reason", "received", "refresher", "reg-id",
  "retry-after", "rport", "tag", "temp-gruu", "text", "transport", "ttl", "user",
]);

/** The name in lower case of the parameter whose name stands there. */
export function paramNameAt(text: string, from: number, to: number): string {
  return usual.find(text, from, to) ?? lowerCase(text, from, to);
}

/**
 * Reads the `;name=value` list of a header (RFC 3261 §25.1, generic-param) from a place to the end of the text.
 * Undefined when something else stands there. Values may have any visible character, as `received` has colons.
 */
export function parseParams(text: string, from = 0, to = text.length): Params | undefined {
  let at = skip(text, from, to, BLANK);
  if (at === to) return noParams;
  const params = new Map<string, string | undefined>();
  while (at < to) {
    if (text.charCodeAt(at) !== 0x3b) return undefined;
    const start = skip(text, at + 1, to, BLANK);
    const end = skip(text, start, to, TOKEN);
    if (end === start) return undefined;
    const name = paramNameAt(text, start, end);
    at = skip(text, end, to, BLANK);
    let value: string | undefined;
    if (at < to && text.charCodeAt(at) === 0x3d) {
      const first = skip(text, at + 1, to, BLANK);
      const last = endOfValue(text, first, to);
      value = text.slice(first, last);
      at = skip(text, last, to, BLANK);
    }
    if (!params.has(name)) params.set(name, value);
  }
  return params;
}

/** A quoted string that does not end is no value; what is left of it is then not understood. */
function endOfValue(text: string, from: number, to: number): number {
  const isQuoted = from < to && text.charCodeAt(from) === 0x22;
  return isQuoted ? Math.max(from, endOfQuoted(text, from, to)) : skip(text, from, to, VALUE);
}

/** The list as it stands behind what it belongs to, first `;` included. */
export function formatParams(params: Params): string {
  let text = "";
  for (const [name, value] of params) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}
