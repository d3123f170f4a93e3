/** Nonces that need no memory until they are used well, and a bounded memory against replays (RFC 7616 §5.4). */
import type { Clock } from "../platform/clock.ts";
import { keyedHash } from "../platform/hash.ts";
import type { Random } from "../platform/random.ts";
import { sameDigest } from "../sip/digest.ts";

/** Milliseconds after which a nonce is stale. */
export const NONCE_LIFE = 5 * 60_000;
/** Nonces whose use is remembered; the oldest make room and are stale from then on. */
export const NONCES_REMEMBERED = 20_000;
/** Requests may overtake each other by this many counts. */
export const COUNT_WINDOW = 30;

interface Use {
  readonly issuedAt: number;
  highest: number;
  /** Bit i: the count `highest - i` was seen. */
  seen: number;
}

export class Nonces {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #key: Buffer;
  readonly #used = new Map<string, Use>();
  #forgottenUntil = -1;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    // A key of this process: after a restart every older nonce is stale, as the memory of replays is gone too.
    this.#key = random.bytes(32);
  }

  make(): string {
    const issued = Math.floor(this.#clock.monotonic()).toString(16).padStart(12, "0");
    const body = issued + this.#random.bytes(6).toString("hex");
    return body + this.#sign(body);
  }

  /** Whether a nonce may be used with this count: `fresh` once each, `stale` when a new one is to be asked for. */
  use(nonce: string, count: number | undefined): "fresh" | "stale" {
    const issuedAt = this.#issued(nonce);
    if (issuedAt === undefined || this.#clock.monotonic() - issuedAt > NONCE_LIFE) return "stale";
    const known = this.#used.get(nonce);
    if (!known) {
      if (issuedAt <= this.#forgottenUntil) return "stale";
      this.#remember(nonce, { issuedAt, highest: count ?? 0, seen: 1 });
      return "fresh";
    }
    // Old phones answer without a count; they cannot be told from a replay, so they get one use for each nonce.
    return count !== undefined && mark(known, count) ? "fresh" : "stale";
  }

  #issued(nonce: string): number | undefined {
    const body = nonce.slice(0, 24);
    if (!/^[0-9a-f]{24}$/.test(body) || !sameDigest(this.#sign(body), nonce.slice(24))) return undefined;
    return Number.parseInt(body.slice(0, 12), 16);
  }

  #sign(body: string): string {
    return keyedHash(this.#key, body).slice(0, 32);
  }

  #remember(nonce: string, use: Use): void {
    this.#used.set(nonce, use);
    for (const [oldest, { issuedAt }] of this.#used) {
      const expired = this.#clock.monotonic() - issuedAt > NONCE_LIFE;
      if (!expired && this.#used.size <= NONCES_REMEMBERED) break;
      this.#used.delete(oldest);
      this.#forgottenUntil = Math.max(this.#forgottenUntil, issuedAt);
    }
  }
}

function mark(use: Use, count: number): boolean {
  if (count > use.highest) {
    const shift = count - use.highest;
    use.seen = shift > COUNT_WINDOW ? 1 : ((use.seen << shift) | 1) & 0x7fffffff;
    use.highest = count;
    return true;
  }
  const bit = use.highest - count;
  if (bit > COUNT_WINDOW || (use.seen & (1 << bit)) !== 0) return false;
  use.seen |= 1 << bit;
  return true;
}
