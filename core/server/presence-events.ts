/** The event package `presence` (RFC 3856): every watcher of one person is told what they may see, when it is news. */
import type { PresenceDocument } from "../payload/pidf.ts";
import { PIDF_TYPE } from "../payload/pidf.ts";
import { formatPidfDiff, formatPidfFull, PIDF_DIFF_TYPE } from "../payload/pidf-diff.ts";
import type { Additions, Notifier, NotifyBody, Subscription } from "../sip/event/notifier.ts";
import type { SipRequest } from "../sip/message/message.ts";
import type { Clock } from "../platform/clock.ts";
import type { WaitingTable } from "../store/store.ts";
import type { Admission, EventPackage } from "./event-packages.ts";
import { ListEvents } from "./list-events.ts";
import type { Pace } from "./pacing.ts";
import { paceOf, paceParams, Pacing } from "./pacing.ts";
import type { PresenceAgent } from "./presence-agent.ts";
import { PRESENCE } from "./presence-agent.ts";

export interface PresenceEventSettings {
  readonly clock: Clock;
  readonly presence: PresenceAgent;
  readonly notifier: Notifier;
  readonly waiting: WaitingTable;
  /** Who watches this person, or how, is not what it was. */
  watchersChanged(resource: string): void;
}

/** What a watcher was told last. */
interface Told {
  /** Empty for a NOTIFY without a document. */
  readonly etag: string;
  readonly document?: PresenceDocument;
}

/** What is kept of a SUBSCRIBE besides the subscription itself. */
interface Wishes {
  readonly pace: Pace;
  /** Whether changes alone will do (RFC 5263). */
  readonly diff: boolean;
}

export class PresenceEvents implements EventPackage {
  readonly #settings: PresenceEventSettings;
  readonly #pacing: Pacing;
  readonly #told = new Map<string, Told>();

  constructor(settings: PresenceEventSettings) {
    this.#settings = settings;
    this.#pacing = new Pacing(settings.clock, (id) => settings.notifier.notify(id));
  }

  admit(_event: string, resource: string, watcher: string, request: SipRequest): Admission {
    const decision = this.#settings.presence.decide(resource, watcher);
    if (decision.kind === "block") return { status: 403 };
    const detail = detailOf(request);
    return { state: decision.kind === "ask" ? "pending" : "active", ...(detail !== undefined && { detail }) };
  }

  subscribed({ resource, watcher }: Subscription): void {
    this.#settings.waiting.remove(resource, watcher);
    this.#settings.watchersChanged(resource);
  }

  /**
   * After a start nobody knows what each watcher was told last. Those who may see nothing were told what they would be
   * told now; they must not hear that something happened.
   */
  restore(): void {
    const { notifier, presence } = this.#settings;
    for (const subscription of notifier.list({ event: PRESENCE })) {
      const { id, resource, watcher, state } = subscription;
      const hidden = state === "pending" || presence.decide(resource, watcher).kind === "appear-offline";
      if (hidden && !ListEvents.isList(subscription)) this.#told.set(id, { etag: this.#etagOf(subscription) });
    }
  }

  refreshed({ id }: Subscription, request: SipRequest): string {
    const told = this.#told.get(id);
    if (told) this.#told.set(id, { etag: told.etag });
    return detailOf(request) ?? "";
  }

  /** RFC 5839 §5.2: whoever has this state already needs no NOTIFY. */
  isKnown(subscription: Subscription, etag: string): boolean {
    return etag === "*" || etag === this.#etagOf(subscription);
  }

  /** A question that was not answered is kept (RFC 3857 §4.7.1, state waiting). */
  ended({ id, resource, watcher, state, since }: Subscription): void {
    this.#told.delete(id);
    this.#pacing.forget(id);
    if (state === "pending") this.#settings.waiting.put({ resource, watcher, since });
    this.#settings.watchersChanged(resource);
  }

  render(subscription: Subscription): NotifyBody | undefined {
    const { id, resource, watcher, state, dialog } = subscription;
    const { pace, diff } = wishesOf(subscription);
    this.#pacing.told(id, pace);
    const view = state === "pending" ? undefined : this.#settings.presence.seenBy(resource, watcher);
    const before = this.#told.get(id)?.document;
    this.#told.set(id, { etag: this.#etagOf(subscription), ...(view && diff && { document: view.document }) });
    if (!view) return undefined;
    if (!diff) return { contentType: PIDF_TYPE, body: view.body };
    const version = dialog.localSequence + 1;
    const changes = before && formatPidfDiff(before, view.document, version);
    return { contentType: PIDF_DIFF_TYPE, body: changes ?? formatPidfFull(view.document, version) };
  }

  /** The rates in force, and the name of the state, by which a watcher can ask not to be told it again. */
  additions(subscription: Subscription): Additions {
    const etag = this.#etagOf(subscription);
    return { headers: [["SIP-ETag", etag]], stateParams: paceParams(wishesOf(subscription).pace) };
  }

  /**
   * People changed. Only watchers who see a difference are told: a NOTIFY that says nothing new would tell somebody who
   * may see nothing that there is something to see.
   */
  changed(resources: readonly string[]): void {
    for (const resource of resources)
      for (const subscription of this.#watching(resource)) if (this.#isNews(subscription)) this.#tell(subscription);
  }

  /** The rules of a person changed: every watcher is judged anew. */
  judged(resource: string): void {
    const { presence, notifier, waiting } = this.#settings;
    for (const subscription of this.#watching(resource)) {
      const decision = presence.decide(resource, subscription.watcher);
      if (decision.kind === "block") notifier.terminate(subscription.id, "rejected");
      else {
        const state = decision.kind === "ask" ? "pending" : "active";
        // A new state of the subscription is told at any pace (RFC 6446 §4.3).
        if (state !== subscription.state) notifier.notify(subscription.id, state);
        else if (this.#isNews(subscription)) this.#tell(subscription);
      }
    }
    for (const { watcher } of waiting.of(resource))
      if (presence.decide(resource, watcher).kind !== "ask") waiting.remove(resource, watcher);
    this.#settings.watchersChanged(resource);
  }

  close(): void {
    this.#pacing.close();
  }

  #watching(resource: string): readonly Subscription[] {
    const all = this.#settings.notifier.list({ resource, event: PRESENCE });
    return all.filter((subscription) => !ListEvents.isList(subscription));
  }

  #tell(subscription: Subscription): void {
    this.#pacing.news(subscription.id, () => this.#isNews(subscription));
  }

  #isNews(subscription: Subscription): boolean {
    return this.#etagOf(subscription) !== this.#told.get(subscription.id)?.etag;
  }

  #etagOf({ resource, watcher, state }: Subscription): string {
    return (state === "pending" ? undefined : this.#settings.presence.seenBy(resource, watcher)?.etag) ?? "none";
  }
}

/** What the SUBSCRIBE wishes beyond the ordinary; nothing where there is nothing. */
function detailOf(request: SipRequest): string | undefined {
  const pace = paceOf(request);
  const accepted = request.headers.values("accept").map((value) => value.split(";")[0]?.trim().toLowerCase());
  const wishes: Wishes = { pace, diff: accepted.includes(PIDF_DIFF_TYPE) };
  return wishes.diff || Object.keys(pace).length > 0 ? JSON.stringify(wishes) : undefined;
}

function wishesOf({ detail }: Subscription): Wishes {
  return detail === undefined || detail === "" ? { pace: {}, diff: false } : (JSON.parse(detail) as Wishes);
}
