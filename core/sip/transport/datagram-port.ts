/** One UDP socket, on which SIP and STUN stand side by side (RFC 5626 §8). */
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import { datagramFlow } from "./datagram-flow.ts";
import type { Flow } from "./flow.ts";
import type { DatagramSocket, Endpoint, Network } from "./network.ts";
import { looksLikeStun, readStun } from "./stun.ts";
import { StunClient } from "./stun-client.ts";
import { StunServer } from "./stun-server.ts";

export interface DatagramPortSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
}

export interface DatagramPortUser {
  /** Something came that is not STUN. */
  datagram(bytes: Buffer, flow: Flow): void;
  /** A message is about to leave. */
  sent?(bytes: Buffer, flow: Flow): void;
}

/** What STUN did on a socket, as plain data. Counts run since it was bound. */
export interface StunReport {
  readonly local: Endpoint;
  /** Binding requests of others. */
  readonly answered: number;
  readonly ignored: number;
  /** Our own: sent, answered, and waiting now. */
  readonly asked: number;
  readonly heard: number;
  readonly waiting: number;
}

export class DatagramPort {
  readonly #socket: DatagramSocket;
  readonly #user: DatagramPortUser;
  readonly #stunServer: StunServer;
  readonly #stunClient: StunClient;

  private constructor(socket: DatagramSocket, { clock, random }: DatagramPortSettings, user: DatagramPortUser) {
    // STUN repeats what is lost, and what cannot be sent counts as lost.
    const send = (bytes: Buffer, to: Endpoint): void => void socket.send(bytes, to).catch(() => undefined);
    this.#socket = socket;
    this.#user = user;
    this.#stunServer = new StunServer(clock, send);
    this.#stunClient = new StunClient(clock, random, send);
  }

  static async bind(local: Endpoint, settings: DatagramPortSettings, user: DatagramPortUser): Promise<DatagramPort> {
    const socket = await settings.network.bindDatagram(local, (bytes, from) => port.#received(bytes, from));
    const port: DatagramPort = new DatagramPort(socket, settings, user);
    return port;
  }

  get local(): Endpoint {
    return this.#socket.local;
  }

  flowTo(remote: Endpoint): Flow {
    return datagramFlow(this.#socket, remote, this.#stunClient, this.#user.sent);
  }

  report(): StunReport {
    return { local: this.local, ...this.#stunServer.report(), ...this.#stunClient.report() };
  }

  get open(): boolean {
    return this.#socket.open;
  }

  close(): void {
    this.#stunClient.close();
    this.#socket.close();
  }

  #received(bytes: Buffer, from: Endpoint): void {
    if (!looksLikeStun(bytes)) return this.#user.datagram(bytes, this.flowTo(from));
    const message = readStun(bytes);
    if (message?.kind === "request") this.#stunServer.request(message, from);
    else if (message) this.#stunClient.response(message, from);
  }
}
