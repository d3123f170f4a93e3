/** Watcher information (RFC 3857, RFC 3858): who watches a person and who waits for an answer. Pure. */
import { formatWatcherInfo, WATCHER_INFO_TYPE } from "../payload/watcher-info.ts";
import type { NotifyBody, Subscription } from "../sip/event/notifier.ts";
import type { WaitingWatcher } from "../store/store.ts";
import { sha256Hex } from "../platform/hash.ts";

/** The whole list each time: then a NOTIFY that was lost leaves no hole. */
export function watcherInfoBody(
  resource: string,
  live: readonly Subscription[],
  waiting: readonly WaitingWatcher[],
  version: number,
  now: number,
): NotifyBody {
  const seconds = (since: number): number => Math.max(Math.round((now - since) / 1_000), 0);
  const subscribed = live.map((one) => ({
    id: sha256Hex(one.id).slice(0, 16),
    uri: one.watcher,
    status: one.state,
    event: "subscribe" as const,
    durationSubscribed: seconds(one.since),
    expiration: Math.max(Math.ceil((one.expiresAt - now) / 1_000), 0),
  }));
  const asked = waiting
    .filter(({ watcher }) => !live.some((one) => one.watcher === watcher))
    .map(({ watcher, since }) => ({
      id: sha256Hex(watcher).slice(0, 16),
      uri: watcher,
      status: "waiting" as const,
      event: "timeout" as const,
      durationSubscribed: seconds(since),
    }));
  const body = formatWatcherInfo({
    version,
    state: "full",
    lists: [{ resource, package: "presence", watchers: [...subscribed, ...asked] }],
  });
  return { contentType: WATCHER_INFO_TYPE, body };
}
