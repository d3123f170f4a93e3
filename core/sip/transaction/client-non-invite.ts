/** The non-INVITE client transaction: RFC 3261 §17.1.2, figure 6. Pure. */
import type { SipResponse } from "../message/message.ts";
import type { ClientAction, ClientEvent } from "./step.ts";
import { T1, T2, T4, TRANSACTION_TIMEOUT } from "./timers.ts";

export interface NonInviteClientState {
  readonly name: "trying" | "proceeding" | "completed" | "terminated";
  /** Milliseconds until the next retransmission. */
  readonly interval: number;
}

type Next = readonly [NonInviteClientState, readonly ClientAction[]];

/** As every transaction begins; each retransmission has a state of its own until they come at T2. */
const TRYING: NonInviteClientState = { name: "trying", interval: T1 };
const COMPLETED: NonInviteClientState = { name: "completed", interval: 0 };
const TERMINATED: NonInviteClientState = { name: "terminated", interval: 0 };

/** The first state and what is done on entering it. */
export function startNonInviteClient(reliable: boolean): Next {
  const actions: ClientAction[] = [{ type: "send" }, { type: "set-timer", timer: "F", delay: TRANSACTION_TIMEOUT }];
  if (!reliable) actions.push({ type: "set-timer", timer: "E", delay: T1 });
  return [TRYING, actions];
}

export function stepNonInviteClient(state: NonInviteClientState, event: ClientEvent, reliable: boolean): Next {
  if (state.name === "terminated") return [state, []];
  switch (event.type) {
    case "response":
      return state.name === "completed" ? [state, []] : onResponse(state, event.response, reliable);
    case "transport-error":
      return state.name === "completed"
        ? [state, []]
        : [TERMINATED, [{ type: "transport-failed" }, { type: "terminate" }]];
    case "timer":
      return onTimer(state, event.timer);
    case "cancel":
      // There is no use in it: the answer has to come at once anyway (§9.1).
      return [state, []];
  }
}

function onResponse(state: NonInviteClientState, response: SipResponse, reliable: boolean): Next {
  if (response.status < 200) {
    // In Proceeding every retransmission comes at T2 (§17.1.2.2).
    const interval = state.name === "trying" ? T2 : state.interval;
    return [{ name: "proceeding", interval }, [{ type: "deliver", response }]];
  }
  const done: ClientAction[] = [
    { type: "cancel-timer", timer: "E" },
    { type: "cancel-timer", timer: "F" },
    { type: "deliver", response },
  ];
  if (reliable) return [TERMINATED, [...done, { type: "terminate" }]];
  return [COMPLETED, [...done, { type: "set-timer", timer: "K", delay: T4 }]];
}

function onTimer(state: NonInviteClientState, timer: string): Next {
  if (timer === "K") return [TERMINATED, [{ type: "terminate" }]];
  if (state.name === "completed") return [state, []];
  if (timer === "F") return [TERMINATED, [{ type: "timed-out" }, { type: "terminate" }]];
  if (timer !== "E") return [state, []];
  const interval = state.name === "proceeding" ? T2 : Math.min(state.interval * 2, T2);
  return [{ ...state, interval }, [{ type: "send" }, { type: "set-timer", timer: "E", delay: interval }]];
}
