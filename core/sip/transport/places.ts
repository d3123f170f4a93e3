/** Counts how many of something each source has, and lets none have more than its share. */
export class Places {
  readonly #most: number;
  readonly #mostSources: number;
  readonly #taken = new Map<string, number>();

  /** At most `most` for one source, and at most so many sources. */
  constructor(most: number, mostSources = Infinity) {
    this.#most = most;
    this.#mostSources = mostSources;
  }

  /** Takes a place; false when the source has all that it may. */
  enter(source: string): boolean {
    const taken = this.#taken.get(source) ?? 0;
    if (taken >= this.#most || (taken === 0 && this.#taken.size >= this.#mostSources)) return false;
    this.#taken.set(source, taken + 1);
    return true;
  }

  leave(source: string): void {
    const left = (this.#taken.get(source) ?? 1) - 1;
    if (left > 0) this.#taken.set(source, left);
    else this.#taken.delete(source);
  }
}
