/** Servers that failed a short while ago: tried last, so that not every request waits for them anew (RFC 3263 §4.3). */
import type { Clock } from "../../platform/clock.ts";
import type { Endpoint } from "./network.ts";
import { formatListening } from "./flow.ts";
import type { TransportName } from "./flow.ts";

/** Targets that are remembered; beyond that the oldest is forgotten. */
export const MAX_FAILED_TARGETS = 500;
/** Milliseconds for which one that could not be reached, or did not answer, is tried last. */
export const UNREACHABLE_LIFE = 60_000;
/** The longest Retry-After that is believed, in seconds. */
export const MAX_RETRY_AFTER = 600;

type Place = Endpoint & { readonly transport: TransportName };

/** What is remembered of a target, as plain data. */
export interface FailedTarget {
  /** `transport:address:port`. */
  readonly target: string;
  readonly reason: "unreachable" | "silent" | "busy";
  /** Milliseconds until it is forgotten. */
  readonly left: number;
}

export class FailedTargets {
  readonly #clock: Clock;
  readonly #failed = new Map<string, { readonly until: number; readonly reason: FailedTarget["reason"] }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  unreachable(place: Place): void {
    this.#remember(place, "unreachable", UNREACHABLE_LIFE);
  }

  /** It took a request and never answered. */
  silent(place: Place): void {
    this.#remember(place, "silent", UNREACHABLE_LIFE);
  }

  /** It said how many seconds it wants to be left alone. */
  busy(place: Place, seconds: number): void {
    this.#remember(place, "busy", Math.min(seconds, MAX_RETRY_AFTER) * 1_000);
  }

  works(place: Place): void {
    if (this.#failed.size > 0) this.#failed.delete(keyOf(place));
  }

  /** The targets in their order, those that failed behind the others. */
  last<T extends Place>(targets: readonly T[]): readonly T[] {
    if (this.#failed.size === 0) return targets;
    const failed = new Set(targets.filter((target) => this.#isFailed(target)));
    return failed.size === 0 ? targets : [...targets.filter((target) => !failed.has(target)), ...failed];
  }

  report(): readonly FailedTarget[] {
    const now = this.#clock.monotonic();
    return Array.from(this.#failed, ([target, { until, reason }]) => ({ target, reason, left: until - now })).filter(
      ({ left }) => left > 0,
    );
  }

  #isFailed(place: Place): boolean {
    const key = keyOf(place);
    const known = this.#failed.get(key);
    if (!known) return false;
    if (known.until > this.#clock.monotonic()) return true;
    this.#failed.delete(key);
    return false;
  }

  #remember(place: Place, reason: FailedTarget["reason"], life: number): void {
    const key = keyOf(place);
    this.#failed.delete(key);
    const [oldest] = this.#failed.keys();
    if (oldest !== undefined && this.#failed.size >= MAX_FAILED_TARGETS) this.#failed.delete(oldest);
    this.#failed.set(key, { until: this.#clock.monotonic() + life, reason });
  }
}

function keyOf(place: Place): string {
  return formatListening(place.transport, place);
}
