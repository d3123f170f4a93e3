/** Hosts and ports, as they stand in URIs and in Via (RFC 3261 §25.1: hostport, sent-by). */
import { HEX, HOST, isOf, skip } from "./characters.ts";
import { readNumber } from "./text.ts";

const COLON = 0x3a;
const DOT = 0x2e;
const HYPHEN = 0x2d;

/** Where the name or address that begins there has ended; `from` itself when none begins there. */
export function endOfHost(text: string, from: number, to: number): number {
  if (from >= to) return from;
  const first = text.charCodeAt(from);
  if (first === 0x5b) return endOfIpv6(text, from, to);
  return first === DOT || first === HYPHEN ? from : skip(text, from, to, HOST);
}

/** Laxer than the grammar: RFC 5118 §4.10 wants three colons understood. */
function endOfIpv6(text: string, from: number, to: number): number {
  let at = from + 1;
  for (; at < to; at++) {
    const code = text.charCodeAt(at);
    if (!isOf(code, HEX) && code !== COLON && code !== DOT) break;
  }
  return at > from + 1 && at < to && text.charCodeAt(at) === 0x5d ? at + 1 : from;
}

/** A port of at most five digits; undefined for anything else. */
export function readPort(text: string, from: number, to: number): number | undefined {
  return to - from <= 5 ? readNumber(text, from, to, 65_535) : undefined;
}
