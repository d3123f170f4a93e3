/** What is bound: UDP sockets, TCP and TLS listeners, and which of them speaks for a flow. */
import { isIP } from "node:net";
import type { Log } from "../../platform/log.ts";
import { datagramFlow } from "./datagram-flow.ts";
import type { Flow, ListenerName } from "./flow.ts";
import { carrierOf, TransportError } from "./flow.ts";
import type { DatagramSocket, Endpoint, Network, StreamConnection, StreamServer, TlsIdentity } from "./network.ts";
import { formatEndpoint } from "./network.ts";

export interface Listener {
  readonly transport: ListenerName;
  readonly local: Endpoint;
}

interface Bound extends Listener {
  readonly datagram?: DatagramSocket;
  readonly stream?: StreamServer;
}

export interface ListenersUser {
  datagram(bytes: Buffer, flow: Flow): void;
  connected(transport: "tcp" | "tls", connection: StreamConnection): void;
  /** A message is about to leave by UDP. */
  sent?(bytes: Buffer, flow: Flow): void;
}

export class Listeners {
  readonly #network: Network;
  readonly #log: Log;
  readonly #user: ListenersUser;
  readonly #bound: Bound[] = [];
  #identity: TlsIdentity | undefined;

  constructor(network: Network, log: Log, identity: TlsIdentity | undefined, user: ListenersUser) {
    this.#network = network;
    this.#log = log;
    this.#identity = identity;
    this.#user = user;
  }

  get all(): readonly Listener[] {
    return this.#bound;
  }

  /** What TLS listeners show, and what is shown when a server asks for a certificate. */
  get identity(): TlsIdentity | undefined {
    return this.#identity;
  }

  /** Binds one; resolves to what was bound. */
  async listen(transport: ListenerName, local: Endpoint): Promise<Endpoint> {
    const listener = transport === "udp" ? await this.#bindDatagram(local) : await this.#bindStream(transport, local);
    this.#bound.push(listener);
    return listener.local;
  }

  /** New TLS connections show this certificate; open ones stay. */
  setIdentity(identity: TlsIdentity): void {
    this.#identity = identity;
    for (const { transport, stream } of this.#bound) if (transport === "tls") stream?.setIdentity(identity);
  }

  /** The Via sent-by for what leaves on the flow: our listener of what carries it, else the flow's own end. */
  sentBy(flow: Flow): string {
    const family = isIP(flow.local.address);
    const carrier = carrierOf(flow.transport);
    const fitting = this.#bound.filter(({ transport }) => transport === carrier);
    const listener =
      fitting.find(({ local }) => formatEndpoint(local) === formatEndpoint(flow.local)) ??
      fitting.find(({ local }) => isIP(local.address) === family) ??
      fitting[0];
    if (!listener) return formatEndpoint(flow.local);
    const any = listener.local.address === "0.0.0.0" || listener.local.address === "::";
    const address = any && family !== 0 ? flow.local.address : listener.local.address;
    return formatEndpoint({ address, port: listener.local.port });
  }

  /**
   * A flow by UDP: from the socket bound to `from`, else from the one bound last, since who moves to another network
   * binds anew. Throws a `TransportError` where no socket of that family is bound.
   */
  datagramFlow(target: Endpoint, from?: Endpoint): Flow {
    const family = isIP(target.address);
    const usable = this.#bound.filter(({ datagram, local }) => datagram && isIP(local.address) === family);
    const listener =
      (from && usable.find(({ local }) => formatEndpoint(local) === formatEndpoint(from))) ?? usable.at(-1);
    if (!listener?.datagram)
      throw new TransportError("SIP_NO_SOCKET", `There is no UDP socket to reach ${formatEndpoint(target)} from.`);
    return datagramFlow(listener.datagram, { address: target.address, port: target.port }, this.#user.sent);
  }

  close(): void {
    for (const { datagram, stream } of this.#bound.splice(0)) {
      datagram?.close();
      stream?.close();
    }
  }

  async #bindDatagram(local: Endpoint): Promise<Bound> {
    const socket = await this.#network.bindDatagram(local, (bytes, from) =>
      this.#user.datagram(bytes, datagramFlow(socket, from, this.#user.sent)),
    );
    return { transport: "udp", local: socket.local, datagram: socket };
  }

  async #bindStream(transport: "tcp" | "tls", local: Endpoint): Promise<Bound> {
    const identity = this.#identity;
    if (transport === "tls" && !identity)
      throw new TransportError("SIP_NO_CERTIFICATE", "TLS needs a certificate and there is none.");
    const server = await this.#network.listenStream(local, {
      ...(transport === "tls" && identity && { identity }),
      connected: (connection) => this.#user.connected(transport, connection),
      refused: (remote, reason) => this.#log.info("A TLS handshake failed.", { peer: formatEndpoint(remote), reason }),
    });
    return { transport, local: server.local, stream: server };
  }
}
