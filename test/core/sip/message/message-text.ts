/** Messages written as lines, for the tests of this folder. */
import { parseMessage } from "../../../../core/sip/message/parse.ts";
import type { SipMessage, SipRequest, SipResponse } from "../../../../core/sip/message/message.ts";

export const essentials = [
  "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds",
  "Max-Forwards: 70",
  "To: Bob <sip:bob@biloxi.com>",
  "From: Alice <sip:alice@atlanta.com>;tag=1928301774",
  "Call-ID: a84b4c76e66710@pc33.atlanta.com",
  "CSeq: 314159 OPTIONS",
];

export function bytesOf(lines: readonly string[], body = ""): Buffer {
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1");
}

/** A request with the essential headers, further lines, and without the headers named in `without`. */
export function requestWith(lines: readonly string[] = [], without: readonly string[] = []): SipRequest {
  const kept = essentials.filter((line) => !without.some((name) => line.startsWith(`${name}:`)));
  const message = messageOf(bytesOf(["OPTIONS sip:bob@biloxi.com SIP/2.0", ...kept, ...lines]));
  if (message.kind !== "request") throw new Error("not a request");
  return message;
}

export function responseWith(lines: readonly string[] = [], without: readonly string[] = []): SipResponse {
  const kept = essentials.filter((line) => !without.some((name) => line.startsWith(`${name}:`)));
  const message = messageOf(bytesOf(["SIP/2.0 200 OK", ...kept, ...lines]));
  if (message.kind !== "response") throw new Error("not a response");
  return message;
}

export function messageOf(bytes: Buffer): SipMessage {
  const parsed = parseMessage(bytes, "datagram");
  if (!parsed.ok) throw new Error(parsed.error.code);
  return parsed.value;
}
