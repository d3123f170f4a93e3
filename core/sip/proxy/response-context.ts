/** Drives one fork (RFC 3261 §16.7): performs what the pure machine asks for, on an injected clock and sender. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { SipResponse } from "../message/message.ts";
import { TRANSACTION_TIMEOUT } from "../transaction/timers.ts";
import type { ForkAction, ForkEvent, ForkState } from "./fork.ts";
import { startFork, stepFork, TIMER_C } from "./fork.ts";

/** What a branch tells of its transaction. */
export interface BranchUser {
  response(response: SipResponse): void;
  /** The transaction ended without an answer; `response` stands for it: 408 or 503 (§16.7, §16.9). */
  gone(response: SipResponse): void;
}

/** A branch that was begun. */
export interface Branch {
  cancel(): void;
}

export interface ResponseContextSettings {
  readonly clock: Clock;
  readonly isInvite: boolean;
  /** Groups of branches, most wanted first. */
  readonly groups: readonly (readonly number[])[];
  /** Sends the copy for a branch. */
  begin(branch: number, user: BranchUser): Branch;
  /** A response of our own that stands for the silence of a branch. */
  standIn(status: 408): SipResponse;
  /** A response for upstream. */
  forward(response: SipResponse): void;
  /** Groups of new branches where a 3xx is followed; undefined where it counts as a failure like others. */
  follow?(branch: number, response: SipResponse): readonly (readonly number[])[] | undefined;
  /** Every branch has ended. */
  done(): void;
}

export class ResponseContext {
  readonly #settings: ResponseContextSettings;
  readonly #branches = new Map<number, Branch>();
  readonly #timers = new Map<number, Timer>();
  #state: ForkState;
  #isDone = false;

  constructor(settings: ResponseContextSettings) {
    this.#settings = settings;
    const [state, actions] = startFork(settings.groups, settings.isInvite);
    this.#state = state;
    this.#perform(actions);
  }

  /** The caller gave up. */
  cancel(): void {
    this.#take({ type: "cancel" });
  }

  #take(event: ForkEvent): void {
    const [state, actions] = stepFork(this.#state, event);
    this.#state = state;
    this.#perform(actions);
  }

  #perform(actions: readonly ForkAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case "begin":
          this.#begin(action.branch);
          break;
        case "forward":
          this.#settings.forward(action.response);
          break;
        case "cancel":
          this.#branches.get(action.branch)?.cancel();
          this.#giveUpLater(action.branch);
          break;
        case "restart-timer-c":
          this.#restartTimerC(action.branch);
          break;
        case "done":
          if (this.#isDone) break;
          this.#isDone = true;
          for (const timer of this.#timers.values()) timer.cancel();
          this.#settings.done();
          break;
      }
    }
  }

  #begin(branch: number): void {
    if (this.#settings.isInvite) this.#restartTimerC(branch);
    const begun = this.#settings.begin(branch, {
      response: (response) => {
        if (response.status >= 200) this.#timers.get(branch)?.cancel();
        this.#respond(branch, response);
      },
      gone: (response) => this.#take({ type: "gone", branch, response }),
    });
    this.#branches.set(branch, begun);
  }

  #respond(branch: number, response: SipResponse): void {
    const isRedirect = response.status >= 300 && response.status < 400;
    const groups = isRedirect && !this.#state.closed ? this.#settings.follow?.(branch, response) : undefined;
    this.#take(groups ? { type: "redirected", branch, groups } : { type: "response", branch, response });
  }

  /** A branch that does not even answer the CANCEL counts as ended after 64·T1 (RFC 3261 §9.1). */
  #giveUpLater(branch: number): void {
    this.#timers.get(branch)?.cancel();
    const give = (): void => this.#take({ type: "gone", branch, response: this.#settings.standIn(408) });
    this.#timers.set(branch, this.#settings.clock.after(TRANSACTION_TIMEOUT, give));
  }

  #restartTimerC(branch: number): void {
    this.#timers.get(branch)?.cancel();
    this.#timers.set(
      branch,
      this.#settings.clock.after(TIMER_C, () => this.#take({ type: "timer-c", branch })),
    );
  }
}
