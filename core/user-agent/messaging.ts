/** Texts as requests (RFC 3428), each with an identifier of its own, and what their answers mean. */
import type { SipRequest } from "../sip/message/message.ts";
import { request as makeRequest } from "../sip/message/message.ts";
import type { Answered } from "./authentication.ts";

/** Names a message of ours through every retry and restart, so that the other side shows it once. */
export const MESSAGE_ID_HEADER = "Hallway-Message-ID";

export interface OutgoingMessage {
  readonly from: string;
  /** `sip:name@domain`. */
  readonly to: string;
  readonly messageId: string;
  readonly text: string;
  /** Milliseconds since 1970: when it was written, which may be long before it leaves. */
  readonly sentAt: number;
}

/** What became of a message that was sent. */
export type SendResult =
  | { readonly kind: "delivered" | "stored" }
  /** Nobody can say whether it arrived: the same message is sent again later. */
  | { readonly kind: "again"; readonly retryAfter?: number }
  | { readonly kind: "failed"; readonly code: string; readonly reason: string };

/** The MESSAGE for a text. Call-ID and tag come from its identifier, so that strangers recognise a repeat too. */
export function messageRequest(message: OutgoingMessage): SipRequest {
  const tag = message.messageId.replaceAll("-", "").slice(0, 16);
  return makeRequest(
    "MESSAGE",
    message.to,
    [
      ["Max-Forwards", "70"],
      ["From", `<${message.from}>;tag=${tag}`],
      ["To", `<${message.to}>`],
      ["Call-ID", message.messageId],
      ["CSeq", "1 MESSAGE"],
      [MESSAGE_ID_HEADER, message.messageId],
      ["Date", new Date(message.sentAt).toUTCString()],
      ["Content-Type", "text/plain;charset=UTF-8"],
    ],
    message.text,
  );
}

/** Reads the outcome of a MESSAGE (RFC 3428 §7, §8). */
export function sendResult({ outcome, rejected }: Answered): SendResult {
  if (outcome.kind !== "response") return { kind: "again" };
  const { status, headers } = outcome.response;
  if (status === 202) return { kind: "stored" };
  if (status < 300) return { kind: "delivered" };
  if (rejected) return { kind: "again" };
  const retryAfter = Number.parseInt(headers.get("retry-after") ?? "", 10);
  const later: SendResult = { kind: "again", ...(retryAfter > 0 && { retryAfter }) };
  switch (status) {
    case 408:
    case 480:
    case 481:
    case 491:
      return later;
    case 404:
    case 410:
    case 604:
      return failed("no-such-address", "There is no such address. Check it with the person you want to reach.");
    case 403:
    case 603:
      return failed("refused", "The other side does not take this message. Ask the person to allow you.");
    case 413:
    case 513:
      return failed("too-long", "The other side does not take a message of this length. Send it in parts.");
    case 415:
    case 488:
      return failed("not-understood", "The other side cannot read text messages.");
    default:
      return status >= 500 && status < 600
        ? later
        : failed("refused", `The other side answered ${status}. Try again later.`);
  }
}

function failed(code: string, reason: string): SendResult {
  return { kind: "failed", code, reason };
}
