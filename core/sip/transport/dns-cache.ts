/** What DNS said lately: kept as long as it may be, asked once however many want to know. */
import type { Clock } from "../../platform/clock.ts";
import type { Dns, DnsSource, NaptrRecord, SrvRecord, TimedAddresses } from "./dns.ts";

/** Answers that are kept; beyond that the oldest is dropped. */
export const MAX_DNS_ENTRIES = 1_000;
/** Milliseconds for which an answer is kept of which nobody knows how long it lives. */
export const DNS_LIFE = 60_000;
/** The longest for which any answer is kept: a mistake in a zone must not last for days. */
export const MAX_DNS_LIFE = 3_600_000;
/** Milliseconds for which it is believed that something does not exist. */
export const DNS_NEGATIVE_LIFE = 10_000;
/** Milliseconds in which nobody is asked again after a failure. */
export const DNS_FAILURE_LIFE = 2_000;

/** One kept answer, as plain data. */
export interface DnsEntry {
  readonly kind: Kind;
  readonly name: string;
  /** How many records; absent when nobody answered. */
  readonly records?: number;
  /** Milliseconds for which it is still kept. */
  readonly left: number;
}

type Kind = "naptr" | "srv" | "addresses";

interface Kept {
  readonly kind: Kind;
  readonly name: string;
  readonly answer: Promise<readonly unknown[]>;
  readonly records?: number;
  readonly life: number;
  readonly monotonic: number;
  readonly wall: number;
}

interface Answer<T> {
  readonly records: readonly T[];
  readonly seconds?: number;
}

export class CachedDns implements Dns {
  readonly #source: DnsSource;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<readonly unknown[]>>();

  constructor(source: DnsSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  naptr(name: string): Promise<readonly NaptrRecord[]> {
    return this.#ask("naptr", name, async () => ({ records: await this.#source.naptr(name) }));
  }

  srv(name: string): Promise<readonly SrvRecord[]> {
    return this.#ask("srv", name, async () => ({ records: await this.#source.srv(name) }));
  }

  addresses(name: string): Promise<readonly string[]> {
    return this.#ask("addresses", name, async () => timed(await this.#source.addresses(name)));
  }

  inspect(): readonly DnsEntry[] {
    return [...this.#kept.values()].flatMap((kept) => {
      const left = this.#left(kept);
      const { kind, name, records } = kept;
      return left > 0 ? [{ kind, name, ...(records !== undefined && { records }), left }] : [];
    });
  }

  #ask<T>(kind: Kind, name: string, look: () => Promise<Answer<T>>): Promise<readonly T[]> {
    const key = `${kind} ${name.toLowerCase()}`;
    const kept = this.#kept.get(key);
    // Each kind has its own keys, so what is found is of this kind.
    if (kept && this.#left(kept) > 0) return kept.answer as Promise<readonly T[]>;
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay as Promise<readonly T[]>;
    const keep = (answer: Promise<readonly T[]>, life: number, records?: number): void => {
      this.#underWay.delete(key);
      this.#keep(key, { kind, name, answer, life, ...(records !== undefined && { records }), ...this.#now() });
    };
    const asking = look().then(
      ({ records, seconds }) => {
        keep(Promise.resolve(records), lifeOf(records.length, seconds), records.length);
        return records;
      },
      (error: unknown) => {
        keep(asking, DNS_FAILURE_LIFE);
        throw error;
      },
    );
    this.#underWay.set(key, asking);
    return asking;
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    if (kept.life <= 0) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= MAX_DNS_ENTRIES) this.#kept.delete(oldest);
    this.#kept.set(key, kept);
  }

  #now(): { readonly monotonic: number; readonly wall: number } {
    return { monotonic: this.#clock.monotonic(), wall: this.#clock.now() };
  }

  /** By the clock that went further: the one stands still while the machine sleeps, the other may be set back. */
  #left({ life, monotonic, wall }: Kept): number {
    const now = this.#now();
    return life - Math.max(now.monotonic - monotonic, now.wall - wall);
  }
}

function timed({ addresses, seconds }: TimedAddresses): Answer<string> {
  return { records: addresses, ...(seconds !== undefined && { seconds }) };
}

function lifeOf(count: number, seconds: number | undefined): number {
  if (count === 0) return DNS_NEGATIVE_LIFE;
  return seconds === undefined ? DNS_LIFE : Math.min(seconds * 1_000, MAX_DNS_LIFE);
}
