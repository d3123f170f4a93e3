/** Route information on its way through a proxy: RFC 3261 §16.4 in, §16.6 steps 4 to 6 out. Pure. */
import { routes } from "../message/fields.ts";
import type { SipRequest } from "../message/message.ts";
import type { SipUri, Uri } from "../message/uri.ts";
import { isSipUri, parseUri } from "../message/uri.ts";

/** Whether a URI names this very server. */
export type IsOwn = (uri: Uri) => boolean;

/** A request whose own Routes were taken off, and what they were, the topmost first. */
export interface Preprocessed {
  readonly request: SipRequest;
  readonly taken: readonly SipUri[];
}

/**
 * §16.4: a strict router before us put our Record-Route into the Request-URI: the real one stands last in Route; and the
 * topmost Routes that are ours are taken off: two of them where we recorded both sides (RFC 5658). Everything else stays
 * byte for byte.
 */
export function preprocessRoute(request: SipRequest, isOwn: IsOwn): Preprocessed {
  const restored = restoreRequestUri(request, isOwn);
  const taken: SipUri[] = restored === request ? [] : ownRequestUri(request);
  let { headers } = restored;
  for (const { uri } of routes(restored)) {
    if (!isSipUri(uri) || !isOwn(uri)) break;
    taken.push(uri);
    headers = headers.replaceFirstValue("route", undefined);
  }
  return { request: headers === request.headers ? request : { ...restored, headers }, taken };
}

function ownRequestUri(request: SipRequest): SipUri[] {
  const uri = parseUri(request.uri);
  return uri.ok && isSipUri(uri.value) ? [uri.value] : [];
}

function restoreRequestUri(request: SipRequest, isOwn: IsOwn): SipRequest {
  const uri = parseUri(request.uri);
  const list = request.headers.values("route");
  const last = list.at(-1);
  if (!uri.ok || last === undefined || !isSipUri(uri.value)) return request;
  // Only URIs that we wrote into Record-Route come back so: they carry lr.
  if (!uri.value.params.has("lr") || !isOwn(uri.value)) return request;
  const target = /<([^>]*)>/.exec(last)?.[1] ?? last;
  const left = list.slice(0, -1);
  const headers = left.length === 0 ? request.headers.without("route") : request.headers.with("Route", left.join(", "));
  return { ...request, uri: target, headers };
}

/**
 * §16.6 step 6: a next hop that is a strict router (no `lr`) is written into the Request-URI, and the Request-URI
 * behind the routes that are left.
 */
export function postprocessRoute(request: SipRequest): SipRequest {
  const [first] = routes(request);
  if (!first || !isSipUri(first.uri) || first.uri.params.has("lr")) return request;
  const rest = request.headers.replaceFirstValue("route", undefined).append("Route", `<${request.uri}>`);
  return { ...request, uri: first.uriText, headers: rest };
}
