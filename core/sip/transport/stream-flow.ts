/** One connection (TCP, TLS, WebSocket) as a flow: framing in, ordered writes out, limits on silence and backlog. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Frame } from "../message/frame.ts";
import { StreamFramer } from "../message/frame.ts";
import type { Flow, TransportName } from "./flow.ts";
import { isWebSocket, TransportError } from "./flow.ts";
import { MessageFramer } from "./message-framer.ts";
import type { Endpoint, StreamConnection, TlsPeer } from "./network.ts";

/** Bytes that may wait for a slow reader before its connection is given up. */
export const MAX_BACKLOG = 4 * 1024 * 1024;
/** A message that has begun must be whole within this many milliseconds: half-open senders are dropped. */
export const MESSAGE_DEADLINE = 30_000;

const PING = Buffer.from("\r\n\r\n");
const PONG = Buffer.from("\r\n");

export interface StreamFlowHandlers {
  frame(frame: Extract<Frame, { kind: "message" | "error" }>, flow: StreamFlow): void;
  closed(flow: StreamFlow, error?: Error): void;
  /** A message is about to leave. */
  sent?(bytes: Buffer, flow: StreamFlow): void;
}

/** What is known of a flow, as plain data. Times are milliseconds that have passed. */
export interface FlowReport {
  readonly id: string;
  readonly transport: TransportName;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly inbound: boolean;
  readonly age: number;
  /** Since something last came in, keep-alives included. */
  readonly silence: number;
  /** Messages that came in, those that were not framed as SIP too. */
  readonly received: number;
  /** Messages that were to go out. */
  readonly sent: number;
  /** Pings of ours, and how many of them were answered. */
  readonly pings: { readonly sent: number; readonly answered: number };
}

export class StreamFlow implements Flow {
  readonly id: string;
  readonly transport: TransportName;
  readonly inbound: boolean;
  readonly #connection: StreamConnection;
  readonly #framer: StreamFramer | MessageFramer;
  readonly #handlers: StreamFlowHandlers;
  readonly #clock: Clock;
  readonly #closeListeners = new Set<() => void>();
  readonly #pongListeners = new Set<() => void>();
  #deadline: Timer | undefined;
  #open = true;
  /** Something whole has come. */
  #hasSpoken = false;
  readonly #openedAt: number;
  #lastHeard: number;
  #lastSent: number;
  #received = 0;
  #sent = 0;
  #pings = 0;
  #pongs = 0;

  constructor(
    id: string,
    transport: TransportName,
    inbound: boolean,
    connection: StreamConnection,
    clock: Clock,
    handlers: StreamFlowHandlers,
  ) {
    this.id = id;
    this.transport = transport;
    this.inbound = inbound;
    this.#connection = connection;
    this.#framer = isWebSocket(transport) ? new MessageFramer() : new StreamFramer();
    this.#clock = clock;
    this.#handlers = handlers;
    this.#openedAt = clock.monotonic();
    this.#lastHeard = this.#openedAt;
    this.#lastSent = this.#openedAt;
  }

  get local(): Endpoint {
    return this.#connection.local;
  }

  get remote(): Endpoint {
    return this.#connection.remote;
  }

  get peer(): TlsPeer | undefined {
    return this.#connection.peer;
  }

  get open(): boolean {
    return this.#open;
  }

  get lastHeard(): number {
    return this.#lastHeard;
  }

  /** Milliseconds since something last went in either direction. */
  get idleFor(): number {
    return this.#clock.monotonic() - Math.max(this.#lastHeard, this.#lastSent);
  }

  report(): FlowReport {
    const { id, transport, local, remote, inbound } = this;
    const now = this.#clock.monotonic();
    const pings = { sent: this.#pings, answered: this.#pongs };
    const times = { age: now - this.#openedAt, silence: now - this.#lastHeard };
    return { id, transport, local, remote, inbound, ...times, received: this.#received, sent: this.#sent, pings };
  }

  /** Begins to read. */
  start(): void {
    this.#connection.start({
      data: (chunk) => this.read(chunk),
      closed: (error) => this.lost(error),
      control: (kind) => this.#heardControl(kind),
      partial: (isPartial) => this.#watchPartial(isPartial),
    });
  }

  /** The connection ended, or belongs to another protocol from now on. */
  lost(error?: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.#cancelDeadline();
    for (const listener of this.#closeListeners) listener();
    this.#closeListeners.clear();
    this.#handlers.closed(this, error);
  }

  /** Takes bytes as they came from the connection. */
  read(chunk: Buffer): void {
    if (!this.#open) return;
    this.#lastHeard = this.#clock.monotonic();
    const frames = this.#framer.push(chunk);
    // The deadline is for one message: a busy stream always has the beginning of the next one.
    if (frames.length > 0) {
      this.#hasSpoken = true;
      this.#cancelDeadline();
    }
    for (const frame of frames) {
      if (frame.kind === "ping") void this.#write(PONG).catch(() => undefined);
      else if (frame.kind === "pong") this.#answered();
      else this.#take(frame);
      if (!this.#open) return;
    }
    this.#watchForRest();
  }

  send(bytes: Buffer): Promise<void> {
    if (this.#open) {
      this.#sent++;
      this.#handlers.sent?.(bytes, this);
    }
    return this.#write(bytes);
  }

  async #write(bytes: Buffer): Promise<void> {
    if (!this.#open) throw new TransportError("SIP_FLOW_CLOSED", "The connection is closed.");
    this.#lastSent = this.#clock.monotonic();
    if (this.#connection.backlog > MAX_BACKLOG) {
      this.close();
      throw new TransportError("SIP_PEER_TOO_SLOW", "The other side does not read what it is sent.");
    }
    try {
      await this.#connection.write(bytes);
    } catch (cause) {
      throw new TransportError("SIP_FLOW_CLOSED", "The connection broke while writing.", { cause });
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#connection.close();
    this.lost();
  }

  /** Lets what was written arrive, and reads no more: the other side is to know why. */
  finish(): void {
    if (!this.#open) return;
    this.#connection.finish();
    this.lost();
  }

  /** Gives the flow up unless it brings something whole within `MESSAGE_DEADLINE`. */
  expectMore(): void {
    this.#deadline ??= this.#clock.after(MESSAGE_DEADLINE, () => this.close());
  }

  whenClosed(listener: () => void): () => void {
    if (this.#open) this.#closeListeners.add(listener);
    else listener();
    return () => void this.#closeListeners.delete(listener);
  }

  /** Sends the double CRLF, or a WebSocket's own ping, and calls `answered` once when the pong comes (RFC 5626 §4.4.1). */
  ping(answered: () => void): void {
    this.#pongListeners.add(answered);
    this.#pings++;
    if (this.#connection.ping) this.#connection.ping();
    else void this.#write(PING).catch(() => undefined);
  }

  #take(frame: Extract<Frame, { kind: "message" | "error" }>): void {
    this.#received++;
    this.#handlers.frame(frame, this);
  }

  #heardControl(kind: "ping" | "pong"): void {
    this.#lastHeard = this.#clock.monotonic();
    if (kind === "pong") this.#answered();
  }

  #answered(): void {
    this.#pongs += this.#pongListeners.size;
    for (const listener of this.#pongListeners) listener();
    this.#pongListeners.clear();
  }

  /** Pongs alone do not end the wait for the first message. */
  #watchPartial(isPartial: boolean): void {
    if (isPartial) this.expectMore();
    else if (this.#hasSpoken) this.#cancelDeadline();
  }

  #watchForRest(): void {
    if (this.#framer.pending > 0) this.expectMore();
    else this.#cancelDeadline();
  }

  #cancelDeadline(): void {
    this.#deadline?.cancel();
    this.#deadline = undefined;
  }
}
