/**
 * Word to others of what became of their messages, and theirs to us (RFC 5438). What is owed stands on disk with the
 * message, so neither a crash nor a lost connection swallows it; one leaves at a time.
 */
import type { Clock, Timer } from "../platform/clock.ts";
import { bareAddress } from "../sip/address.ts";
import type { MessageStatus } from "../bridge/contract.ts";
import type { OwedReceipt, ProfileStore } from "../store/store.ts";
import type { IncomingReceipt } from "../user-agent/incoming-message.ts";
import type { SendResult } from "../user-agent/messaging.ts";
import type { EventHub } from "./events.ts";

/** Milliseconds before receipts that found no way are tried again. */
const TRY_AGAIN = 30_000;

export interface ReceiptSettings {
  readonly account: string;
  readonly clock: Clock;
  readonly store: ProfileStore;
  readonly events: EventHub;
  /** Whether anything may leave now; `wake` is called when that changes. */
  mayLeave(): boolean;
  /** Whether this person may learn that we have their message, or have read it. */
  mayTell(address: string, kind: OwedReceipt["kind"]): boolean;
  send(receipt: OwedReceipt): Promise<SendResult>;
}

export class Receipts {
  readonly #settings: ReceiptSettings;
  #busy = false;
  #again = false;
  #closed = false;
  #timer: Timer | undefined;

  constructor(settings: ReceiptSettings) {
    this.#settings = settings;
  }

  /** Something is owed, or the connection is back: what can leave leaves now. */
  wake(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#busy) this.#again = true;
    else void this.#run();
  }

  /** Takes a receipt for a message of ours; only the person whom we wrote to can speak of it. */
  async take({ from, receipt }: IncomingReceipt): Promise<void> {
    const { account, store, events } = this.#settings;
    const status = statusOf(receipt);
    const message = store.history.get(account, receipt.messageId);
    if (status === undefined || !message?.outgoing || message.with !== bareAddress(from)) return;
    const { messageId } = message;
    const reason = status === "failed" ? UNDELIVERED : undefined;
    const isNews = await store.durably(
      () => message.status !== status && store.history.setStatus(account, messageId, status, reason),
    );
    if (!isNews) return;
    events.emit("message.updated", {
      account,
      messageId,
      with: message.with,
      status,
      ...(reason !== undefined && { reason }),
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      do {
        this.#again = false;
        await this.#sendAll();
      } while (this.#again);
    } finally {
      this.#busy = false;
    }
  }

  async #sendAll(): Promise<void> {
    const { account, store, mayTell, send } = this.#settings;
    for (const owed of store.history.owed(account)) {
      if (this.#closed || !this.#settings.mayLeave()) return;
      // What may not be told now is not told later either: it would say when the rule changed.
      const result = mayTell(owed.with, owed.kind) ? await send(owed) : undefined;
      if (this.#closed) return;
      if (result?.kind === "again") return this.#later();
      await store.durably(() => store.history.settleReceipt(account, owed.messageId, owed.kind));
    }
  }

  #later(): void {
    this.#timer ??= this.#settings.clock.after(TRY_AGAIN, () => this.wake());
  }
}

const UNDELIVERED = "The other side could not deliver the message. Send it again, or ask the person another way.";

function statusOf({ status }: IncomingReceipt["receipt"]): MessageStatus | undefined {
  switch (status) {
    case "delivered":
    case "displayed":
    case "stored":
    case "failed":
      return status;
    case "forbidden":
    case "error":
      // They will not say what became of it: that is no news about the message.
      return undefined;
    case "processed":
      return undefined;
  }
}
