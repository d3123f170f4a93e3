/**
 * The transport layer (RFC 3261 §18): listeners, flows, and what every message passes on its way in and out.
 * Malformed messages end here: requests that can be answered get their 4xx, the rest is dropped and logged.
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../platform/clock.ts";
import { sha256Hex } from "../../platform/hash.ts";
import type { Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import { token } from "../../platform/random.ts";
import { checkRequest, checkResponse } from "../message/check.ts";
import type { SipError } from "../message/error.ts";
import { callId, topVia } from "../message/fields.ts";
import type { SipMessage, SipRequest, SipResponse } from "../message/message.ts";
import { responseTo } from "../message/message.ts";
import { parseMessage } from "../message/parse.ts";
import { serialize } from "../message/serialize.ts";
import { datagramFlow, isKeepAlive } from "./datagram-flow.ts";
import type { Flow, ListenerName, TransportName } from "./flow.ts";
import { carrierOf, isSecure, isWebSocket, TransportError } from "./flow.ts";
import { keepAlive } from "./keep-alive.ts";
import type { DatagramSocket, Endpoint, Network, StreamConnection, StreamServer, TlsIdentity } from "./network.ts";
import { formatEndpoint } from "./network.ts";
import { Places } from "./places.ts";
import { withReceived } from "./received.ts";
import { looksLikeHttp } from "./sniff.ts";
import type { FlowReport } from "./stream-flow.ts";
import { StreamFlow } from "./stream-flow.ts";
import type { Direction, TraceEntry } from "./trace.ts";
import { traceEntry } from "./trace.ts";
import { openWebSocket, WebSocketConnection, WebSocketDoor } from "./websocket.ts";

/** Milliseconds that opening a connection may take, handshake included. */
export const CONNECT_TIMEOUT = 8_000;
/** Open streams from one address; the next one is refused. */
export const MAX_STREAMS_PER_SOURCE = 200;
/** Open streams in all. */
export const MAX_STREAMS = 10_000;

/** Where a request goes: the outcome of locating a server. */
export interface Target {
  readonly transport: TransportName;
  /** An IP literal. */
  readonly address: string;
  readonly port: number;
  /** The name whose certificate is expected on TLS. */
  readonly serverName: string;
}

export interface TransportSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly network: Network;
  /** What TLS listeners show, and what is shown when a server asks for a certificate. */
  readonly identity?: TlsIdentity;
  /** Judges a server's certificate before the first byte leaves. Without it no TLS connection is opened. */
  readonly verifyServer?: (chain: readonly Buffer[], serverName: string) => SipError | undefined;
  /** Takes over streams that speak HTTP; hands them back to `upgrade`. They are closed where this is absent. */
  readonly onHttp?: (stream: Duplex, secure: boolean) => void;
  /**
   * Sees every message in and out, whatever it says: whoever shows entries to anybody shows them `redacted`. Called in
   * the middle of the work, so it returns soon and never throws.
   */
  readonly trace?: (entry: TraceEntry) => void;
}

/** What is open, as plain data. */
export interface TransportReport {
  readonly listeners: readonly { readonly transport: ListenerName; readonly local: Endpoint }[];
  readonly flows: readonly FlowReport[];
}

export interface TransportUser {
  request(request: SipRequest, flow: Flow): void;
  response(response: SipResponse, flow: Flow): void;
}

interface Listener {
  readonly transport: ListenerName;
  readonly local: Endpoint;
  readonly datagram?: DatagramSocket;
  readonly stream?: StreamServer;
}

type Seen = readonly [direction: Direction, bytes: Buffer, flow: Flow];

interface Accepted {
  readonly flow: StreamFlow;
  readonly connection: StreamConnection;
}

export class TransportLayer {
  readonly #settings: TransportSettings;
  readonly #log: Log;
  readonly #listeners: Listener[] = [];
  readonly #streams = new Map<string, StreamFlow>();
  readonly #sources = new Places(MAX_STREAMS_PER_SOURCE);
  /** Where streams came from that speak HTTP. */
  readonly #speakHttp = new WeakMap<Duplex, Accepted>();
  readonly #door = new WebSocketDoor();
  readonly #outbound = new Map<string, Promise<StreamFlow>>();
  readonly #tap: ((...seen: Seen) => void) | undefined;
  readonly #tapSent: ((bytes: Buffer, flow: Flow) => void) | undefined;
  #user: TransportUser = { request: () => undefined, response: () => undefined };
  readonly #flowPrefix: string;
  #identity: TlsIdentity | undefined;
  #nextFlow = 1;
  #closed = false;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
    this.#log = settings.log.tagged("transport");
    this.#identity = settings.identity;
    this.#flowPrefix = token(settings.random, 4);
    const { trace, clock } = settings;
    const tap = trace && ((...seen: Seen) => trace(traceEntry(clock.now(), ...seen)));
    this.#tap = tap;
    this.#tapSent = tap && ((bytes, flow) => tap("out", bytes, flow));
  }

  /** Names the layer above. */
  use(user: TransportUser): void {
    this.#user = user;
  }

  /** Binds one listener; port 0 lets the system choose. Resolves to what was bound. WebSockets come in by TCP and TLS. */
  async listen(transport: ListenerName, local: Endpoint): Promise<Endpoint> {
    const listener = transport === "udp" ? await this.#bindDatagram(local) : await this.#bindStream(transport, local);
    this.#listeners.push(listener);
    return listener.local;
  }

  get listening(): readonly { readonly transport: ListenerName; readonly local: Endpoint }[] {
    return this.#listeners;
  }

  /** The flow with that id, while it is open. */
  flow(id: string): Flow | undefined {
    return this.#streams.get(id);
  }

  /** Flows that are open now, for people who look. */
  get flows(): readonly Flow[] {
    return [...this.#streams.values()];
  }

  /** Listeners and streams; datagrams leave no trace of who sent them. */
  inspect(): TransportReport {
    return {
      listeners: this.#listeners.map(({ transport, local }) => ({ transport, local })),
      flows: Array.from(this.#streams.values(), (flow) => flow.report()),
    };
  }

  /** New TLS connections show this certificate; open ones stay. */
  setIdentity(identity: TlsIdentity): void {
    this.#identity = identity;
    for (const listener of this.#listeners) if (listener.transport === "tls") listener.stream?.setIdentity(identity);
  }

  /** A flow to the target: an open one where there is one (RFC 5923), else a new one. Rejects with `TransportError`. */
  async flowTo(target: Target): Promise<Flow> {
    if (target.transport === "udp") return this.#datagramFlow(target);
    const key = `${target.transport}:${target.address}:${target.port}:${target.serverName}`;
    const existing = this.#outbound.get(key);
    if (existing) return existing;
    const opening = this.#connect(target);
    this.#outbound.set(key, opening);
    const forget = (): void => {
      if (this.#outbound.get(key) === opening) this.#outbound.delete(key);
    };
    opening.then((flow) => flow.whenClosed(forget), forget);
    return opening;
  }

  /** The Via sent-by for what leaves on the flow: our listener of what carries it, else the flow's own end. */
  sentBy(flow: Flow): string {
    const family = isIP(flow.local.address);
    const carrier = carrierOf(flow.transport);
    const fitting = this.#listeners.filter(({ transport }) => transport === carrier);
    const listener =
      fitting.find(({ local }) => formatEndpoint(local) === formatEndpoint(flow.local)) ??
      fitting.find(({ local }) => isIP(local.address) === family) ??
      fitting[0];
    if (!listener) return formatEndpoint(flow.local);
    const any = listener.local.address === "0.0.0.0" || listener.local.address === "::";
    const address = any && family !== 0 ? flow.local.address : listener.local.address;
    return formatEndpoint({ address, port: listener.local.port });
  }

  /** Sends a response by RFC 3261 §18.2.2 and RFC 3581: over the flow the request came on, else to where Via says. */
  async sendResponse(response: SipResponse, flow: Flow): Promise<void> {
    const bytes = serialize(response);
    const via = topVia(response);
    const asksElsewhere = flow.transport === "udp" && via !== undefined && via.rport === undefined;
    if (flow.open && !asksElsewhere) {
      await flow.send(bytes);
      return;
    }
    const address = (via?.received ?? via?.host ?? "").replace(/^\[|\]$/g, "");
    // Nobody can dial a browser (RFC 7118 §5.3).
    if (isIP(address) === 0 || isWebSocket(flow.transport))
      throw new TransportError("SIP_FLOW_CLOSED", "The connection that the request came on is closed.");
    const port = via?.port ?? (flow.transport === "tls" ? 5061 : 5060);
    const other = asksElsewhere
      ? this.#datagramFlow({ address, port }, flow.local)
      : await this.flowTo({ transport: flow.transport, address, port, serverName: address });
    await other.send(bytes);
  }

  /** Answers a request without any state (RFC 3261 §8.2.7), never an ACK: when it is broken, or there is no room. */
  refuse(request: SipRequest, flow: Flow, status: number, reason: string): void {
    if (request.method === "ACK" || !topVia(request)) return;
    // Without state the tag must come out the same for each repetition.
    const toTag = sha256Hex(`${callId(request)} ${topVia(request)?.branch ?? ""}`).slice(0, 16);
    const response = responseTo(withReceived(request, flow), status, { reason, toTag });
    void this.sendResponse(response, flow).catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    for (const listener of this.#listeners.splice(0)) {
      listener.datagram?.close();
      listener.stream?.close();
    }
    for (const flow of this.#streams.values()) flow.close();
  }

  async #bindDatagram(local: Endpoint): Promise<Listener> {
    const socket = await this.#settings.network.bindDatagram(local, (bytes, from) =>
      this.#received(bytes, "datagram", datagramFlow(socket, from, this.#tapSent)),
    );
    return { transport: "udp", local: socket.local, datagram: socket };
  }

  async #bindStream(transport: "tcp" | "tls", local: Endpoint): Promise<Listener> {
    const identity = this.#identity;
    if (transport === "tls" && !identity)
      throw new TransportError("SIP_NO_CERTIFICATE", "TLS needs a certificate and there is none.");
    const server = await this.#settings.network.listenStream(local, {
      ...(transport === "tls" && identity && { identity }),
      connected: (connection) => this.#accept(transport, connection),
      refused: (remote, reason) => this.#log.info("A TLS handshake failed.", { peer: formatEndpoint(remote), reason }),
    });
    return { transport, local: server.local, stream: server };
  }

  #accept(transport: "tcp" | "tls", connection: StreamConnection): void {
    const flow = this.#admit(transport, connection);
    if (flow) this.#startWithSniffing(flow, connection);
  }

  /** A flow for who knocks, unless there are too many; the connection is closed then. */
  #admit(transport: TransportName, connection: StreamConnection): StreamFlow | undefined {
    const source = connection.remote.address;
    if (this.#closed || this.#streams.size >= MAX_STREAMS || !this.#sources.enter(source)) {
      this.#log.warn("A connection was refused because too many are open.", {
        peer: formatEndpoint(connection.remote),
      });
      connection.close();
      return undefined;
    }
    const flow = this.#streamFlow(transport, true, connection);
    flow.whenClosed(() => this.#sources.leave(source));
    // Who connects and says nothing takes a place from somebody else.
    flow.expectMore();
    return flow;
  }

  /** The first bytes of an accepted stream tell SIP from HTTP, so one port serves both. */
  #startWithSniffing(flow: StreamFlow, connection: StreamConnection): void {
    let first = Buffer.alloc(0);
    let decided = false;
    connection.start({
      data: (chunk) => {
        if (decided) return flow.read(chunk);
        first = Buffer.concat([first, chunk]);
        const http = looksLikeHttp(first);
        if (http === undefined) return;
        decided = true;
        if (http) this.#giveToHttp(flow, connection, first);
        else flow.read(first);
      },
      closed: (error) => flow.lost(error),
    });
  }

  #giveToHttp(flow: StreamFlow, connection: StreamConnection, first: Buffer): void {
    const { onHttp } = this.#settings;
    if (!onHttp || !connection.detach) {
      flow.close();
      return;
    }
    const stream = connection.detach(first);
    stream.once("close", () => flow.lost());
    this.#speakHttp.set(stream, { flow, connection });
    onHttp(stream, flow.transport === "tls");
  }

  /**
   * Makes a flow of a stream that `onHttp` was given and on which HTTP asks for a WebSocket (RFC 7118 §4.1). Who does not
   * offer the subprotocol `sip` gets 400.
   */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const accepted = this.#speakHttp.get(stream);
    if (!accepted?.flow.open) {
      stream.destroy();
      return;
    }
    this.#door.upgrade(request, stream, head, (socket) => {
      const transport = isSecure(accepted.flow.transport) ? "wss" : "ws";
      // Its place goes to the new flow within this turn.
      accepted.flow.lost();
      const flow = this.#admit(transport, new WebSocketConnection(socket, stream, true, accepted.connection));
      if (!flow) return;
      flow.start();
      keepAlive(flow, this.#settings.clock);
    });
  }

  /** A stream to the target for another protocol than SIP, its certificate judged by the same rules. */
  async openRaw(target: Target): Promise<Duplex> {
    return rawStream(await this.#open(target));
  }

  async #connect(target: Target): Promise<StreamFlow> {
    const carrier = await this.#open(target);
    const connection = isWebSocket(target.transport) ? await this.#openWebSocket(target, carrier) : carrier;
    if (this.#closed) {
      connection.close();
      throw new TransportError("SIP_FLOW_CLOSED", "The stack has stopped.");
    }
    const flow = this.#streamFlow(target.transport, false, connection);
    flow.start();
    return flow;
  }

  async #openWebSocket(target: Target, carrier: StreamConnection): Promise<StreamConnection> {
    const stream = rawStream(carrier);
    try {
      const socket = await openWebSocket(stream, target, this.#settings.clock, CONNECT_TIMEOUT);
      return new WebSocketConnection(socket, stream, false, carrier);
    } catch (cause) {
      stream.destroy();
      throw connectFailed(target, cause);
    }
  }

  async #open(target: Target): Promise<StreamConnection> {
    const { network, verifyServer } = this.#settings;
    const identity = this.#identity;
    const secure = isSecure(target.transport);
    let connection: StreamConnection;
    try {
      connection = await network.connectStream(
        { address: target.address, port: target.port },
        CONNECT_TIMEOUT,
        secure ? { serverName: target.serverName, ...(identity && { identity }) } : undefined,
      );
    } catch (cause) {
      throw connectFailed(target, cause);
    }
    if (secure) {
      const refusal = verifyServer
        ? verifyServer(connection.peer?.chain ?? [], target.serverName)
        : { code: "SIP_NO_TRUST", message: "Nothing says which certificates to trust." };
      if (refusal) {
        connection.close();
        throw new TransportError(refusal.code, refusal.message);
      }
    }
    return connection;
  }

  #streamFlow(transport: TransportName, inbound: boolean, connection: StreamConnection): StreamFlow {
    const id = `${transport}-${this.#flowPrefix}-${this.#nextFlow++}`;
    const flow = new StreamFlow(id, transport, inbound, connection, this.#settings.clock, {
      frame: (frame, on) =>
        frame.kind === "message"
          ? this.#received(frame.bytes, isWebSocket(transport) ? "datagram" : "stream", on)
          : this.#unframed(frame.error, frame.head, on),
      closed: (on) => void this.#streams.delete(on.id),
      ...(this.#tapSent && { sent: this.#tapSent }),
    });
    this.#streams.set(id, flow);
    return flow;
  }

  /** From the socket bound to `from`, else from the one bound last: who moves to another network binds anew. */
  #datagramFlow(target: Endpoint, from?: Endpoint): Flow {
    const family = isIP(target.address);
    const usable = this.#listeners.filter(({ datagram, local }) => datagram && isIP(local.address) === family);
    const listener =
      (from && usable.find(({ local }) => formatEndpoint(local) === formatEndpoint(from))) ?? usable.at(-1);
    if (!listener?.datagram)
      throw new TransportError("SIP_NO_SOCKET", `There is no UDP socket to reach ${formatEndpoint(target)} from.`);
    return datagramFlow(listener.datagram, { address: target.address, port: target.port }, this.#tapSent);
  }

  #received(bytes: Buffer, framing: "datagram" | "stream", flow: Flow): void {
    if (framing === "datagram" && isKeepAlive(bytes)) return;
    this.#tap?.("in", bytes, flow);
    const parsed = parseMessage(bytes, framing);
    if (!parsed.ok) {
      this.#log.debug("A message could not be read.", { code: parsed.error.code, peer: formatEndpoint(flow.remote) });
      if (parsed.error.request) this.#refuseBroken(parsed.error.request, parsed.error, flow);
      return;
    }
    const message: SipMessage = parsed.value;
    if (message.kind === "response") {
      if (!checkResponse(message)) this.#user.response(message, flow);
      return;
    }
    const fault = checkRequest(message);
    if (fault) this.#refuseBroken(message, fault, flow);
    else this.#user.request(withReceived(message, flow), flow);
  }

  #refuseBroken(request: SipRequest, fault: SipError, flow: Flow): void {
    this.refuse(request, flow, fault.status ?? 400, fault.message);
  }

  /** After a framing error nothing behind it can be found: answer what can be answered, then close (§18.3). */
  #unframed(error: SipError, head: Buffer | undefined, flow: StreamFlow): void {
    this.#log.info("A stream was closed because it is not framed as SIP.", {
      code: error.code,
      peer: formatEndpoint(flow.remote),
    });
    if (head) this.#tap?.("in", head, flow);
    const parsed = head ? parseMessage(head, "datagram") : undefined;
    const request = parsed?.ok ? parsed.value : parsed?.error.request;
    if (request?.kind === "request") this.#refuseBroken(request, error, flow);
    flow.finish();
  }
}

function rawStream(connection: StreamConnection): Duplex {
  const stream = connection.detach?.(Buffer.alloc(0));
  if (stream) return stream;
  connection.close();
  throw new TransportError("SIP_CONNECT_FAILED", "This network has no raw streams.");
}

function connectFailed(target: Target, cause: unknown): TransportError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TransportError("SIP_CONNECT_FAILED", `No connection to ${formatEndpoint(target)}: ${reason}.`, { cause });
}
