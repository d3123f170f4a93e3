import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { parseMessage } from "../../core/sip/message/parse.ts";
import type { SipMessage, SipRequest, SipResponse } from "../../core/sip/message/message.ts";
import { responseTo } from "../../core/sip/message/message.ts";
import { serialize } from "../../core/sip/message/serialize.ts";

/** A browser's side of SIP over WebSocket, made of the `ws` package alone. */
export class WebSocketPeer {
  readonly socket: WebSocket;
  /** Messages that came and were not taken yet, text and binary alike. */
  readonly #came: { readonly text: string; readonly isBinary: boolean }[] = [];
  readonly #waiting: (() => void)[] = [];
  #closeCode: number | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer, isBinary) => {
      this.#came.push({ text: data.toString("latin1"), isBinary });
      this.#wake();
    });
    socket.on("close", (code) => {
      this.#closeCode = code;
      this.#wake();
    });
    socket.on("error", () => undefined);
  }

  /** Opens; rejects with the status of the refusal in its message. */
  static async open(url: string, protocols: string[] = ["sip"], origin?: string): Promise<WebSocketPeer> {
    const socket = new WebSocket(url, protocols, {
      rejectUnauthorized: false,
      perMessageDeflate: true,
      ...(origin !== undefined && { origin }),
    });
    const peer = new WebSocketPeer(socket);
    const refused = new Promise<never>((_, reject) => {
      socket.once("unexpected-response", (request: ClientRequest, { statusCode = 0 }: IncomingMessage) => {
        request.destroy();
        reject(new Error(`refused: ${statusCode}`));
      });
      socket.once("error", reject);
    });
    await Promise.race([once(socket, "open"), refused]);
    return peer;
  }

  send(bytes: string | Buffer): void {
    this.socket.send(bytes);
  }

  /** The next message as it came. */
  async raw(): Promise<{ readonly text: string; readonly isBinary: boolean }> {
    for (;;) {
      const next = this.#came.shift();
      if (next) return next;
      if (this.#closeCode !== undefined) throw new Error(`closed with ${this.#closeCode}`);
      await this.#news();
    }
  }

  async message(): Promise<SipMessage> {
    const parsed = parseMessage(Buffer.from((await this.raw()).text, "latin1"), "datagram");
    if (!parsed.ok) throw new Error(parsed.error.message);
    return parsed.value;
  }

  async response(): Promise<SipResponse> {
    const message = await this.message();
    if (message.kind !== "response") throw new Error(`a response was expected, ${message.method} came`);
    return message;
  }

  async request(): Promise<SipRequest> {
    const message = await this.message();
    if (message.kind !== "request") throw new Error(`a request was expected, ${message.status} came`);
    return message;
  }

  answer(request: SipRequest, status: number): void {
    this.send(serialize(responseTo(request, status, { toTag: "browser" })));
  }

  /** The code it was closed with. */
  async closed(): Promise<number> {
    while (this.#closeCode === undefined) await this.#news();
    return this.#closeCode;
  }

  close(): void {
    this.socket.terminate();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const go of this.#waiting.splice(0)) go();
  }
}
