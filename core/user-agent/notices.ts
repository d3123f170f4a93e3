/** MESSAGEs that carry no text of a person: receipts (RFC 5438) and typing notices (RFC 3994). */
import { CPIM_TYPE, formatCpim } from "../payload/cpim.ts";
import { formatImdn, IMDN_TYPE } from "../payload/imdn.ts";
import { formatIsComposing, IS_COMPOSING_TYPE } from "../payload/is-composing.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { request as makeRequest } from "../sip/message/message.ts";

export interface OutgoingReceipt {
  readonly from: string;
  /** `sip:name@domain`: who wrote the message. */
  readonly to: string;
  /** What they know the message by. */
  readonly messageId: string;
  readonly kind: "delivered" | "displayed";
  /** When the message was sent, and when this happened: milliseconds since 1970. */
  readonly sentAt: number;
  readonly now: number;
}

/** The receipt for a message. Its Call-ID comes from what it says, so that a repeat is recognised as one. */
export function receiptRequest({ from, to, messageId, kind, sentAt, now }: OutgoingReceipt): SipRequest {
  const imdn = formatImdn({
    messageId,
    dateTime: sentAt,
    recipientUri: from,
    originalRecipientUri: from,
    kind: kind === "delivered" ? "delivery" : "display",
    status: kind,
  });
  const body = formatCpim({
    from: { uri: from },
    to: [{ uri: to }],
    dateTime: now,
    messageId: `${messageId}-${kind}`,
    dispositions: [],
    headers: [],
    contentHeaders: new Map([
      ["content-type", IMDN_TYPE],
      ["content-disposition", "notification"],
    ]),
    body: Buffer.from(imdn),
  });
  return notice(from, to, `${plainToken(messageId)}-${kind}`, CPIM_TYPE, body);
}

export interface OutgoingTyping {
  readonly from: string;
  readonly to: string;
  readonly active: boolean;
  /** Seconds until we say so again, if still typing. */
  readonly refresh: number;
  /** Different for each notice. */
  readonly id: string;
}

export function typingRequest({ from, to, active, refresh, id }: OutgoingTyping): SipRequest {
  const body = formatIsComposing({
    state: active ? "active" : "idle",
    contentType: "text/plain",
    ...(active && { refresh }),
  });
  return notice(from, to, id, IS_COMPOSING_TYPE, Buffer.from(body));
}

function notice(from: string, to: string, callId: string, type: string, body: Buffer): SipRequest {
  return makeRequest(
    "MESSAGE",
    to,
    [
      ["Max-Forwards", "70"],
      ["From", `<${from}>;tag=${callId.slice(0, 16)}`],
      ["To", `<${to}>`],
      ["Call-ID", callId],
      ["CSeq", "1 MESSAGE"],
      ["Content-Type", type],
    ],
    body,
  );
}

/** Identifiers of strangers may hold anything; a Call-ID may not. */
function plainToken(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/g, "").slice(0, 100) || "message";
}
