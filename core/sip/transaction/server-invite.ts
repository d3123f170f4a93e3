/** The INVITE server transaction: RFC 3261 §17.2.1, figure 7, with the Accepted state of RFC 6026. Pure. */
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { ServerAction, ServerEvent } from "./step.ts";
import { T1, T2, T4, TRANSACTION_TIMEOUT, TRYING_AFTER } from "./timers.ts";

export interface InviteServerState {
  readonly name: "proceeding" | "completed" | "confirmed" | "accepted" | "terminated";
  readonly interval: number;
}

type Next = readonly [InviteServerState, readonly ServerAction[]];

const PROCEEDING: InviteServerState = { name: "proceeding", interval: 0 };
const ACCEPTED: InviteServerState = { name: "accepted", interval: 0 };
const CONFIRMED: InviteServerState = { name: "confirmed", interval: 0 };
const TERMINATED: InviteServerState = { name: "terminated", interval: 0 };

const QUIET: ServerAction = { type: "cancel-timer", timer: "trying" };

export function startInviteServer(): Next {
  return [PROCEEDING, [{ type: "set-timer", timer: "trying", delay: TRYING_AFTER }]];
}

export function stepInviteServer(state: InviteServerState, event: ServerEvent, reliable: boolean): Next {
  if (state.name === "terminated") return [state, []];
  switch (event.type) {
    case "retransmission":
      return [state, state.name === "proceeding" || state.name === "completed" ? [{ type: "repeat" }] : []];
    case "respond":
      return onRespond(state, event.response, reliable);
    case "acknowledged":
      return onAcknowledged(state, event.request, reliable);
    case "timer":
      return onTimer(state, event.timer);
    case "transport-error":
      return state.name === "accepted"
        ? [state, []]
        : [TERMINATED, [{ type: "transport-failed" }, { type: "terminate" }]];
  }
}

function onRespond(state: InviteServerState, response: SipResponse, reliable: boolean): Next {
  const send: ServerAction = { type: "send", response };
  // In Accepted the user repeats its own 2xx until the ACK (RFC 6026 §7.1).
  if (state.name === "accepted") return [state, response.status >= 200 && response.status < 300 ? [send] : []];
  if (state.name !== "proceeding") return [state, []];
  if (response.status < 200) return [state, [QUIET, send]];
  if (response.status < 300)
    return [ACCEPTED, [QUIET, send, { type: "set-timer", timer: "L", delay: TRANSACTION_TIMEOUT }]];
  const actions: ServerAction[] = [QUIET, send, { type: "set-timer", timer: "H", delay: TRANSACTION_TIMEOUT }];
  if (!reliable) actions.push({ type: "set-timer", timer: "G", delay: T1 });
  return [{ name: "completed", interval: T1 }, actions];
}

function onAcknowledged(state: InviteServerState, request: SipRequest, reliable: boolean): Next {
  if (state.name === "accepted") return [state, [{ type: "deliver-ack", request }]];
  if (state.name !== "completed") return [state, []];
  const stop: ServerAction[] = [
    { type: "cancel-timer", timer: "G" },
    { type: "cancel-timer", timer: "H" },
  ];
  if (reliable) return [TERMINATED, [...stop, { type: "terminate" }]];
  return [CONFIRMED, [...stop, { type: "set-timer", timer: "I", delay: T4 }]];
}

function onTimer(state: InviteServerState, timer: string): Next {
  if (timer === "I" || timer === "L") return [TERMINATED, [{ type: "terminate" }]];
  if (timer === "trying" && state.name === "proceeding") return [state, [{ type: "send-trying" }]];
  if (state.name !== "completed") return [state, []];
  if (timer === "H") return [TERMINATED, [{ type: "timed-out" }, { type: "terminate" }]];
  if (timer !== "G") return [state, []];
  const interval = Math.min(state.interval * 2, T2);
  return [{ ...state, interval }, [{ type: "repeat" }, { type: "set-timer", timer: "G", delay: interval }]];
}
