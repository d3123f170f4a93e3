/** Drives one 2xx to its ACK: see `acceptance.ts`. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { AcceptanceAction, AcceptanceEvent, AcceptanceState } from "./acceptance.ts";
import { startAcceptance, stepAcceptance } from "./acceptance.ts";

export interface AcceptedUser {
  readonly clock: Clock;
  /** Sends the 2xx once more. */
  repeat(): void;
  /** No ACK came within 64·T1. */
  givenUp(): void;
}

export class Accepted {
  readonly #user: AcceptedUser;
  #state: AcceptanceState;
  #timer: Timer | undefined;

  constructor(user: AcceptedUser) {
    this.#user = user;
    const [state, actions] = startAcceptance();
    this.#state = state;
    this.#perform(actions);
  }

  get isOpen(): boolean {
    return this.#state.name === "repeating";
  }

  acknowledged(): void {
    this.#timer?.cancel();
    this.#take("acknowledged");
  }

  #take(event: AcceptanceEvent): void {
    const [state, actions] = stepAcceptance(this.#state, event);
    this.#state = state;
    this.#perform(actions);
  }

  #perform(actions: readonly AcceptanceAction[]): void {
    for (const action of actions) {
      if (action.type === "send") this.#user.repeat();
      else if (action.type === "give-up") this.#user.givenUp();
      else this.#timer = this.#user.clock.after(action.delay, () => this.#take("timer"));
    }
  }
}
