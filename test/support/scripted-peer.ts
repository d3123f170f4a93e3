import { StreamFramer } from "../../core/sip/message/frame.ts";
import type { ResponseOptions, SipMessage, SipRequest, SipResponse } from "../../core/sip/message/message.ts";
import { responseTo } from "../../core/sip/message/message.ts";
import { parseMessage } from "../../core/sip/message/parse.ts";
import { serialize } from "../../core/sip/message/serialize.ts";
import type { Endpoint, Network, StreamConnection, TlsClientOptions } from "../../core/sip/transport/network.ts";

/** How long a connection of a peer may take to come about, in milliseconds. */
const CONNECT_WITHIN = 5_000;

/**
 * The other side of a conversation, without any stack of its own: it sends exactly the bytes that a test gives it and
 * keeps what it is sent. Works on any network, the one in memory and the machine's.
 */
export class ScriptedPeer {
  /** What came and was not taken yet. */
  readonly messages: SipMessage[] = [];
  /** Every byte that came. */
  raw: Buffer = Buffer.alloc(0);
  /** Keep-alives that came: `ping` is the double CRLF. */
  readonly keepAlives: ("ping" | "pong")[] = [];
  closed = false;
  readonly local: Endpoint;
  readonly #write: (bytes: Buffer) => Promise<void>;
  readonly #end: () => void;
  readonly #waiting: (() => void)[] = [];

  private constructor(local: Endpoint, write: (bytes: Buffer) => Promise<void>, end: () => void) {
    this.local = local;
    this.#write = write;
    this.#end = end;
  }

  /** A UDP socket that talks to one endpoint. */
  static async datagram(network: Network, local: Endpoint, remote: Endpoint): Promise<ScriptedPeer> {
    const socket = await network.bindDatagram(local, (bytes) => peer.#took(bytes, parseMessage(bytes, "datagram")));
    const peer: ScriptedPeer = new ScriptedPeer(
      socket.local,
      (bytes) => socket.send(bytes, remote),
      () => socket.close(),
    );
    return peer;
  }

  /** A connection to a listener. */
  static async connect(network: Network, remote: Endpoint, tls?: TlsClientOptions): Promise<ScriptedPeer> {
    return ScriptedPeer.#over(await network.connectStream(remote, CONNECT_WITHIN, tls));
  }

  /** A listener; every connection to it becomes a peer in the list. */
  static async listen(
    network: Network,
    local: Endpoint,
  ): Promise<{ local: Endpoint; peers: ScriptedPeer[]; close(): void }> {
    const peers: ScriptedPeer[] = [];
    const server = await network.listenStream(local, {
      connected: (connection) => void peers.push(ScriptedPeer.#over(connection)),
    });
    return { local: server.local, peers, close: () => server.close() };
  }

  static #over(connection: StreamConnection): ScriptedPeer {
    const framer = new StreamFramer();
    const peer = new ScriptedPeer(
      connection.local,
      (bytes) => connection.write(bytes),
      () => connection.close(),
    );
    connection.start({
      data: (chunk) => {
        peer.raw = Buffer.concat([peer.raw, chunk]);
        for (const frame of framer.push(chunk)) {
          if (frame.kind === "message") peer.#parsed(parseMessage(frame.bytes, "stream"));
          else if (frame.kind !== "error") peer.keepAlives.push(frame.kind);
        }
        peer.#wake();
      },
      closed: () => {
        peer.closed = true;
        peer.#wake();
      },
    });
    return peer;
  }

  /** Lines are joined with CRLF; a message of lines needs its empty last ones. */
  send(bytes: string | readonly string[] | Buffer): Promise<void> {
    if (Buffer.isBuffer(bytes)) return this.#write(bytes);
    return this.#write(Buffer.from(typeof bytes === "string" ? bytes : bytes.join("\r\n"), "utf8"));
  }

  answer(request: SipRequest, status: number, options: ResponseOptions = {}): Promise<void> {
    return this.#write(serialize(responseTo(request, status, { toTag: "peer", ...options })));
  }

  /** Takes the oldest request that came; a test that gets something else has failed. */
  takeRequest(method?: string): SipRequest {
    const message = this.messages.shift();
    if (message?.kind !== "request" || (method !== undefined && message.method !== method))
      throw new Error(`expected ${method ?? "a request"}, got ${describe(message)}`);
    return message;
  }

  takeResponse(): SipResponse {
    const message = this.messages.shift();
    if (message?.kind !== "response") throw new Error(`expected a response, got ${describe(message)}`);
    return message;
  }

  /** Resolves when `condition` holds; looks again whenever something comes in or the connection ends. */
  async until(condition: (peer: ScriptedPeer) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  /** The next response, waited for. */
  async response(): Promise<SipResponse> {
    await this.until(({ messages }) => messages.length > 0);
    return this.takeResponse();
  }

  /** The next request, waited for. */
  async request(method?: string): Promise<SipRequest> {
    await this.until(({ messages }) => messages.length > 0);
    return this.takeRequest(method);
  }

  close(): void {
    this.#end();
  }

  #took(bytes: Buffer, parsed: ReturnType<typeof parseMessage>): void {
    this.raw = Buffer.concat([this.raw, bytes]);
    this.#parsed(parsed);
    this.#wake();
  }

  #parsed(parsed: ReturnType<typeof parseMessage>): void {
    if (!parsed.ok) throw new Error(`what came is not SIP: ${parsed.error.code}`);
    this.messages.push(parsed.value);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function describe(message: SipMessage | undefined): string {
  if (!message) return "nothing";
  return message.kind === "request" ? message.method : `${message.status} ${message.reason}`;
}
