/**
 * Whom we watch: by lists where our server takes them (RFC 5367), so that a thousand people cost one subscription; else
 * one subscription each, begun a few at a time.
 */
import type { Clock, Timer } from "../platform/clock.ts";
import { PIDF_TYPE } from "../payload/pidf.ts";
import { formatResourceList, RESOURCE_LISTS_TYPE } from "../payload/resource-lists.ts";
import { RLMI_TYPE } from "../payload/rlmi.ts";
import { domainOf } from "../sip/address.ts";
import type { Retry } from "../sip/event/retry.ts";
import type { Notification, Subscriber, SubscriberSettings } from "../sip/event/subscriber.ts";
import type { ServerTransaction } from "../sip/transaction/transaction.ts";
import { readListNotification } from "./list-notification.ts";

/** People in one list. */
export const LIST_SIZE = 1_000;
/** From how many people on a list is worth its while. */
export const LIST_FROM = 10;
/** Single subscriptions that begin together, and milliseconds until the next ones do. */
export const BEGIN_TOGETHER = 20;
export const BEGIN_EVERY = 200;
/** Milliseconds in which people who are not watched any more leave a list together. */
const REBUILD_AFTER = 2_000;

export interface WatchingSettings {
  readonly clock: Clock;
  /** `sip:name@domain`: our own address, under which lists are kept. */
  readonly aor: string;
  /** What all subscriptions of the account have in common. */
  subscriber(
    settings: Pick<SubscriberSettings, "resource" | "accept" | "notified" | "failed"> &
      Pick<Partial<SubscriberSettings>, "extra" | "first">,
  ): Subscriber;
  watched(resource: string, news: Notification | Retry): void;
}

interface List {
  readonly subscriber: Subscriber;
  readonly members: Set<string>;
  heard: boolean;
}

export class Watching {
  readonly #settings: WatchingSettings;
  readonly #resources = new Set<string>();
  readonly #singles = new Map<string, Subscriber>();
  #lists: List[] = [];
  #active = false;
  #queue: string[] = [];
  #next: Timer | undefined;
  #rebuild: Timer | undefined;

  constructor(settings: WatchingSettings) {
    this.#settings = settings;
  }

  watch(resource: string): void {
    if (this.#resources.has(resource)) return;
    this.#resources.add(resource);
    if (this.#active) this.#single(resource).start();
  }

  unwatch(resource: string): void {
    this.#resources.delete(resource);
    void this.#singles.get(resource)?.stop();
    this.#singles.delete(resource);
    if (!this.#lists.some(({ members }) => members.has(resource))) return;
    // They must not go on seeing us among their watchers.
    this.#rebuild ??= this.#settings.clock.after(REBUILD_AFTER, () => this.#rebuildLists());
  }

  /** There is a new connection, to a server that takes lists or does not. */
  begin(lists: boolean): void {
    this.pause();
    this.#active = true;
    const here = domainOf(this.#settings.aor);
    const listed = lists ? [...this.#resources].filter((resource) => domainOf(resource) === here) : [];
    const inLists = new Set(listed.length >= LIST_FROM ? listed : []);
    for (let at = 0; at < inLists.size; at += LIST_SIZE) this.#beginList(listed.slice(at, at + LIST_SIZE));
    this.#beginSingles([...this.#resources].filter((resource) => !inLists.has(resource)));
  }

  /** The connection is gone: nothing is asked until there is another. */
  pause(): void {
    this.#active = false;
    this.#next?.cancel();
    this.#rebuild?.cancel();
    this.#next = undefined;
    this.#rebuild = undefined;
    this.#queue = [];
    for (const subscriber of this.#subscribers()) subscriber.pause();
    this.#lists = [];
  }

  /** Ends all on both sides. */
  async stop(): Promise<void> {
    this.#next?.cancel();
    this.#rebuild?.cancel();
    await Promise.all(this.#subscribers().map((subscriber) => subscriber.stop()));
  }

  handle(transaction: ServerTransaction): boolean {
    return this.#subscribers().some((subscriber) => subscriber.handle(transaction));
  }

  #subscribers(): readonly Subscriber[] {
    return [...this.#lists.map(({ subscriber }) => subscriber), ...this.#singles.values()];
  }

  #single(resource: string): Subscriber {
    const known = this.#singles.get(resource);
    if (known) return known;
    const subscriber = this.#settings.subscriber({
      resource,
      accept: PIDF_TYPE,
      notified: (notification) => this.#settings.watched(resource, notification),
      failed: (retry) => this.#settings.watched(resource, retry),
    });
    this.#singles.set(resource, subscriber);
    return subscriber;
  }

  /** A server that is asked for everybody in the same moment would answer nobody for a while. */
  #beginSingles(resources: readonly string[]): void {
    this.#queue.push(...resources);
    if (this.#next) return;
    for (const resource of this.#queue.splice(0, BEGIN_TOGETHER))
      if (this.#resources.has(resource)) this.#single(resource).restart();
    if (this.#queue.length === 0) return;
    this.#next = this.#settings.clock.after(BEGIN_EVERY, () => {
      this.#next = undefined;
      this.#beginSingles([]);
    });
  }

  #beginList(resources: readonly string[]): void {
    const body = formatResourceList(resources.map((uri) => ({ uri })));
    const subscriber = this.#settings.subscriber({
      resource: this.#settings.aor,
      accept: `multipart/related, ${RLMI_TYPE}, ${PIDF_TYPE}`,
      extra: [["Supported", "eventlist"]],
      first: {
        headers: [
          ["Require", "recipient-list-subscribe"],
          ["Content-Type", RESOURCE_LISTS_TYPE],
        ],
        body,
      },
      notified: (notification) => this.#notified(list, notification),
      failed: (retry) => this.#failed(list, retry),
    });
    const list: List = { subscriber, members: new Set(resources), heard: false };
    this.#lists.push(list);
    subscriber.start();
  }

  #notified(list: List, notification: Notification): void {
    if (notification.state === "terminated") return;
    list.heard = true;
    for (const { resource, news } of readListNotification(notification))
      if (list.members.has(resource) && this.#resources.has(resource)) this.#settings.watched(resource, news);
  }

  /** A list that never told anything is not understood over there: then each is asked for alone. */
  #failed(list: List, retry: Retry): void {
    if (list.heard) {
      for (const resource of list.members) this.#settings.watched(resource, retry);
      return;
    }
    this.#lists = this.#lists.filter((one) => one !== list);
    list.subscriber.pause();
    if (this.#active) this.#beginSingles([...list.members]);
  }

  #rebuildLists(): void {
    this.#rebuild = undefined;
    const stale = this.#lists.filter(({ members }) => [...members].some((one) => !this.#resources.has(one)));
    this.#lists = this.#lists.filter((list) => !stale.includes(list));
    for (const { subscriber, members } of stale) {
      void subscriber.stop();
      const left = [...members].filter((one) => this.#resources.has(one));
      if (left.length >= LIST_FROM) this.#beginList(left);
      else this.#beginSingles(left);
    }
  }
}
