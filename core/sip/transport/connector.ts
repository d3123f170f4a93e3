/** Connections that we open: one for each target, judged before the first byte, used again while it lives (RFC 5923). */
import type { Duplex } from "node:stream";
import type { Log } from "../../platform/log.ts";
import type { FailedTargets } from "./failed-targets.ts";
import { isSecure, isWebSocket, TransportError } from "./flow.ts";
import type { Endpoint, StreamConnection, TlsIdentity } from "./network.ts";
import { formatEndpoint, HandshakeError } from "./network.ts";
import type { OpenFlows } from "./open-flows.ts";
import { firstToConnect } from "./race.ts";
import type { TransportSettings } from "./settings.ts";
import type { StreamFlow } from "./stream-flow.ts";
import type { Target } from "./target.ts";
import { openWebSocket, WebSocketConnection } from "./websocket.ts";

/** Milliseconds that opening a connection may take, handshake included. */
export const CONNECT_TIMEOUT = 8_000;

export class Connector {
  readonly #settings: Pick<TransportSettings, "clock" | "network" | "verifyServer">;
  readonly #log: Log;
  readonly #flows: OpenFlows;
  readonly #failures: FailedTargets;
  readonly #identity: () => TlsIdentity | undefined;
  readonly #opened = new Map<string, Promise<StreamFlow>>();

  /** `identity` is shown to servers that ask for one. */
  constructor(
    settings: Pick<TransportSettings, "clock" | "network" | "verifyServer">,
    log: Log,
    flows: OpenFlows,
    failures: FailedTargets,
    identity: () => TlsIdentity | undefined,
  ) {
    this.#settings = settings;
    this.#log = log;
    this.#flows = flows;
    this.#failures = failures;
    this.#identity = identity;
  }

  /** A stream to the target: the open one where there is one, else a new one. Rejects with `TransportError`. */
  async flowTo(target: Target): Promise<StreamFlow> {
    const key = `${target.transport}:${target.address}:${target.port}:${target.serverName}`;
    const existing = this.#opened.get(key);
    if (existing) return existing;
    const opening = this.#connect(target);
    this.#opened.set(key, opening);
    const forget = (): void => {
      if (this.#opened.get(key) === opening) this.#opened.delete(key);
    };
    opening.then((flow) => flow.whenClosed(forget), forget);
    return opening;
  }

  /** A stream for another protocol than SIP. */
  async openRaw(target: Target): Promise<Duplex> {
    return rawStream(await this.#open(target));
  }

  async #connect(target: Target): Promise<StreamFlow> {
    const carrier = await this.#open(target);
    const connection = isWebSocket(target.transport) ? await this.#openWebSocket(target, carrier) : carrier;
    if (this.#flows.closed) {
      connection.close();
      throw new TransportError("SIP_FLOW_CLOSED", "The stack has stopped.");
    }
    const flow = this.#flows.add(target.transport, false, connection);
    flow.start();
    return flow;
  }

  async #openWebSocket(target: Target, carrier: StreamConnection): Promise<StreamConnection> {
    const stream = rawStream(carrier);
    try {
      const socket = await openWebSocket(stream, target, this.#settings.clock, CONNECT_TIMEOUT);
      return new WebSocketConnection(socket, stream, false, carrier);
    } catch (cause) {
      this.#failures.unreachable(target);
      stream.destroy();
      throw connectFailed(target, cause);
    }
  }

  /** Connects by whichever address answers first, and judges the certificate. */
  async #open(target: Target): Promise<StreamConnection> {
    const addresses = [target.address, ...(target.alternative === undefined ? [] : [target.alternative])];
    let connection: StreamConnection;
    try {
      connection = await firstToConnect(
        this.#settings.clock,
        addresses.map((address) => () => this.#dial(target, address)),
      );
    } catch (cause) {
      this.#failures.unreachable(target);
      throw connectFailed(target, cause);
    }
    this.#failures.works(target);
    if (isSecure(target.transport)) this.#judge(connection, target.serverName);
    return connection;
  }

  async #dial({ transport, port, serverName }: Target, address: string): Promise<StreamConnection> {
    const identity = this.#identity();
    const tls = isSecure(transport) ? { serverName, ...(identity && { identity }) } : undefined;
    try {
      return await this.#settings.network.connectStream({ address, port }, CONNECT_TIMEOUT, tls);
    } catch (error) {
      if (error instanceof HandshakeError) this.#logFailure({ address, port }, serverName, error.message);
      throw error;
    }
  }

  #judge(connection: StreamConnection, serverName: string): void {
    const { verifyServer } = this.#settings;
    const refusal = verifyServer
      ? verifyServer(connection.peer?.chain ?? [], serverName)
      : { code: "SIP_NO_TRUST", message: "Nothing says which certificates to trust." };
    if (!refusal) return;
    connection.close();
    this.#logFailure(connection.remote, serverName, refusal.message, connection.peer?.names);
    throw new TransportError(refusal.code, refusal.message);
  }

  #logFailure(peer: Endpoint, expected: string, reason: string, shown?: string): void {
    const facts = { peer: formatEndpoint(peer), expected, ...(shown !== undefined && { shown }), reason };
    this.#log.info("A TLS handshake failed.", facts);
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
