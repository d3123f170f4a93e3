/** The INVITE client transaction: RFC 3261 §17.1.1, figure 5, with the Accepted state of RFC 6026. Pure. */
import type { SipResponse } from "../message/message.ts";
import type { ClientAction, ClientEvent } from "./step.ts";
import { T1, TIMER_D, TRANSACTION_TIMEOUT } from "./timers.ts";

export interface InviteClientState {
  readonly name: "calling" | "proceeding" | "completed" | "accepted" | "terminated";
  readonly interval: number;
  /** The user gave up: the CANCEL waits for a first response, or has left (§9.1). */
  readonly cancel?: "held" | "sent";
}

type Next = readonly [InviteClientState, readonly ClientAction[]];

const PROCEEDING: InviteClientState = { name: "proceeding", interval: 0 };
const COMPLETED: InviteClientState = { name: "completed", interval: 0 };
const ACCEPTED: InviteClientState = { name: "accepted", interval: 0 };
const TERMINATED: InviteClientState = { name: "terminated", interval: 0 };

const STOP_RETRYING: readonly ClientAction[] = [
  { type: "cancel-timer", timer: "A" },
  { type: "cancel-timer", timer: "B" },
];
const CANCEL: readonly ClientAction[] = [
  { type: "cancel" },
  { type: "set-timer", timer: "cancelled", delay: TRANSACTION_TIMEOUT },
];
const FORGET_CANCEL: readonly ClientAction[] = [{ type: "cancel-timer", timer: "cancelled" }];
const TIMED_OUT: Next = [TERMINATED, [{ type: "timed-out" }, { type: "terminate" }]];

export function startInviteClient(reliable: boolean): Next {
  const actions: ClientAction[] = [{ type: "send" }, { type: "set-timer", timer: "B", delay: TRANSACTION_TIMEOUT }];
  if (!reliable) actions.push({ type: "set-timer", timer: "A", delay: T1 });
  return [{ name: "calling", interval: T1 }, actions];
}

export function stepInviteClient(state: InviteClientState, event: ClientEvent, reliable: boolean): Next {
  if (state.name === "terminated") return [state, []];
  switch (event.type) {
    case "response":
      return onResponse(state, event.response, reliable);
    case "transport-error":
      return state.name === "accepted"
        ? [state, []]
        : [TERMINATED, [{ type: "transport-failed" }, { type: "terminate" }]];
    case "timer":
      return onTimer(state, event.timer);
    case "cancel":
      return onCancel(state);
  }
}

function onResponse(state: InviteClientState, response: SipResponse, reliable: boolean): Next {
  const deliver: ClientAction = { type: "deliver", response };
  if (state.name === "completed") {
    return [state, response.status >= 300 ? [{ type: "acknowledge", response }] : []];
  }
  if (state.name === "accepted") {
    // Further 2xx come from other branches of a fork, or are repeated: the user acknowledges each (RFC 6026 §7.2).
    return [state, response.status >= 200 && response.status < 300 ? [deliver] : []];
  }
  if (response.status < 200) return onProvisional(state, deliver);
  const stop = state.cancel === "sent" ? FORGET_CANCEL : STOP_RETRYING;
  if (response.status < 300) {
    const wait: ClientAction = { type: "set-timer", timer: "M", delay: TRANSACTION_TIMEOUT };
    return [ACCEPTED, [...stop, deliver, wait]];
  }
  const failed: ClientAction[] = [...stop, { type: "acknowledge", response }, deliver];
  if (reliable) return [TERMINATED, [...failed, { type: "terminate" }]];
  return [COMPLETED, [...failed, { type: "set-timer", timer: "D", delay: TIMER_D }]];
}

function onProvisional(state: InviteClientState, deliver: ClientAction): Next {
  if (state.name === "proceeding") return [state, [deliver]];
  if (state.cancel === "held") return [{ ...PROCEEDING, cancel: "sent" }, [...STOP_RETRYING, deliver, ...CANCEL]];
  return [PROCEEDING, [...STOP_RETRYING, deliver]];
}

/** A CANCEL waits until the INVITE is known to have arrived, and is of no use once that has its answer (§9.1). */
function onCancel(state: InviteClientState): Next {
  if (state.cancel !== undefined) return [state, []];
  if (state.name === "calling") return [{ ...state, cancel: "held" }, []];
  return state.name === "proceeding" ? [{ ...state, cancel: "sent" }, CANCEL] : [state, []];
}

function onTimer(state: InviteClientState, timer: string): Next {
  if (timer === "D" || timer === "M") return [TERMINATED, [{ type: "terminate" }]];
  if (timer === "cancelled" && state.name === "proceeding") return TIMED_OUT;
  if (state.name !== "calling") return [state, []];
  if (timer === "B") return TIMED_OUT;
  if (timer !== "A") return [state, []];
  const interval = state.interval * 2;
  return [{ ...state, interval }, [{ type: "send" }, { type: "set-timer", timer: "A", delay: interval }]];
}
