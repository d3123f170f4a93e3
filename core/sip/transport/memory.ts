/** A network inside the process, for tests: delivery in order, on the given clock, and cut, lost or doubled on demand. */
import type { Clock } from "../../platform/clock.ts";
import type {
  DatagramSocket,
  Endpoint,
  Network,
  StreamConnection,
  StreamHandlers,
  StreamListenOptions,
  StreamServer,
  TlsPeer,
} from "./network.ts";
import { formatEndpoint } from "./network.ts";

/** What happens to one datagram on its way. */
export type Fate = "deliver" | "lose" | "double";

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  /** One-way travel time in milliseconds. */
  readonly delay?: number;
  /** Decides about each datagram; all are delivered when absent. */
  readonly fate?: (bytes: Buffer, from: Endpoint, to: Endpoint) => Fate;
  /** The certificate chain that TLS listeners show, as in `TlsPeer.chain`. */
  readonly chain?: readonly Buffer[];
}

export interface MemoryNetwork extends Network {
  /** Breaks every stream to or from the address: both ends hear of an error, as after a reset. */
  cut(address: string): void;
  /** What streams to the listeners on this address carry is lost from now on and nobody hears of it: a pulled cable. */
  silence(address: string): void;
  /** Plugs the cable in again; what was lost stays lost. */
  restore(address: string): void;
}

const FIRST_FREE_PORT = 40_000;

export function memoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock } = options;
  const delay = options.delay ?? 0;
  const datagrams = new Map<string, (bytes: Buffer, from: Endpoint) => void>();
  const listeners = new Map<string, StreamListenOptions>();
  const streams = new Set<MemoryStream>();
  const silenced = new Set<string>();
  let nextPort = FIRST_FREE_PORT;
  const bound = (local: Endpoint): Endpoint => (local.port === 0 ? { ...local, port: nextPort++ } : local);
  const travel = (task: () => void): void => void clock.after(delay, task);

  return {
    async bindDatagram(wanted, received): Promise<DatagramSocket> {
      const local = bound(wanted);
      const key = formatEndpoint(local);
      if (datagrams.has(key)) throw new Error(`address in use: ${key}`);
      datagrams.set(key, received);
      return {
        local,
        async send(bytes, to) {
          const fate = options.fate?.(bytes, local, to) ?? "deliver";
          const copy = Buffer.from(bytes);
          const arrive = (): void => datagrams.get(formatEndpoint(to))?.(copy, local);
          if (fate !== "lose") travel(arrive);
          if (fate === "double") travel(arrive);
        },
        close: () => void datagrams.delete(key),
      };
    },
    async listenStream(wanted, listen): Promise<StreamServer> {
      const local = bound(wanted);
      const key = formatEndpoint(local);
      if (listeners.has(key)) throw new Error(`address in use: ${key}`);
      listeners.set(key, listen);
      return { local, setIdentity: () => undefined, close: () => void listeners.delete(key) };
    },
    addressTowards: async () => "127.0.0.1",
    async connectStream(remote, _timeout, tls): Promise<StreamConnection> {
      const listener = listeners.get(formatEndpoint(remote));
      if (!listener) throw Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
      const local = { address: "127.0.0.1", port: nextPort++ };
      const peer: TlsPeer = { chain: options.chain ?? [], protocol: "TLSv1.3", cipher: "memory" };
      const carry = (task: () => void): void => travel(() => silenced.has(remote.address) || task());
      const ended = (stream: MemoryStream): void => void streams.delete(stream);
      const near = new MemoryStream(carry, ended, local, remote, tls ? peer : undefined);
      const far = new MemoryStream(carry, ended, remote, local, tls ? { ...peer, chain: [] } : undefined);
      near.other = far;
      far.other = near;
      streams.add(near).add(far);
      listener.connected(far);
      return near;
    },
    cut(address) {
      for (const stream of streams) {
        if (stream.local.address !== address && stream.remote.address !== address) continue;
        stream.drop(new Error("cut"));
      }
    },
    silence: (address) => void silenced.add(address),
    restore: (address) => void silenced.delete(address),
  };
}

class MemoryStream implements StreamConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly peer?: TlsPeer;
  readonly backlog = 0;
  other: MemoryStream | undefined;
  readonly #travel: (task: () => void) => void;
  readonly #ended: (stream: MemoryStream) => void;
  #handlers: StreamHandlers | undefined;
  #waiting: Buffer[] = [];
  #open = true;

  constructor(
    travel: (task: () => void) => void,
    ended: (stream: MemoryStream) => void,
    local: Endpoint,
    remote: Endpoint,
    peer: TlsPeer | undefined,
  ) {
    this.#travel = travel;
    this.#ended = ended;
    this.local = local;
    this.remote = remote;
    if (peer) this.peer = peer;
  }

  async write(bytes: Buffer): Promise<void> {
    if (!this.#open) throw new Error("the connection is closed");
    const copy = Buffer.from(bytes);
    this.#travel(() => this.other?.arrive(copy));
  }

  start(handlers: StreamHandlers): void {
    this.#handlers = handlers;
    for (const chunk of this.#waiting.splice(0)) handlers.data(chunk);
    if (!this.#open) handlers.closed();
  }

  close(): void {
    const other = this.other;
    this.drop();
    this.#travel(() => other?.drop());
  }

  finish(): void {
    this.close();
  }

  arrive(chunk: Buffer): void {
    if (!this.#open) return;
    if (this.#handlers) this.#handlers.data(chunk);
    else this.#waiting.push(chunk);
  }

  drop(error?: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ended(this);
    this.#handlers?.closed(error);
  }
}
