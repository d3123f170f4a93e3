/** The port through which the stack reaches sockets. `system-network.ts` is the machine's, `memory.ts` the tests'. */
import type { Duplex } from "node:stream";

export interface Endpoint {
  /** An IP literal, IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
}

export interface DatagramSocket {
  readonly local: Endpoint;
  /** False once it is closed, whoever closed it. */
  readonly open: boolean;
  send(bytes: Buffer, to: Endpoint): Promise<void>;
  close(): void;
}

/** What the other end of a TLS connection showed. */
export interface TlsPeer {
  /** DER certificates, the peer's own first; empty when it showed none. */
  readonly chain: readonly Buffer[];
  /** The names in its own certificate, for people who look; judge by the chain. */
  readonly names?: string;
  readonly protocol: string;
  readonly cipher: string;
}

export interface StreamHandlers {
  data(chunk: Buffer): void;
  /** Called once. `error` is absent after an orderly end. */
  closed(error?: Error): void;
  /** On connections that keep messages apart: the other end asked whether we live, or answered our `ping`. */
  control?(kind: "ping" | "pong"): void;
  /** On connections that keep messages apart: whether a message has begun and is not whole yet. */
  partial?(isPartial: boolean): void;
}

export interface StreamConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly peer?: TlsPeer;
  /** Bytes written and not yet taken by the system. */
  readonly backlog: number;
  /** Resolves when the system has taken the bytes; rejects when the connection is gone. */
  write(bytes: Buffer): Promise<void>;
  /** From here on chunks and the end go to these handlers. */
  start(handlers: StreamHandlers): void;
  /** Ends at once; what was written and not yet taken is lost. */
  close(): void;
  /** Ends after what was written, and drops what still comes in: for a last word before the end. */
  finish(): void;
  /** Asks the other end whether it lives, where the connection has a way of its own to do so. */
  ping?(): void;
  /** Gives the raw stream away, with `read` put back in front: for HTTP on the same port. Only where there is one. */
  detach?(read: Buffer): Duplex;
}

/** Key and certificates in PEM that a TLS listener shows. */
export interface TlsIdentity {
  readonly key: string;
  readonly certificate: string;
}

export interface StreamServer {
  readonly local: Endpoint;
  /** Whether it takes connections. */
  readonly open: boolean;
  /** New connections that ask for the name show this from now on, or all whose name nobody has; open ones stay. */
  setIdentity(identity: TlsIdentity, name?: string): void;
  /** Takes no new connections; those that are there go on. */
  stopListening(): void;
  /** Ends everything, connections too. */
  close(): void;
}

export interface TlsClientOptions {
  /** Sent as SNI unless it is an IP literal. */
  readonly serverName: string;
  readonly identity?: TlsIdentity;
}

export interface StreamListenOptions {
  readonly identity?: TlsIdentity;
  /** Shown instead to clients that ask for one of these names (SNI). */
  readonly identities?: ReadonlyMap<string, TlsIdentity>;
  connected(connection: StreamConnection): void;
  /** A TLS handshake that failed. */
  refused?(remote: Endpoint, failure: HandshakeFailure): void;
}

/** Why a TLS handshake with a client failed. */
export interface HandshakeFailure {
  /** The alert, or what TLS says of it. */
  readonly reason: string;
  /** The name that the client asked for, when it came that far. */
  readonly asked?: string;
  /** The names in the certificate that it was shown, or would have been. */
  readonly shown: string;
}

/** A TLS handshake with a server that failed although the connection stood. */
export class HandshakeError extends Error {}

export interface Network {
  bindDatagram(local: Endpoint, received: (bytes: Buffer, from: Endpoint) => void): Promise<DatagramSocket>;
  /** TLS when `options.identity` is given. */
  listenStream(local: Endpoint, options: StreamListenOptions): Promise<StreamServer>;
  /**
   * Connects; with `tls`, after the handshake. The certificate is *not* judged here: whoever asked looks at
   * `peer.chain` before the first byte. Rejects after `timeout` milliseconds.
   */
  connectStream(remote: Endpoint, timeout: number, tls?: TlsClientOptions): Promise<StreamConnection>;
  /** Our own address on the way to the peer, for a datagram socket that others have to find. */
  addressTowards(remote: Endpoint): Promise<string>;
}

/** `host:port` with brackets around IPv6. */
export function formatEndpoint(endpoint: Endpoint): string {
  return endpoint.address.includes(":")
    ? `[${endpoint.address}]:${endpoint.port}`
    : `${endpoint.address}:${endpoint.port}`;
}
