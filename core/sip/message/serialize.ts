import { formatLines, valueOf } from "./header-line.ts";
import { headerName } from "./header-names.ts";
import type { Headers } from "./header.ts";
import type { SipMessage } from "./message.ts";

/**
 * The bytes of a message. Content-Length is always there and right; every other line leaves as it came. The trick of
 * this file: what was not touched leaves as one piece of the text it came in, and all is encoded in one go.
 */
export function serialize(message: SipMessage): Buffer {
  const { body } = message;
  const startLine =
    message.kind === "request"
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  const { list } = withContentLength(message.headers, body.length);
  const head = `${startLine}${formatLines(list)}\r\n`;
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 0, "latin1");
  if (body.length > 0) body.copy(bytes, head.length);
  return bytes;
}

const CONTENT_LENGTH = headerName("content-length");

function withContentLength(headers: Headers, length: number): Headers {
  const digits = String(length);
  const line = headers.line(CONTENT_LENGTH);
  const isRight = line !== undefined && valueOf(line) === digits && headers.count("content-length") === 1;
  return isRight ? headers : headers.with("Content-Length", digits);
}
