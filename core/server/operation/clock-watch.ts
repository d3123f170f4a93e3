/** Notices that somebody set the clock of the machine: registrations and subscriptions end by it. */
import type { Clock, Timer } from "../../platform/clock.ts";

/** Milliseconds between looks. */
const ROUND = 10_000;
/** Milliseconds by which time servers move a clock without anybody noticing. */
export const TOLERANCE = 5_000;

export class ClockWatch {
  readonly #clock: Clock;
  #offset: number;
  #timer: Timer;
  #jump: { readonly by: number; readonly at: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.now() - clock.monotonic();
    this.#timer = clock.after(ROUND, () => this.#look());
  }

  /** The last jump in milliseconds, and the wall time at which it was noticed. */
  get jump(): { readonly by: number; readonly at: number } | undefined {
    return this.#jump;
  }

  close(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const offset = this.#clock.now() - this.#clock.monotonic();
    const by = offset - this.#offset;
    if (Math.abs(by) > TOLERANCE) this.#jump = { by, at: this.#clock.now() };
    this.#offset = offset;
    this.#timer = this.#clock.after(ROUND, () => this.#look());
  }
}
