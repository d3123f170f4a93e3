/**
 * Text as it stands in a message: a latin1 string, one character for one byte, so that nothing is lost.
 * White space is only ever space and tab: `trim()` and `\s` would also eat 0xA0, the second half of a UTF-8 letter.
 */
import { BLANK, TOKEN_CHARACTERS, isOf } from "./characters.ts";

const TOKEN = new RegExp(`^[${TOKEN_CHARACTERS}]+$`);
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/g;
const ESCAPE = /%([0-9A-Fa-f]{2})/g;

/** Decodes message text for people. Bytes that are not UTF-8 become U+FFFD. */
export function utf8(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "latin1").toString("utf8");
}

/** Encodes any string as message text: its UTF-8 bytes, one character each. */
export function latin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Whether the text is the same in every encoding. */
export function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Without the spaces and tabs at both ends. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOf(text.charCodeAt(start), BLANK)) start++;
  while (end > start && isOf(text.charCodeAt(end - 1), BLANK)) end--;
  return text.slice(start, end);
}

/** As a quoted-string (RFC 3261 §25.1). Control characters, which could end a header, become spaces. */
export function quote(text: string): string {
  return `"${text.replace(CONTROL, " ").replace(/["\\]/g, "\\$&")}"`;
}

/** What a quoted-string says; any other text is returned as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const inner = text.slice(1, -1);
  return inner.includes("\\") ? inner.replace(/\\([^])/g, "$1") : inner;
}

/** Replaces %-escapes by the bytes they stand for. */
export function unescape(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** One byte, given as a character, as a %-escape. */
export function escape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** The digits of a number from 0 to `max`, leading zeros allowed; undefined for anything else. */
export function parseNumber(text: string | undefined, max: number): number | undefined {
  if (text === undefined || text === "") return undefined;
  let number = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number <= max ? number : undefined;
}

/**
 * Where the character first stands outside quoted strings and angle brackets; the end of the text if nowhere. Linear.
 */
export function indexOutside(text: string, character: string, from = 0): number {
  const wanted = character.charCodeAt(0);
  let quoted = false;
  let bracketed = false;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 0x5c) at++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x3c) bracketed = true;
    else if (code === 0x3e) bracketed = false;
    else if (code === wanted && !bracketed) return at;
  }
  return text.length;
}
