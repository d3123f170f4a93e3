/** Time as the core sees it. Nothing outside this file calls `setTimeout` or `Date.now`. */

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time in milliseconds since 1970; may jump. For what people read and what is stored. */
  now(): number;
  /** Milliseconds that only grow; for measuring how long something takes. */
  monotonic(): number;
  /** Calls `task` once, `delay` milliseconds from now (0 at least). */
  after(delay: number, task: () => void): Timer;
}

/** The longest delay that Node's timers take; longer ones fire at once, so they are cut into pieces. */
const LONGEST_DELAY = 2_147_483_647;

/** The clock of the machine. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(delay, task) {
      let handle: NodeJS.Timeout;
      const wait = (left: number): void => {
        const step = Math.min(Math.max(left, 0), LONGEST_DELAY);
        handle = setTimeout(() => (left > step ? wait(left - step) : task()), step);
      };
      wait(delay);
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

/** ISO 8601 in UTC, the form of every time that leaves the core. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
