/** Short names for the events and actions of the four machines, so that tables of them can be read. */
import type { SipRequest, SipResponse } from "../../../../core/sip/message/message.ts";
import { request, responseTo } from "../../../../core/sip/message/message.ts";
import type {
  ClientAction,
  ClientEvent,
  ServerAction,
  ServerEvent,
  TimerName,
} from "../../../../core/sip/transaction/step.ts";

export function aRequest(method: string): SipRequest {
  return request(method, "sip:bob@b.example", [
    ["Via", "SIP/2.0/UDP a.example;branch=z9hG4bK1"],
    ["From", "<sip:alice@a.example>;tag=1"],
    ["To", "<sip:bob@b.example>"],
    ["Call-ID", "1"],
    ["CSeq", `1 ${method}`],
  ]);
}

export function aResponse(method: string, status: number): SipResponse {
  return responseTo(aRequest(method), status, { toTag: "2" });
}

/** `180`, `timer A`, `transport error`, `cancel`. */
export function clientEvent(method: string, name: string): ClientEvent {
  if (name === "transport error") return { type: "transport-error" };
  if (name === "cancel") return { type: "cancel" };
  if (name.startsWith("timer ")) return { type: "timer", timer: name.slice(6) as TimerName };
  return { type: "response", response: aResponse(method, Number(name)) };
}

/** `again` for a retransmission, `ACK`, `180` for the user's response, `timer G`, `transport error`. */
export function serverEvent(method: string, name: string): ServerEvent {
  if (name === "again") return { type: "retransmission" };
  if (name === "ACK") return { type: "acknowledged", request: aRequest("ACK") };
  if (name === "transport error") return { type: "transport-error" };
  if (name.startsWith("timer ")) return { type: "timer", timer: name.slice(6) as TimerName };
  return { type: "respond", response: aResponse(method, Number(name)) };
}

/** `send`, `send 486`, `deliver 200`, `ack 486`, `set A 500`, `cancel A`, `terminate` … */
export function actionNames(actions: readonly (ClientAction | ServerAction)[]): string[] {
  return actions.map((action) => {
    switch (action.type) {
      case "set-timer":
        return `set ${action.timer} ${action.delay}`;
      case "cancel-timer":
        return `cancel ${action.timer}`;
      case "deliver":
        return `deliver ${action.response.status}`;
      case "acknowledge":
        return `ack ${action.response.status}`;
      case "send":
        return "response" in action ? `send ${action.response.status}` : "send";
      default:
        return action.type;
    }
  });
}

/** One row: from a state, over unreliable or reliable transport, with an event, to a state with these actions. */
export type Row = readonly [state: string, transport: "udp" | "tcp", event: string, next: string, actions: string];

/** Actions of a row as a list. */
export function listed(actions: string): string[] {
  return actions === "" ? [] : actions.split(", ");
}
