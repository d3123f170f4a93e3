/** The copy of a request that leaves for one target (RFC 3261 §16.6), and what comes back through us (§16.7). Pure. */
import { maxForwards } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { Target } from "../transport/transport.ts";
import { postprocessRoute } from "./route.ts";

/** What Max-Forwards begins with where a request has none (§16.6 step 3). */
const FIRST_MAX_FORWARDS = 70;

export interface ProxyTarget {
  /** Becomes the Request-URI. */
  readonly uri: string;
  /** Route values to go through first, such as a binding's Path (RFC 3327). */
  readonly route?: readonly string[];
  /** From 0 to 1; equals are tried together. */
  readonly q: number;
  /** The connection to use and no other (RFC 5626). */
  readonly flow?: Flow;
  /** Where to send instead of looking up the next hop. */
  readonly places?: readonly Target[];
}

/** The copy for a target, without our Via and Record-Route, which wait until it is known how it leaves. */
export function copyFor(request: SipRequest, target: ProxyTarget): SipRequest {
  const hops = maxForwards(request);
  let { headers } = request;
  headers = headers.with("Max-Forwards", String(hops === undefined ? FIRST_MAX_FORWARDS : Math.max(hops - 1, 0)));
  for (const value of [...(target.route ?? [])].reverse()) headers = headers.prepend("Route", value);
  return postprocessRoute({ ...request, uri: target.uri, headers });
}

/** The response as it goes on upstream: our own Via is taken off (§16.7 step 3). Undefined when nobody is behind it. */
export function upstream(response: SipResponse): SipResponse | undefined {
  const headers = response.headers.replaceFirstValue("via", undefined);
  return headers.has("via") ? { ...response, headers } : undefined;
}

/** Targets as groups of their indices: the highest q first, equals together (§16.6). */
export function groupsByQ(targets: readonly ProxyTarget[]): readonly (readonly number[])[] {
  const ranks = [...new Set(targets.map(({ q }) => q))].sort((a, b) => b - a);
  return ranks.map((rank) => targets.flatMap(({ q }, index) => (q === rank ? [index] : [])));
}
