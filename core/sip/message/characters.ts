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
  "a-z0-9._\\-",
  /** URIs: visible characters and bytes of UTF-8, without quotes and angle brackets. */
  "!#-;=?-~\\x80-\\xff",
  /** Those without escapes and headers. */
  "!#$&-;=@-~\\x80-\\xff",
  /** The name of a parameter in a URI, laxly. */
  "!#-:?-~\\x80-\\xff",
  /** Its value. */
  "!#-:=?-~\\x80-\\xff",
  /** Parameter values without quotes, laxly: `received` has colons. */
  "!#-+\\--:=?-~\\x80-\\xff",
  /** Display names without quotes, laxly: words and UTF-8 are sent by real peers. */
  "\\t !#-+\\--:=?-~\\x80-\\xff",
  /** What does not bound the values in a list. */
  '^",<>',
  /** What separates the parameters of challenges and credentials. */
  " \\t,",
  /** Their values without quotes, laxly. */
  '^ \\t",',
  /** What stands for itself within quotes, in every encoding. */
  "\\0-!#-\\[\\]-\\x7f",
] as const;

export const TOKEN = 1;
export const BLANK = 2;
export const DIGIT = 4;
export const HEX = 8;
export const HOST = 16;
export const LOWER_HOST = 32;
export const URI = 64;
export const PLAIN_URI = 128;
export const URI_NAME = 256;
export const URI_VALUE = 512;
export const VALUE = 1024;
export const NAME = 2048;
export const INSIDE = 4096;
export const SEPARATOR = 8192;
export const UNQUOTED = 16_384;
export const QUOTED = 32_768;

/** For each byte the sum of its classes. */
const classes = Uint16Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  return CLASSES.reduce((sum, source, bit) => sum + (new RegExp(`[${source}]`).test(character) ? 2 ** bit : 0), 0);
});

/** Text that never was on a wire may have characters that are no bytes; they count as UTF-8 but not in URIs. */
const NO_BYTE = VALUE | NAME | INSIDE | UNQUOTED;

/** Whether the character of that code belongs to one of the classes, which are added up. */
export function isOf(code: number, wanted: number): boolean {
  return ((classes[code] ?? NO_BYTE) & wanted) !== 0;
}
