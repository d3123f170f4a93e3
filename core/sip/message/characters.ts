/**
 * What the characters of message text may be part of. The trick of this file: one table lookup answers for a character
 * and all classes at once, where a regular expression would have to be started for every little piece.
 */

/** The source of a character class: what RFC 3261 §25.1 allows in a token. */
export const TOKEN_CHARACTERS = "A-Za-z0-9\\-.!%*_+`'~";

/** Sources of character classes, as the grammar of RFC 3261 §25.1 has them where nothing else is said. */
const CLASSES = [
  TOKEN_CHARACTERS,
  /** The white space within lines. */
  " \\t",
  "0-9",
  "0-9A-Fa-f",
  /** Host names. Laxer than the grammar: underscores are in use. */
  "A-Za-z0-9._\\-",
  /** URIs: visible characters and bytes of UTF-8, without quotes and angle brackets. */
  "!#-;=?-~\\x80-\\xff",
  /** Parameter values without quotes, laxly: `received` has colons. */
  "!#-+\\--:=?-~\\x80-\\xff",
  /** Display names without quotes, laxly: words and UTF-8 are sent by real peers. */
  "\\t !#-+\\--:=?-~\\x80-\\xff",
  "A-Z",
] as const;

export const TOKEN = 1;
export const BLANK = 2;
export const DIGIT = 4;
export const HEX = 8;
export const HOST = 16;
export const URI = 32;
export const VALUE = 64;
export const NAME = 128;
export const UPPER = 256;

/** For each byte the sum of its classes. */
const classes = new Uint16Array(256);
/** For each byte the lower-case letter when it is an ASCII letter, else itself. */
const lower = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  const character = String.fromCharCode(code);
  classes[code] = CLASSES.reduce(
    (sum, source, bit) => sum + (new RegExp(`[${source}]`).test(character) ? 2 ** bit : 0),
    0,
  );
  lower[code] = code + ((classes[code] ?? 0) & UPPER ? 0x20 : 0);
}

/** Text that never was on a wire may have characters that are no bytes; they count as bytes of UTF-8 outside of URIs. */
const NO_BYTE = VALUE | NAME;

/** Whether the character of that code belongs to one of the classes, which are added up. */
export function isOf(code: number, wanted: number): boolean {
  return ((classes[code] ?? NO_BYTE) & wanted) !== 0;
}

/** Past the characters of these classes, but not beyond `to`. */
export function skip(text: string, from: number, to: number, wanted: number): number {
  let at = from;
  while (at < to && isOf(text.charCodeAt(at), wanted)) at++;
  return at;
}

/** Back over spaces and tabs that stand before `to`, but not beyond `from`. */
export function skipBack(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && isOf(text.charCodeAt(at - 1), BLANK)) at--;
  return at;
}

/** The part in lower case; what is so already is not converted. */
export function lowerCase(text: string, from: number, to: number): string {
  const part = text.slice(from, to);
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || isOf(code, UPPER)) return part.toLowerCase();
  }
  return part;
}

/** Whether both characters are the same but for the case of ASCII letters. */
export function sameLetter(a: number, b: number): boolean {
  return a === b || (lower[a] === lower[b] && a < 256);
}
