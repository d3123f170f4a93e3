/** Which requests are too long for a datagram (RFC 3261 §18.1.1). */
import { TransportError } from "./flow.ts";
import type { Target } from "./target.ts";

/** Requests longer than this many bytes leave by a stream where the MTU of the path is not known. */
export const MAX_DATAGRAM_REQUEST = 1_300;
/** Bytes that a request leaves free of the path's MTU: its response may be longer. */
export const DATAGRAM_MARGIN = 200;

/** Whether a request of that many bytes, its Via included, may leave by UDP. */
export function fitsDatagram(length: number, pathMtu: number | undefined): boolean {
  return length <= (pathMtu === undefined ? MAX_DATAGRAM_REQUEST : pathMtu - DATAGRAM_MARGIN);
}

/**
 * The same server by TCP. Who takes no connections gets the request by UDP after all, but never a MESSAGE, for which
 * nothing slows down when the network is full (RFC 3428 §8).
 */
export function overStream(target: Target, method: string): Target {
  return { ...target, transport: "tcp", ...(method !== "MESSAGE" && { otherwise: target }) };
}

/** A reset, or the ICMP messages that say the same of the protocol or the port. */
const REFUSALS: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ECONNRESET", "ENOPROTOOPT", "EPROTONOSUPPORT"]);

/** Whether the other machine is there and takes no connections; silence and missing routes are something else. */
export function wasRefused(error: unknown): boolean {
  const cause = error instanceof TransportError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && REFUSALS.has(cause.code);
}
