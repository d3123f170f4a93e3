import { type Result, success } from "../platform/result.ts";
import { formatDateTime, parseDateTime } from "./date-time.ts";
import { NAMESPACE } from "./namespaces.ts";
import {
  child,
  childText,
  element,
  elements,
  formatXml,
  is,
  parseXml,
  textElement,
  unexpectedDocument,
  type XmlElement,
  type XmlError,
} from "./xml.ts";

/** The content type of disposition notifications. */
export const IMDN_TYPE = "message/imdn+xml";

const KINDS = ["delivery", "display", "processing"] as const;
const STATUSES = ["delivered", "displayed", "processed", "stored", "failed", "forbidden", "error"] as const;

/** Which of the sender's questions is answered (RFC 5438 §7.2.1). */
export type ImdnKind = (typeof KINDS)[number];
export type ImdnStatus = (typeof STATUSES)[number];

/** What became of a message (RFC 5438). */
export interface Imdn {
  /** The `imdn.Message-ID` of the message that this is about. */
  readonly messageId: string;
  /** When that message was sent, as it said itself; milliseconds since 1970. */
  readonly dateTime?: number;
  readonly recipientUri?: string;
  readonly originalRecipientUri?: string;
  readonly subject?: string;
  readonly kind: ImdnKind;
  readonly status: ImdnStatus;
}

/**
 * Reads a disposition notification.
 * Errors: those of {@link parseXml}; `xml-unexpected` without a message identifier, or with an unknown kind or status.
 */
export function parseImdn(source: string | Uint8Array): Result<Imdn, XmlError> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (!is(root, NAMESPACE.imdn, "imdn")) return unexpectedDocument("This is no disposition notification.");
  const part = (name: string): string | undefined => childText(root, NAMESPACE.imdn, name);
  const messageId = part("message-id");
  const verdict = readVerdict(root);
  if (messageId === undefined) return unexpectedDocument("The notification names no message.");
  if (verdict === undefined) return unexpectedDocument("The notification has no status that exists.");
  const dateTime = parseDateTime(part("datetime"));
  const [recipientUri, originalRecipientUri] = [part("recipient-uri"), part("original-recipient-uri")];
  const subject = part("subject");
  return success({
    messageId,
    ...(dateTime !== undefined && { dateTime }),
    ...(recipientUri !== undefined && { recipientUri }),
    ...(originalRecipientUri !== undefined && { originalRecipientUri }),
    ...(subject !== undefined && { subject }),
    ...verdict,
  });
}

function readVerdict(root: XmlElement): { kind: ImdnKind; status: ImdnStatus } | undefined {
  const kind = KINDS.find((known) => child(root, NAMESPACE.imdn, `${known}-notification`) !== undefined);
  const notification = kind && child(root, NAMESPACE.imdn, `${kind}-notification`);
  const stated = notification && child(notification, NAMESPACE.imdn, "status");
  const names = stated === undefined ? [] : elements(stated).map(({ name }) => name);
  const status = STATUSES.find((known) => names.includes(known));
  return kind === undefined || status === undefined ? undefined : { kind, status };
}

/** Writes a disposition notification. */
export function formatImdn(imdn: Imdn): string {
  const part = (name: string, value: string | undefined) => textElement(NAMESPACE.imdn, name, value);
  const status = element(NAMESPACE.imdn, "status", {}, element(NAMESPACE.imdn, imdn.status));
  const root = element(
    NAMESPACE.imdn,
    "imdn",
    {},
    part("message-id", imdn.messageId),
    part("datetime", formatDateTime(imdn.dateTime)),
    part("recipient-uri", imdn.recipientUri),
    part("original-recipient-uri", imdn.originalRecipientUri),
    part("subject", imdn.subject),
    element(NAMESPACE.imdn, `${imdn.kind}-notification`, {}, status),
  );
  return formatXml(root, { "": NAMESPACE.imdn });
}
