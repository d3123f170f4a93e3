/** Subscriptions from the side that answers (RFC 6665 §4.2): accepted, notified one NOTIFY at a time, ended. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import { token } from "../../platform/random.ts";
import type { Dialog } from "../dialog/dialog.ts";
import { dialogId, dialogIdOf, dialogOfServer, receiveInDialog, requestInDialog } from "../dialog/dialog.ts";
import { endsUsage } from "../dialog/fate.ts";
import { event } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { responseTo } from "../message/message.ts";
import type { ServerTransaction } from "../transaction/transaction.ts";

/** Local sequence numbers are reserved in blocks of this size, so that a restart never repeats one. */
export const SEQUENCE_BLOCK = 100;

/** Plain data: what is stored of a subscription. */
export interface Subscription {
  /** The dialog's identity. */
  readonly id: string;
  readonly dialog: Dialog;
  readonly event: string;
  readonly eventId?: string;
  /** Who is watched, and who watches: addresses-of-record. */
  readonly resource: string;
  readonly watcher: string;
  readonly state: "active" | "pending";
  /** What the event package keeps with it; nothing is known of it here. */
  readonly detail?: string;
  /** Wall time in milliseconds. */
  readonly expiresAt: number;
  readonly since: number;
  /** Where NOTIFYs go: `transport:address:port` of the first hop, and the flow while it lives. */
  readonly peer: string;
  readonly flow: string;
}

export interface SubscriptionStore {
  save(subscription: Subscription): void;
  remove(id: string): void;
  all(): readonly Subscription[];
}

export interface NotifyBody {
  readonly contentType: string;
  readonly body: string | Buffer;
}

/** What a SUBSCRIBE inside the dialog brings besides its life. */
export interface Refreshment {
  /** Takes the place of what the event package kept. */
  readonly detail?: string | undefined;
  /** The watcher has this state already: 204 and no NOTIFY (RFC 5839 §5.2). */
  readonly known?: boolean;
}

/** What an event package adds to the messages of a subscription. */
export interface Additions {
  /** To 200 and NOTIFY alike, such as Require (RFC 4662 §4.2). */
  readonly headers?: readonly (readonly [string, string])[];
  /** Behind Subscription-State, such as `;max-rate=0.1` (RFC 6446 §9). */
  readonly stateParams?: string;
}

export interface NotifierSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: SubscriptionStore;
  /** Sends a NOTIFY to the subscription's first hop; resolves to the final response if one came. */
  send(request: SipRequest, subscription: Subscription): Promise<SipResponse | undefined>;
  /** Our Contact towards this subscription. */
  contact(subscription: Pick<Subscription, "peer" | "flow" | "resource">): string;
  /** What the watcher is to be told at this moment; nothing for a NOTIFY without a body. */
  render(subscription: Subscription): NotifyBody | undefined;
  additions?(subscription: Subscription): Additions;
  /** The subscription is over; `reason` as in Subscription-State. */
  ended(subscription: Subscription, reason: string): void;
}

/** A subscription as plain data, for people who look. */
export interface SubscriptionReport {
  readonly event: string;
  readonly resource: string;
  readonly watcher: string;
  readonly state: Subscription["state"] | "terminated";
  /** Until it ends unless it is renewed. */
  readonly seconds: number;
}

interface Live {
  subscription: Subscription;
  expiry: Timer | undefined;
  busy: boolean;
  /** Something changed while a NOTIFY was on its way. */
  again: boolean;
  ending: string | undefined;
}

export class Notifier {
  readonly #settings: NotifierSettings;
  readonly #live = new Map<string, Live>();
  /** The same by whom they watch: each change of somebody's state asks for those. */
  readonly #byResource = new Map<string, Set<Live>>();
  #emptied: (() => void) | undefined;

  constructor(settings: NotifierSettings) {
    this.#settings = settings;
  }

  /** Takes up the stored subscriptions after a start. Those that ended meanwhile are dropped in silence. */
  restore(): void {
    const now = this.#settings.clock.now();
    for (const stored of this.#settings.store.all()) {
      if (stored.expiresAt <= now) {
        this.#settings.store.remove(stored.id);
        continue;
      }
      // Numbers up to the stored ceiling may have been used: go on behind it.
      const sequence = ceiling(stored.dialog.localSequence);
      const live = this.#hold({ ...stored, dialog: { ...stored.dialog, localSequence: sequence } });
      this.#settings.store.save(live.subscription);
    }
  }

  /** The subscription that a request inside a dialog belongs to. */
  find(request: SipRequest): Subscription | undefined {
    const found = this.#live.get(dialogIdOf(request))?.subscription;
    const package_ = event(request);
    return found?.event === package_?.name && found?.eventId === package_?.id ? found : undefined;
  }

  list(filter: Partial<Pick<Subscription, "resource" | "event" | "watcher">>): readonly Subscription[] {
    const found: Subscription[] = [];
    const among = filter.resource === undefined ? this.#live.values() : (this.#byResource.get(filter.resource) ?? []);
    for (const { subscription, ending } of among) {
      if (ending !== undefined) continue;
      if (filter.event !== undefined && subscription.event !== filter.event) continue;
      if (filter.watcher !== undefined && subscription.watcher !== filter.watcher) continue;
      found.push(subscription);
    }
    return found;
  }

  get count(): number {
    return this.#live.size;
  }

  /** Live subscriptions for people who look, `most` at the most. */
  inspect(most: number): readonly SubscriptionReport[] {
    const now = this.#settings.clock.now();
    const found: SubscriptionReport[] = [];
    for (const { subscription, ending } of this.#live.values()) {
      if (found.length >= most) break;
      const { event: name, resource, watcher, state, expiresAt } = subscription;
      const seconds = Math.max(Math.ceil((expiresAt - now) / 1_000), 0);
      found.push({ event: name, resource, watcher, state: ending === undefined ? state : "terminated", seconds });
    }
    return found;
  }

  /**
   * Accepts a first SUBSCRIBE with 200 and notifies at once. `seconds` 0 is a poll: one NOTIFY, then the end.
   * Undefined when the request has no usable Contact; then nothing was answered.
   */
  accept(
    transaction: ServerTransaction,
    who: Pick<Subscription, "resource" | "watcher" | "state" | "detail">,
    seconds: number,
  ): Subscription | undefined {
    const { request, flow } = transaction;
    const localTag = token(this.#settings.random);
    const dialog = dialogOfServer(request, localTag);
    const package_ = event(request);
    if (!dialog || !package_) return undefined;
    const now = this.#settings.clock.now();
    const subscription: Subscription = {
      ...who,
      id: dialogId(dialog),
      dialog,
      event: package_.name,
      ...(package_.id !== undefined && { eventId: package_.id }),
      expiresAt: now + seconds * 1_000,
      since: now,
      peer: `${flow.transport}:${flow.remote.address}:${flow.remote.port}`,
      flow: flow.id,
    };
    const live = this.#hold(subscription);
    if (seconds > 0) this.#settings.store.save(stored(subscription));
    this.#answer(transaction, subscription, seconds);
    if (seconds > 0) this.#notify(live);
    else this.#end(live, "timeout");
    return subscription;
  }

  /** A SUBSCRIBE inside the dialog: renews, or ends when `seconds` is 0. Followed by a NOTIFY unless its state is known. */
  refresh(
    transaction: ServerTransaction,
    id: string,
    seconds: number,
    { detail, known = false }: Refreshment = {},
  ): void {
    const live = this.#live.get(id);
    if (!live || live.ending !== undefined) {
      transaction.respond(responseTo(transaction.request, 481));
      return;
    }
    const dialog = receiveInDialog(live.subscription.dialog, transaction.request);
    if (!dialog) {
      transaction.respond(responseTo(transaction.request, 500, { reason: "Out Of Order" }));
      return;
    }
    const { flow } = transaction;
    const expiresAt = this.#settings.clock.now() + seconds * 1_000;
    const peer = `${flow.transport}:${flow.remote.address}:${flow.remote.port}`;
    const kept = detail === undefined ? {} : { detail };
    this.#change(live, { ...live.subscription, ...kept, dialog, expiresAt, peer, flow: flow.id });
    const silent = known && seconds > 0;
    this.#answer(transaction, live.subscription, seconds, silent ? 204 : 200);
    if (seconds === 0) this.#end(live, "timeout");
    else if (!silent) this.#notify(live);
  }

  /** Tells the watcher what is true now. Changes during a NOTIFY are told by the next one, together. */
  notify(id: string, state?: Subscription["state"]): void {
    const live = this.#live.get(id);
    if (!live || live.ending !== undefined) return;
    if (state !== undefined && state !== live.subscription.state) this.#change(live, { ...live.subscription, state });
    this.#notify(live);
  }

  /** Ends a subscription from our side with a last NOTIFY. */
  terminate(id: string, reason: string): void {
    const live = this.#live.get(id);
    if (live) this.#end(live, reason);
  }

  /** Ends all subscriptions with a last NOTIFY; resolves when each was answered or given up. */
  async endAll(reason: string): Promise<void> {
    for (const live of [...this.#live.values()]) this.#end(live, reason);
    if (this.#live.size > 0) await new Promise<void>((resolve) => void (this.#emptied = resolve));
  }

  /** Ends without a NOTIFY all that came over a flow that is gone. */
  flowLost(flow: string): void {
    for (const live of [...this.#live.values()]) if (live.subscription.flow === flow) this.#drop(live, "noresource");
  }

  /** Stops all timers; stored subscriptions stay for the next start. */
  close(): void {
    for (const live of this.#live.values()) live.expiry?.cancel();
    this.#live.clear();
    this.#byResource.clear();
  }

  #hold(subscription: Subscription): Live {
    const live: Live = { subscription, expiry: undefined, busy: false, again: false, ending: undefined };
    // The same dialog once more, as after a repeated start: the old one is no longer found.
    const old = this.#live.get(subscription.id);
    if (old) this.#unlist(old);
    this.#live.set(subscription.id, live);
    const others = this.#byResource.get(subscription.resource);
    if (others) others.add(live);
    else this.#byResource.set(subscription.resource, new Set([live]));
    this.#watchExpiry(live);
    return live;
  }

  #watchExpiry(live: Live): void {
    live.expiry?.cancel();
    const left = live.subscription.expiresAt - this.#settings.clock.now();
    live.expiry = this.#settings.clock.after(Math.max(left, 0), () => this.#end(live, "timeout"));
  }

  #change(live: Live, subscription: Subscription): void {
    live.subscription = subscription;
    this.#settings.store.save(stored(subscription));
    this.#watchExpiry(live);
  }

  #answer(transaction: ServerTransaction, subscription: Subscription, seconds: number, status = 200): void {
    const response = responseTo(transaction.request, status, {
      toTag: subscription.dialog.localTag,
      copyRecordRoute: true,
      headers: [
        ["Contact", `<${this.#settings.contact(subscription)}>`],
        ["Expires", String(seconds)],
        ...(this.#settings.additions?.(subscription).headers ?? []),
      ],
    });
    transaction.respond(response);
  }

  #end(live: Live, reason: string): void {
    if (live.ending !== undefined) return;
    live.ending = reason;
    live.expiry?.cancel();
    this.#settings.store.remove(live.subscription.id);
    this.#notify(live);
  }

  #drop(live: Live, reason: string): void {
    live.expiry?.cancel();
    const { id } = live.subscription;
    if (this.#live.get(id) !== live) return;
    this.#live.delete(id);
    this.#unlist(live);
    this.#settings.store.remove(id);
    this.#settings.ended(live.subscription, live.ending ?? reason);
    if (this.#live.size === 0) this.#emptied?.();
  }

  #unlist(live: Live): void {
    const { resource } = live.subscription;
    const others = this.#byResource.get(resource);
    others?.delete(live);
    if (others?.size === 0) this.#byResource.delete(resource);
  }

  #notify(live: Live): void {
    if (live.busy) live.again = true;
    else void this.#send(live);
  }

  async #send(live: Live): Promise<void> {
    live.busy = true;
    live.again = false;
    const last = live.ending !== undefined;
    const request = this.#build(live);
    const response = await this.#settings.send(request, live.subscription);
    live.busy = false;
    // Dropped or closed while we waited: there is nobody left to tell.
    if (this.#live.get(live.subscription.id) !== live) return;
    // RFC 6665 §4.2.2: silence ends the subscription, and so do answers that say that it is not there.
    const failed = !response || response.status === 408 || endsUsage(response.status);
    if (last || failed) {
      if (!last) this.#settings.log.info("A watcher is gone.", { status: response?.status });
      this.#drop(live, "noresource");
    } else if (live.again) {
      void this.#send(live);
    }
  }

  #build(live: Live): SipRequest {
    const { subscription } = live;
    const rendered = this.#settings.render(subscription);
    const left = Math.max(Math.ceil((subscription.expiresAt - this.#settings.clock.now()) / 1_000), 0);
    const state =
      live.ending === undefined ? `${subscription.state};expires=${left}` : `terminated;reason=${live.ending}`;
    const additions = this.#settings.additions?.(subscription);
    const id = subscription.eventId === undefined ? "" : `;id=${subscription.eventId}`;
    const [dialog, request] = requestInDialog(
      subscription.dialog,
      "NOTIFY",
      [
        ["Contact", `<${this.#settings.contact(subscription)}>`],
        ["Event", subscription.event + id],
        ["Subscription-State", state + (additions?.stateParams ?? "")],
        ...(additions?.headers ?? []),
        ...(rendered ? [["Content-Type", rendered.contentType] as const] : []),
      ],
      rendered?.body,
    );
    const crossed = ceiling(dialog.localSequence) !== ceiling(subscription.dialog.localSequence);
    live.subscription = { ...subscription, dialog };
    if (crossed && live.ending === undefined) this.#settings.store.save(stored(live.subscription));
    return request;
  }
}

function ceiling(sequence: number): number {
  return Math.ceil((sequence + 1) / SEQUENCE_BLOCK) * SEQUENCE_BLOCK;
}

/** What is written to disk names the ceiling of the numbers in use, not the number itself. */
function stored(subscription: Subscription): Subscription {
  const { dialog } = subscription;
  return { ...subscription, dialog: { ...dialog, localSequence: ceiling(dialog.localSequence) - 1 } };
}
