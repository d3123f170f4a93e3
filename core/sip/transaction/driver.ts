/** What both kinds of transaction need to perform what their pure machine asks for. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { TimerName } from "./step.ts";

/** The timers of one transaction by name. */
export class Timers {
  readonly #clock: Clock;
  readonly #running = new Map<TimerName, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(name: TimerName, delay: number, fire: () => void): void {
    this.cancel(name);
    this.#running.set(
      name,
      this.#clock.after(delay, () => {
        this.#running.delete(name);
        fire();
      }),
    );
  }

  cancel(name: TimerName): void {
    this.#running.get(name)?.cancel();
    this.#running.delete(name);
  }

  cancelAll(): void {
    for (const timer of this.#running.values()) timer.cancel();
    this.#running.clear();
  }
}

/** Keeps the state of a pure machine; the call without an event yields the actions of entering it. */
export function machine<State, Event, Action>(
  first: readonly [State, readonly Action[]],
  step: (state: State, event: Event) => readonly [State, readonly Action[]],
): (event: Event | undefined) => readonly Action[] {
  let [state] = first;
  return (event) => {
    if (event === undefined) return first[1];
    const [next, actions] = step(state, event);
    state = next;
    return actions;
  };
}
