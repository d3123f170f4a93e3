/** The header fields of a message: an immutable ordered list that keeps every line as it came. */
import type { Header, HeaderLine } from "./header-line.ts";
import {
  assertOneLine,
  headerOf,
  lineFrom,
  lineOf,
  makeLine,
  rawOf,
  readValue,
  readValues,
  valueOf,
} from "./header-line.ts";
import type { HeaderName } from "./header-names.ts";
import { headerName, isSameName } from "./header-names.ts";
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
  return readValues(lineFrom({ id: "", value: trim(text), raw: "" }), cut, undefined) ?? [];
}

const cut: Reader<string> = ({ text }, from, to) => text.slice(from, to);
const NONE: readonly never[] = [];

/** How the values of one header are read. Made once for each header: what was read is kept under it. */
export interface Field<T> {
  readonly name: HeaderName;
  readonly read: Reader<T | undefined>;
}

export function fieldOf<T>(name: string, read: Reader<T | undefined>): Field<T> {
  return { name: headerName(name), read };
}

/** What a field of some headers says, kept because they never change. */
interface Decoded {
  readonly field: Field<unknown>;
  readonly value: unknown;
  readonly next: Decoded | undefined;
}

export class Headers implements Iterable<Header> {
  static readonly empty = new Headers([], 0);

  readonly #list: readonly HeaderLine[];
  /** The bits of all names that are there, and maybe of others: what has no bit here is not there. */
  readonly #bits: number;
  #decoded: Decoded | undefined = undefined;

  private constructor(list: readonly HeaderLine[], bits: number) {
    this.#list = list;
    this.#bits = bits;
  }

  /** From headers, or pairs of name and value (which throw as `makeHeader` does), in their order. */
  static of(list: Iterable<Header | readonly [string, string]>): Headers {
    return Headers.ofLines(
      Array.from(list, (entry) => ("raw" in entry ? lineFrom(entry) : makeLine(entry[0], entry[1]))),
    );
  }

  /** For this folder: from the lines of a message. */
  static ofLines(lines: readonly HeaderLine[]): Headers {
    let bits = 0;
    for (const line of lines) bits |= line.name.bit;
    return new Headers(lines, bits);
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
    const line = this.line(headerName(name));
    return line && valueOf(line);
  }

  /** The first line of a header. */
  line(name: HeaderName): HeaderLine | undefined {
    if ((this.#bits & name.bit) === 0) return undefined;
    for (const line of this.#list) if (isSameName(name, line.name)) return line;
    return undefined;
  }

  /** The value of every line of that name. */
  lines(name: string): readonly string[] {
    const wanted = headerName(name);
    const values: string[] = [];
    for (const line of this.#list) if (isSameName(wanted, line.name)) values.push(valueOf(line));
    return values;
  }

  /** Every value in all lines of that name. Not for headers whose grammar has bare commas, such as Date. */
  values(name: string): readonly string[] {
    return this.readEach(headerName(name), cut);
  }

  /** What the first line of a field says; undefined when there is none or it is malformed. Read once. */
  first<T>(field: Field<T>): T | undefined {
    const line = this.line(field.name);
    if (!line) return undefined;
    for (let known = this.#decoded; known; known = known.next) if (known.field === field) return known.value as T;
    const value = readValue(line, field.read);
    this.#decoded = { field, value, next: this.#decoded };
    return value;
  }

  /** Every value in all lines of a field; what is malformed is left out. Read once. */
  all<T>(field: Field<T>): readonly T[] {
    if (!this.line(field.name)) return NONE;
    for (let known = this.#decoded; known; known = known.next)
      if (known.field === field) return known.value as readonly T[];
    const value = this.readEach(field.name, field.read);
    this.#decoded = { field, value, next: this.#decoded };
    return value;
  }

  /** What a reader makes of every value in all lines of a header; what it gives undefined for is left out. */
  readEach<T>(name: HeaderName, read: Reader<T | undefined>): readonly T[] {
    let values: T[] | undefined;
    for (const line of this.#list) if (isSameName(name, line.name)) values = readValues(line, read, values);
    return values ?? NONE;
  }

  /** What a reader makes of the whole value of every line of that name, for headers whose values have bare commas. */
  readLines<T>(name: string, read: Reader<T | undefined>): readonly T[] {
    const wanted = headerName(name);
    const values: T[] = [];
    if (!this.line(wanted)) return values;
    for (const line of this.#list) {
      const value = isSameName(wanted, line.name) ? readValue(line, read) : undefined;
      if (value !== undefined) values.push(value);
    }
    return values;
  }

  has(name: string): boolean {
    return this.line(headerName(name)) !== undefined;
  }

  /** How many lines have that name. */
  count(name: string): number {
    const wanted = headerName(name);
    let count = 0;
    for (const line of this.#list) if (isSameName(wanted, line.name)) count++;
    return count;
  }

  /** With one line of that name: at the place of the first that was there, else at the end. */
  with(name: string, value: string): Headers {
    const line = makeLine(name, value);
    const place = this.#placeOf(line.name);
    if (place < 0) return this.#with([...this.#list, line], line);
    if (this.#placeOf(line.name, place + 1) < 0) return this.#withLine(place, line);
    const list = this.#list.flatMap((old, at) => (at === place ? line : isSameName(line.name, old.name) ? [] : old));
    return this.#with(list, line);
  }

  /** With one more line above all others. */
  prepend(name: string, value: string): Headers {
    const line = makeLine(name, value);
    return this.#with([line, ...this.#list], line);
  }

  /** With one more line below all others. */
  append(name: string, value: string): Headers {
    const line = makeLine(name, value);
    return this.#with([...this.#list, line], line);
  }

  without(name: string): Headers {
    const wanted = headerName(name);
    return this.#with(
      this.#list.filter((line) => !isSameName(wanted, line.name)),
      undefined,
    );
  }

  /**
   * Replaces the topmost value of that name (as a proxy does with Via and Route), or removes it when `value` is
   * undefined. All the rest stays byte for byte. Where there is no such value one is appended.
   */
  replaceFirstValue(name: string, value: string | undefined): Headers {
    const place = this.#placeOf(headerName(name));
    const line = this.#list[place];
    if (!line) return value === undefined ? this : this.append(name, value);
    if (value !== undefined) assertOneLine(value, "A header field value");
    return this.#withLine(place, replaceFirst(line, value));
  }

  #placeOf(name: HeaderName, from = 0): number {
    const list = this.#list;
    for (let at = from; at < list.length; at++) {
      const line = list[at];
      if (line && isSameName(name, line.name)) return at;
    }
    return -1;
  }

  /** With another line at that place, or none. */
  #withLine(place: number, line: HeaderLine | undefined): Headers {
    const list = this.#list.slice();
    if (line) list[place] = line;
    else list.splice(place, 1);
    return this.#with(list, line);
  }

  /** Other lines, of which one at most is new. */
  #with(list: readonly HeaderLine[], line: HeaderLine | undefined): Headers {
    return new Headers(list, line ? this.#bits | line.name.bit : this.#bits);
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
