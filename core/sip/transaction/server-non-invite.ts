/** The non-INVITE server transaction: RFC 3261 §17.2.2, figure 8, as corrected by RFC 4320. Pure. */
import type { SipResponse } from "../message/message.ts";
import type { ServerAction, ServerEvent } from "./step.ts";
import { NON_INVITE_TRYING_AFTER, TRANSACTION_TIMEOUT } from "./timers.ts";

export interface NonInviteServerState {
  readonly name: "trying" | "proceeding" | "completed" | "terminated";
}

type Next = readonly [NonInviteServerState, readonly ServerAction[]];

const TRYING: NonInviteServerState = { name: "trying" };
const PROCEEDING: NonInviteServerState = { name: "proceeding" };
const COMPLETED: NonInviteServerState = { name: "completed" };
const TERMINATED: NonInviteServerState = { name: "terminated" };

const NOTHING: readonly ServerAction[] = [];
const REPEAT: readonly ServerAction[] = [{ type: "repeat" }];
const END: readonly ServerAction[] = [{ type: "terminate" }];
/** Nobody waits for an answer that comes later than that: it must not be sent, and neither may a 408 (RFC 4320 §4.2). */
const BEGIN: Next = [
  TRYING,
  [
    { type: "set-timer", timer: "trying", delay: NON_INVITE_TRYING_AFTER },
    { type: "set-timer", timer: "late", delay: TRANSACTION_TIMEOUT },
  ],
];
const STOP_WAITING: readonly ServerAction[] = [
  { type: "cancel-timer", timer: "trying" },
  { type: "cancel-timer", timer: "late" },
];
const WAIT_FOR_REPETITIONS: ServerAction = { type: "set-timer", timer: "J", delay: TRANSACTION_TIMEOUT };

export function startNonInviteServer(): Next {
  return BEGIN;
}

export function stepNonInviteServer(state: NonInviteServerState, event: ServerEvent, reliable: boolean): Next {
  if (state.name === "terminated") return [state, NOTHING];
  switch (event.type) {
    case "retransmission":
      return [state, state.name === "trying" ? NOTHING : REPEAT];
    case "respond":
      return onRespond(state, event.response, reliable);
    case "timer":
      return onTimer(state, event.timer);
    case "transport-error":
      return [TERMINATED, [{ type: "transport-failed" }, { type: "terminate" }]];
    case "acknowledged":
      return [state, NOTHING];
  }
}

function onRespond(state: NonInviteServerState, response: SipResponse, reliable: boolean): Next {
  // A final response stands: later ones of the user are discarded (§17.2.2).
  if (state.name === "completed") return [state, NOTHING];
  const send: ServerAction = { type: "send", response };
  if (response.status < 200) return isAllowed(state, response, reliable) ? [PROCEEDING, [send]] : [state, NOTHING];
  if (response.status === 408) return [state, NOTHING];
  if (reliable) return [TERMINATED, [...STOP_WAITING, send, { type: "terminate" }]];
  return [COMPLETED, [...STOP_WAITING, send, WAIT_FOR_REPETITIONS]];
}

/** Only 100, and over an unreliable transport not before the client repeats itself at T2 alone (RFC 4320 §4.1). */
function isAllowed(state: NonInviteServerState, response: SipResponse, reliable: boolean): boolean {
  return response.status === 100 && (reliable || state.name === "proceeding");
}

function onTimer(state: NonInviteServerState, timer: string): Next {
  if (timer === "J") return [TERMINATED, END];
  if (state.name === "completed") return [state, NOTHING];
  if (timer === "late") return [TERMINATED, [{ type: "timed-out" }, { type: "terminate" }]];
  return timer === "trying" && state.name === "trying" ? [PROCEEDING, [{ type: "send-trying" }]] : [state, NOTHING];
}
