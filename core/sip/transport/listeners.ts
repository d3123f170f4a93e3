/** What is bound: UDP sockets, TCP and TLS listeners, and which of them speaks for a flow. */
import { isIP } from "node:net";
import type { Log } from "../../platform/log.ts";
import type { DatagramPortSettings, DatagramPortUser, StunReport } from "./datagram-port.ts";
import { DatagramPort } from "./datagram-port.ts";
import type { Flow, ListenerName } from "./flow.ts";
import { carrierOf, TransportError } from "./flow.ts";
import type { Endpoint, StreamConnection, StreamServer, TlsIdentity } from "./network.ts";
import { formatEndpoint } from "./network.ts";
import type { TransportSettings } from "./settings.ts";

export interface Listener {
  readonly transport: ListenerName;
  readonly local: Endpoint;
}

interface Bound extends Listener {
  readonly datagram?: DatagramPort;
  readonly stream?: StreamServer;
}

type ListenersSettings = DatagramPortSettings & Pick<TransportSettings, "identity" | "identities" | "observer">;

export interface ListenersUser extends DatagramPortUser {
  connected(transport: "tcp" | "tls", connection: StreamConnection): void;
}

export class Listeners {
  readonly #settings: ListenersSettings;
  readonly #log: Log;
  readonly #user: ListenersUser;
  readonly #bound: Bound[] = [];
  #identity: TlsIdentity | undefined;
  readonly #identities: Map<string, TlsIdentity>;

  constructor(settings: ListenersSettings, log: Log, user: ListenersUser) {
    this.#settings = settings;
    this.#log = log;
    this.#identity = settings.identity;
    this.#identities = new Map(settings.identities);
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

  /** New TLS connections show this certificate, those alone that ask for the name where one is given; open ones stay. */
  setIdentity(identity: TlsIdentity, name?: string): void {
    if (name === undefined) this.#identity = identity;
    else this.#identities.set(name, identity);
    for (const { transport, stream } of this.#bound) if (transport === "tls") stream?.setIdentity(identity, name);
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
   * binds anew. Undefined where no socket of that family is bound.
   */
  datagramFlow(target: Endpoint, from?: Endpoint): Flow | undefined {
    const family = isIP(target.address);
    const usable = this.#bound.filter(({ datagram, local }) => datagram && isIP(local.address) === family);
    const listener =
      (from && usable.find(({ local }) => formatEndpoint(local) === formatEndpoint(from))) ?? usable.at(-1);
    return listener?.datagram?.flowTo({ address: target.address, port: target.port });
  }

  stunReport(): readonly StunReport[] {
    return this.#bound.flatMap(({ datagram }) => (datagram ? [datagram.report()] : []));
  }

  /** Those that the system took away from us. */
  get lost(): readonly Listener[] {
    return this.#bound.filter(({ datagram, stream }) => (datagram ?? stream)?.open === false);
  }

  /** Takes no new connections; open ones and datagrams go on. */
  stopListening(): void {
    for (const { stream } of this.#bound) stream?.stopListening();
  }

  close(): void {
    for (const { datagram, stream } of this.#bound.splice(0)) {
      datagram?.close();
      stream?.close();
    }
  }

  async #bindDatagram(local: Endpoint): Promise<Bound> {
    const datagram = await DatagramPort.bind(local, this.#settings, this.#user);
    return { transport: "udp", local: datagram.local, datagram };
  }

  async #bindStream(transport: "tcp" | "tls", local: Endpoint): Promise<Bound> {
    const identity = this.#identity;
    if (transport === "tls" && !identity)
      throw new TransportError("SIP_NO_CERTIFICATE", "TLS needs a certificate and there is none.");
    const server = await this.#settings.network.listenStream(local, {
      ...(transport === "tls" && identity && { identity, identities: this.#identities }),
      connected: (connection) => this.#user.connected(transport, connection),
      refused: (remote, failure) => {
        this.#settings.observer?.handshakeFailed?.();
        this.#log.info("A TLS handshake failed.", { peer: formatEndpoint(remote), ...failure });
      },
    });
    return { transport, local: server.local, stream: server };
  }
}
