/** What goes into and comes out of the four pure transaction machines. */
import type { SipRequest, SipResponse } from "../message/message.ts";

/**
 * The timers of RFC 3261 table 4 and RFC 6026. Beside them: `trying` sends a 100, `late` ends what nobody answers in
 * time (RFC 4320 §4.2), `cancelled` ends an INVITE whose CANCEL brings nothing (RFC 3261 §9.1).
 */
export type TimerName =
  | "A"
  | "B"
  | "D"
  | "E"
  | "F"
  | "G"
  | "H"
  | "I"
  | "J"
  | "K"
  | "L"
  | "M"
  | "trying"
  | "late"
  | "cancelled";

type TimerAction =
  | { readonly type: "set-timer"; readonly timer: TimerName; readonly delay: number }
  | { readonly type: "cancel-timer"; readonly timer: TimerName };

export type ClientEvent =
  | { readonly type: "response"; readonly response: SipResponse }
  | { readonly type: "timer"; readonly timer: TimerName }
  | { readonly type: "transport-error" }
  /** The user gave up; only an INVITE hears of it. */
  | { readonly type: "cancel" };

export type ClientAction =
  | TimerAction
  /** The request, again or for the first time. */
  | { readonly type: "send" }
  /** An ACK for a failure (§17.1.1.3). */
  | { readonly type: "acknowledge"; readonly response: SipResponse }
  /** A CANCEL, in a transaction of its own (§9.1). */
  | { readonly type: "cancel" }
  | { readonly type: "deliver"; readonly response: SipResponse }
  | { readonly type: "timed-out" }
  | { readonly type: "transport-failed" }
  | { readonly type: "terminate" };

export type ServerEvent =
  /** The request again, as its sender repeats it. */
  | { readonly type: "retransmission" }
  | { readonly type: "acknowledged"; readonly request: SipRequest }
  /** The user's response. */
  | { readonly type: "respond"; readonly response: SipResponse }
  | { readonly type: "timer"; readonly timer: TimerName }
  | { readonly type: "transport-error" };

export type ServerAction =
  | TimerAction
  | { readonly type: "send"; readonly response: SipResponse }
  /** A 100 of our own. */
  | { readonly type: "send-trying" }
  /** The response sent last once more; nothing where none was sent. */
  | { readonly type: "repeat" }
  /** An ACK that belongs to a 2xx. */
  | { readonly type: "deliver-ack"; readonly request: SipRequest }
  | { readonly type: "timed-out" }
  | { readonly type: "transport-failed" }
  | { readonly type: "terminate" };

/** One of the four machines: what is done on entering its first state, and what an event leads to. */
export interface Machine<State, Event, Action> {
  start(reliable: boolean): readonly [State, readonly Action[]];
  step(state: State, event: Event, reliable: boolean): readonly [State, readonly Action[]];
}
