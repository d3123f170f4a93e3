/** How often a subscription is notified (RFC 6446): not faster than its watcher can take, not slower than it asked. */
import type { Clock, Timer } from "../platform/clock.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { event } from "../sip/message/fields.ts";

/** Seconds between NOTIFYs that are sent only to show that we are alive: nobody may ask for more of them. */
export const SHORTEST_MAXIMUM = 5;
/** Seconds that a watcher may ask us to keep silent at most. */
export const LONGEST_MINIMUM = 3_600;

/** Seconds between two NOTIFYs: at least, and at most. */
export interface Pace {
  readonly minimum?: number;
  readonly maximum?: number;
  /** Whether the longest wait counts from the last NOTIFY of any kind (`adaptive-min-rate`). */
  readonly adaptive?: boolean;
}

/** The rates that a SUBSCRIBE asks for, within our limits; those that cannot be read are passed over. */
export function paceOf(request: SipRequest): Pace {
  const params = event(request)?.params;
  const seconds = (name: string): number | undefined => {
    const rate = Number(params?.get(name) ?? "");
    return /^\d{1,3}(\.\d{1,10})?$/.test(params?.get(name) ?? "") && rate > 0 ? 1 / rate : undefined;
  };
  const minimum = seconds("max-rate");
  const steady = seconds("min-rate");
  const maximum = seconds("adaptive-min-rate") ?? steady;
  const least = Math.min(minimum ?? 0, LONGEST_MINIMUM);
  return {
    ...(minimum !== undefined && { minimum: least }),
    // A slowest rate above the fastest one is brought down to it (RFC 6446 §3.2).
    ...(maximum !== undefined && { maximum: Math.max(maximum, SHORTEST_MAXIMUM, least) }),
    ...(maximum !== undefined && steady === undefined && { adaptive: true }),
  };
}

/** The rates in force, behind Subscription-State (RFC 6446 §9.3). */
export function paceParams({ minimum, maximum, adaptive }: Pace): string {
  const rate = (name: string, seconds: number | undefined): string =>
    seconds === undefined || seconds === 0 ? "" : `;${name}=${Number((1 / seconds).toFixed(6))}`;
  return rate("max-rate", minimum) + rate(adaptive ? "adaptive-min-rate" : "min-rate", maximum);
}

interface Paced {
  pace: Pace;
  /** Monotonic: when the last NOTIFY left. */
  toldAt: number;
  late: Timer | undefined;
  idle: Timer | undefined;
}

export class Pacing {
  readonly #clock: Clock;
  readonly #notify: (id: string) => void;
  readonly #paced = new Map<string, Paced>();

  constructor(clock: Clock, notify: (id: string) => void) {
    this.#clock = clock;
    this.#notify = notify;
  }

  /**
   * Something is new for this subscription: it is told now, or when its pace allows, together with what follows, if it
   * `still` is news then.
   */
  news(id: string, still: () => boolean): void {
    const paced = this.#paced.get(id);
    const wait = paced ? paced.toldAt + (paced.pace.minimum ?? 0) * 1_000 - this.#clock.monotonic() : 0;
    if (!paced || wait <= 0) return this.#notify(id);
    paced.late ??= this.#clock.after(wait, () => {
      paced.late = undefined;
      if (still()) this.#notify(id);
    });
  }

  /** A NOTIFY leaves, whatever it was caused by. */
  told(id: string, pace: Pace): void {
    const { minimum, maximum } = pace;
    const paced = this.#paced.get(id);
    paced?.late?.cancel();
    paced?.idle?.cancel();
    if (minimum === undefined && maximum === undefined) {
      this.#paced.delete(id);
      return;
    }
    const idle = maximum === undefined ? undefined : this.#clock.after(maximum * 1_000, () => this.#notify(id));
    this.#paced.set(id, { pace, toldAt: this.#clock.monotonic(), late: undefined, idle });
  }

  forget(id: string): void {
    const paced = this.#paced.get(id);
    paced?.late?.cancel();
    paced?.idle?.cancel();
    this.#paced.delete(id);
  }

  close(): void {
    for (const id of [...this.#paced.keys()]) this.forget(id);
  }
}
