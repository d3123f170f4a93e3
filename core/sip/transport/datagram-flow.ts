/** A UDP socket and one peer as a flow: it never ends, and nobody knows whether the other side is there. */
import type { Flow } from "./flow.ts";
import { TransportError } from "./flow.ts";
import type { DatagramSocket, Endpoint } from "./network.ts";
import { formatEndpoint } from "./network.ts";
import type { StunClient } from "./stun-client.ts";

/** The flow from the socket to the peer; two of the same ends are the same flow. `sent` hears what is about to leave. */
export function datagramFlow(
  socket: DatagramSocket,
  remote: Endpoint,
  stun: StunClient,
  sent?: (bytes: Buffer, flow: Flow) => void,
): Flow {
  return new DatagramFlow(socket, remote, stun, sent);
}

/** One is made for each datagram that comes in, and lives as long as its transaction: so it is small. */
class DatagramFlow implements Flow {
  readonly remote: Endpoint;
  readonly #socket: DatagramSocket;
  readonly #stun: StunClient;
  readonly #sent: ((bytes: Buffer, flow: Flow) => void) | undefined;
  /** Our address as the other side saw it at the last ping. */
  #seenAt: string | undefined;

  constructor(
    socket: DatagramSocket,
    remote: Endpoint,
    stun: StunClient,
    sent: ((bytes: Buffer, flow: Flow) => void) | undefined,
  ) {
    this.#socket = socket;
    this.remote = remote;
    this.#stun = stun;
    this.#sent = sent;
  }

  get id(): string {
    return `udp-${formatEndpoint(this.#socket.local)}-${formatEndpoint(this.remote)}`;
  }

  get transport(): "udp" {
    return "udp";
  }

  get local(): Endpoint {
    return this.#socket.local;
  }

  get inbound(): boolean {
    return true;
  }

  get open(): boolean {
    return true;
  }

  async send(bytes: Buffer): Promise<void> {
    this.#sent?.(bytes, this);
    try {
      await this.#socket.send(bytes, this.remote);
    } catch (cause) {
      throw new TransportError("SIP_SEND_FAILED", `A datagram to ${formatEndpoint(this.remote)} could not be sent.`, {
        cause,
      });
    }
  }

  ping(answered: (moved?: boolean) => void): void {
    this.#stun.ask(this.remote, (mapped) => {
      const before = this.#seenAt;
      if (mapped) this.#seenAt = formatEndpoint(mapped);
      answered(before !== undefined && before !== this.#seenAt);
    });
  }

  close(): void {
    // A datagram flow never ends.
  }

  whenClosed(): () => void {
    return noListener;
  }
}

const noListener = (): void => undefined;

/** CRLF keep-alives and NUL bytes that old phones send (RFC 5626 §3.5.1 speaks of streams only). */
export function isKeepAlive(bytes: Buffer): boolean {
  return bytes.length <= 4 && bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0);
}
