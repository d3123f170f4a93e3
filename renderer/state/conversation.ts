import type { Message } from "../../core/bridge/contract.ts";

/** Messages of one person, of one day, at most this far apart, form one group. */
export const GROUP_GAP_MS = 5 * 60_000;

export type LogPart =
  | { readonly kind: "day"; readonly id: string; readonly at: string }
  | { readonly kind: "unread"; readonly id: string; readonly count: number; readonly since: string }
  | { readonly kind: "group"; readonly id: string; readonly outgoing: boolean; readonly messages: readonly Message[] };

/** Where the unread line stands: before the first message that was unread when the conversation was opened. */
export interface UnreadLine {
  readonly messageId: string;
  readonly count: number;
}

/** Cuts a log into day lines, the unread line and groups. */
export function partsOf(
  items: readonly Message[],
  dayOf: (at: string) => string,
  unread?: UnreadLine,
): readonly LogPart[] {
  const parts: LogPart[] = [];
  let group: Message[] = [];
  const endGroup = (): void => {
    const first = group[0];
    if (first !== undefined)
      parts.push({ kind: "group", id: first.messageId, outgoing: first.outgoing, messages: group });
    group = [];
  };
  let day: string | undefined;
  for (const message of items) {
    const ownDay = dayOf(message.receivedAt);
    if (ownDay !== day) {
      endGroup();
      parts.push({ kind: "day", id: `day:${ownDay}`, at: message.receivedAt });
      day = ownDay;
    }
    if (message.messageId === unread?.messageId) {
      endGroup();
      parts.push({ kind: "unread", id: "unread", count: unread.count, since: message.receivedAt });
    }
    const before = group.at(-1);
    if (before !== undefined && !belongTogether(before, message)) endGroup();
    group.push(message);
  }
  endGroup();
  return parts;
}

function belongTogether(a: Message, b: Message): boolean {
  if (a.outgoing !== b.outgoing || a.from !== b.from) return false;
  return Math.abs(Date.parse(b.receivedAt) - Date.parse(a.receivedAt)) <= GROUP_GAP_MS;
}

/** The unread line for a log with so many unread messages at its end; undefined when none of them is loaded. */
export function unreadLineOf(items: readonly Message[], unread: number): UnreadLine | undefined {
  if (unread <= 0) return undefined;
  const incoming = items.filter((item) => !item.outgoing).slice(-unread);
  const first = incoming[0];
  return first === undefined ? undefined : { messageId: first.messageId, count: unread };
}

/** Of the own messages that arrived: the newest delivered one and the newest read one. */
export function newestArrived(items: readonly Message[]): ReadonlySet<string> {
  const newest = (status: Message["status"]): string =>
    items.findLast((item) => item.outgoing && item.status === status)?.messageId ?? "";
  return new Set([newest("delivered"), newest("displayed")]);
}

/** The word stands beside the mark on the newest messages that arrived, and on every one that did not arrive yet. */
export function showsWord(message: Message, newest: ReadonlySet<string>): boolean {
  return newest.has(message.messageId) || (message.status !== "delivered" && message.status !== "displayed");
}
