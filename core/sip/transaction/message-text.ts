/**
 * Messages that a transaction keeps in case they have to be sent again. The trick of this file: they are kept as flat
 * text, one byte a character, which takes their length and nothing else; a parsed message takes ten times as much, and
 * a small buffer holds on to the block that it was cut from.
 */
import type { SipMessage } from "../message/message.ts";
import { parseMessage } from "../message/parse.ts";

export function keptText(bytes: Buffer): string {
  return bytes.toString("latin1");
}

export function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** The message of kept text, which leaves byte for byte as it was. */
export function messageOf(text: string): SipMessage {
  const parsed = parseMessage(bytesOf(text), "stream");
  if (!parsed.ok) throw new Error(`What was sent cannot be read: ${parsed.error.code}.`);
  return parsed.value;
}

/** The same text in memory of its own: what is cut from a message holds on to the whole of it. */
export function ownText(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
