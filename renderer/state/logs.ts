import type { Message, MessageStatus } from "../../core/bridge/contract.ts";
import type { Log } from "./model.ts";

/** So many messages stay in a log that is read at its newest end; older ones are fetched again when asked for. */
export const MAX_KEPT_MESSAGES = 400;

const order: Readonly<Record<Exclude<MessageStatus, "failed">, number>> = {
  queued: 0,
  sent: 1,
  stored: 2,
  delivered: 3,
  displayed: 4,
};

/** Marks never move backwards; only a failure may follow what was not delivered yet, and a retry may follow a failure. */
export function laterStatus(before: MessageStatus | undefined, after: MessageStatus): MessageStatus {
  if (before === undefined || before === "failed") return after;
  if (after === "failed") return order[before] >= order.delivered ? before : "failed";
  return order[after] >= order[before] ? after : before;
}

/** Adds a message at its place in time; one that is there already stays as it is. */
export function withMessage(log: Log, message: Message): Log {
  if (log.items.some((item) => item.messageId === message.messageId)) return log;
  const after = log.items.findLastIndex((item) => item.receivedAt <= message.receivedAt) + 1;
  return { ...log, items: log.items.toSpliced(after, 0, message) };
}

export function withStatus(log: Log, messageId: string, status: MessageStatus, reason: string | undefined): Log {
  const at = log.items.findLastIndex((item) => item.messageId === messageId);
  const before = log.items[at];
  if (before === undefined) return log;
  const { reason: _outdated, ...rest } = before;
  const next = laterStatus(before.status, status);
  const changed: Message = { ...rest, status: next, ...(next === status && reason !== undefined ? { reason } : {}) };
  return { ...log, items: log.items.with(at, changed) };
}

/** Puts a page of older messages before those already there. */
export function withOlder(log: Log, page: { readonly items: readonly Message[]; readonly older?: string }): Log {
  const known = new Set(log.items.map((item) => item.messageId));
  const fresh = page.items.filter((item) => !known.has(item.messageId));
  const items = [...fresh, ...log.items].sort((a, b) =>
    a.receivedAt < b.receivedAt ? -1 : a.receivedAt > b.receivedAt ? 1 : 0,
  );
  return { items, state: "ready", ...(page.older === undefined ? {} : { older: page.older }) };
}
