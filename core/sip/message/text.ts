/**
 * Text as it stands in a message: a latin1 string, one character for one byte, so that nothing is lost.
 * White space is only ever space and tab: `trim()` and `\s` would also eat 0xA0, the second half of a UTF-8 letter.
 */
import { BLANK, TOKEN, skip, skipBack } from "./characters.ts";

export { TOKEN_CHARACTERS } from "./characters.ts";

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

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

export function isToken(text: string): boolean {
  return text !== "" && skip(text, 0, text.length, TOKEN) === text.length;
}

/** Without the spaces and tabs at both ends. */
export function trim(text: string): string {
  const start = skip(text, 0, text.length, BLANK);
  return text.slice(start, skipBack(text, start, text.length));
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
  return text === undefined ? undefined : readNumber(text, 0, text.length, max);
}

/** The number whose digits are all that stands there. */
export function readNumber(text: string, from: number, to: number, max: number): number | undefined {
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return from < to && number <= max ? number : undefined;
}

/** Where the quoted string that begins there has ended; -1 when it does not before `to`. */
export function endOfQuoted(text: string, from: number, to: number): number {
  for (let at = from + 1; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at++;
  }
  return -1;
}

/**
 * Where the character first stands outside quoted strings and angle brackets; `to` if nowhere before. Linear.
 */
export function indexOutside(text: string, character: string, from = 0, to = text.length): number {
  const wanted = character.charCodeAt(0);
  let bracketed = false;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfQuoted(text, at, to) - 1;
      if (at < 0) return to;
    } else if (code === 0x3c) bracketed = true;
    else if (code === 0x3e) bracketed = false;
    else if (code === wanted && !bracketed) return at;
  }
  return to;
}
