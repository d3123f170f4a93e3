/** The timers of one transaction: never more than one that repeats something, and one that ends something. */
import type { TimerName } from "./step.ts";
import type { QueuedTimer, TimerOwner, TimerQueue } from "./timer-queue.ts";

const REPEATING: ReadonlySet<TimerName> = new Set<TimerName>(["A", "E", "G", "trying"]);

export abstract class TransactionTimers implements TimerOwner {
  #repeating: QueuedTimer | undefined;
  #ending: QueuedTimer | undefined;

  protected abstract get queue(): TimerQueue;
  protected abstract timerFired(timer: TimerName): void;

  fire(timer: TimerName): void {
    if (REPEATING.has(timer)) {
      this.#repeating = undefined;
      // After the machine slept the end is due too: what would be said again now has lost its hearer.
      if (this.#ending && this.queue.isDue(this.#ending)) return;
    } else this.#ending = undefined;
    this.timerFired(timer);
  }

  protected setTimer(timer: TimerName, delay: number): void {
    this.cancelTimer(timer);
    const queued = this.queue.set(this, timer, delay);
    if (REPEATING.has(timer)) this.#repeating = queued;
    else this.#ending = queued;
  }

  protected cancelTimer(timer: TimerName): void {
    if (this.#repeating?.name === timer) {
      this.queue.cancel(this.#repeating);
      this.#repeating = undefined;
    } else if (this.#ending?.name === timer) {
      this.queue.cancel(this.#ending);
      this.#ending = undefined;
    }
  }

  protected cancelTimers(): void {
    if (this.#repeating) this.queue.cancel(this.#repeating);
    if (this.#ending) this.queue.cancel(this.#ending);
    this.#repeating = this.#ending = undefined;
  }
}
