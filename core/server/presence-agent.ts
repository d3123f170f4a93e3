/**
 * The presence agent (RFC 3856): what is known of each person of the office, and who may see what of it. Who watches and
 * how they are told is the business of the event packages.
 */
import type { Clock, Timer } from "../platform/clock.ts";
import type { PresenceDocument } from "../payload/pidf.ts";
import { parsePidf } from "../payload/pidf.ts";
import { nextBoundary } from "../payload/pres-rules.ts";
import { domainOf } from "../sip/address.ts";
import type { Composed, Known } from "./composition.ts";
import { compose, sphereOf } from "./composition.ts";
import type { Documents } from "./documents.ts";
import type { EventState } from "./event-state.ts";
import type { BindingChange, LocationService } from "./location-service.ts";
import type { WatchDecision } from "./policy/watching.ts";
import { decideWatcher } from "./policy/watching.ts";
import type { GatewaySettings } from "./settings.ts";
import type { View } from "./watcher-views.ts";
import { WatcherViews } from "./watcher-views.ts";

/**
 * Milliseconds in which a device that registers may publish before it shows as plainly online. Without this wait
 * somebody who appears offline would flash up as available at every sign-in.
 */
export const PUBLISH_WITHIN = 2_000;

export const PRESENCE = "presence";

export interface PresenceAgentSettings {
  readonly clock: Clock;
  readonly settings: GatewaySettings;
  readonly location: LocationService;
  readonly events: EventState;
  readonly documents: Documents;
  /** Something about these people may look different; told once for all that changes in the same moment. */
  changed(resources: readonly string[]): void;
  /** Every watcher of this person is to be judged anew, at once. */
  judged(resource: string): void;
}

interface Lost {
  readonly at: number;
  readonly timer: Timer;
}

export class PresenceAgent {
  readonly #settings: PresenceAgentSettings;
  readonly #views = new WatcherViews((resource) => this.document(resource));
  readonly #lost = new Map<string, Lost>();
  /** Since when a person is registered, known once they had time to publish. */
  readonly #registeredSince = new Map<string, number>();
  readonly #graces = new Map<string, Timer>();
  readonly #dirty = new Set<string>();
  /** Documents that are held for the moment, and when each changes by itself. */
  readonly #composed = new Map<string, Composed>();
  readonly #turns = new Map<string, Timer>();
  readonly #ruleTurns = new Map<string, Timer>();
  readonly #spheres = new Map<string, string | undefined>();
  #flush: Timer | undefined;
  /** Before the listeners are bound a NOTIFY would fail, and its subscription with it. */
  #telling = false;

  constructor(settings: PresenceAgentSettings) {
    this.#settings = settings;
  }

  /** Takes up who is registered: they had their time to publish before the restart. */
  restore(): void {
    const now = this.#settings.clock.now();
    for (const aor of this.#settings.location.people) this.#registeredSince.set(aor, now);
  }

  /** There is a way to watchers now: what changed until here is told. */
  start(): void {
    this.#telling = true;
    if (this.#dirty.size > 0) this.#flushSoon();
  }

  /** What holds for this watcher of this person now. */
  decide(resource: string, watcher: string): WatchDecision {
    const { settings, documents, clock } = this.#settings;
    const inside = settings.isOwnDomain(domainOf(watcher));
    const rules = documents.rulesOf(resource);
    const now = clock.now();
    const sphere = rules && this.#sphereOf(resource);
    if (rules) this.#judgeAgainAt(resource, nextBoundary(rules, now));
    const circumstances = { now, ...(sphere !== undefined && { sphere }) };
    return decideWatcher(rules, resource, watcher, settings.defaultRule(inside), circumstances);
  }

  /** What this watcher sees of this person now; nothing while there is no answer, or when it is no. */
  seenBy(resource: string, watcher: string): View | undefined {
    return this.viewOf(resource, this.decide(resource, watcher));
  }

  /** What somebody with this decision sees of this person. */
  viewOf(resource: string, decision: WatchDecision): View | undefined {
    return this.#views.of(resource, decision);
  }

  /** Everything that is known of a person, as one document. */
  document(resource: string): PresenceDocument {
    const held = this.#composed.get(resource);
    if (held) return held.document;
    const composed = compose(this.#known(resource));
    this.#composed.set(resource, composed);
    this.#turnAt(resource, composed.changesAt);
    return composed.document;
  }

  #known(resource: string): Known {
    const { events, clock, documents } = this.#settings;
    const published = events.of(resource, PRESENCE).flatMap(({ body, publishedAt }) => {
      const parsed = parsePidf(body);
      return parsed.ok ? [{ document: parsed.value, at: publishedAt }] : [];
    });
    const registeredSince = this.#registeredSince.get(resource);
    const lost = this.#lost.get(resource);
    const lasting = documents.lastingOf(resource);
    return {
      entity: resource,
      published,
      now: clock.now(),
      ...(registeredSince !== undefined && { registeredSince }),
      ...(lost && { lostAt: lost.at }),
      ...(lasting && { lasting }),
    };
  }

  /** The sphere is judged by everything that the person says, before any rule. */
  #sphereOf(resource: string): string | undefined {
    if (!this.#spheres.has(resource)) this.#spheres.set(resource, sphereOf(this.document(resource)));
    return this.#spheres.get(resource);
  }

  /** The bindings of a person changed; watchers hear of it where it changes what they see. */
  located(aor: string, change: BindingChange): void {
    if (change.kind === "registered") this.#waitForPublication(aor);
    else this.#bindingEnded(aor, change);
  }

  /** What is known of a person changed. Watchers hear of all that changes in the same moment at once. */
  presenceChanged(aor: string): void {
    this.#forget(aor);
    this.#dirty.add(aor);
    if (this.#telling) this.#flushSoon();
  }

  #flushSoon(): void {
    this.#flush ??= this.#settings.clock.after(0, () => {
      this.#flush = undefined;
      const changed = [...this.#dirty];
      this.#dirty.clear();
      for (const resource of changed) this.#judgeSphere(resource);
      this.#settings.changed(changed);
    });
  }

  /** Rules changed: every watcher of this person is judged anew, at once. */
  rulesChanged(aor: string): void {
    this.#ruleTurns.get(aor)?.cancel();
    this.#ruleTurns.delete(aor);
    this.#views.forget(aor);
    this.#settings.judged(aor);
  }

  close(): void {
    this.#flush?.cancel();
    for (const { timer } of this.#lost.values()) timer.cancel();
    for (const timers of [this.#graces, this.#turns, this.#ruleTurns])
      for (const timer of timers.values()) timer.cancel();
  }

  #forget(aor: string): void {
    this.#views.forget(aor);
    this.#composed.delete(aor);
    this.#turns.get(aor)?.cancel();
    this.#turns.delete(aor);
  }

  /** Something in the document begins or ends by the clock: it is made anew then, as long as anybody looked. */
  #turnAt(aor: string, time: number | undefined): void {
    this.#turns.get(aor)?.cancel();
    this.#turns.delete(aor);
    if (time === undefined) return;
    const { clock } = this.#settings;
    this.#turns.set(
      aor,
      clock.after(Math.max(time - clock.now(), 0), () => this.presenceChanged(aor)),
    );
  }

  #judgeAgainAt(aor: string, time: number | undefined): void {
    if (time === undefined || this.#ruleTurns.has(aor)) return;
    const { clock } = this.#settings;
    this.#ruleTurns.set(
      aor,
      clock.after(Math.max(time - clock.now(), 0), () => this.rulesChanged(aor)),
    );
  }

  #judgeSphere(aor: string): void {
    if (!this.#spheres.has(aor)) return;
    const before = this.#spheres.get(aor);
    this.#spheres.delete(aor);
    if (this.#sphereOf(aor) !== before) this.rulesChanged(aor);
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
