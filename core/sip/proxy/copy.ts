/** The copy of a request that leaves for one target (RFC 3261 §16.6), and what comes back through us (§16.7). Pure. */
import { callId, cseq, maxForwards } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { request as makeRequest } from "../message/message.ts";
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
}

/**
 * The copy for a target, without our Via, which whoever sends it puts on top. `recordRoute` are our own values: two of
 * them where the request comes in and leaves by different transports (RFC 5658), the outgoing one first.
 */
export function copyFor(request: SipRequest, target: ProxyTarget, recordRoute: readonly string[] = []): SipRequest {
  const hops = maxForwards(request);
  let { headers } = request;
  headers = headers.with("Max-Forwards", String(hops === undefined ? FIRST_MAX_FORWARDS : Math.max(hops - 1, 0)));
  for (const value of [...recordRoute].reverse()) headers = headers.prepend("Record-Route", value);
  for (const value of [...(target.route ?? [])].reverse()) headers = headers.prepend("Route", value);
  return postprocessRoute({ ...request, uri: target.uri, headers });
}

/** The CANCEL for a request that was sent: same branch, same route, same To (§9.1). */
export function cancelFor(sent: SipRequest): SipRequest {
  return makeRequest("CANCEL", sent.uri, [
    ["Via", sent.headers.values("via")[0] ?? ""],
    ["Max-Forwards", String(FIRST_MAX_FORWARDS)],
    ...sent.headers.lines("route").map((value) => ["Route", value] as const),
    ["From", sent.headers.get("from") ?? ""],
    ["To", sent.headers.get("to") ?? ""],
    ["Call-ID", callId(sent)],
    ["CSeq", `${cseq(sent)?.number ?? 1} CANCEL`],
  ]);
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
