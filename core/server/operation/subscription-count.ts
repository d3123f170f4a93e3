/** How many subscriptions people hold and how many look at them, so that neither grows without end. */
import type { Subscription } from "../../sip/event/notifier.ts";
import type { GatewaySettings } from "../settings.ts";

/** Seconds after which who found somebody watched by too many may ask again. */
export const ASK_AGAIN = 600;

type Limits = Pick<GatewaySettings, "watchedByOne" | "watchersOfOne">;
type Pair = Pick<Subscription, "resource" | "watcher">;

/** Why a subscription does not begin, as an answer. */
export interface Fullness {
  readonly status: 403 | 503;
  readonly reason: string;
  readonly headers?: readonly (readonly [string, string])[];
}

export class SubscriptionCount {
  readonly #limits: Limits;
  readonly #byWatcher = new Map<string, number>();
  readonly #byResource = new Map<string, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  began({ resource, watcher }: Pair): void {
    change(this.#byWatcher, watcher, 1);
    change(this.#byResource, resource, 1);
  }

  ended({ resource, watcher }: Pair): void {
    change(this.#byWatcher, watcher, -1);
    change(this.#byResource, resource, -1);
  }

  /** Whether one more would be too many; the watcher's own excess is his to mend, that of others passes. */
  isFull(resource: string, watcher: string): Fullness | undefined {
    if ((this.#byWatcher.get(watcher) ?? 0) >= this.#limits.watchedByOne)
      return { status: 403, reason: "You hold too many subscriptions, end some first" };
    if ((this.#byResource.get(resource) ?? 0) >= this.#limits.watchersOfOne) {
      const headers = [["Retry-After", String(ASK_AGAIN)]] as const;
      return { status: 503, reason: "Too many watch this person, come again later", headers };
    }
    return undefined;
  }
}

function change(counts: Map<string, number>, name: string, by: number): void {
  const count = (counts.get(name) ?? 0) + by;
  if (count > 0) counts.set(name, count);
  else counts.delete(name);
}
