/**
 * The header lines of a head, one after the other (RFC 3261 §7.3.1). The trick of this file: line ends and commas are
 * searched for by the runtime, many bytes at a time, and no part of the text is searched twice for the same.
 */
import { BLANK, TOKEN, isOf } from "./characters.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import type { HeaderLine } from "./header-line.ts";
import { lineOf } from "./header-line.ts";
import type { HeaderName } from "./header-names.ts";
import { headerName, usualHeaderAt } from "./header-names.ts";
import { limits } from "./limits.ts";
import type { Source } from "./source.ts";
import { codeAt, skip, skipBlanks } from "./source.ts";

const badHeader = sipError("SIP_BAD_HEADER", "Malformed Header Line", 400);
const headerTooLong = sipError("SIP_HEADER_TOO_LONG", "Header Too Long", 513);
const CR = 0x0d;
const COLON = 0x3a;

export class LineReader {
  /** Where the line behind the one that was read last begins. */
  next = 0;
  readonly #source: Source;
  readonly #returns: Search;
  readonly #commas: Search;

  constructor(source: Source) {
    this.#source = source;
    this.#returns = new Search(source.text, "\r");
    this.#commas = new Search(source.text, ",");
  }

  /** The line that begins there, which is not empty, or what is wrong with it. */
  read(start: number): HeaderLine | SipError {
    const source = this.#source;
    const to = source.text.length;
    const usual = usualHeaderAt(source, start, to);
    const usualEnd = usual ? start + usual.text.length : to;
    if (usual && codeAt(source, usualEnd) === COLON) return this.#readRest(usual.meaning, start, usualEnd);
    const name = skipBlanks(source, start, to);
    const nameEnd = skip(source, name, to, TOKEN);
    const colon = skipBlanks(source, nameEnd, to);
    const hasName = nameEnd > name && colon < to && codeAt(source, colon) === COLON;
    return this.#readRest(hasName ? headerName(source.text.slice(name, nameEnd)) : undefined, start, colon);
  }

  #readRest(name: HeaderName | undefined, start: number, colon: number): HeaderLine | SipError {
    const source = this.#source;
    const first = lineFeedFrom(source, colon);
    const isFolded = isContinued(source, first);
    const lineFeed = isFolded ? lastLineFeed(source, first) : first;
    this.next = lineFeed + 1;
    const end = lineFeed > start && codeAt(source, lineFeed - 1) === CR ? lineFeed - 1 : lineFeed;
    if (end - start > limits.headerLineBytes) return headerTooLong;
    if (!name) return badHeader;
    if (isFolded) return unfolded(source.text.slice(start, end)) ?? badHeader;
    if (this.#returns.from(colon) < end) return badHeader;
    const hasComma = this.#commas.from(colon) < end;
    return { name, source, start, colon, end, hasComma, isPlain: true, value: undefined };
  }
}

/** The end of the text when there is none. */
function lineFeedFrom({ text }: Source, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}

/** A line that begins with white space continues the one before. */
function isContinued(source: Source, lineFeed: number): boolean {
  return lineFeed + 1 < source.text.length && isOf(codeAt(source, lineFeed + 1), BLANK);
}

function lastLineFeed(source: Source, first: number): number {
  let at = first;
  while (isContinued(source, at)) at = lineFeedFrom(source, at + 1);
  return at;
}

/**
 * A carriage return alone is refused: others might take it for the end of the line, and so see other headers than
 * we do. Folds that came with bare LFs leave with CRLF for the same reason.
 */
function unfolded(raw: string): HeaderLine | undefined {
  return /\r(?!\n)/.test(raw) ? undefined : lineOf(raw.replace(/\r?\n/g, "\r\n"));
}

/** Looks for one character again and again, always onwards. */
class Search {
  readonly #text: string;
  readonly #wanted: string;
  #found = -1;

  constructor(text: string, wanted: string) {
    this.#text = text;
    this.#wanted = wanted;
  }

  /** Where it stands first from a place on; the end of the text if nowhere. */
  from(place: number): number {
    if (this.#found < place) {
      const at = this.#text.indexOf(this.#wanted, place);
      this.#found = at < 0 ? this.#text.length : at;
    }
    return this.#found;
  }
}
