/** The INVITE client transaction: RFC 3261 §17.1.1, figure 5, with the Accepted state of RFC 6026. Pure. */
import type { SipResponse } from "../message/message.ts";
import type { ClientAction, ClientEvent } from "./step.ts";
import { T1, TIMER_D, TRANSACTION_TIMEOUT } from "./timers.ts";

export interface InviteClientState {
  readonly name: "calling" | "proceeding" | "completed" | "accepted" | "terminated";
  readonly interval: number;
}

type Next = readonly [InviteClientState, readonly ClientAction[]];

const TERMINATED: InviteClientState = { name: "terminated", interval: 0 };
const STOP_RETRYING: readonly ClientAction[] = [
  { type: "cancel-timer", timer: "A" },
  { type: "cancel-timer", timer: "B" },
];

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
  if (response.status < 200) return [{ name: "proceeding", interval: 0 }, [...STOP_RETRYING, deliver]];
  if (response.status < 300) {
    const wait: ClientAction = { type: "set-timer", timer: "M", delay: TRANSACTION_TIMEOUT };
    return [{ name: "accepted", interval: 0 }, [...STOP_RETRYING, deliver, wait]];
  }
  const failed: ClientAction[] = [...STOP_RETRYING, { type: "acknowledge", response }, deliver];
  if (reliable) return [TERMINATED, [...failed, { type: "terminate" }]];
  return [{ name: "completed", interval: 0 }, [...failed, { type: "set-timer", timer: "D", delay: TIMER_D }]];
}

function onTimer(state: InviteClientState, timer: string): Next {
  if (timer === "D" || timer === "M") return [TERMINATED, [{ type: "terminate" }]];
  if (state.name !== "calling") return [state, []];
  if (timer === "B") return [TERMINATED, [{ type: "timed-out" }, { type: "terminate" }]];
  if (timer !== "A") return [state, []];
  const interval = state.interval * 2;
  return [{ ...state, interval }, [{ type: "send" }, { type: "set-timer", timer: "A", delay: interval }]];
}
