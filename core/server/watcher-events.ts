/** The event package `presence.winfo` (RFC 3857): people learn who watches them, and who asks. */
import type { Clock } from "../platform/clock.ts";
import { sha256Hex } from "../platform/hash.ts";
import type { Watcher } from "../payload/watcher-info.ts";
import { formatWatcherInfo, WATCHER_INFO_TYPE } from "../payload/watcher-info.ts";
import type { Notifier, NotifyBody, Subscription } from "../sip/event/notifier.ts";
import type { WaitingTable } from "../store/store.ts";
import type { Admission, EventPackage } from "./event-packages.ts";
import type { ListWatcher } from "./list-events.ts";
import { ListEvents } from "./list-events.ts";
import { PRESENCE } from "./presence-agent.ts";

export const WATCHER_INFO = "presence.winfo";

export interface WatcherEventSettings {
  readonly clock: Clock;
  readonly notifier: Notifier;
  readonly waiting: WaitingTable;
  /** Who watches a person by way of a list. */
  byList(resource: string): readonly ListWatcher[];
}

export class WatcherEvents implements EventPackage {
  readonly #settings: WatcherEventSettings;
  /** Whom each subscription was told of last, by identifier; one that is not here is told everything. */
  readonly #told = new Map<string, ReadonlyMap<string, Watcher>>();

  constructor(settings: WatcherEventSettings) {
    this.#settings = settings;
  }

  admit(_event: string, resource: string, watcher: string): Admission {
    return resource === watcher ? { state: "active" } : { status: 403 };
  }

  refreshed({ id }: Subscription): undefined {
    this.#told.delete(id);
  }

  ended({ id }: Subscription): void {
    this.#told.delete(id);
  }

  changed(resource: string): void {
    const { notifier } = this.#settings;
    const interested = notifier.list({ resource, event: WATCHER_INFO });
    const now = interested.length === 0 ? [] : this.#watchers(resource);
    for (const { id } of interested) {
      const before = this.#told.get(id);
      const same = before?.size === now.length && now.every((one) => before.get(one.id)?.status === one.status);
      if (!same) notifier.notify(id);
    }
  }

  /** Everything at first and after a SUBSCRIBE, then who came, changed or went (RFC 3858 §4.2). */
  render({ id, resource, dialog }: Subscription): NotifyBody {
    const before = this.#told.get(id);
    const now = new Map(this.#watchers(resource).map((watcher) => [watcher.id, watcher] as const));
    this.#told.set(id, now);
    const came = [...now.values()].filter((watcher) => before?.get(watcher.id)?.status !== watcher.status);
    const went = [...(before?.values() ?? [])].filter((watcher) => !now.has(watcher.id)).map(ended);
    const body = formatWatcherInfo({
      version: dialog.localSequence,
      state: before ? "partial" : "full",
      lists: [{ resource, package: PRESENCE, watchers: before ? [...came, ...went] : [...now.values()] }],
    });
    return { contentType: WATCHER_INFO_TYPE, body };
  }

  #watchers(resource: string): readonly Watcher[] {
    const { notifier, waiting, clock } = this.#settings;
    const now = clock.now();
    const seconds = (since: number): number => Math.max(Math.round((now - since) / 1_000), 0);
    const alone = notifier.list({ resource, event: PRESENCE }).filter((one) => !ListEvents.isList(one));
    const live: readonly ListWatcher[] = [...alone, ...this.#settings.byList(resource)];
    const subscribed = live.map((one) => ({
      id: `w${sha256Hex(one.id).slice(0, 15)}`,
      uri: one.watcher,
      status: one.state,
      event: "subscribe" as const,
      durationSubscribed: seconds(one.since),
      expiration: Math.max(Math.ceil((one.expiresAt - now) / 1_000), 0),
    }));
    const asked = waiting
      .of(resource)
      .filter(({ watcher }) => !live.some((one) => one.watcher === watcher))
      .map(({ watcher, since }) => ({
        id: `w${sha256Hex(watcher).slice(0, 15)}`,
        uri: watcher,
        status: "waiting" as const,
        event: "timeout" as const,
        durationSubscribed: seconds(since),
      }));
    return [...subscribed, ...asked];
  }
}

/** Somebody who does not watch any more. */
function ended({ expiration: _expiration, ...watcher }: Watcher): Watcher {
  return { ...watcher, status: "terminated", event: watcher.status === "waiting" ? "giveup" : "timeout" };
}
