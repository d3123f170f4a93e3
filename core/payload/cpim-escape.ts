/** The escapes of CPIM header values (RFC 3862 §2.3). */

const NAMED: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", r: "\r" };
const LETTERS: Readonly<Record<string, string>> = { "\b": "b", "\t": "t", "\n": "n", "\r": "r", "\\": "\\" };

/** A header value with its control characters and backslashes escaped; no line end is left in it. */
export function escapeHeaderValue(value: string): string {
  // eslint-disable-next-line no-control-regex -- the control characters are what has to be escaped
  return value.replace(/[\u0000-\u001f\u007f\\]/g, (character) => {
    const letter = LETTERS[character] ?? `u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return `\\${letter}`;
  });
}

/** The value behind its escapes; an unknown escape stands for the character after the backslash. */
export function unescapeHeaderValue(value: string): string {
  return value.replace(/\\(?:u([0-9a-f]{4})|(.?))/gi, (_, code: string | undefined, letter = "") =>
    code === undefined ? (NAMED[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
