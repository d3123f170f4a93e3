/**
 * One header line of a message. The trick of this file: a line is a place in the text of the head, so reading a
 * message cuts no strings; name, value and raw text are cut out when somebody wants them.
 */
import { BLANK, TOKEN, skip, skipBack } from "./characters.ts";
import { displayName, headerId, headerIdAt } from "./header-names.ts";
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
  readonly id: string;
  /** Where the line stands, as a rule among the other lines of its message. */
  readonly text: string;
  readonly start: number;
  readonly colon: number;
  /** Before the CRLF. */
  readonly end: number;
  /** Once it is known; known from the start when it does not stand in the text as it is, being folded. */
  value: string | undefined;
}

/**
 * Characters that would end the line, or that would turn into such a character: a value has one character for each
 * byte, and U+010A, say, would leave as a line feed.
 */
function mayStandInLine(code: number): boolean {
  return code < 0x100 && code !== 0x0d && code !== 0x0a && code !== 0;
}

/** Throws a programming fault on text that would not stay within its line. Use `latin1()` for what people wrote. */
export function assertOneLine(text: string, what: string): void {
  for (let at = 0; at < text.length; at++) {
    if (!mayStandInLine(text.charCodeAt(at)))
      throw new TypeError(`${what} holds a line end, a NUL or a character that is no byte.`);
  }
}

/** A line of our own. A name or value that cannot stand in one line is a programming fault and throws. */
export function makeLine(name: string, value: string): HeaderLine {
  if (!isToken(name)) throw new TypeError("A header field name has to be a token.");
  assertOneLine(value, "A header field value");
  const id = headerId(name);
  const spelling = displayName(id);
  const trimmed = trim(value);
  const text = `${spelling}: ${trimmed}`;
  return { id, text, start: 0, colon: spelling.length, end: text.length, value: trimmed };
}

/** The line that stands between two places and is not folded; undefined without a name and a colon. */
export function lineAt(text: string, start: number, end: number): HeaderLine | undefined {
  const from = skip(text, start, end, BLANK);
  const to = skip(text, from, end, TOKEN);
  const colon = skip(text, to, end, BLANK);
  if (to === from || colon === end || text.charCodeAt(colon) !== 0x3a) return undefined;
  return { id: headerIdAt(text, from, to), text, start, colon, end, value: undefined };
}

/** The line that fills the whole text, folded or not. */
export function lineOf(raw: string): HeaderLine | undefined {
  const line = lineAt(raw, 0, raw.length);
  if (line && raw.includes("\n", line.colon)) line.value = unfold(raw.slice(line.colon + 1));
  return line;
}

/** RFC 3261 §7.3.1: a line end with the white space around it counts as one space. */
function unfold(text: string): string {
  const lines = text.split("\n").map((line) => trim(line.endsWith("\r") ? line.slice(0, -1) : line));
  return trim(lines.join(" "));
}

export function valueOf(line: HeaderLine): string {
  return (line.value ??= cutValue(line));
}

function cutValue({ text, colon, end }: HeaderLine): string {
  const from = skip(text, colon + 1, end, BLANK);
  return text.slice(from, skipBack(text, from, end));
}

/** The line as others see it. */
export function headerOf(line: HeaderLine): Header {
  return { id: line.id, value: valueOf(line), raw: line.text.slice(line.start, line.end) };
}

/** The line of a header that somebody has. */
export function lineFrom({ id, value, raw }: Header): HeaderLine {
  return { id, text: raw, start: 0, colon: raw.indexOf(":"), end: raw.length, value };
}

/** What a decoder makes of a value, which it is told as a place, so that none has to be cut out. */
export type Decoder<T> = (text: string, from: number, to: number) => T;

export function decodeValue<T>(line: HeaderLine, decode: Decoder<T>): T {
  const { text, colon, end, value } = line;
  return value === undefined ? decode(text, colon + 1, end) : decode(value, 0, value.length);
}

/** The lines as they leave, each with its CRLF. Those that came together leave together, in one piece. */
export function formatLines(lines: readonly HeaderLine[]): string {
  let whole = "";
  for (let at = 0; at < lines.length;) {
    const first = lines[at++];
    if (!first) break;
    let last = first;
    for (let next = lines[at]; next && follows(next, last); next = lines[++at]) last = next;
    whole += `${first.text.slice(first.start, last.end)}\r\n`;
  }
  return whole;
}

/** Whether only a CRLF stands between two lines: all between lines are line ends, and the only other one is shorter. */
function follows(next: HeaderLine, last: HeaderLine): boolean {
  return next.start === last.end + 2 && next.text === last.text;
}
