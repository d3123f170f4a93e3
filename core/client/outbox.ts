/**
 * Messages on their way out: on disk first, one at a time to one person (RFC 3428 §8), again until somebody answers.
 * The same message always carries the same identifier, so that a repeat after a crash is shown once.
 */
import type { MessageStatus } from "../bridge/contract.ts";
import type { Clock, Timer } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import type { MessageRecord, ProfileStore } from "../store/store.ts";
import type { SendResult } from "../user-agent/messaging.ts";
import type { EventHub } from "./events.ts";
import { CommandFailure } from "./failure.ts";

/** First and longest wait before a message is sent again, in milliseconds. */
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 120_000;

export interface OutboxSettings {
  readonly account: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: ProfileStore;
  readonly events: EventHub;
  /** Whether there is a connection to send over. */
  connected(): boolean;
  send(message: MessageRecord): Promise<SendResult>;
}

interface Lane {
  readonly waiting: MessageRecord[];
  busy: boolean;
  failures: number;
  timer: Timer | undefined;
}

export class Outbox {
  readonly #settings: OutboxSettings;
  readonly #lanes = new Map<string, Lane>();
  #closed = false;

  constructor(settings: OutboxSettings) {
    this.#settings = settings;
    for (const message of settings.store.history.queued(settings.account))
      this.#lane(message.with).waiting.push(message);
  }

  /** Takes a message that is on disk as queued. */
  add(message: MessageRecord): void {
    this.#lane(message.with).waiting.push(message);
    this.#run(message.with);
  }

  /** The connection is there (again): everything that waits leaves now. */
  wake(): void {
    for (const [other, lane] of this.#lanes) {
      lane.failures = 0;
      lane.timer?.cancel();
      lane.timer = undefined;
      this.#run(other);
    }
  }

  /** Sends a failed message once more, as itself. */
  async retry(messageId: string): Promise<void> {
    const { account, store } = this.#settings;
    const message = store.history.get(account, messageId);
    if (!message?.outgoing) throw new CommandFailure("no-such-message", "This message does not exist any more.");
    if (message.status !== "failed")
      throw new CommandFailure("not-failed", "This message has not failed; it needs no second try.");
    await this.#settle(message, "queued");
    // Asked twice before the first was on disk: one is enough.
    if (this.#lane(message.with).waiting.some((one) => one.messageId === messageId)) return;
    const { reason: _reason, ...again } = message;
    this.add({ ...again, status: "queued" });
  }

  close(): void {
    this.#closed = true;
    for (const lane of this.#lanes.values()) lane.timer?.cancel();
  }

  #lane(other: string): Lane {
    const lane = this.#lanes.get(other) ?? { waiting: [], busy: false, failures: 0, timer: undefined };
    this.#lanes.set(other, lane);
    return lane;
  }

  #run(other: string): void {
    const lane = this.#lane(other);
    if (lane.busy || lane.timer || this.#closed || !this.#settings.connected()) return;
    const message = lane.waiting[0];
    if (!message) return void this.#lanes.delete(other);
    lane.busy = true;
    void this.#send(lane, message).finally(() => {
      lane.busy = false;
      this.#run(other);
    });
  }

  /** Whether a text to this person is on its way or waits: nothing else is to stand before it (RFC 3428 §8). */
  isBusy(other: string): boolean {
    return this.#lanes.has(other);
  }

  async #send(lane: Lane, message: MessageRecord): Promise<void> {
    const { account, store } = this.#settings;
    // A receipt may have told meanwhile that an earlier try arrived, although its answer was lost.
    if (store.history.get(account, message.messageId)?.status !== "queued") return void lane.waiting.shift();
    const result = await this.#settings.send(message);
    if (this.#closed) return;
    if (result.kind === "again") return this.#later(lane, message.with, result.retryAfter);
    try {
      await this.#settle(message, result.kind, result.kind === "failed" ? result.reason : undefined);
    } catch {
      // The disk did not take it (full, gone): to send the same message again is better than to forget that it left.
      return this.#later(lane, message.with);
    }
    lane.failures = 0;
    lane.waiting.shift();
  }

  #later(lane: Lane, other: string, retryAfter = 0): void {
    const longest = Math.min(FIRST_WAIT * 2 ** Math.min(lane.failures++, 10), LONGEST_WAIT);
    const wait = Math.max(retryAfter * 1_000, longest * (0.5 + 0.5 * this.#settings.random.fraction()));
    lane.timer = this.#settings.clock.after(wait, () => {
      lane.timer = undefined;
      this.#run(other);
    });
  }

  async #settle(message: MessageRecord, status: MessageStatus, reason?: string): Promise<void> {
    const { account, store, events } = this.#settings;
    const isNews = await store.durably(() => store.history.setStatus(account, message.messageId, status, reason));
    if (!isNews) return;
    events.emit("message.updated", {
      account,
      messageId: message.messageId,
      with: message.with,
      status,
      ...(reason !== undefined && { reason }),
    });
  }
}
