import type { EventMessage, Message, Presence, PresenceState } from "../../core/bridge/contract.ts";
import type { Model } from "../../renderer/state/model.ts";
import { fromSnapshot } from "../../renderer/state/model.ts";
import { ME, officeSnapshot, SAMPLE_NOW } from "../support/sample-office.ts";

export { ME, SAMPLE_NOW };
export const ANN = "ann@globex.example";

export function officeModel(): Model {
  return fromSnapshot(officeSnapshot());
}

export function presence(state: PresenceState, more: Partial<Presence> = {}): Presence {
  return { account: ME, address: ANN, state, source: "subscription", ...more };
}

export function message(messageId: string, receivedAt: string, more: Partial<Message> = {}): Message {
  return {
    account: ME,
    messageId,
    with: ANN,
    from: ANN,
    text: messageId,
    sentAt: receivedAt,
    receivedAt,
    outgoing: false,
    ...more,
  };
}

/** Gives events the numbers after `seq`. */
export function numbered(events: readonly Omit<EventMessage, "seq">[], seq = 0): EventMessage[] {
  return events.map((event, index) => ({ ...event, seq: seq + index + 1 }) as EventMessage);
}
