import type { Clock, Timer } from "../../core/platform/clock.ts";

interface Waiting {
  readonly due: number;
  readonly task: () => void;
}

/** 2026-01-05 09:00 UTC: a Monday morning on which nothing special happens. */
const MONDAY_MORNING = Date.UTC(2026, 0, 5, 9);

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #monotonic = 0;
  #wall: number;
  /** In the order in which they are due; of those due together, the one set first stands first. */
  readonly #waiting: Waiting[] = [];

  constructor(wall: number = MONDAY_MORNING) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delay: number, task: () => void): Timer {
    const waiting: Waiting = { due: this.#monotonic + Math.max(delay, 0), task };
    this.#waiting.splice(this.#placeFor(waiting.due), 0, waiting);
    return { cancel: () => this.#remove(waiting) };
  }

  /** Timers that have not fired and were not cancelled. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** Milliseconds until the next timer fires; undefined when there is none. */
  get untilNext(): number | undefined {
    const [next] = this.#waiting;
    return next && next.due - this.#monotonic;
  }

  /**
   * Moves both faces of the clock. Timers fire one by one in the order in which they are due; what they set off
   * (promises, and one turn of the event loop) runs before the next one. `advance(0)` lets pending work run.
   */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#monotonic + milliseconds;
    await settle();
    for (let [next] = this.#waiting; next && next.due <= end; [next] = this.#waiting) {
      this.#moveTo(Math.max(next.due, this.#monotonic));
      this.#waiting.shift();
      next.task();
      await settle();
    }
    this.#moveTo(end);
  }

  /** Sets the wall clock forward or back, as a person or a time server does. No timer notices. */
  jump(milliseconds: number): void {
    this.#wall += milliseconds;
  }

  /** As a computer that was asleep: both faces have moved on, and all that is due meanwhile is due now, at once. */
  async sleep(milliseconds: number): Promise<void> {
    await settle();
    this.#moveTo(this.#monotonic + milliseconds);
    await this.advance(0);
  }

  #moveTo(monotonic: number): void {
    this.#wall += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  #remove(waiting: Waiting): void {
    const place = this.#waiting.indexOf(waiting, this.#placeBefore(waiting.due));
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  /** Behind all that are due then. */
  #placeFor(due: number): number {
    return this.#search((one) => one.due <= due);
  }

  /** Before all that are due then. */
  #placeBefore(due: number): number {
    return this.#search((one) => one.due < due);
  }

  #search(isEarlier: (one: Waiting) => boolean): number {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const one = this.#waiting[middle];
      if (one && isEarlier(one)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Lets promises and one turn of the event loop run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
