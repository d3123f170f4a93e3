/** Hosts and ports, as they stand in URIs and in Via (RFC 3261 §25.1: hostport, sent-by). */
import { HEX, HOST, isOf } from "./characters.ts";
import type { Source } from "./source.ts";
import { codeAt, readNumber, skip } from "./source.ts";

const COLON = 0x3a;
const DOT = 0x2e;
const HYPHEN = 0x2d;

/**
 * Where the name or address that begins there has ended; `from` itself when none begins there. `known` is how far it is
 * known to go already.
 */
export function endOfHost(source: Source, from: number, to: number, known = from): number {
  const end = skip(source, known, to, HOST);
  const first = codeAt(source, from);
  if (end > from) return first === DOT || first === HYPHEN ? from : end;
  return from < to && first === 0x5b ? endOfIpv6(source, from, to) : from;
}

/** Laxer than the grammar: RFC 5118 §4.10 wants three colons understood. */
function endOfIpv6(source: Source, from: number, to: number): number {
  let at = from + 1;
  while (at < to && isOfAddress(codeAt(source, at))) at++;
  return at > from + 1 && at < to && codeAt(source, at) === 0x5d ? at + 1 : from;
}

function isOfAddress(code: number): boolean {
  return isOf(code, HEX) || code === COLON || code === DOT;
}

/** A port of at most five digits; undefined for anything else. */
export function readPort(source: Source, from: number, to: number): number | undefined {
  return to - from <= 5 ? readNumber(source, from, to, 65_535) : undefined;
}
