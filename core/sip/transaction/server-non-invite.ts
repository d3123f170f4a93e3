/** The non-INVITE server transaction: RFC 3261 §17.2.2, figure 8. Pure. */
import type { SipResponse } from "../message/message.ts";
import type { ServerAction, ServerEvent } from "./step.ts";
import { TRANSACTION_TIMEOUT } from "./timers.ts";

export interface NonInviteServerState {
  readonly name: "trying" | "proceeding" | "completed" | "terminated";
  /** What a repeated request is answered with. */
  readonly last?: SipResponse;
}

type Next = readonly [NonInviteServerState, readonly ServerAction[]];

const TERMINATED: NonInviteServerState = { name: "terminated" };

export function startNonInviteServer(): Next {
  return [{ name: "trying" }, []];
}

export function stepNonInviteServer(state: NonInviteServerState, event: ServerEvent, reliable: boolean): Next {
  if (state.name === "terminated") return [state, []];
  switch (event.type) {
    case "retransmission":
      return [state, state.last ? [{ type: "send", response: state.last }] : []];
    case "respond":
      return onRespond(state, event.response, reliable);
    case "timer":
      return event.timer === "J" ? [TERMINATED, [{ type: "terminate" }]] : [state, []];
    case "transport-error":
      return [TERMINATED, [{ type: "transport-failed" }, { type: "terminate" }]];
    case "acknowledged":
      return [state, []];
  }
}

function onRespond(state: NonInviteServerState, response: SipResponse, reliable: boolean): Next {
  // A final response stands: later ones of the user are discarded (§17.2.2).
  if (state.name === "completed") return [state, []];
  const send: ServerAction = { type: "send", response };
  if (response.status < 200) return [{ name: "proceeding", last: response }, [send]];
  if (reliable) return [TERMINATED, [send, { type: "terminate" }]];
  return [{ name: "completed", last: response }, [send, { type: "set-timer", timer: "J", delay: TRANSACTION_TIMEOUT }]];
}
