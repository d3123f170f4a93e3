import type { Contact, Conversation, EventMessage, Message, Presence } from "../../core/bridge/contract.ts";
import { withMessage, withStatus } from "./logs.ts";
import type { Log, Model, PersonKey } from "./model.ts";
import { keyOf } from "./model.ts";

type PresenceMessage = Extract<EventMessage, { event: "presence.changed" }>;

/**
 * Applies events in their order. Presence comes in floods, so a run of it copies the map once and not once an event;
 * parts that no event touched keep their identity, which is what the views compare.
 */
export function reduce(model: Model, events: readonly EventMessage[]): Model {
  let next = model;
  let run: PresenceMessage[] = [];
  const endRun = (): void => {
    if (run.length > 0) next = { ...next, presence: withPresence(next.presence, run) };
    run = [];
  };
  for (const event of events) {
    if (event.event === "presence.changed") run.push(event);
    else {
      endRun();
      next = step(next, event);
    }
  }
  endRun();
  return next;
}

function withPresence(
  before: ReadonlyMap<PersonKey, Presence>,
  run: readonly PresenceMessage[],
): ReadonlyMap<PersonKey, Presence> {
  const after = new Map(before);
  for (const { payload } of run) after.set(keyOf(payload.account, payload.address), payload);
  return after;
}

function step(model: Model, message: Exclude<EventMessage, PresenceMessage>): Model {
  switch (message.event) {
    case "registration.changed":
      return { ...model, accounts: replaced(model.accounts, message.payload, (item) => item.account) };
    case "presence.own":
      return { ...model, own: new Map(model.own).set(message.payload.account, message.payload) };
    case "contact.changed":
      return { ...model, contacts: withContact(model.contacts, message.payload) };
    case "contact.removed":
      return withoutContact(model, keyOf(message.payload.account, message.payload.address));
    case "privacy.changed": {
      const { account, rules } = message.payload;
      return { ...model, rules: [...model.rules.filter((rule) => rule.account !== account), ...rules] };
    }
    case "message.received":
    case "message.added":
      return withNewMessage(model, message.payload);
    case "message.updated": {
      const { account, with: address, messageId, status, reason } = message.payload;
      return changeLog(model, keyOf(account, address), (log) => withStatus(log, messageId, status, reason));
    }
    case "typing.changed": {
      const { account, address, active } = message.payload;
      return { ...model, writing: withWriter(model.writing, keyOf(account, address), active) };
    }
    case "conversation.changed":
      return { ...model, conversations: withConversation(model.conversations, message.payload) };
    case "watcher.pending":
      return withPendingWatcher(model, message.payload.account, message.payload.address);
    case "watcher.changed": {
      const { account, watchers } = message.payload;
      return { ...model, watchers: [...model.watchers.filter((watcher) => watcher.account !== account), ...watchers] };
    }
    case "settings.changed":
      return { ...model, settings: message.payload };
    case "gateway.changed":
      return { ...model, gateway: message.payload };
    default:
      // A newer core may speak of things that this window does not know yet.
      message satisfies never;
      return model;
  }
}

function withWriter(writing: ReadonlySet<PersonKey>, key: PersonKey, active: boolean): ReadonlySet<PersonKey> {
  const next = new Set(writing);
  if (active) next.add(key);
  else next.delete(key);
  return next;
}

function replaced<T>(items: readonly T[], item: T, nameOf: (item: T) => string): readonly T[] {
  const at = items.findIndex((other) => nameOf(other) === nameOf(item));
  return at < 0 ? [...items, item] : items.with(at, item);
}

function withContact(contacts: ReadonlyMap<PersonKey, Contact>, contact: Contact): ReadonlyMap<PersonKey, Contact> {
  return new Map(contacts).set(keyOf(contact.account, contact.address), contact);
}

function withoutContact(model: Model, key: PersonKey): Model {
  const contacts = new Map(model.contacts);
  const presence = new Map(model.presence);
  contacts.delete(key);
  presence.delete(key);
  return { ...model, contacts, presence };
}

function withConversation(
  conversations: ReadonlyMap<PersonKey, Conversation>,
  conversation: Conversation,
): ReadonlyMap<PersonKey, Conversation> {
  return new Map(conversations).set(keyOf(conversation.account, conversation.with), conversation);
}

/** The unread count is the core's alone to say; the last line is known from the message itself. */
function withNewMessage(model: Model, message: Message): Model {
  const key = keyOf(message.account, message.with);
  const before = model.conversations.get(key) ?? { account: message.account, with: message.with, unread: 0 };
  const isNewest = before.lastAt === undefined || before.lastAt <= message.receivedAt;
  const conversation = isNewest ? { ...before, lastAt: message.receivedAt, lastText: message.text } : before;
  const conversations = withConversation(model.conversations, conversation);
  return changeLog({ ...model, conversations }, key, (log) => withMessage(log, message));
}

function changeLog(model: Model, key: PersonKey, change: (log: Log) => Log): Model {
  const before = model.logs.get(key);
  if (before === undefined) return model;
  const after = change(before);
  return after === before ? model : { ...model, logs: new Map(model.logs).set(key, after) };
}

function withPendingWatcher(model: Model, account: string, address: string): Model {
  const at = model.watchers.findIndex((watcher) => watcher.account === account && watcher.address === address);
  const before = model.watchers[at];
  if (before === undefined) return { ...model, watchers: [...model.watchers, { account, address, status: "pending" }] };
  return { ...model, watchers: model.watchers.with(at, { ...before, status: "pending" }) };
}
