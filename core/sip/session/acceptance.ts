/** A 2xx of an INVITE on its way: repeated by its user until the ACK comes, over every transport (RFC 3261 §13.3.1.4). Pure. */
import { T1, T2, TRANSACTION_TIMEOUT } from "../transaction/timers.ts";

export interface AcceptanceState {
  readonly name: "repeating" | "acknowledged" | "given-up";
  /** Milliseconds until the next repetition. */
  readonly interval: number;
  /** Milliseconds since the first 2xx left, as far as timers tell. */
  readonly waited: number;
}

export type AcceptanceEvent = "timer" | "acknowledged";

export type AcceptanceAction =
  | { readonly type: "send" }
  | { readonly type: "wait"; readonly delay: number }
  /** Nobody acknowledges: the session is to be ended. */
  | { readonly type: "give-up" };

type Next = readonly [AcceptanceState, readonly AcceptanceAction[]];

/** The first 2xx has left. */
export function startAcceptance(): Next {
  return [{ name: "repeating", interval: T1, waited: 0 }, [{ type: "wait", delay: T1 }]];
}

export function stepAcceptance(state: AcceptanceState, event: AcceptanceEvent): Next {
  if (state.name !== "repeating") return [state, []];
  if (event === "acknowledged") return [{ ...state, name: "acknowledged" }, []];
  const waited = state.waited + state.interval;
  if (waited >= TRANSACTION_TIMEOUT) return [{ ...state, name: "given-up", waited }, [{ type: "give-up" }]];
  const interval = Math.min(state.interval * 2, T2, TRANSACTION_TIMEOUT - waited);
  const next: AcceptanceState = { name: "repeating", interval, waited };
  return [next, [{ type: "send" }, { type: "wait", delay: interval }]];
}
