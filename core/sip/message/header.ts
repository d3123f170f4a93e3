/** The header fields of a message: an immutable ordered list that keeps every line as it came. */
import type { Header, HeaderLine } from "./header-line.ts";
import { assertOneLine, headerOf, lineFrom, lineOf, makeLine, rawOf, readValues, valueOf } from "./header-line.ts";
import { headerId } from "./header-names.ts";
import type { Reader } from "./source.ts";
import { indexOutside, trim } from "./text.ts";

export type { Header } from "./header-line.ts";
export { assertOneLine } from "./header-line.ts";
export { displayName, headerId } from "./header-names.ts";

/** Makes a header of our own. A name or value that cannot stand in one line is a programming fault and throws. */
export function makeHeader(name: string, value: string): Header {
  return headerOf(makeLine(name, value));
}

/** Reads a header from its line or lines as they stand in a message; undefined without a name and a colon. */
export function parseHeader(raw: string): Header | undefined {
  const line = lineOf(raw);
  return line && headerOf(line);
}

/** The parts of a text between commas outside quotes and angle brackets, trimmed. */
export function splitValues(text: string): string[] {
  return [...readValues([lineFrom({ id: "", value: trim(text), raw: "" })], "", cut)];
}

const cut: Reader<string> = ({ text }, from, to) => text.slice(from, to);

export class Headers implements Iterable<Header> {
  static readonly empty = new Headers([]);

  readonly #list: readonly HeaderLine[];
  /** Decoders and what they made of these headers, in turns: few enough to be looked through. */
  #decoded: unknown[] | undefined;

  private constructor(list: readonly HeaderLine[]) {
    this.#list = list;
  }

  /** From headers, or pairs of name and value (which throw as `makeHeader` does), in their order. */
  static of(list: Iterable<Header | readonly [string, string]>): Headers {
    return new Headers(Array.from(list, (entry) => ("raw" in entry ? lineFrom(entry) : makeLine(entry[0], entry[1]))));
  }

  /** For this folder: from the lines of a message. */
  static ofLines(lines: readonly HeaderLine[]): Headers {
    return new Headers(lines);
  }

  /** For this folder: the lines themselves. */
  get list(): readonly HeaderLine[] {
    return this.#list;
  }

  [Symbol.iterator](): Iterator<Header> {
    return this.#list.map(headerOf)[Symbol.iterator]();
  }

  /** The value of the first line of that name. Names may be given in any spelling here and below. */
  get(name: string): string | undefined {
    const line = this.line(headerId(name));
    return line && valueOf(line);
  }

  /** The first line of a header, whose name is given as its id. */
  line(id: string): HeaderLine | undefined {
    for (const line of this.#list) if (line.id === id) return line;
    return undefined;
  }

  /** The value of every line of that name. */
  lines(name: string): readonly string[] {
    const id = headerId(name);
    const values: string[] = [];
    for (const line of this.#list) if (line.id === id) values.push(valueOf(line));
    return values;
  }

  /** Every value in all lines of that name. Not for headers whose grammar has bare commas, such as Date. */
  values(name: string): readonly string[] {
    return this.readValues(headerId(name), cut);
  }

  /** What a reader makes of every value in all lines of a header; what it gives undefined for is left out. */
  readValues<T>(id: string, read: Reader<T | undefined>): readonly T[] {
    return readValues(this.#list, id, read);
  }

  has(name: string): boolean {
    return this.line(headerId(name)) !== undefined;
  }

  /** How many lines have that name. */
  count(name: string): number {
    const id = headerId(name);
    let count = 0;
    for (const line of this.#list) if (line.id === id) count++;
    return count;
  }

  /** With one line of that name: at the place of the first that was there, else at the end. */
  with(name: string, value: string): Headers {
    const line = makeLine(name, value);
    const place = this.#placeOf(line.id);
    if (place < 0) return new Headers([...this.#list, line]);
    if (this.#placeOf(line.id, place + 1) < 0) return this.#withLine(place, line);
    return new Headers(this.#list.flatMap((old, at) => (at === place ? line : old.id === line.id ? [] : old)));
  }

  /** With one more line above all others. */
  prepend(name: string, value: string): Headers {
    return new Headers([makeLine(name, value), ...this.#list]);
  }

  /** With one more line below all others. */
  append(name: string, value: string): Headers {
    return new Headers([...this.#list, makeLine(name, value)]);
  }

  without(name: string): Headers {
    const id = headerId(name);
    return new Headers(this.#list.filter((line) => line.id !== id));
  }

  /**
   * Replaces the topmost value of that name (as a proxy does with Via and Route), or removes it when `value` is
   * undefined. All the rest stays byte for byte. Where there is no such value one is appended.
   */
  replaceFirstValue(name: string, value: string | undefined): Headers {
    const place = this.#placeOf(headerId(name));
    const line = this.#list[place];
    if (!line) return value === undefined ? this : this.append(name, value);
    if (value !== undefined) assertOneLine(value, "A header field value");
    return this.#withLine(place, replaceFirst(line, value));
  }

  #placeOf(id: string, from = 0): number {
    const list = this.#list;
    for (let at = from; at < list.length; at++) if (list[at]?.id === id) return at;
    return -1;
  }

  /** With another line at that place, or none. */
  #withLine(place: number, line: HeaderLine | undefined): Headers {
    const list = this.#list.slice();
    if (line) list[place] = line;
    else list.splice(place, 1);
    return new Headers(list);
  }

  /** What `decode` makes of these headers, computed once: they never change. */
  once<T>(decode: (headers: Headers) => T): T {
    const decoded = (this.#decoded ??= []);
    for (let at = 0; at < decoded.length; at += 2) if (decoded[at] === decode) return decoded[at + 1] as T;
    const value = decode(this);
    decoded.push(decode, value);
    return value;
  }
}

function replaceFirst(line: HeaderLine, value: string | undefined): HeaderLine | undefined {
  if (value === undefined && !line.hasComma) return undefined;
  const raw = rawOf(line);
  const start = skipBlanks(raw, raw.indexOf(":") + 1);
  const comma = indexOutside(raw, ",", start);
  if (value !== undefined) return lineOf(raw.slice(0, start) + value + raw.slice(comma));
  return comma === raw.length ? undefined : lineOf(raw.slice(0, start) + raw.slice(skipBlanks(raw, comma + 1)));
}

/** Past white space and folds. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\r\n".includes(text.charAt(at))) at++;
  return at;
}
