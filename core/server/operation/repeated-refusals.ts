/**
 * Subscribers that are refused and ask again in the same moment, for ever. Their refusal is kept in a small table: what
 * comes again is answered from there, later and later, and costs nothing.
 */
import { event, from, topVia } from "../../sip/message/fields.ts";
import type { SipRequest } from "../../sip/message/message.ts";

/** Refusals that are kept; the oldest is forgotten first. */
export const MAX_REFUSALS = 2_000;
/** Milliseconds for which a refusal is kept. Then the next request is looked at again: things change. */
export const REFUSAL_KEPT = 30_000;
/** Repetitions that are looked at before the table answers. */
export const FREE_REPETITIONS = 3;
/** Milliseconds before the first answer out of the table; each one after it waits twice as long. */
export const FIRST_WAIT = 250;
export const LONGEST_WAIT = 8_000;

/** Statuses that say the same at the next try, unless somebody changes something. */
const LASTING: ReadonlySet<number> = new Set([403, 404, 405, 416, 420, 489]);

export interface KeptAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Milliseconds to wait before it is given; undefined when one is waiting already and this one is given at once. */
  readonly wait: number | undefined;
}

interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly since: number;
  repetitions: number;
  /** The branch of the request whose answer waits. */
  waiting: string | undefined;
}

export class RepeatedRefusals {
  readonly #kept = new Map<string, Refusal>();

  get size(): number {
    return this.#kept.size;
  }

  /**
   * The answer for a request that was refused before and came again too often; `waits` when it is a retransmission of the
   * one whose answer waits; undefined when it is to be looked at.
   */
  answerFor(request: SipRequest, source: string, now: number): KeptAnswer | "waits" | undefined {
    if (request.method !== "SUBSCRIBE") return undefined;
    const key = keyOf(request, source);
    const refusal = this.#kept.get(key);
    if (!refusal) return undefined;
    if (now - refusal.since > REFUSAL_KEPT) {
      this.#kept.delete(key);
      return undefined;
    }
    const branch = topVia(request)?.branch ?? "";
    if (refusal.waiting === branch) return "waits";
    refusal.repetitions++;
    if (refusal.repetitions <= FREE_REPETITIONS) return undefined;
    const { status, reason, headers } = refusal;
    const wait = Math.min(FIRST_WAIT * 2 ** Math.min(refusal.repetitions - FREE_REPETITIONS - 1, 10), LONGEST_WAIT);
    const answer = { status, reason, headers: [...headers, ["Retry-After", "60"] as const] };
    if (refusal.waiting !== undefined) return { ...answer, wait: undefined };
    refusal.waiting = branch;
    return { ...answer, wait };
  }

  /** The answer that waited was given: the next one waits in its turn. */
  given(request: SipRequest, source: string): void {
    const refusal = this.#kept.get(keyOf(request, source));
    if (refusal) refusal.waiting = undefined;
  }

  /** Remembers how a request was answered, where that will not change by itself. */
  answered(request: SipRequest, source: string, answer: Omit<KeptAnswer, "wait">, now: number): void {
    if (request.method !== "SUBSCRIBE" || !LASTING.has(answer.status)) return;
    const key = keyOf(request, source);
    if (this.#kept.has(key)) return;
    this.#kept.set(key, { ...answer, since: now, repetitions: 0, waiting: undefined });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_REFUSALS && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** Longest part of a request that a key repeats, in characters. */
const MAX_PART = 200;

function keyOf(request: SipRequest, source: string): string {
  const parts = [source, request.uri, from(request)?.uriText ?? "", event(request)?.name ?? ""];
  return parts.map((part) => part.slice(0, MAX_PART)).join(" ");
}
