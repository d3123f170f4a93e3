/**
 * The presence agent (RFC 3856): takes subscriptions to the office's people, decides who sees what, and tells watchers.
 * Also serves watcher information (RFC 3857), by which people learn who asks.
 */
import type { Clock, Timer } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { PresenceDocument } from "../payload/pidf.ts";
import { formatPidf, parsePidf, PIDF_TYPE } from "../payload/pidf.ts";
import type { Notifier, NotifyBody, Subscription } from "../sip/event/notifier.ts";
import type { GatewayStore } from "../store/store.ts";
import { domainOf } from "../sip/address.ts";
import { compose, limited } from "./composition.ts";
import type { Documents } from "./documents.ts";
import type { Admission, EventPackage } from "./event-packages.ts";
import type { EventState } from "./event-state.ts";
import type { BindingChange, LocationService } from "./location-service.ts";
import type { WatchDecision } from "./policy/watching.ts";
import { decideWatcher } from "./policy/watching.ts";
import type { GatewaySettings } from "./settings.ts";
import { watcherInfoBody } from "./watchers.ts";

/**
 * Milliseconds in which a device that registers may publish before it shows as plainly online. Without this wait
 * somebody who appears offline would flash up as available at every sign-in.
 */
export const PUBLISH_WITHIN = 2_000;

export const PRESENCE = "presence";
export const WATCHER_INFO = "presence.winfo";

export interface PresenceAgentSettings {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: GatewayStore;
  readonly settings: GatewaySettings;
  readonly location: LocationService;
  readonly events: EventState;
  readonly documents: Documents;
  readonly notifier: Notifier;
}

type Show = Parameters<typeof limited>[1];

interface Lost {
  readonly at: number;
  readonly timer: Timer;
}

export class PresenceAgent implements EventPackage {
  readonly #settings: PresenceAgentSettings;
  readonly #lost = new Map<string, Lost>();
  /** Since when a person is registered, known once they had time to publish. */
  readonly #registeredSince = new Map<string, number>();
  readonly #graces = new Map<string, Timer>();
  readonly #dirty = new Set<string>();
  /** What each watcher was told last, by subscription. */
  readonly #told = new Map<string, string>();
  /** Documents as watchers of each kind get them, by person; kept until something changes. */
  readonly #views = new Map<string, Map<Show, string>>();
  #flush: Timer | undefined;

  constructor(settings: PresenceAgentSettings) {
    this.#settings = settings;
  }

  /** Takes up who is registered: they had their time to publish before the restart. */
  restore(): void {
    const now = this.#settings.clock.now();
    for (const aor of this.#settings.location.people) this.#registeredSince.set(aor, now);
  }

  /** What holds for this watcher of this person now. */
  decide(resource: string, watcher: string): WatchDecision {
    const { settings, documents } = this.#settings;
    const inside = domainOf(watcher) === settings.domain;
    return decideWatcher(documents.rulesOf(resource), resource, watcher, settings.defaultRule(inside));
  }

  /** The state in which a new subscription begins, or nothing when it is refused. */
  admit(event: string, resource: string, watcher: string): Admission {
    if (event === WATCHER_INFO) return resource === watcher ? { state: "active" } : { status: 403 };
    const decision = this.decide(resource, watcher);
    if (decision.kind === "block") return { status: 403 };
    return { state: decision.kind === "ask" ? "pending" : "active" };
  }

  /** A subscription began: whoever looks at the list of watchers is told. */
  subscribed(subscription: Subscription): void {
    if (subscription.event !== PRESENCE) return;
    this.#settings.store.waiting.remove(subscription.resource, subscription.watcher);
    this.#watchersChanged(subscription.resource);
  }

  /** A subscription ended. A question that was not answered is kept (RFC 3857 §4.7.1, state waiting). */
  ended(subscription: Subscription): void {
    if (subscription.event !== PRESENCE) return;
    const { id, resource, watcher, since } = subscription;
    this.#told.delete(id);
    if (subscription.state === "pending") this.#settings.store.waiting.put({ resource, watcher, since });
    this.#watchersChanged(resource);
  }

  /** The body of the next NOTIFY of a subscription. */
  render(subscription: Subscription): NotifyBody | undefined {
    if (subscription.event === WATCHER_INFO) {
      const { resource, dialog } = subscription;
      const { notifier, store, clock } = this.#settings;
      const live = notifier.list({ resource, event: PRESENCE });
      return watcherInfoBody(resource, live, store.waiting.of(resource), dialog.localSequence, clock.now());
    }
    const body = this.#seenBy(subscription);
    if (body === undefined) {
      this.#told.delete(subscription.id);
      return undefined;
    }
    this.#told.set(subscription.id, body);
    return { contentType: PIDF_TYPE, body };
  }

  /** Everything that is known of a person, as one document. */
  document(resource: string): PresenceDocument {
    const { events } = this.#settings;
    const published = events.of(resource, PRESENCE).flatMap(({ body, publishedAt }) => {
      const parsed = parsePidf(body);
      return parsed.ok ? [{ document: parsed.value, at: publishedAt }] : [];
    });
    const registeredSince = this.#registeredSince.get(resource);
    const lost = this.#lost.get(resource);
    return compose({
      entity: resource,
      published,
      ...(registeredSince !== undefined && { registeredSince }),
      ...(lost && { lostAt: lost.at }),
    });
  }

  /** The bindings of a person changed; watchers hear of it where it changes what they see. */
  located(aor: string, change: BindingChange): void {
    if (change.kind === "registered") this.#waitForPublication(aor);
    else this.#bindingEnded(aor, change);
  }

  /**
   * Watchers are told once for all that changes in the same moment, and only those who see a difference: a NOTIFY that
   * says nothing new would tell somebody who may see nothing that there is something to see.
   */
  presenceChanged(aor: string): void {
    this.#views.delete(aor);
    this.#dirty.add(aor);
    this.#flush ??= this.#settings.clock.after(0, () => {
      this.#flush = undefined;
      const changed = [...this.#dirty];
      this.#dirty.clear();
      const { notifier } = this.#settings;
      for (const resource of changed)
        for (const subscription of notifier.list({ resource, event: PRESENCE }))
          if (this.#isNews(subscription)) notifier.notify(subscription.id);
    });
  }

  /** Rules changed: every watcher of this person is judged anew, at once. */
  rulesChanged(aor: string): void {
    const { notifier, store } = this.#settings;
    for (const subscription of notifier.list({ resource: aor, event: PRESENCE })) {
      const decision = this.decide(aor, subscription.watcher);
      if (decision.kind === "block") notifier.terminate(subscription.id, "rejected");
      else {
        const state = decision.kind === "ask" ? "pending" : "active";
        if (state !== subscription.state || this.#isNews(subscription)) notifier.notify(subscription.id, state);
      }
    }
    for (const { watcher } of store.waiting.of(aor))
      if (this.decide(aor, watcher).kind !== "ask") store.waiting.remove(aor, watcher);
    this.#watchersChanged(aor);
  }

  close(): void {
    this.#flush?.cancel();
    for (const { timer } of this.#lost.values()) timer.cancel();
    for (const timer of this.#graces.values()) timer.cancel();
  }

  #isNews(subscription: Subscription): boolean {
    return this.#seenBy(subscription) !== this.#told.get(subscription.id);
  }

  /** The document that this watcher may see; nothing while the question is open. */
  #seenBy({ resource, watcher, state }: Subscription): string | undefined {
    const decision = this.decide(resource, watcher);
    if (state === "pending" || decision.kind === "ask" || decision.kind === "block") return undefined;
    return this.#view(resource, decision.kind === "allow" ? decision.show : "offline");
  }

  #view(resource: string, show: Show): string {
    const views = this.#views.get(resource) ?? new Map<Show, string>();
    this.#views.set(resource, views);
    const view = views.get(show) ?? formatPidf(limited(this.document(resource), show));
    views.set(show, view);
    return view;
  }

  #waitForPublication(aor: string): void {
    if (this.#registeredSince.has(aor) || this.#graces.has(aor)) return;
    const { clock, events } = this.#settings;
    const since = clock.now();
    const grace = clock.after(PUBLISH_WITHIN, () => {
      this.#graces.delete(aor);
      this.#registeredSince.set(aor, since);
      this.#forgetLoss(aor);
      if (events.of(aor, PRESENCE).length === 0) this.presenceChanged(aor);
    });
    this.#graces.set(aor, grace);
  }

  #bindingEnded(aor: string, { binding, because }: Extract<BindingChange, { kind: "removed" }>): void {
    const { location, events } = this.#settings;
    const last = location.of(aor).length === 0;
    if (last) {
      this.#graces.get(aor)?.cancel();
      this.#graces.delete(aor);
      this.#registeredSince.delete(aor);
      if (because === "flow-lost") this.#rememberLoss(aor, binding.expiresAt);
      else this.#forgetLoss(aor);
    }
    if (because === "flow-lost") events.flowLost(aor, binding.flow);
    else if (last && because === "unregistered") events.removeAll(aor);
    if (last) this.presenceChanged(aor);
  }

  #watchersChanged(resource: string): void {
    const { notifier } = this.#settings;
    for (const { id } of notifier.list({ resource, event: WATCHER_INFO })) notifier.notify(id);
  }

  /** The loss is told until the binding would have ended by itself; then the person is plainly offline. */
  #rememberLoss(aor: string, until: number): void {
    const { clock } = this.#settings;
    this.#forgetLoss(aor);
    const timer = clock.after(Math.max(until - clock.now(), 0), () => {
      this.#lost.delete(aor);
      this.presenceChanged(aor);
    });
    this.#lost.set(aor, { at: clock.now(), timer });
  }

  #forgetLoss(aor: string): void {
    this.#lost.get(aor)?.timer.cancel();
    this.#lost.delete(aor);
  }
}
