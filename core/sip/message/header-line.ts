/**
 * One header line of a message. The trick of this file: a line is a place in the text of the head, so reading a
 * message cuts no strings; name, value and raw text are cut out when somebody wants them.
 */
import { TOKEN } from "./characters.ts";
import type { HeaderName } from "./header-names.ts";
import { headerName, usualHeader } from "./header-names.ts";
import type { Reader, Source } from "./source.ts";
import { codeAt, endOfValue, readAll, skip, skipBlanks, skipBack, sourceOf } from "./source.ts";
import { isToken, trim } from "./text.ts";

export interface Header {
  /** The full name in lower case, see `headerId`. */
  readonly id: string;
  /** Unfolded and trimmed. */
  readonly value: string;
  /** The line, or lines when folded, without the last CRLF. */
  readonly raw: string;
}

export interface HeaderLine {
  readonly name: HeaderName;
  /** Where the line stands, as a rule among the other lines of its message. */
  readonly source: Source;
  readonly start: number;
  readonly colon: number;
  /** Before the CRLF. */
  readonly end: number;
  /** Whether a value may end before the line does. */
  readonly hasComma: boolean;
  /** Whether the value stands in the source as it is, not folded. */
  readonly isPlain: boolean;
  /** Once it is known. */
  value: string | undefined;
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

/** Nothing is read where the value is known. */
const UNREAD = new Uint8Array(0);

/** A line whose value is known. */
function knownLine(name: HeaderName, raw: string, colon: number, value: string): HeaderLine {
  const source = { text: raw, codes: UNREAD };
  return { name, source, start: 0, colon, end: raw.length, hasComma: true, isPlain: false, value };
}

/** A line of our own. A name or value that cannot stand in one line is a programming fault and throws. */
export function makeLine(name: string, value: string): HeaderLine {
  const usual = usualHeader(name);
  if (!usual && !isToken(name)) throw new TypeError("A header field name has to be a token.");
  assertOneLine(value, "A header field value");
  const known = usual ?? headerName(name);
  const trimmed = trim(value);
  return knownLine(known, `${known.spelling}: ${trimmed}`, known.spelling.length, trimmed);
}

/** The line of a header that somebody has. */
export function lineFrom({ id, value, raw }: Header): HeaderLine {
  return knownLine(headerName(id), raw, raw.indexOf(":"), value);
}

/** The line that fills the whole text, folded or not; undefined without a name and a colon. */
export function lineOf(raw: string): HeaderLine | undefined {
  const source = sourceOf(raw);
  const start = skipBlanks(source, 0, raw.length);
  const end = skip(source, start, raw.length, TOKEN);
  const colon = skipBlanks(source, end, raw.length);
  if (end === start || codeAt(source, colon) !== 0x3a) return undefined;
  return knownLine(headerName(raw.slice(start, end)), raw, colon, unfold(raw.slice(colon + 1)));
}

/** RFC 3261 §7.3.1: a line end with the white space around it counts as one space. */
function unfold(text: string): string {
  if (!text.includes("\n")) return trim(text);
  const lines = text.split("\n").map((line) => trim(line.endsWith("\r") ? line.slice(0, -1) : line));
  return trim(lines.join(" "));
}

export function valueOf(line: HeaderLine): string {
  return (line.value ??= cutValue(line));
}

function cutValue({ source, colon, end }: HeaderLine): string {
  const from = skipBlanks(source, colon + 1, end);
  return source.text.slice(from, skipBack(source, from, end));
}

/** The line as others see it. */
export function headerOf(line: HeaderLine): Header {
  return { id: line.name.id, value: valueOf(line), raw: rawOf(line) };
}

export function rawOf({ source, start, end }: HeaderLine): string {
  return source.text.slice(start, end);
}

/** What a reader makes of the whole value, with the white space around it. */
export function readValue<T>(line: HeaderLine, read: Reader<T>): T {
  return line.isPlain ? read(line.source, line.colon + 1, line.end) : readAll(valueOf(line), read);
}

/** What a reader makes of each value in a line, put behind others; what it gives undefined for is left out. */
export function readValues<T>(line: HeaderLine, read: Reader<T | undefined>, values: T[] | undefined): T[] | undefined {
  const source = line.isPlain ? line.source : sourceOf(valueOf(line));
  const end = line.isPlain ? line.end : source.text.length;
  const start = skipBlanks(source, line.isPlain ? line.colon + 1 : 0, end);
  // A text without anything has no value; one with commas and nothing else has several empty ones.
  if (start === end) return values;
  let list = values;
  for (let from = start; from <= end;) {
    const comma = line.hasComma ? endOfValue(source, from, end) : end;
    const value = read(source, from, skipBack(source, from, comma));
    if (value !== undefined && list === undefined) list = [value];
    else if (value !== undefined) list?.push(value);
    from = comma === end ? end + 1 : skipBlanks(source, comma + 1, end);
  }
  return list;
}

/** The lines as they leave, each with its CRLF. Those that came together leave together, in one piece. */
export function formatLines(lines: readonly HeaderLine[]): string {
  let whole = "";
  for (let at = 0; at < lines.length;) {
    const first = lines[at++];
    if (!first) break;
    let last = first;
    for (let next = lines[at]; next && follows(next, last); next = lines[++at]) last = next;
    whole += `${first.source.text.slice(first.start, last.end)}\r\n`;
  }
  return whole;
}

/** Whether only a CRLF stands between two lines: any other line end is shorter. */
function follows(next: HeaderLine, last: HeaderLine): boolean {
  return next.source === last.source && next.start === last.end + 2;
}
