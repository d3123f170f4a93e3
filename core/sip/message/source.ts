/**
 * Text that is being read. The trick of this file: characters are looked at as bytes, which is several times as fast
 * as asking a string for them, and what is kept is cut from the string, which copies nothing.
 */
import { BLANK, INSIDE, isOf } from "./characters.ts";

/** The codes of characters: bytes, or of more bits where text of our own has characters that are none. */
export type Codes = Uint8Array | Uint16Array;

export interface Source {
  readonly text: string;
  /** Those of the text, at the same places. */
  readonly codes: Codes;
}

/** What a reader makes of the part of a source between two places, so that none has to be cut out for it. */
export type Reader<T> = (source: Source, from: number, to: number) => T;

/** A text of our own as something to be read. */
export function sourceOf(text: string): Source {
  const isBytes = !/[^\0-\xff]/.test(text);
  return {
    text,
    codes: isBytes ? Buffer.from(text, "latin1") : Uint16Array.from(text, (_, at) => text.charCodeAt(at)),
  };
}

/** What a reader makes of a whole text. */
export function readAll<T>(text: string, read: Reader<T>): T {
  return read(sourceOf(text), 0, text.length);
}

/** The code of the character there; -1 behind the end. */
export function codeAt(source: Source, at: number): number {
  return source.codes[at] ?? -1;
}

/** Past the characters of these classes, but not beyond `to`. */
export function skip({ codes }: Source, from: number, to: number, wanted: number): number {
  let at = from;
  while (at < to && isOf(codes[at] ?? 0, wanted)) at++;
  return at;
}

/** Past spaces and tabs, of which there are hardly ever more than one. */
export function skipBlanks(source: Source, from: number, to: number): number {
  const isBlank = from < to && isOf(source.codes[from] ?? 0, BLANK);
  return isBlank ? skip(source, from + 1, to, BLANK) : from;
}

/** Back over spaces and tabs that stand before `to`, but not beyond `from`. */
export function skipBack({ codes }: Source, from: number, to: number): number {
  let at = to;
  while (at > from && isOf(codes[at - 1] ?? 0, BLANK)) at--;
  return at;
}

/** Where the character of that code first stands; `to` if nowhere before. */
export function indexOf({ codes }: Source, wanted: number, from: number, to: number): number {
  let at = from;
  while (at < to && (codes[at] ?? 0) !== wanted) at++;
  return at;
}

/** Where the quoted string that begins there has ended; -1 when it does not before `to`. */
export function endOfQuoted({ codes }: Source, from: number, to: number): number {
  for (let at = from + 1; at < to; at++) {
    const code = codes[at];
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at++;
  }
  return -1;
}

/** Where a comma first stands outside quoted strings and angle brackets; `to` if nowhere before. */
export function endOfValue(source: Source, from: number, to: number): number {
  let at = skip(source, from, to, INSIDE);
  if (at === to || codeAt(source, at) === 0x2c) return at;
  let isBracketed = false;
  while (at < to) {
    const code = codeAt(source, at);
    if (code === 0x2c && !isBracketed) return at;
    if (code === 0x3c || code === 0x3e) isBracketed = code === 0x3c;
    const next = code === 0x22 ? endOfQuoted(source, at, to) : at + 1;
    if (next < 0) return to;
    at = skip(source, next, to, INSIDE);
  }
  return to;
}

/** The number from 0 to `max` whose digits are all that stands there, leading zeros allowed; else undefined. */
export function readNumber({ codes }: Source, from: number, to: number, max: number): number | undefined {
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = (codes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return from < to && number <= max ? number : undefined;
}
