/** Who is writing right now (RFC 3994): theirs to us, and ours to them. Nothing of it is kept. */
import type { Clock, Timer } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import { bareAddress } from "../sip/address.ts";
import type { IncomingTyping } from "../user-agent/incoming-message.ts";
import type { SendResult } from "../user-agent/messaging.ts";
import type { EventHub } from "./events.ts";

/** Milliseconds without a key after which we count as idle (RFC 3994 §3.2). */
export const IDLE_AFTER = 15_000;
/** Seconds between notices while we go on typing (RFC 3994 §3.3 allows no less than 60). */
export const REFRESH = 60;
/** Milliseconds for which a notice of others is believed at most. */
const LONGEST_BELIEF = 300_000;
/** People who are followed at once; who writes to us under ever new names is not. */
const MAX_WRITERS = 200;

export interface TypingSettings {
  readonly account: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventHub;
  /** Whether this person may learn it now: they are there, the rule allows it, and no text waits for its answer. */
  mayTell(address: string): boolean;
  send(notice: { to: string; active: boolean; refresh: number; id: string }): Promise<SendResult>;
}

interface Ours {
  idle: Timer;
  /** Monotonic milliseconds of the last notice. */
  toldAt: number;
}

export class Typing {
  readonly #settings: TypingSettings;
  readonly #theirs = new Map<string, Timer>();
  readonly #ours = new Map<string, Ours>();
  /** People whose program said that it does not know typing notices. */
  readonly #deaf = new Set<string>();

  constructor(settings: TypingSettings) {
    this.#settings = settings;
  }

  /** A key was pressed in the conversation with somebody, or the text there was cleared. */
  typed(address: string, active: boolean): void {
    if (!active) return this.#rest(address, true);
    const { clock } = this.#settings;
    const ours = this.#ours.get(address);
    const idle = clock.after(IDLE_AFTER, () => this.#rest(address, true));
    ours?.idle.cancel();
    const isDue = !ours || clock.monotonic() - ours.toldAt >= REFRESH * 1_000;
    const told = isDue && this.#tell(address, true);
    if (ours || told) this.#ours.set(address, { idle, toldAt: told ? clock.monotonic() : (ours?.toldAt ?? 0) });
    else idle.cancel();
  }

  /** A text left: that says by itself that the typing is over. */
  sent(address: string): void {
    this.#rest(address, false);
  }

  /** Takes a notice of somebody. */
  heard({ from, active, refresh }: IncomingTyping): void {
    const address = bareAddress(from);
    if (!active) return this.#over(address);
    const isNew = !this.#theirs.has(address);
    if (isNew && this.#theirs.size >= MAX_WRITERS) return;
    this.#theirs.get(address)?.cancel();
    const belief = Math.min(refresh * 1_000, LONGEST_BELIEF);
    this.#theirs.set(
      address,
      this.#settings.clock.after(belief, () => this.#over(address)),
    );
    if (isNew) this.#emit(address, true);
  }

  /** A text of theirs came, or they are no longer there. */
  over(address: string): void {
    this.#over(address);
  }

  close(): void {
    for (const timer of this.#theirs.values()) timer.cancel();
    for (const { idle } of this.#ours.values()) idle.cancel();
    this.#theirs.clear();
    this.#ours.clear();
  }

  #rest(address: string, tell: boolean): void {
    const ours = this.#ours.get(address);
    if (!ours) return;
    ours.idle.cancel();
    this.#ours.delete(address);
    if (tell) this.#tell(address, false);
  }

  #tell(address: string, active: boolean): boolean {
    if (this.#deaf.has(address) || !this.#settings.mayTell(address)) return false;
    const id = token(this.#settings.random, 16);
    void this.#settings.send({ to: `sip:${address}`, active, refresh: REFRESH, id }).then((result) => {
      if (result.kind === "failed") this.#deaf.add(address);
    });
    return true;
  }

  #over(address: string): void {
    const timer = this.#theirs.get(address);
    if (!timer) return;
    timer.cancel();
    this.#theirs.delete(address);
    this.#emit(address, false);
  }

  #emit(address: string, active: boolean): void {
    const { account, events } = this.#settings;
    events.emit("typing.changed", { account, address, active });
  }
}
