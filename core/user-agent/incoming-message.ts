/** What a MESSAGE that came in is: something to read, word of a message of ours (RFC 5438), or a typing notice (RFC 3994). */
import type { CpimMessage, Disposition } from "../payload/cpim.ts";
import { CPIM_TYPE, parseCpim } from "../payload/cpim.ts";
import type { Imdn } from "../payload/imdn.ts";
import { IMDN_TYPE, parseImdn } from "../payload/imdn.ts";
import { DEFAULT_REFRESH, IS_COMPOSING_TYPE, parseIsComposing } from "../payload/is-composing.ts";
import { messageText } from "../payload/message-text.ts";
import { callId, contentType, cseq, from, fromTag } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { addressOfRecord } from "../sip/message/uri.ts";
import { MESSAGE_ID_HEADER } from "./messaging.ts";

/** A text to be read. */
export interface IncomingText {
  readonly kind: "text";
  readonly from: string;
  readonly text: string;
  /** Milliseconds since 1970 where the sender or a store wrote it. */
  readonly sentAt?: number;
  /** The same for every copy of the same message. */
  readonly key: string;
  /** What the sender knows it by, and what they want to be told of it. */
  readonly messageId?: string;
  readonly wants: readonly Disposition[];
}

/** What became of a message of ours, in the words of who received it. */
export interface IncomingReceipt {
  readonly kind: "receipt";
  readonly from: string;
  readonly receipt: Imdn;
}

export interface IncomingTyping {
  readonly kind: "typing";
  readonly from: string;
  readonly active: boolean;
  /** Seconds for which this holds unless it is said again. */
  readonly refresh: number;
}

export type IncomingMessage = IncomingText | IncomingReceipt | IncomingTyping;

/** Hallway asks for both with every text; it needs no envelope for that. */
const HALLWAY_WANTS: readonly Disposition[] = ["positive-delivery", "display"];

/** Reads a MESSAGE; undefined when its body is nothing that we know. */
export function incomingMessage(request: SipRequest): IncomingMessage | undefined {
  const sender = from(request);
  const address = sender && addressOfRecord(sender.uri);
  if (address === undefined) return undefined;
  const type = contentType(request)?.type ?? "text/plain";
  if (type === IS_COMPOSING_TYPE) return typingNotice(address, request.body);
  const envelope = type === CPIM_TYPE ? parseCpim(request.body) : undefined;
  if (envelope && !envelope.ok) return undefined;
  const inner = envelope?.value;
  if (inner && innerType(inner) === IMDN_TYPE) return receiptNotice(address, inner.body);
  if (inner && innerType(inner) === IS_COMPOSING_TYPE) return typingNotice(address, inner.body);
  return textMessage(address, request, inner);
}

function innerType(envelope: CpimMessage): string {
  return (envelope.contentHeaders.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function typingNotice(address: string, body: Buffer): IncomingTyping | undefined {
  const notice = parseIsComposing(body);
  if (!notice.ok) return undefined;
  const { state, refresh = DEFAULT_REFRESH } = notice.value;
  return { kind: "typing", from: address, active: state === "active", refresh };
}

function receiptNotice(address: string, body: Buffer): IncomingReceipt | undefined {
  const receipt = parseImdn(body);
  return receipt.ok ? { kind: "receipt", from: address, receipt: receipt.value } : undefined;
}

function textMessage(
  address: string,
  request: SipRequest,
  envelope: CpimMessage | undefined,
): IncomingText | undefined {
  const text = messageText(request.headers.get("content-type"), request.body);
  if (text === undefined) return undefined;
  const own = request.headers.get(MESSAGE_ID_HEADER);
  const messageId = own ?? envelope?.messageId;
  const date = envelope?.dateTime ?? Date.parse(request.headers.get("date") ?? "");
  const name = messageId ?? `${callId(request)} ${fromTag(request) ?? ""} ${cseq(request)?.number ?? 0}`;
  return {
    kind: "text",
    from: address,
    text,
    ...(!Number.isNaN(date) && { sentAt: date }),
    key: `${address} ${name}`,
    ...(messageId !== undefined && { messageId }),
    wants: own === undefined ? (envelope?.dispositions ?? []) : HALLWAY_WANTS,
  };
}
