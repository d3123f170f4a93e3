/** Slows down who guesses passwords. Counts an account *and* a source, so nobody can lock out somebody else. */
import type { Clock } from "../platform/clock.ts";

/** Wrong passwords in a row before the door closes. */
export const TRIES = 10;
/** Milliseconds for which it stays closed. */
export const CLOSED_FOR = 60_000;
/** Pairs that are remembered; the oldest is forgotten first. */
export const PAIRS_REMEMBERED = 10_000;

export class LockOut {
  readonly #clock: Clock;
  readonly #pairs = new Map<string, { failures: number; last: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whole seconds until this account may be tried again from this source; 0 when it may. */
  remaining(account: string, source: string): number {
    const pair = this.#pairs.get(key(account, source));
    if (!pair || pair.failures < TRIES) return 0;
    return Math.max(0, Math.ceil((pair.last + CLOSED_FOR - this.#clock.monotonic()) / 1_000));
  }

  failed(account: string, source: string): void {
    const name = key(account, source);
    const pair = this.#pairs.get(name);
    const now = this.#clock.monotonic();
    const fresh = !pair || now - pair.last > CLOSED_FOR;
    this.#pairs.delete(name);
    this.#pairs.set(name, { failures: fresh ? 1 : pair.failures + 1, last: now });
    const [oldest] = this.#pairs.keys();
    if (this.#pairs.size > PAIRS_REMEMBERED && oldest !== undefined) this.#pairs.delete(oldest);
  }

  succeeded(account: string, source: string): void {
    this.#pairs.delete(key(account, source));
  }
}

function key(account: string, source: string): string {
  return `${account} ${source}`;
}
