/**
 * The timers of all transactions on one timer of the clock. The trick of this file: there are few different delays, so
 * each delay has a list that is in order by itself; beginning and cancelling a timer touch nothing but their neighbours.
 */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { TimerName } from "./step.ts";

/** Who set a timer. */
export interface TimerOwner {
  /** Called once, when the timer is due or later: after the machine slept, long after. */
  fire(timer: TimerName): void;
}

/** A timer that runs. Its neighbours in the list of its delay are the queue's business. */
export class QueuedTimer {
  readonly owner: TimerOwner;
  readonly name: TimerName;
  /** Monotonic milliseconds, whole ones: a fraction would take memory of its own. */
  readonly due: number;
  list: TimerList | undefined;
  before: QueuedTimer | undefined;
  after: QueuedTimer | undefined;

  constructor(owner: TimerOwner, name: TimerName, due: number, list: TimerList) {
    this.owner = owner;
    this.name = name;
    this.due = due;
    this.list = list;
  }
}

interface TimerList {
  first: QueuedTimer | undefined;
  last: QueuedTimer | undefined;
}

export class TimerQueue {
  readonly #clock: Clock;
  readonly #lists = new Map<number, TimerList>();
  #wake: Timer | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Fires once, `delay` milliseconds from now. */
  set(owner: TimerOwner, name: TimerName, delay: number): QueuedTimer {
    let list = this.#lists.get(delay);
    if (!list) this.#lists.set(delay, (list = { first: undefined, last: undefined }));
    const timer = new QueuedTimer(owner, name, Math.ceil(this.#clock.monotonic()) + delay, list);
    timer.before = list.last;
    if (list.last) list.last.after = timer;
    else list.first = timer;
    list.last = timer;
    this.#count++;
    if (timer.due < this.#wakeAt) this.#wakeUpAt(timer.due);
    return timer;
  }

  /** Nothing happens when it has fired or was cancelled. */
  cancel(timer: QueuedTimer): void {
    if (!timer.list) return;
    this.#unlink(timer, timer.list);
    // Of others the clock's timer may now come too early, which costs less than setting it anew.
    if (this.#count === 0) this.#sleep();
  }

  isDue(timer: QueuedTimer): boolean {
    return timer.due <= this.#clock.monotonic();
  }

  /** Forgets all timers. */
  clear(): void {
    for (const list of this.#lists.values()) while (list.first) this.#unlink(list.first, list);
    this.#sleep();
  }

  #sleep(): void {
    this.#wake?.cancel();
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  #unlink(timer: QueuedTimer, list: TimerList): void {
    if (timer.before) timer.before.after = timer.after;
    else list.first = timer.after;
    if (timer.after) timer.after.before = timer.before;
    else list.last = timer.before;
    timer.list = timer.before = timer.after = undefined;
    this.#count--;
  }

  #wakeUpAt(due: number): void {
    this.#wake?.cancel();
    this.#wakeAt = due;
    this.#wake = this.#clock.after(Math.ceil(due - this.#clock.monotonic()), () => this.#fire());
  }

  /** All that are due, in that order, however late it is. */
  #fire(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    let next = this.#next();
    for (; next && next.due <= now; next = this.#next()) {
      if (next.list) this.#unlink(next, next.list);
      next.owner.fire(next.name);
    }
    if (next && next.due < this.#wakeAt) this.#wakeUpAt(next.due);
  }

  #next(): QueuedTimer | undefined {
    let next: QueuedTimer | undefined;
    for (const { first } of this.#lists.values()) if (first && (!next || first.due < next.due)) next = first;
    return next;
  }
}
