/** A flow (RFC 5626 §3): one way in both directions between us and one peer, over one socket. */
import type { Endpoint, TlsPeer } from "./network.ts";
import { formatEndpoint } from "./network.ts";

/** What listeners are bound to. */
export type ListenerName = "udp" | "tcp" | "tls";
/** WebSockets (RFC 7118) come in on the listeners of what carries them. */
export type TransportName = ListenerName | "ws" | "wss";

export interface Flow {
  /** Never used twice, not even after a restart: in stored bindings it survives only to be found missing. */
  readonly id: string;
  readonly transport: TransportName;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** What the other end of TLS showed. */
  readonly peer?: TlsPeer | undefined;
  /** Whether the other side opened it. */
  readonly inbound: boolean;
  readonly open: boolean;
  /** Monotonic milliseconds at which something last came in. Datagram flows do not know. */
  readonly lastHeard?: number;
  /** Resolves when the system has taken the bytes; rejects with a `TransportError`. */
  send(bytes: Buffer): Promise<void>;
  close(): void;
  /**
   * Asks the other end whether it lives: with CRLFs on streams, with STUN on datagram flows, where only a peer may be
   * asked that claims to know RFC 5626 (§4.4, §8). `answered` is called once, or never: how long to wait is the caller's
   * decision, and a datagram flow stays open whatever comes. `moved` says that we are now seen at another address than
   * at the ping before, so that the flow is a new one and everything bound to the old one is lost (§4.4.2).
   */
  ping?(answered: (moved?: boolean) => void): void;
  /**
   * Calls `listener` once when the flow ends, at once if it has ended; datagram flows never end. Returns the way to
   * stop listening: flows live for weeks, who listens for the length of one request has to let go.
   */
  whenClosed(listener: () => void): () => void;
}

/** Streams neither lose nor reorder, so transactions skip their retransmissions (RFC 3261 §17). */
export function isReliable(flow: Flow): boolean {
  return flow.transport !== "udp";
}

export function isWebSocket(transport: TransportName): boolean {
  return transport === "ws" || transport === "wss";
}

/** Whether TLS is below. */
export function isSecure(transport: TransportName): boolean {
  return carrierOf(transport) === "tls";
}

/** What is below a WebSocket; the others carry themselves. */
export function carrierOf(transport: TransportName): ListenerName {
  if (transport === "ws") return "tcp";
  return transport === "wss" ? "tls" : transport;
}

/** Why bytes could not leave, with a stable code. */
export class TransportError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TransportError";
    this.code = code;
  }
}

/** `tls:192.0.2.1:5061`, as in settings and the line that the gateway prints when it is ready. */
export function formatListening(transport: TransportName, endpoint: Endpoint): string {
  return `${transport}:${formatEndpoint(endpoint)}`;
}

/** The reverse of `formatListening`; the host may be a name. Undefined when it is not of that form. */
export function parseListening(text: string): { transport: ListenerName; host: string; port: number } | undefined {
  const match = /^(udp|tcp|tls):(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):(\d{1,5})$/.exec(text.trim());
  const [, transport, host, port] = match ?? [];
  if (transport === undefined || host === undefined || port === undefined || Number(port) > 65_535) return undefined;
  return { transport: transport as ListenerName, host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}
