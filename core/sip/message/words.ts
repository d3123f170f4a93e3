/**
 * Words that are met all the time, such as names of headers and parameters. The trick of this file: two letters tell
 * which word may stand at a place, and one comparison whether it does. So a known word costs neither a search for its
 * end nor a new string.
 */
import { TOKEN, isOf } from "./characters.ts";
import type { Source } from "./source.ts";

export interface Word<Meaning> {
  /** In its usual spelling. */
  readonly text: string;
  readonly meaning: Meaning;
  /** The next of those that begin alike. */
  readonly next: Word<Meaning> | undefined;
}

export class Words<Meaning> {
  /** By the low five bits of their first two letters. */
  readonly #beginnings: (Word<Meaning> | undefined)[] = Array.from({ length: 32 * 32 }, () => undefined);

  /** Takes words of two characters or more in their usual spelling, the most usual first, and what each means. */
  constructor(words: readonly string[], meaningOf: (word: string) => Meaning) {
    for (const text of words.toReversed()) {
      const place = placeOf(text.charCodeAt(0), text.charCodeAt(1));
      this.#beginnings[place] = { text, meaning: meaningOf(text), next: this.#beginnings[place] };
    }
  }

  /** The known word that begins there, in its usual spelling, and ends where a token would, before `to` or at it. */
  startingAt({ text, codes }: Source, from: number, to: number): Word<Meaning> | undefined {
    let word = this.#beginnings[placeOf(codes[from] ?? 0, codes[from + 1] ?? 0)];
    for (; word; word = word.next) {
      const end = from + word.text.length;
      if (end <= to && text.startsWith(word.text, from) && (end === to || !isOf(codes[end] ?? 0, TOKEN))) break;
    }
    return word;
  }
}

function placeOf(first: number, second: number): number {
  return (first & 31) * 32 + (second & 31);
}
