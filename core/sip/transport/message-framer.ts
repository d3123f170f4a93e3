/** What keeps messages apart by itself needs no Content-Length: each chunk is one message, or a keep-alive. */
import type { Frame } from "../message/frame.ts";

const PING = "\r\n\r\n";
const PONG = "\r\n";

/** Has the shape of `StreamFramer`, for the WebSocket subprotocol (RFC 7118 §5 and §6). */
export class MessageFramer {
  /** Nothing ever waits here for its rest. */
  readonly pending = 0;

  push(chunk: Buffer): Frame[] {
    const text = chunk.length <= PING.length ? chunk.toString("latin1") : undefined;
    if (text === PING) return [{ kind: "ping" }];
    if (text === PONG) return [{ kind: "pong" }];
    return [{ kind: "message", bytes: chunk }];
  }
}
