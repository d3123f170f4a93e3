/** Which failure a fork hands back when nobody accepted (RFC 3261 §16.7 step 6). Pure. */
import type { SipResponse } from "../message/message.ts";

/** A final response by its status; the first of equals stands. */
export interface Candidate {
  readonly status: number;
}

/** Failures that tell the caller what to change rank above the others of their class (§16.7 step 6). */
const TELLING: ReadonlySet<number> = new Set([401, 407, 415, 420, 484]);

/** The best of several final responses; undefined when there is none. Any 2xx wins, then any 6xx, then the lowest class. */
export function bestResponse<T extends Candidate>(responses: readonly T[]): T | undefined {
  return responses.reduce<T | undefined>(
    (best, one) => (best === undefined || rank(one.status) < rank(best.status) ? one : best),
    undefined,
  );
}

/** Headers that a caller has to answer, all of them at once (§16.7 step 7). */
const CHALLENGES = ["WWW-Authenticate", "Proxy-Authenticate"] as const;

/** A 401 or 407 with the challenges of all others that failed so; any other response as it is. */
export function withAllChallenges(best: SipResponse, all: readonly SipResponse[]): SipResponse {
  if (!isChallenge(best)) return best;
  let { headers } = best;
  for (const other of all) {
    if (other === best || !isChallenge(other)) continue;
    for (const name of CHALLENGES) for (const value of other.headers.lines(name)) headers = headers.append(name, value);
  }
  return { ...best, headers };
}

function isChallenge({ status }: Candidate): boolean {
  return status === 401 || status === 407;
}

function rank(status: number): number {
  const family = Math.floor(status / 100);
  if (family === 2) return 0;
  if (family === 6) return 1;
  // 503 speaks of one server, and the caller must not take it for all of us (§16.7 step 6).
  if (status === 503) return 60;
  return family * 10 + (TELLING.has(status) ? 0 : 1);
}
