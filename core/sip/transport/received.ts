/** Where a request really came from, for whoever answers it. */
import { formatVia, topVia } from "../message/fields.ts";
import type { SipRequest } from "../message/message.ts";
import type { Flow } from "./flow.ts";

/** RFC 3261 §18.2.1 and RFC 3581 §4: writes where the request really came from into the topmost Via. */
export function withReceived(request: SipRequest, flow: Flow): SipRequest {
  const via = topVia(request);
  if (!via) return request;
  const { address, port } = flow.remote;
  const params = new Map(via.params);
  // What the sender wrote there is not to be believed: answers would go where it likes.
  params.delete("received");
  const host = via.host.replace(/^\[|\]$/g, "");
  if (host !== address || params.has("rport")) params.set("received", address);
  if (params.has("rport")) params.set("rport", String(port));
  if (params.size === via.params.size && [...params].every(([name, value]) => via.params.get(name) === value))
    return request;
  return { ...request, headers: request.headers.replaceFirstValue("via", formatVia({ ...via, params })) };
}
