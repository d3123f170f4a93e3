/** Who may change a session now, when both sides may want to at once (RFC 3261 §14). Pure. */
import type { Random } from "../../platform/random.ts";

/** INVITEs inside the session that have no final answer yet. */
export interface GlareState {
  readonly outgoing: boolean;
  readonly incoming: boolean;
}

export const STILL: GlareState = { outgoing: false, incoming: false };

/** Seconds within which a second INVITE of the same peer may be tried again (§14.2). */
const RETRY_WITHIN = 10;

/** How an INVITE of the peer is refused while another is under way; undefined when it may be looked at. */
export function refusalOf(
  { outgoing, incoming }: GlareState,
  random: Random,
): { readonly status: 491 | 500; readonly retryAfter?: number } | undefined {
  if (outgoing) return { status: 491 };
  if (incoming) return { status: 500, retryAfter: Math.floor(random.fraction() * (RETRY_WITHIN + 1)) };
  return undefined;
}

/** Milliseconds before an INVITE that met another is tried again: who made the Call-ID waits longer (§14.1). */
export function waitAfterGlare(isCaller: boolean, random: Random): number {
  const [from, to] = isCaller ? [2_100, 4_000] : [0, 2_000];
  return from + Math.floor((random.fraction() * (to - from)) / 10) * 10;
}
