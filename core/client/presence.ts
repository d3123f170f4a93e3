/** What is known of others, with its age and source, and what we say of ourselves. */
import type { OwnPresence, Presence, SettableState } from "../bridge/contract.ts";
import type { Clock, Timer } from "../platform/clock.ts";
import { isoTime } from "../platform/clock.ts";
import { formatPidf, parsePidf, PIDF_TYPE } from "../payload/pidf.ts";
import { pidfToState, stateToPidf } from "../payload/presence-state.ts";
import type { ProfileAccount } from "../store/store.ts";
import type { News } from "../user-agent/user-agent.ts";
import type { EventHub } from "./events.ts";

const REASONS = {
  rejected: "This person does not let you see whether they are there.",
  "no-such-resource": "The other side knows no such address. Check the part before the @.",
  "not-supported": "The other side's server does not tell who is there.",
  unreachable: "The other side's server does not answer now. Hallway asks again by itself.",
} as const;

/** Others, as far as their subscriptions tell. */
export class KnownPresence {
  readonly #account: string;
  readonly #clock: Clock;
  readonly #events: EventHub;
  readonly #known = new Map<string, Presence>();

  constructor(account: string, clock: Clock, events: EventHub) {
    this.#account = account;
    this.#clock = clock;
    this.#events = events;
  }

  list(): readonly Presence[] {
    return [...this.#known.values()];
  }

  get(address: string): Presence | undefined {
    return this.#known.get(address);
  }

  forget(address: string): void {
    this.#known.delete(address);
  }

  /** Takes what a subscription brought and says so where it is new. */
  learn(address: string, news: News): void {
    const learned = "meaning" in news ? this.#fromRetry(address, news) : this.#fromNotification(address, news);
    if (!learned) return;
    const old = this.#known.get(address);
    // A state that lasts keeps its beginning; only its own source may move it.
    const since = learned.since ?? (old?.state === learned.state ? old.since : isoTime(this.#clock.now()));
    const presence: Presence = { ...learned, ...(since !== undefined && { since }) };
    this.#known.set(address, presence);
    if (JSON.stringify(old) !== JSON.stringify(presence)) this.#events.emit("presence.changed", presence);
  }

  #fromNotification(address: string, news: Exclude<News, { meaning: unknown }>): Presence | undefined {
    const base = { account: this.#account, address };
    if (news.state === "pending") return { ...base, state: "pending", source: "subscription" };
    if (news.state === "terminated" || news.body.length === 0) return undefined;
    const parsed = news.contentType === PIDF_TYPE ? parsePidf(news.body) : undefined;
    if (!parsed?.ok)
      return {
        ...base,
        state: "unreachable",
        source: "none",
        reason: "The other side sent something that cannot be read.",
      };
    const seen = pidfToState(parsed.value, this.#clock.now());
    const registered = parsed.value.tuples.some(({ id }) => id === "registration");
    return {
      ...base,
      state: seen.state,
      ...(seen.note !== undefined && { note: seen.note }),
      ...(seen.since !== undefined && { since: isoTime(seen.since) }),
      ...(seen.until !== undefined && { until: isoTime(seen.until) }),
      ...(seen.devices && { devices: seen.devices }),
      ...(seen.media && { media: seen.media }),
      source: registered ? "registration" : "published",
    };
  }

  #fromRetry(address: string, { meaning }: Extract<News, { meaning: unknown }>): Presence | undefined {
    if (meaning === "again") return undefined;
    const state = meaning === "no-such-resource" ? "unknown-address" : "unreachable";
    return { account: this.#account, address, state, source: "none", reason: REASONS[meaning] };
  }
}

export interface OwnStateSettings {
  readonly clock: Clock;
  readonly events: EventHub;
  /** Names this device among those of the same person. */
  readonly device: string;
  save(account: ProfileAccount): Promise<void>;
  publish(document: string): void;
}

/** Our own state: kept on disk, published, and taken back when its end has come. */
export class OwnState {
  readonly #settings: OwnStateSettings;
  #account: ProfileAccount;
  #published = false;
  #end: Timer | undefined;

  constructor(settings: OwnStateSettings, account: ProfileAccount) {
    this.#settings = settings;
    this.#account = { since: settings.clock.now(), ...account };
    this.judge();
  }

  /** What is kept of the account, its state included. */
  get record(): ProfileAccount {
    return this.#account;
  }

  get current(): OwnPresence {
    const { account, state, note, until } = this.#account;
    return {
      account,
      state,
      ...(note !== undefined && { note }),
      ...(until !== undefined && { until: isoTime(until) }),
      published: this.#published,
    };
  }

  /**
   * Chooses a state; `until` in milliseconds since 1970 is when it goes back to available. Resolves when it is on disk.
   * The same state with another note goes on: it keeps its beginning.
   */
  async set(state: SettableState, note: string | undefined, until: number | undefined): Promise<void> {
    const { note: _note, until: _until, ...kept } = this.#account;
    const since = kept.state === state ? kept.since : undefined;
    this.#account = {
      ...kept,
      state,
      since: since ?? this.#settings.clock.now(),
      ...(note !== undefined && note !== "" && { note }),
      ...(until !== undefined && { until }),
    };
    await this.#settings.save(this.#account);
    this.judge();
    this.#published = false;
    this.publish();
    this.#tell();
  }

  publish(): void {
    const { account, state, since, note, until } = this.#account;
    const document = stateToPidf({
      entity: `sip:${account}`,
      tupleId: this.#settings.device,
      state,
      ...(since !== undefined && { since }),
      ...(note !== undefined && { note }),
      ...(until !== undefined && { until }),
      contact: { uri: `sip:${account}` },
      media: { message: true, call: false },
    });
    this.#settings.publish(formatPidf(document));
  }

  /** The server's word on whether it holds what we chose. */
  confirm(published: boolean): void {
    if (this.#published === published) return;
    this.#published = published;
    this.#tell();
  }

  close(): void {
    this.#end?.cancel();
  }

  #tell(): void {
    this.#settings.events.emit("presence.own", this.current);
  }

  /** Looks anew at when the state ends: a machine that slept, or whose clock was set, has missed it. */
  judge(): void {
    this.#end?.cancel();
    const { until } = this.#account;
    if (until === undefined) return;
    const left = Math.max(until - this.#settings.clock.now(), 0);
    this.#end = this.#settings.clock.after(left, () => void this.set("available", undefined, undefined));
  }
}
