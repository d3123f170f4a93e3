import { TOKEN_CHARACTERS } from "./text.ts";

/** Names in lower case; values raw as on the wire, quotes kept; undefined for a flag. Of doubles the first counts. */
export type Params = ReadonlyMap<string, string | undefined>;

export const noParams: Params = new Map();

const PARAM = new RegExp(
  `[ \\t]*;[ \\t]*([${TOKEN_CHARACTERS}]+)` +
    `(?:[ \\t]*=[ \\t]*("[^"\\\\]*(?:\\\\[^][^"\\\\]*)*"|[^\\x00-\\x20;,<>"\\x7f]*))?`,
  "y",
);

/**
 * Reads the `;name=value` list of a header (RFC 3261 §25.1, generic-param) from a place to the end of the text.
 * Undefined when something else stands there. Values may have any visible character, as `received` has colons.
 */
export function parseParams(text: string, from = 0): Params | undefined {
  if (from === text.length) return noParams;
  const params = new Map<string, string | undefined>();
  PARAM.lastIndex = from;
  let end = from;
  for (let match = PARAM.exec(text); match; match = PARAM.exec(text)) {
    const name = (match[1] ?? "").toLowerCase();
    if (!params.has(name)) params.set(name, match[2]);
    end = PARAM.lastIndex;
  }
  for (; end < text.length; end++) if (text[end] !== " " && text[end] !== "\t") return undefined;
  return params;
}

/** The list as it stands behind what it belongs to, first `;` included. */
export function formatParams(params: Params): string {
  let text = "";
  for (const [name, value] of params) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}
