/** What sessions need from outside, and what they tell. */
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { SendOptions, Stack } from "../stack.ts";
import type { ServerTransaction } from "../transaction/transaction.ts";
import type { Flow } from "../transport/flow.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { Reinvitation, Session } from "./session.ts";

/** An offer, an answer or anything else; what it says is not looked at. */
export interface SessionBody {
  readonly contentType: string;
  readonly body: Buffer | string;
}

/**
 * Why a session is over. `cancelled`: the caller gave up before there was an answer. `unacknowledged`: nobody confirmed
 * our 2xx. `lost`: the peer knows nothing of the session, or does not answer.
 */
export type EndReason = "local" | "remote" | "cancelled" | "rejected" | "unacknowledged" | "lost" | "replaced";

export interface SessionSettings {
  readonly stack: Stack;
  readonly clock: Clock;
  readonly random: Random;
  /** Sessions at once; `MAX_SESSIONS` when absent. */
  readonly most?: number;
  /** Our Contact, as it stands in the header; `flow` is how the INVITE came, for a session that the peer began. */
  contact(flow?: Flow): string;
  /** How requests leave where their own route does not say it: over the flow of a registration, say. */
  way?(request: SipRequest): SendOptions;
  /** The request again with credentials for a challenge; undefined to leave it. The sequence number is seen to here. */
  authorize?(request: SipRequest, response: SipResponse): SipRequest | undefined;
  /** Somebody calls. Without an answer from `IncomingCall` it rings for ever. */
  incoming(call: IncomingCall): void;
  /** The peer wants to change the session. Refused 488 where this is absent. */
  reinvited?(session: Session, change: Reinvitation): void;
  /** Any other request inside the session, such as UPDATE or INFO: it has to be answered. Refused 405 where absent. */
  requested?(session: Session, transaction: ServerTransaction): void;
  ended?(session: Session, reason: EndReason): void;
}

/** Headers and body that carry a session's body, or nothing. */
export function carried(content: SessionBody | undefined): {
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Buffer | string;
} {
  return content ? { headers: [["Content-Type", content.contentType]], body: content.body } : { headers: [] };
}
