import type { Headers } from "./header.ts";
import type { SipMessage } from "./message.ts";

/** The bytes of a message. Content-Length is always there and right; every other line leaves as it came. */
export function serialize(message: SipMessage): Buffer {
  const { body } = message;
  let head =
    message.kind === "request"
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  for (const header of withContentLength(message.headers, body.length)) head += `${header.raw}\r\n`;
  head += "\r\n";
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 0, "latin1");
  body.copy(bytes, head.length);
  return bytes;
}

function withContentLength(headers: Headers, length: number): Headers {
  const lines = headers.lines("content-length");
  return lines.length === 1 && lines[0] === String(length) ? headers : headers.with("Content-Length", String(length));
}
