/** The header fields of a message: an immutable ordered list that keeps every line as it came. */
import { displayName, headerId } from "./header-names.ts";
import { indexOutside, isToken, trim } from "./text.ts";

export { displayName, headerId } from "./header-names.ts";

export interface Header {
  /** The full name in lower case, see `headerId`. */
  readonly id: string;
  /** Unfolded and trimmed. */
  readonly value: string;
  /** The line, or lines when folded, without the last CRLF. */
  readonly raw: string;
}

/**
 * Characters that would end the line, or that would turn into such a character: a value has one character for each
 * byte, and U+010A, say, would leave as a line feed.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const INJECTION = /[\r\n\0\u0100-\uffff]/;

/** Throws a programming fault on text that would not stay within its line. Use `latin1()` for what people wrote. */
export function assertOneLine(text: string, what: string): void {
  if (INJECTION.test(text)) throw new TypeError(`${what} holds a line end, a NUL or a character that is no byte.`);
}

/** Makes a header of our own. A name or value that cannot stand in one line is a programming fault and throws. */
export function makeHeader(name: string, value: string): Header {
  if (!isToken(name)) throw new TypeError("A header field name has to be a token.");
  assertOneLine(value, "A header field value");
  const id = headerId(name);
  const text = trim(value);
  return { id, value: text, raw: `${displayName(id)}: ${text}` };
}

/** Reads a header from its line or lines as they stand in a message; undefined without a name and a colon. */
export function parseHeader(raw: string): Header | undefined {
  const colon = raw.indexOf(":");
  const name = trim(raw.slice(0, Math.max(colon, 0)));
  return isToken(name) ? { id: headerId(name), value: unfold(raw.slice(colon + 1)), raw } : undefined;
}

/** RFC 3261 §7.3.1: a line end with the white space around it counts as one space. */
function unfold(text: string): string {
  if (!text.includes("\n")) return trim(text);
  const lines = text.split("\n").map((line) => trim(line.endsWith("\r") ? line.slice(0, -1) : line));
  return trim(lines.join(" "));
}

/** The parts of a text between commas outside quotes and angle brackets, trimmed. */
export function splitValues(text: string): string[] {
  if (text === "") return [];
  if (!text.includes(",")) return [text];
  const parts: string[] = [];
  for (let start = 0; start <= text.length;) {
    const comma = indexOutside(text, ",", start);
    parts.push(trim(text.slice(start, comma)));
    start = comma + 1;
  }
  return parts;
}

export class Headers implements Iterable<Header> {
  static readonly empty = new Headers([]);

  readonly #list: readonly Header[];
  #decoded: Map<unknown, unknown> | undefined;

  private constructor(list: readonly Header[]) {
    this.#list = list;
  }

  /** From headers, or pairs of name and value (which throw as `makeHeader` does), in their order. */
  static of(list: Iterable<Header | readonly [string, string]>): Headers {
    return new Headers(Array.from(list, (entry) => ("raw" in entry ? entry : makeHeader(entry[0], entry[1]))));
  }

  [Symbol.iterator](): Iterator<Header> {
    return this.#list[Symbol.iterator]();
  }

  /** The value of the first line of that name. Names may be given in any spelling here and below. */
  get(name: string): string | undefined {
    const id = headerId(name);
    for (const header of this.#list) if (header.id === id) return header.value;
    return undefined;
  }

  /** The value of every line of that name. */
  lines(name: string): readonly string[] {
    const id = headerId(name);
    const values: string[] = [];
    for (const header of this.#list) if (header.id === id) values.push(header.value);
    return values;
  }

  /** Every value in all lines of that name. Not for headers whose grammar has bare commas, such as Date. */
  values(name: string): readonly string[] {
    const lines = this.lines(name);
    return lines.length === 1 ? splitValues(lines[0] ?? "") : lines.flatMap(splitValues);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** How many lines have that name. */
  count(name: string): number {
    return this.lines(name).length;
  }

  /** With one line of that name: at the place of the first that was there, else at the end. */
  with(name: string, value: string): Headers {
    const header = makeHeader(name, value);
    const place = this.#list.findIndex(({ id }) => id === header.id);
    if (place < 0) return new Headers([...this.#list, header]);
    return new Headers(this.#list.flatMap((old, at) => (at === place ? header : old.id === header.id ? [] : old)));
  }

  /** With one more line above all others. */
  prepend(name: string, value: string): Headers {
    return new Headers([makeHeader(name, value), ...this.#list]);
  }

  /** With one more line below all others. */
  append(name: string, value: string): Headers {
    return new Headers([...this.#list, makeHeader(name, value)]);
  }

  without(name: string): Headers {
    const id = headerId(name);
    return new Headers(this.#list.filter((header) => header.id !== id));
  }

  /**
   * Replaces the topmost value of that name (as a proxy does with Via and Route), or removes it when `value` is
   * undefined. All the rest stays byte for byte. Where there is no such value one is appended.
   */
  replaceFirstValue(name: string, value: string | undefined): Headers {
    const id = headerId(name);
    const place = this.#list.findIndex((header) => header.id === id);
    const header = this.#list[place];
    if (!header) return value === undefined ? this : this.append(name, value);
    if (value !== undefined) assertOneLine(value, "A header field value");
    const changed = replaceFirst(header, value);
    return new Headers(this.#list.flatMap((old, at) => (at === place ? (changed ?? []) : old)));
  }

  /** What `decode` makes of these headers, computed once: they never change. */
  once<T>(decode: (headers: Headers) => T): T {
    this.#decoded ??= new Map();
    if (this.#decoded.has(decode)) return this.#decoded.get(decode) as T;
    const value = decode(this);
    this.#decoded.set(decode, value);
    return value;
  }
}

function replaceFirst(header: Header, value: string | undefined): Header | undefined {
  const { raw } = header;
  const start = skipBlanks(raw, raw.indexOf(":") + 1);
  const comma = indexOutside(raw, ",", start);
  if (value !== undefined) return parseHeader(raw.slice(0, start) + value + raw.slice(comma));
  return comma === raw.length ? undefined : parseHeader(raw.slice(0, start) + raw.slice(skipBlanks(raw, comma + 1)));
}

/** Past white space and folds. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\r\n".includes(text.charAt(at))) at++;
  return at;
}
