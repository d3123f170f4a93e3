/** A network inside the process, for tests: on the given clock, as calm or as troubled as the test wants. */
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { Wire } from "./memory-stream.ts";
import { MemoryStream } from "./memory-stream.ts";
import type {
  DatagramSocket,
  Endpoint,
  Network,
  StreamConnection,
  StreamListenOptions,
  StreamServer,
  TlsPeer,
} from "./network.ts";
import { formatEndpoint } from "./network.ts";

/** What happens to one datagram on its way. */
export type Fate = "deliver" | "lose" | "double";

/** What a bad network does, the same for the same seed. */
export interface Trouble {
  readonly random: Random;
  /** Share of datagrams, from 0 to 1, that get lost. */
  readonly loss?: number;
  /** Share of datagrams that arrive twice. */
  readonly duplication?: number;
  /** Longest delay in milliseconds on top of the usual one. Datagrams overtake each other by it; streams keep their order. */
  readonly jitter?: number;
  /** Longest piece in bytes in which streams deliver what is written. */
  readonly piece?: number;
}

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  /** One-way travel time in milliseconds. */
  readonly delay?: number;
  readonly trouble?: Trouble;
  /** Decides about each datagram, before any trouble; all are delivered when absent. */
  readonly fate?: (bytes: Buffer, from: Endpoint, to: Endpoint) => Fate;
  /** The certificate chain that TLS listeners show, as in `TlsPeer.chain`. */
  readonly chain?: readonly Buffer[];
}

export interface MemoryNetwork extends Network {
  /** Breaks every stream to or from the address: both ends hear of an error, as after a reset. */
  cut(address: string): void;
  /** Breaks the stream to that listener, or the next one, that carries the byte after so many more in both directions. */
  cutAfter(listener: Endpoint, bytes: number): void;
  /** What streams to the listeners on this address carry is lost from now on and nobody hears of it: a pulled cable. */
  silence(address: string): void;
  /** Plugs the cable in again; what was lost stays lost. */
  restore(address: string): void;
}

const FIRST_FREE_PORT = 40_000;

export function memoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock, trouble } = options;
  const datagrams = new Map<string, (bytes: Buffer, from: Endpoint) => void>();
  const listeners = new Map<string, StreamListenOptions>();
  const streams = new Set<MemoryStream>();
  const silenced = new Set<string>();
  /** Bytes that still pass before a stream to that listener breaks. */
  const cuts = new Map<string, number>();
  let nextPort = FIRST_FREE_PORT;
  const bound = (local: Endpoint): Endpoint => (local.port === 0 ? { ...local, port: nextPort++ } : local);
  const happens = (share = 0): boolean => share > 0 && trouble !== undefined && trouble.random.fraction() < share;
  const travelTime = (): number => (options.delay ?? 0) + (trouble?.random.fraction() ?? 0) * (trouble?.jitter ?? 0);

  /** One direction of a stream to the listener. */
  const wireTo = (listener: Endpoint): Wire => {
    let latest = 0;
    return {
      carry(arrive) {
        latest = Math.max(latest, clock.monotonic() + travelTime());
        clock.after(latest - clock.monotonic(), () => silenced.has(listener.address) || arrive());
      },
      pieces: (bytes) => cutUp(bytes, trouble),
      passing(length) {
        const key = formatEndpoint(listener);
        const left = cuts.get(key) ?? Infinity;
        if (left < length) cuts.delete(key);
        else if (left !== Infinity) cuts.set(key, left - length);
        return Math.min(left, length);
      },
    };
  };

  return {
    async bindDatagram(wanted, received): Promise<DatagramSocket> {
      const local = bound(wanted);
      const key = formatEndpoint(local);
      if (datagrams.has(key)) throw new Error(`address in use: ${key}`);
      datagrams.set(key, received);
      return {
        local,
        get open() {
          return datagrams.get(key) === received;
        },
        async send(bytes, to) {
          const fate = options.fate?.(bytes, local, to) ?? "deliver";
          const copy = Buffer.from(bytes);
          const arrive = (): void => datagrams.get(formatEndpoint(to))?.(copy, local);
          if (fate === "lose" || happens(trouble?.loss)) return;
          clock.after(travelTime(), arrive);
          if (fate === "double" || happens(trouble?.duplication)) clock.after(travelTime(), arrive);
        },
        close: () => void datagrams.delete(key),
      };
    },
    async listenStream(wanted, listen): Promise<StreamServer> {
      const local = bound(wanted);
      const key = formatEndpoint(local);
      if (listeners.has(key)) throw new Error(`address in use: ${key}`);
      listeners.set(key, listen);
      const stopListening = (): void => void listeners.delete(key);
      return {
        local,
        get open() {
          return listeners.get(key) === listen;
        },
        setIdentity: () => undefined,
        stopListening,
        close: stopListening,
      };
    },
    addressTowards: async () => "127.0.0.1",
    async connectStream(remote, _timeout, tls): Promise<StreamConnection> {
      const listener = listeners.get(formatEndpoint(remote));
      if (!listener) throw Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
      const local = { address: "127.0.0.1", port: nextPort++ };
      const peer: TlsPeer = { chain: options.chain ?? [], protocol: "TLSv1.3", cipher: "memory" };
      const ended = (stream: MemoryStream): void => void streams.delete(stream);
      const near = new MemoryStream(wireTo(remote), ended, local, remote, tls ? peer : undefined);
      const far = new MemoryStream(wireTo(remote), ended, remote, local, tls ? { ...peer, chain: [] } : undefined);
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
    cutAfter: (listener, bytes) => void cuts.set(formatEndpoint(listener), bytes),
    silence: (address) => void silenced.add(address),
    restore: (address) => void silenced.delete(address),
  };
}

function cutUp(bytes: Buffer, trouble: Trouble | undefined): readonly Buffer[] {
  if (trouble?.piece === undefined) return [bytes];
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(trouble.random.fraction() * trouble.piece);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
