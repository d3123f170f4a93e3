/**
 * The transport layer (RFC 3261 §18): what is bound and open, and what every message passes on its way in and out.
 * This is its door; each subject has a file of its own.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { Admission } from "./admission.ts";
import { Connector } from "./connector.ts";
import { wasRefused } from "./datagram-fit.ts";
import type { StunReport } from "./datagram-port.ts";
import type { FailedTarget } from "./failed-targets.ts";
import { FailedTargets } from "./failed-targets.ts";
import type { Flow, ListenerName } from "./flow.ts";
import { TransportError } from "./flow.ts";
import { HttpDoor } from "./http-door.ts";
import type { Listener } from "./listeners.ts";
import { Listeners } from "./listeners.ts";
import type { Endpoint, StreamConnection, TlsIdentity } from "./network.ts";
import { formatEndpoint } from "./network.ts";
import { OpenFlows } from "./open-flows.ts";
import type { TransportUser } from "./receiver.ts";
import { Receiver } from "./receiver.ts";
import { Responder } from "./responder.ts";
import type { TransportSettings } from "./settings.ts";
import type { FlowReport } from "./stream-flow.ts";
import type { Target } from "./target.ts";
import { tapOf } from "./trace.ts";

export type { TransportUser } from "./receiver.ts";
export type { TransportObserver, TransportSettings } from "./settings.ts";
export type { Target } from "./target.ts";

/** What is open, as plain data. */
export interface TransportReport {
  readonly listeners: readonly Listener[];
  readonly flows: readonly FlowReport[];
  /** One for each UDP socket. */
  readonly stun: readonly StunReport[];
  /** Targets that are tried last for a while. */
  readonly failedTargets: readonly FailedTarget[];
}

export class TransportLayer {
  readonly #listeners: Listeners;
  readonly #flows: OpenFlows;
  readonly #admission: Admission;
  readonly #http: HttpDoor;
  readonly #connector: Connector;
  readonly #failures: FailedTargets;
  readonly #responder: Responder;
  readonly #receiver: Receiver;

  constructor(settings: TransportSettings) {
    const { clock, random } = settings;
    const log = settings.log.tagged("transport");
    const tap = tapOf(settings);
    const sent = tap && { sent: (bytes: Buffer, flow: Flow) => tap("out", bytes, flow) };
    this.#flows = new OpenFlows(clock, random, { frame: (frame, flow) => this.#receiver.frame(frame, flow), ...sent });
    this.#listeners = new Listeners(settings, log, {
      datagram: (bytes, flow) => this.#receiver.datagram(bytes, flow),
      connected: (transport, connection) => this.#accept(transport, connection),
      ...sent,
    });
    this.#admission = new Admission(this.#flows, log, () => settings.observer?.connectionRefused?.());
    this.#http = new HttpDoor(settings, this.#admission);
    this.#failures = new FailedTargets(clock);
    this.#connector = new Connector(settings, log, this.#flows, this.#failures, () => this.#listeners.identity);
    this.#responder = new Responder(this.#listeners, this.#connector);
    this.#receiver = new Receiver(
      log,
      tap,
      this.#failures,
      (...refusal) => this.refuse(...refusal),
      () => settings.observer?.malformed?.(),
    );
  }

  /** Names the layer above. */
  use(user: TransportUser): void {
    this.#receiver.user = user;
  }

  /** Binds one listener; port 0 lets the system choose. Resolves to what was bound. WebSockets come in by TCP and TLS. */
  listen(transport: ListenerName, local: Endpoint): Promise<Endpoint> {
    return this.#listeners.listen(transport, local);
  }

  get listening(): readonly Listener[] {
    return this.#listeners.all;
  }

  /** Listeners that the system took away from us. */
  get lostListeners(): readonly Listener[] {
    return this.#listeners.lost;
  }

  /** Takes no new connections; open ones and datagrams go on. For an end in good order, before `close`. */
  stopListening(): void {
    this.#listeners.stopListening();
  }

  /** The flow with that id, while it is open. */
  flow(id: string): Flow | undefined {
    return this.#flows.get(id);
  }

  /** Flows that are open now, for people who look. */
  get flows(): readonly Flow[] {
    return this.#flows.all;
  }

  /** Listeners and streams; datagrams leave no trace of who sent them. */
  inspect(): TransportReport {
    return {
      listeners: this.#listeners.all.map(({ transport, local }) => ({ transport, local })),
      flows: this.#flows.report(),
      stun: this.#listeners.stunReport(),
      failedTargets: this.#failures.report(),
    };
  }

  /** New TLS connections show this certificate, those alone that ask for the name where one is given; open ones stay. */
  setIdentity(identity: TlsIdentity, name?: string): void {
    this.#listeners.setIdentity(identity, name);
  }

  /**
   * A flow to the target: an open one where there is one (RFC 5923), else a new one; by UDP to `otherwise` where that is
   * given and connections are refused. Rejects with `TransportError`.
   */
  async flowTo(target: Target): Promise<Flow> {
    if (target.transport === "udp") {
      const flow = this.#listeners.datagramFlow(target);
      if (flow) return flow;
      throw new TransportError("SIP_NO_SOCKET", `There is no UDP socket to reach ${formatEndpoint(target)} from.`);
    }
    try {
      return await this.#connector.flowTo(target);
    } catch (error) {
      if (target.otherwise && wasRefused(error)) return this.flowTo(target.otherwise);
      throw error;
    }
  }

  /** A flow by UDP to the target; undefined where no socket of its family is bound. */
  datagramFlow(target: Endpoint): Flow | undefined {
    return this.#listeners.datagramFlow(target);
  }

  /** The targets in their order, but those last that failed a short while ago (RFC 3263 §4.3). */
  failedLast(targets: readonly Target[]): readonly Target[] {
    return this.#failures.last(targets);
  }

  /** Notes that a request over the flow was never answered. */
  noteSilence(flow: Flow): void {
    this.#failures.silent({ transport: flow.transport, ...flow.remote });
  }

  /** The Via sent-by for what leaves on the flow: our listener of what carries it, else the flow's own end. */
  sentBy(flow: Flow): string {
    return this.#listeners.sentBy(flow);
  }

  /** Sends a response by RFC 3261 §18.2.2 and RFC 3581: over the flow the request came on, else to where Via says. */
  sendResponse(response: SipResponse, flow: Flow, bytes?: Buffer): Promise<void> {
    return this.#responder.send(response, flow, bytes);
  }

  /** Answers a request without any state (RFC 3261 §8.2.7), never an ACK: when it is broken, or there is no room. */
  refuse(request: SipRequest, flow: Flow, status: number, reason: string): void {
    this.#responder.refuse(request, flow, status, reason);
  }

  /**
   * Makes a flow of a stream that `onHttp` was given and on which HTTP asks for a WebSocket (RFC 7118 §4.1). Who does not
   * offer the subprotocol `sip` gets 400.
   */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#http.upgrade(request, stream, head);
  }

  /** A stream to the target for another protocol than SIP, its certificate judged by the same rules. */
  openRaw(target: Target): Promise<Duplex> {
    return this.#connector.openRaw(target);
  }

  close(): void {
    this.#listeners.close();
    this.#flows.close();
  }

  #accept(transport: "tcp" | "tls", connection: StreamConnection): void {
    const flow = this.#admission.admit(transport, connection);
    if (flow) this.#http.open(flow, connection);
  }
}
