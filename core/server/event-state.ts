/** Publications (RFC 3903): the event state compositor's memory, by entity tag. */
import type { Clock, Timer } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import type { GatewayStore, PublicationRecord } from "../store/store.ts";

/** Shortest and longest life of a publication in seconds. */
export const MIN_PUBLICATION = 30;
export const MAX_PUBLICATION = 3_600;
/** Publications that one person may hold at once: more than any set of devices needs. */
export const MAX_PUBLICATIONS = 20;

/** A PUBLISH as far as the compositor cares. */
export interface Publish {
  readonly aor: string;
  readonly event: string;
  readonly ifMatch?: string;
  readonly seconds: number;
  readonly contentType?: string;
  readonly body: string;
  readonly flow: string;
}

export type PublishAnswer =
  | { readonly status: 200; readonly etag: string; readonly seconds: number }
  | { readonly status: 400 | 412 | 413 | 423; readonly reason?: string };

export interface EventStateSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: GatewayStore;
  /** The publications of a person are not what they were. */
  changed(aor: string, event: string): void;
}

export class EventState {
  readonly #settings: EventStateSettings;
  readonly #publications = new Map<string, PublicationRecord>();
  readonly #byPerson = new Map<string, Set<PublicationRecord>>();
  /** Entity tags that a PUBLISH is replacing at this moment. */
  readonly #replacing = new Set<string>();
  #closed = false;
  readonly #timers = new Map<string, Timer>();

  constructor(settings: EventStateSettings) {
    this.#settings = settings;
  }

  restore(): void {
    for (const publication of this.#settings.store.publications.all()) this.#hold(publication);
  }

  /** Publications of a person, oldest first; a refresh makes none younger. */
  of(aor: string, event: string): readonly PublicationRecord[] {
    return this.#ofPerson(aor)
      .filter((one) => one.event === event)
      .sort((one, other) => one.publishedAt - other.publishedAt);
  }

  /** Publications of all people. */
  get count(): number {
    return this.#publications.size;
  }

  /** Performs a PUBLISH; what it says is on disk when this resolves (RFC 3903 §6). */
  async publish(request: Publish): Promise<PublishAnswer> {
    const old = request.ifMatch === undefined ? undefined : this.#publications.get(request.ifMatch);
    const stale = old?.aor !== request.aor || old.event !== request.event || this.#replacing.has(old.etag);
    if (request.ifMatch !== undefined && stale) return { status: 412 };
    if (request.seconds === 0 && old) return this.#withdraw(old);
    if (request.seconds === 0) return { status: 400, reason: "Nothing to remove: SIP-If-Match is missing" };
    if (request.seconds < MIN_PUBLICATION) return { status: 423 };
    if (!old && request.contentType === undefined) return { status: 400, reason: "A first PUBLISH needs a body" };
    if (!old && this.of(request.aor, request.event).length >= MAX_PUBLICATIONS)
      return { status: 413, reason: "Too many publications" };
    if (!old) return this.#keep(request, undefined);
    this.#replacing.add(old.etag);
    return this.#keep(request, old).finally(() => this.#replacing.delete(old.etag));
  }

  /** Ends publications that came over a flow that is gone. */
  flowLost(aor: string, flow: string): void {
    for (const publication of this.#ofPerson(aor)) if (publication.flow === flow) this.#drop(publication);
  }

  /** Ends all publications of a person who is no longer here. */
  removeAll(aor: string): void {
    for (const publication of this.#ofPerson(aor)) this.#drop(publication);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #ofPerson(aor: string): PublicationRecord[] {
    return [...(this.#byPerson.get(aor) ?? [])];
  }

  async #keep(request: Publish, old: PublicationRecord | undefined): Promise<PublishAnswer> {
    const now = this.#settings.clock.now();
    const seconds = Math.min(request.seconds, MAX_PUBLICATION);
    const refresh = request.contentType === undefined;
    const publication: PublicationRecord = {
      etag: token(this.#settings.random),
      aor: request.aor,
      event: request.event,
      contentType: request.contentType ?? old?.contentType ?? "",
      body: refresh ? (old?.body ?? "") : request.body,
      // A refresh tells nothing new: the state keeps its age.
      publishedAt: refresh ? (old?.publishedAt ?? now) : now,
      expiresAt: now + seconds * 1_000,
      flow: request.flow,
    };
    await this.#settings.store.durably(() => {
      if (old) this.#settings.store.publications.remove(old.etag);
      this.#settings.store.publications.put(publication);
    });
    if (old) this.#forget(old);
    if (!this.#closed) this.#hold(publication);
    if (!refresh) this.#settings.changed(request.aor, request.event);
    return { status: 200, etag: publication.etag, seconds };
  }

  async #withdraw(old: PublicationRecord): Promise<PublishAnswer> {
    await this.#settings.store.durably(() => this.#settings.store.publications.remove(old.etag));
    this.#forget(old);
    this.#settings.changed(old.aor, old.event);
    return { status: 200, etag: old.etag, seconds: 0 };
  }

  #hold(publication: PublicationRecord): void {
    this.#publications.set(publication.etag, publication);
    const persons = this.#byPerson.get(publication.aor) ?? new Set();
    this.#byPerson.set(publication.aor, persons.add(publication));
    const left = Math.max(publication.expiresAt - this.#settings.clock.now(), 0);
    this.#timers.set(
      publication.etag,
      this.#settings.clock.after(left, () => this.#drop(publication)),
    );
  }

  #forget(publication: PublicationRecord): void {
    this.#publications.delete(publication.etag);
    const persons = this.#byPerson.get(publication.aor);
    persons?.delete(publication);
    if (persons?.size === 0) this.#byPerson.delete(publication.aor);
    this.#timers.get(publication.etag)?.cancel();
    this.#timers.delete(publication.etag);
  }

  #drop(publication: PublicationRecord): void {
    if (!this.#publications.has(publication.etag)) return;
    this.#forget(publication);
    this.#settings.store.publications.remove(publication.etag);
    this.#settings.changed(publication.aor, publication.event);
  }
}
