/** The INVITE server transaction: RFC 3261 §17.2.1, figure 7, with the Accepted state of RFC 6026. Pure. */
import { responseTo } from "../message/message.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { ServerAction, ServerEvent } from "./step.ts";
import { T1, T2, T4, TRANSACTION_TIMEOUT, TRYING_AFTER } from "./timers.ts";

export interface InviteServerState {
  readonly name: "proceeding" | "completed" | "confirmed" | "accepted" | "terminated";
  readonly last?: SipResponse;
  readonly interval: number;
}

type Next = readonly [InviteServerState, readonly ServerAction[]];

const TERMINATED: InviteServerState = { name: "terminated", interval: 0 };

export function startInviteServer(): Next {
  return [{ name: "proceeding", interval: T1 }, [{ type: "set-timer", timer: "trying", delay: TRYING_AFTER }]];
}

export function stepInviteServer(
  state: InviteServerState,
  event: ServerEvent,
  reliable: boolean,
  request: SipRequest,
): Next {
  if (state.name === "terminated") return [state, []];
  switch (event.type) {
    case "retransmission":
      return onRetransmission(state);
    case "respond":
      return onRespond(state, event.response, reliable);
    case "acknowledged":
      return onAcknowledged(state, event.request, reliable);
    case "timer":
      return onTimer(state, event.timer, request);
    case "transport-error":
      return state.name === "accepted"
        ? [state, []]
        : [TERMINATED, [{ type: "transport-failed" }, { type: "terminate" }]];
  }
}

function onRetransmission(state: InviteServerState): Next {
  const repeats = state.name === "proceeding" || state.name === "completed";
  return [state, repeats && state.last ? [{ type: "send", response: state.last }] : []];
}

function onRespond(state: InviteServerState, response: SipResponse, reliable: boolean): Next {
  const send: ServerAction = { type: "send", response };
  // In Accepted the user repeats its own 2xx until the ACK (RFC 6026 §7.1).
  if (state.name === "accepted") return [state, response.status >= 200 && response.status < 300 ? [send] : []];
  if (state.name !== "proceeding") return [state, []];
  const quiet: ServerAction = { type: "cancel-timer", timer: "trying" };
  if (response.status < 200) return [{ ...state, last: response }, [quiet, send]];
  if (response.status < 300) {
    return [
      { name: "accepted", interval: 0 },
      [quiet, send, { type: "set-timer", timer: "L", delay: TRANSACTION_TIMEOUT }],
    ];
  }
  const actions: ServerAction[] = [quiet, send, { type: "set-timer", timer: "H", delay: TRANSACTION_TIMEOUT }];
  if (!reliable) actions.push({ type: "set-timer", timer: "G", delay: T1 });
  return [{ name: "completed", last: response, interval: T1 }, actions];
}

function onAcknowledged(state: InviteServerState, request: SipRequest, reliable: boolean): Next {
  if (state.name === "accepted") return [state, [{ type: "deliver-ack", request }]];
  if (state.name !== "completed") return [state, []];
  const stop: ServerAction[] = [
    { type: "cancel-timer", timer: "G" },
    { type: "cancel-timer", timer: "H" },
  ];
  if (reliable) return [TERMINATED, [...stop, { type: "terminate" }]];
  return [{ name: "confirmed", interval: 0 }, [...stop, { type: "set-timer", timer: "I", delay: T4 }]];
}

function onTimer(state: InviteServerState, timer: string, request: SipRequest): Next {
  if (timer === "I" || timer === "L") return [TERMINATED, [{ type: "terminate" }]];
  if (timer === "trying" && state.name === "proceeding" && !state.last) {
    const trying = responseTo(request, 100);
    return [{ ...state, last: trying }, [{ type: "send", response: trying }]];
  }
  if (state.name !== "completed") return [state, []];
  if (timer === "H") return [TERMINATED, [{ type: "timed-out" }, { type: "terminate" }]];
  if (timer !== "G" || !state.last) return [state, []];
  const interval = Math.min(state.interval * 2, T2);
  return [
    { ...state, interval },
    [
      { type: "send", response: state.last },
      { type: "set-timer", timer: "G", delay: interval },
    ],
  ];
}
