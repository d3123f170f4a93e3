/** From a binding to the way its device is reached: its flow, the address it registered from, or its Contact. */
import type { SipRequest } from "../sip/message/message.ts";
import type { ProxyTarget } from "../sip/proxy/proxy.ts";
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

/** Whether another flow of the same device may succeed where this one failed (RFC 5626 §5.1 and §6). */
function flowFailed(outcome: Outcome): boolean {
  if (outcome.kind !== "response") return true;
  return outcome.response.status === 430 || outcome.response.status === 408;
}

/**
 * Sends a request to a device by its flows, newest first, one after the other: the next one is tried when the one
 * before is gone.
 */
export async function reachDevice(
  stack: Stack,
  request: SipRequest,
  flows: readonly BindingRecord[],
  options: {
    /** The Via branch for a flow; random when absent. */
    branch?(binding: BindingRecord): string;
    /** Hears of a flow that a proxy on the way calls gone (430): its binding is worth nothing any more. */
    dead?(binding: BindingRecord): void;
  } = {},
): Promise<Outcome> {
  let outcome: Outcome = { kind: "unreachable", code: "SIP_FLOW_CLOSED", message: "The device is not there." };
  for (const binding of flows) {
    const branch = options.branch?.(binding);
    outcome = await reach(stack, addressed(request, binding), binding, {
      onlyFlow: binding.diesWithFlow,
      ...(branch !== undefined && { branch: () => branch }),
    });
    if (!flowFailed(outcome)) break;
    if (outcome.kind === "response" && outcome.response.status === 430) options.dead?.(binding);
  }
  return outcome;
}

/** The request as this device gets it: its Contact as the target, its Path as the route (RFC 3327 §5.3). */
export function addressed(request: SipRequest, binding: BindingRecord): SipRequest {
  let { headers } = request;
  for (const path of [...binding.path].reverse()) headers = headers.prepend("Route", path);
  return { ...request, uri: binding.contact, headers };
}

/** The same for a proxy: undefined when the device's connection is gone and nothing else leads there. */
export function targetOf(stack: Stack, binding: BindingRecord): ProxyTarget | undefined {
  const shared = { uri: binding.contact, route: binding.path, q: binding.q };
  const flow = stack.transport.flow(binding.flow);
  if (flow) return { ...shared, flow };
  const { transport, address, port } = parsePeer(binding.peer);
  if (transport === "udp") return { ...shared, places: [{ transport, address, port, serverName: address }] };
  return binding.diesWithFlow ? undefined : shared;
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
