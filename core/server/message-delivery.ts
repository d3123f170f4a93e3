/** Brings stored messages to a device when it is there: one at a time, in order, each until it is acknowledged. */
import type { Clock, Timer } from "../platform/clock.ts";
import { keyedHash } from "../platform/hash.ts";
import type { Log } from "../platform/log.ts";
import { parseMessage } from "../sip/message/parse.ts";
import type { Stack } from "../sip/stack.ts";
import { MAGIC_COOKIE } from "../sip/transaction/key.ts";
import type { BindingRecord, GatewayStore, StoredMessage } from "../store/store.ts";
import type { LocationService } from "./location-service.ts";
import { keyOf } from "./location-service.ts";
import { fateOf } from "./message-relay.ts";
import { reachDevice } from "./reach.ts";

/** Milliseconds before a device that is registered but did not answer is tried again. */
export const TRY_AGAIN = 30_000;
/** Milliseconds between looks for messages that waited too long. */
const EXPIRY_ROUND = 3_600_000;
/** How long answers are remembered, so that a repeated message gets the same one. */
const ANSWERS_KEPT = 8 * 86_400_000;

export interface MessageDeliverySettings {
  readonly clock: Clock;
  readonly log: Log;
  readonly stack: Stack;
  readonly store: GatewayStore;
  readonly location: LocationService;
  readonly branchKey: Buffer;
  /** A message that waited reached a device. */
  delivered?(): void;
}

export class MessageDelivery {
  readonly #settings: MessageDeliverySettings;
  /** Devices being served, and whether somebody called for them meanwhile. */
  readonly #busy = new Map<string, boolean>();
  readonly #timers = new Map<string, Timer>();
  #round: Timer | undefined;
  #closed = false;

  constructor(settings: MessageDeliverySettings) {
    this.#settings = settings;
  }

  /** Brings what waits for devices that are there already, and begins to drop what nobody fetched in time. */
  start(): void {
    const { clock, store, location } = this.#settings;
    const now = clock.now();
    store.messages.expire(now);
    store.messages.forgetAnswers(now - ANSWERS_KEPT);
    for (const recipient of location.people)
      for (const { device } of location.of(recipient)) this.wake(recipient, device);
    this.#round = clock.after(EXPIRY_ROUND, () => this.start());
  }

  /** The device is there: bring it what waits, oldest first. */
  wake(recipient: string, device: string): void {
    const name = `${recipient} ${device}`;
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    if (this.#closed) return;
    if (this.#busy.has(name)) {
      this.#busy.set(name, true);
      return;
    }
    this.#busy.set(name, false);
    void this.#deliver(recipient, device).finally(() => {
      const again = this.#busy.get(name);
      this.#busy.delete(name);
      if (again) this.wake(recipient, device);
    });
  }

  /** The device did not answer although it is registered: try again after a while. */
  wakeLater(recipient: string, device: string): void {
    const name = `${recipient} ${device}`;
    if (this.#closed || this.#timers.has(name)) return;
    this.#timers.set(
      name,
      this.#settings.clock.after(TRY_AGAIN, () => this.wake(recipient, device)),
    );
  }

  close(): void {
    this.#closed = true;
    this.#round?.cancel();
    for (const timer of this.#timers.values()) timer.cancel();
  }

  async #deliver(recipient: string, device: string): Promise<void> {
    const { store, location } = this.#settings;
    for (;;) {
      const message = store.messages.waiting(recipient, device)[0];
      const flows = location.flowsOf(recipient, device);
      if (!message || flows.length === 0 || this.#closed) return;
      const fate = await this.#offer(message, flows);
      if (this.#closed) return;
      if (fate === "missed") return this.wakeLater(recipient, device);
      if (fate === "taken") this.#settings.delivered?.();
      else this.#settings.log.warn("A stored message was refused by its recipient's device.", {});
      await store.durably(() => store.messages.remove(message.id));
    }
  }

  async #offer(message: StoredMessage, flows: readonly BindingRecord[]): Promise<"taken" | "refused" | "missed"> {
    const { stack, branchKey, location } = this.#settings;
    const parsed = parseMessage(message.request, "stream");
    // What was written by this program can be read by it; a damaged row must not block those behind it.
    if (!parsed.ok || parsed.value.kind !== "request") return "refused";
    const outcome = await reachDevice(stack, parsed.value, flows, {
      branch: (flow) => MAGIC_COOKIE + keyedHash(branchKey, `stored ${message.id} ${keyOf(flow)}`).slice(0, 32),
      dead: (flow) => location.lost(flow),
    });
    return fateOf(outcome);
  }
}
