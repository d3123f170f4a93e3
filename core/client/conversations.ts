/** What was written with whom: stored before anything is acknowledged or shown. */
import type { Conversation, Message } from "../bridge/contract.ts";
import type { Clock } from "../platform/clock.ts";
import { isoTime } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { uuid } from "../platform/random.ts";
import { bareAddress } from "../sip/address.ts";
import type { ConversationRecord, MessageRecord, ProfileStore, ReceiptKind } from "../store/store.ts";
import type { IncomingText } from "../user-agent/incoming-message.ts";
import type { EventHub } from "./events.ts";
import { CommandFailure } from "./failure.ts";

export interface ConversationSettings {
  readonly account: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: ProfileStore;
  readonly events: EventHub;
  /** Receipts that are owed to people stand in the store and may leave. */
  owing(): void;
}

/** Longest part of the last message that a list of conversations shows. */
const PREVIEW_LENGTH = 200;

export class Conversations {
  readonly #settings: ConversationSettings;

  constructor(settings: ConversationSettings) {
    this.#settings = settings;
  }

  list(): readonly Conversation[] {
    return this.#settings.store.history.conversations(this.#settings.account).map(conversationOf);
  }

  /** Stores a message of ours as queued; resolves when it is on disk. */
  async write(to: string, text: string): Promise<Message> {
    const { account, clock, random, store, events } = this.#settings;
    const now = clock.now();
    const messageId = uuid(random);
    const record: MessageRecord = {
      account,
      messageId,
      with: to,
      outgoing: true,
      text,
      sentAt: now,
      receivedAt: now,
      status: "queued",
    };
    await store.durably(() => {
      store.history.add(record, `own ${messageId}`);
      store.history.setDraft(account, to, "");
    });
    const message = messageOf(record);
    events.emit("message.added", message);
    this.#changed(to);
    return message;
  }

  /** Stores a message that came in; a copy of one already stored changes nothing. Resolves when it is on disk. */
  async receive(incoming: IncomingText): Promise<void> {
    const { account, clock, random, store, events } = this.#settings;
    const now = clock.now();
    const record: MessageRecord = {
      account,
      messageId: uuid(random),
      with: bareAddress(incoming.from),
      outgoing: false,
      text: incoming.text,
      sentAt: incoming.sentAt ?? now,
      receivedAt: now,
    };
    const { messageId: theirId } = incoming;
    const owes = theirId === undefined ? undefined : { theirId, kinds: kindsOf(incoming.wants) };
    const isNew = await store.durably(() => store.history.add(record, incoming.key, owes));
    if (!isNew) return;
    events.emit("message.received", messageOf(record));
    this.#changed(record.with);
    if (owes) this.#settings.owing();
  }

  /** Marks everything in a conversation as read. */
  async read(other: string): Promise<void> {
    const { account, store } = this.#settings;
    await store.durably(() => store.history.markRead(account, other));
    this.#changed(other);
    this.#settings.owing();
  }

  async draft(other: string, text: string): Promise<void> {
    const { account, store } = this.#settings;
    await store.durably(() => store.history.setDraft(account, other, text));
  }

  page(
    other: string,
    cursor: string | undefined,
    direction: "older" | "newer",
    limit: number,
  ): { items: readonly Message[]; older?: string; newer?: string } {
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
      throw new CommandFailure("bad-cursor", "This place in the history does not exist. Open the conversation again.");
    const { items, ...cursors } = this.#settings.store.history.page(
      this.#settings.account,
      other,
      cursor,
      direction,
      limit,
    );
    return { items: items.map(messageOf), ...cursors };
  }

  #changed(other: string): void {
    const { account, store, events } = this.#settings;
    events.emit("conversation.changed", conversationOf(store.history.conversation(account, other)));
  }
}

export function messageOf(record: MessageRecord): Message {
  const { account } = record;
  return {
    account,
    messageId: record.messageId,
    with: record.with,
    from: record.outgoing ? account : record.with,
    text: record.text,
    sentAt: isoTime(record.sentAt),
    receivedAt: isoTime(record.receivedAt),
    outgoing: record.outgoing,
    ...(record.status !== undefined && { status: record.status }),
    ...(record.reason !== undefined && { reason: record.reason }),
  };
}

function kindsOf(wants: IncomingText["wants"]): readonly ReceiptKind[] {
  return [
    ...(wants.includes("positive-delivery") ? ["delivered" as const] : []),
    ...(wants.includes("display") ? ["displayed" as const] : []),
  ];
}

function conversationOf(record: ConversationRecord): Conversation {
  return {
    account: record.account,
    with: record.with,
    unread: record.unread,
    ...(record.lastAt !== undefined && { lastAt: isoTime(record.lastAt) }),
    ...(record.lastText !== undefined && { lastText: record.lastText.slice(0, PREVIEW_LENGTH) }),
    ...(record.draft !== undefined && { draft: record.draft }),
  };
}
