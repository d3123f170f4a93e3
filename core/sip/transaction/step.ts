/** What goes into and comes out of the four pure transaction machines. */
import type { SipRequest, SipResponse } from "../message/message.ts";

export type TimerName = "A" | "B" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L" | "M" | "trying";

type TimerAction =
  | { readonly type: "set-timer"; readonly timer: TimerName; readonly delay: number }
  | { readonly type: "cancel-timer"; readonly timer: TimerName };

export type ClientEvent =
  | { readonly type: "response"; readonly response: SipResponse }
  | { readonly type: "timer"; readonly timer: TimerName }
  | { readonly type: "transport-error" };

export type ClientAction =
  | TimerAction
  /** The request, again or for the first time. */
  | { readonly type: "send" }
  /** An ACK for a failure (§17.1.1.3). */
  | { readonly type: "acknowledge"; readonly response: SipResponse }
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
  /** An ACK that belongs to a 2xx, or the end of waiting for one. */
  | { readonly type: "deliver-ack"; readonly request: SipRequest }
  | { readonly type: "timed-out" }
  | { readonly type: "transport-failed" }
  | { readonly type: "terminate" };
