/** SIP in WebSockets (RFC 7118): the handshakes of both sides, and an open WebSocket as a connection. */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../platform/clock.ts";
import { limits } from "../message/limits.ts";
import type { Target } from "./target.ts";
import type { Endpoint, StreamConnection, StreamHandlers, TlsPeer } from "./network.ts";

/** The subprotocol that both sides must name (RFC 7118 §4.1). */
const SUBPROTOCOL = "sip";
/** How long the other side may take to answer our goodbye before its connection is dropped, in milliseconds. */
const FAREWELL = 2_000;

/**
 * A message above `limits.messageBytes` ends the WebSocket with 1009 before it is read; no more than its beginning
 * would be known to answer it by.
 */
const OPTIONS = { maxPayload: limits.messageBytes, perMessageDeflate: false, closeTimeout: FAREWELL } as const;

/** Whether an HTTP request wants to become a WebSocket, of whatever subprotocol. */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket";
}

/** The server's side of the handshake. */
export class WebSocketDoor {
  readonly #server = new WebSocketServer({
    ...OPTIONS,
    noServer: true,
    clientTracking: false,
    handleProtocols: () => SUBPROTOCOL,
  });

  /** Calls `opened` in the same turn, or answers 4xx (400 where the subprotocol is not offered) and ends the stream. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, opened: (socket: WebSocket) => void): void {
    if (!isFromHere(request)) return refuse(stream, "403 Forbidden", "Pages of other sites may not use this server.\n");
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    if (offered.includes(SUBPROTOCOL)) this.#server.handleUpgrade(request, stream, head, opened);
    else refuse(stream, "400 Bad Request", `This server speaks the WebSocket subprotocol "${SUBPROTOCOL}" only.\n`);
  }
}

/**
 * A browser names the site whose page opens the connection (RFC 6455 §10.2). A page from elsewhere would speak from the
 * address of whoever looks at it; programs, which are no browsers, name none.
 */
function isFromHere({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined || URL.parse(headers.origin)?.host === headers.host;
}

function refuse(stream: Duplex, status: string, sentence: string): void {
  stream.once("finish", () => stream.destroy());
  stream.end(
    [
      `HTTP/1.1 ${status}`,
      "Connection: close",
      "Content-Type: text/plain",
      `Content-Length: ${Buffer.byteLength(sentence)}`,
      "",
      sentence,
    ].join("\r\n"),
  );
}

/** The client's side of the handshake, on a stream that is connected and trusted. Rejects after `timeout` milliseconds. */
export function openWebSocket(
  stream: Duplex,
  { transport, serverName, port }: Target,
  clock: Clock,
  timeout: number,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const host = serverName.includes(":") ? `[${serverName}]` : serverName;
    const socket = new WebSocket(`${transport}://${host}:${port}/`, SUBPROTOCOL, {
      ...OPTIONS,
      createConnection: () => stream,
    });
    const deadline = clock.after(timeout, () => socket.terminate());
    const fail = (error: Error): void => {
      deadline.cancel();
      reject(error);
    };
    socket.on("error", fail);
    socket.once("open", () => {
      deadline.cancel();
      // Until somebody listens nothing may come.
      socket.pause();
      resolve(socket);
    });
  });
}

/** What is known of the stream below a WebSocket. */
export interface Carrier {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly peer?: TlsPeer;
}

/** An open WebSocket whose every message, text or binary, is one chunk. */
export class WebSocketConnection implements StreamConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly peer?: TlsPeer;
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #frameOverhead: number;
  #failure: Error | undefined;
  /** Bytes that came since the last whole message and belong to no control frame. */
  #unfinished = 0;

  constructor(socket: WebSocket, stream: Duplex, inbound: boolean, { local, remote, peer }: Carrier) {
    this.local = local;
    this.remote = remote;
    if (peer) this.peer = peer;
    this.#socket = socket;
    this.#stream = stream;
    this.#frameOverhead = inbound ? MASKED_OVERHEAD : PLAIN_OVERHEAD;
    socket.on("error", (error) => {
      this.#failure = error;
    });
  }

  get backlog(): number {
    return this.#socket.bufferedAmount;
  }

  /** What is not UTF-8 must leave in a binary message; text is what browsers expect (RFC 7118 §4.2). */
  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) {
        reject(this.#failure ?? new Error("the connection is closed"));
        return;
      }
      this.#socket.send(bytes, { binary: !isUtf8(bytes) }, (error) => (error ? reject(error) : resolve()));
    });
  }

  start(handlers: StreamHandlers): void {
    const control = (kind: "ping" | "pong", payload: Buffer): void => {
      this.#unfinished -= payload.length + this.#frameOverhead;
      handlers.control?.(kind);
    };
    let isWhole = false;
    this.#socket.on("message", (data) => {
      isWhole = true;
      handlers.data(bufferOf(data));
    });
    this.#socket.on("ping", (payload) => control("ping", payload));
    this.#socket.on("pong", (payload) => control("pong", payload));
    this.#socket.on("close", () => handlers.closed(this.#failure));
    // Behind the listener that reads frames: the chunk's messages are out by now.
    this.#stream.on("data", (chunk: Buffer) => {
      this.#unfinished = isWhole ? 0 : this.#unfinished + chunk.length;
      isWhole = false;
      handlers.partial?.(this.#unfinished > 0);
    });
    this.#socket.resume();
    if (this.#socket.readyState === WebSocket.CLOSED) handlers.closed(this.#failure);
  }

  ping(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  close(): void {
    this.#socket.terminate();
  }

  finish(): void {
    this.#socket.close();
  }
}

/** Bytes of a control frame besides its payload; what clients send is masked (RFC 6455 §5.2). */
const MASKED_OVERHEAD = 6;
const PLAIN_OVERHEAD = 2;

/** Messages come whole as long as nobody changes `binaryType`. */
function bufferOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
