/**
 * Words that are met all the time, such as names of headers and parameters. The trick of this file: a known word is
 * recognised where it stands in the message, so no string has to be made, converted and hashed for it.
 */
import { sameLetter } from "./characters.ts";

/** Longer words are not known. */
const LONGEST = 31;

export class Words {
  /** By length and first letter, of which the low five bits do not depend on its case. */
  readonly #buckets: (readonly string[])[] = Array.from({ length: (LONGEST + 1) * 32 }, () => []);

  /** Takes the words in the spelling in which they are to be found. */
  constructor(words: readonly string[]) {
    for (const word of words) {
      const place = placeOf(word, 0, word.length);
      this.#buckets[place] = [...(this.#buckets[place] ?? []), word];
    }
  }

  /** The known word that stands there, in whatever case; undefined when there is none. */
  find(text: string, from: number, to: number): string | undefined {
    if (to - from > LONGEST) return undefined;
    const bucket = this.#buckets[placeOf(text, from, to)];
    if (bucket === undefined) return undefined;
    for (const word of bucket) if (standsAt(word, text, from)) return word;
    return undefined;
  }
}

function placeOf(text: string, from: number, to: number): number {
  return (to - from) * 32 + (text.charCodeAt(from) & 31);
}

function standsAt(word: string, text: string, from: number): boolean {
  for (let at = 0; at < word.length; at++)
    if (!sameLetter(text.charCodeAt(from + at), word.charCodeAt(at))) return false;
  return true;
}
