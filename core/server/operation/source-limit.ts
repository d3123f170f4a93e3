/** How many requests one source may send: a bucket of tokens for each, of which only a bounded number is remembered. */
import { isIPv6 } from "node:net";

/** Sources that are remembered. The one heard least recently is forgotten first, and begins anew with a full bucket. */
export const MAX_SOURCES = 10_000;

export interface Rate {
  /** Requests a second that are served for good. */
  readonly perSecond: number;
  /** Requests that are served at once after a pause. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

export class SourceLimit {
  readonly #buckets = new Map<string, Bucket>();

  /** Sources that are remembered now. */
  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Takes one request of this address into account. 0 when it is served, else the whole seconds after which the source
   * may come again. `now` is monotonic milliseconds.
   */
  take(address: string, rate: Rate, now: number): number {
    const source = sourceOf(address);
    const bucket = this.#buckets.get(source) ?? { tokens: rate.burst, at: now };
    this.#buckets.delete(source);
    this.#buckets.set(source, bucket);
    if (this.#buckets.size > MAX_SOURCES) this.#forgetOldest();
    bucket.tokens = Math.min(bucket.tokens + ((now - bucket.at) / 1_000) * rate.perSecond, rate.burst);
    bucket.at = now;
    if (bucket.tokens >= 1) {
      bucket.tokens--;
      return 0;
    }
    return Math.max(Math.ceil((1 - bucket.tokens) / rate.perSecond), 1);
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** Who has one IPv6 address has the other 2^64 of its network too (RFC 6177). */
export function sourceOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const given = groups(head);
  const missing = tail === undefined ? 0 : 8 - given.length - groups(tail).length;
  const all = [...given, ...Array.from({ length: Math.max(missing, 0) }, () => "0"), ...groups(tail ?? "")];
  return `${all.slice(0, 4).map(plainGroup).join(":")}::/64`;
}

function plainGroup(group: string): string {
  return Number.parseInt(group, 16).toString(16);
}
