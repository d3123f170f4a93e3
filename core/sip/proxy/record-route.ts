/** What a proxy writes into Record-Route to stay on the way of a dialog (RFC 3261 §16.6 step 4, RFC 5658, RFC 5626 §5.3). */
import { callId } from "../message/fields.ts";
import type { SipRequest } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import { isReliable } from "../transport/flow.ts";
import type { RouteTokens } from "./route-token.ts";

/** Requests that make dialogs, or that a later one is routed by (RFC 6665 §4.3 names NOTIFY). */
const RECORDED = new Set(["INVITE", "SUBSCRIBE", "NOTIFY", "REFER"]);

/**
 * `needed`: where the two sides could not reach each other without us, because they speak different transports, or
 * because one of them is reached by its own connection alone.
 */
export type RecordRoutePolicy = "never" | "needed" | "always";

export interface RecordRouteSettings {
  readonly policy: RecordRoutePolicy;
  readonly tokens: RouteTokens;
  /** Our own address on a flow, as in Via: `host:port`. */
  sentBy(flow: Flow): string;
}

/** The request as it leaves by a flow that is now known. */
export function recordRoute(request: SipRequest, from: Flow, to: Flow, settings: RecordRouteSettings): SipRequest {
  const { policy } = settings;
  if (policy === "never" || !RECORDED.has(request.method)) return request;
  const isSips = request.uri.startsWith("sips:");
  const write = (flow: Flow): string => {
    const token = settings.tokens.write(callId(request), isDialable(flow) ? "" : flow.id);
    return `<${isSips ? "sips" : "sip"}:${token}@${settings.sentBy(flow)}${transportOf(flow, isSips)};lr>`;
  };
  const isBetween =
    transportOf(from, isSips) !== transportOf(to, isSips) || settings.sentBy(from) !== settings.sentBy(to);
  const hasToken = !isDialable(from) || !isDialable(to);
  if (policy === "needed" && !isBetween && !hasToken) return request;
  let { headers } = request;
  if (isBetween || hasToken) headers = headers.prepend("Record-Route", write(from));
  return { ...request, headers: headers.prepend("Record-Route", write(to)) };
}

/** Who opened a stream to us has no port that we could connect to. */
function isDialable(flow: Flow): boolean {
  return !isReliable(flow) || !flow.inbound;
}

function transportOf({ transport }: Flow, isSips: boolean): string {
  if (transport === "udp" || (isSips && transport === "tls")) return "";
  return `;transport=${transport}`;
}
