/**
 * The parameters of headers and URIs. The trick of this file: there are few of them, so a chain of links is quicker
 * made than a hash table and as quickly looked through.
 */
import { TOKEN, VALUE } from "./characters.ts";
import { limits } from "./limits.ts";
import type { Source } from "./source.ts";
import { codeAt, endOfQuoted, readAll, skip, skipBlanks } from "./source.ts";
import type { Word } from "./words.ts";
import { Words } from "./words.ts";

/**
 * Names in lower case; values raw as on the wire, quotes kept; undefined for a flag. Of doubles the first counts. What
 * is read is of a kind of its own; a Map is as good.
 */
export interface Params extends Iterable<readonly [name: string, value: string | undefined]> {
  readonly size: number;
  get(name: string): string | undefined;
  has(name: string): boolean;
}

interface Link {
  readonly name: string;
  readonly value: string | undefined;
  next: Link | undefined;
}

/** Parameters as they are read: filled by the readers of this folder before anybody else sees it. */
export class ParamList implements Params {
  #first: Link | undefined = undefined;
  #last: Link | undefined = undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: string): string | undefined {
    return this.#find(name)?.value;
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  *[Symbol.iterator](): Generator<readonly [string, string | undefined]> {
    for (let link = this.#first; link; link = link.next) yield [link.name, link.value];
  }

  /** Puts one at the end unless its name is there already. False when there are too many. */
  add(name: string, value: string | undefined): boolean {
    if (this.#find(name)) return true;
    const link = { name, value, next: undefined };
    if (this.#last) this.#last.next = link;
    else this.#first = link;
    this.#last = link;
    return ++this.#size <= limits.paramCount;
  }

  #find(name: string): Link | undefined {
    let link = this.#first;
    while (link && link.name !== name) link = link.next;
    return link;
  }
}

export const noParams: Params = new ParamList();

/** Names that are met often. */
// oxfmt-ignore
const usual = new Words([
  "tag", "branch", "rport", "received", "reg-id", "reason", "retry-after", "refresher", "transport", "lr", "expires",
  "maddr", "method", "ob", "+sip.instance", "ttl", "user", "charset", "boundary", "id", "gr", "alias", "comp", "keep",
  "pub-gruu", "temp-gruu", "r2", "text", "handling", "purpose", "cause",
], (name) => name);

/** A usual name of a parameter, when one begins there in its usual spelling. */
export function usualParamAt(source: Source, from: number, to: number): Word<string> | undefined {
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
  let at = skipBlanks(source, from, to);
  if (at === to) return noParams;
  const params = new ParamList();
  while (at < to) {
    if (codeAt(source, at) !== 0x3b) return undefined;
    const start = skipBlanks(source, at + 1, to);
    const known = usual.startingAt(source, start, to);
    const end = known === undefined ? skip(source, start, to, TOKEN) : start + known.text.length;
    if (end === start) return undefined;
    const name = known?.text ?? source.text.slice(start, end).toLowerCase();
    at = skipBlanks(source, end, to);
    let value: string | undefined;
    if (at < to && codeAt(source, at) === 0x3d) {
      const first = skipBlanks(source, at + 1, to);
      const last = endOfParam(source, first, to);
      value = source.text.slice(first, last);
      at = skipBlanks(source, last, to);
    }
    if (!params.add(name, value)) return undefined;
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
