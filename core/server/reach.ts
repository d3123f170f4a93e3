/** From a binding to the way its device is reached: its flow, the address it registered from, or its Contact. */
import type { SipRequest } from "../sip/message/message.ts";
import type { Outcome, SendOptions, Stack } from "../sip/stack.ts";
import type { TransportName } from "../sip/transport/flow.ts";
import type { BindingRecord } from "../store/store.ts";

export interface Peer {
  /** `transport:address:port`. */
  readonly peer: string;
  readonly flow: string;
}

/**
 * Sends a request to a peer that spoke to us: over its flow while that lives, over UDP back to where it spoke from,
 * else by the request's own Route or Request-URI unless the peer can only be reached by its flow.
 */
export async function reach(
  stack: Stack,
  request: SipRequest,
  { peer, flow }: Peer,
  options: SendOptions & { readonly onlyFlow?: boolean } = {},
): Promise<Outcome> {
  const open = stack.transport.flow(flow);
  if (open) return stack.send(request, { ...options, flow: open });
  const { transport, address, port } = parsePeer(peer);
  if (transport === "udp")
    return stack.send(request, { ...options, targets: [{ transport, address, port, serverName: address }] });
  if (options.onlyFlow)
    return { kind: "unreachable", code: "SIP_FLOW_CLOSED", message: "The device's connection is gone." };
  return stack.send(request, options);
}

/** The request as this device gets it: its Contact as the target, its Path as the route (RFC 3327 §5.3). */
export function addressed(request: SipRequest, binding: BindingRecord): SipRequest {
  let { headers } = request;
  for (const path of [...binding.path].reverse()) headers = headers.prepend("Route", path);
  return { ...request, uri: binding.contact, headers };
}

function parsePeer(peer: string): { transport: TransportName; address: string; port: number } {
  const first = peer.indexOf(":");
  const last = peer.lastIndexOf(":");
  return {
    transport: peer.slice(0, first) as TransportName,
    address: peer.slice(first + 1, last),
    port: Number(peer.slice(last + 1)),
  };
}
