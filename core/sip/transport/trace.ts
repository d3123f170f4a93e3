/** What a tap on the transport layer is told of each message, and how an entry is made fit to be shown. */
import type { Clock } from "../../platform/clock.ts";
import { cseq, topVia } from "../message/fields.ts";
import { parseMessage } from "../message/parse.ts";
import type { Flow, TransportName } from "./flow.ts";
import type { Endpoint } from "./network.ts";

type Direction = "in" | "out";

/**
 * One message on its way. It holds everything: proofs of passwords, and what people write to each other. Keep-alives
 * are not told.
 */
export interface TraceEntry {
  /** Milliseconds of the wall clock. */
  readonly at: number;
  readonly direction: Direction;
  readonly flow: string;
  readonly transport: TransportName;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Branch of the topmost Via and method of CSeq, the same for a request and its responses; empty when unreadable. */
  readonly transaction: string;
  readonly firstLine: string;
  /** The message, or as much of it as was read before it proved not to be one. */
  readonly bytes: Buffer;
}

/** Longest first line that an entry repeats, in characters. */
const MAX_FIRST_LINE = 512;

export type Tap = (direction: Direction, bytes: Buffer, flow: Flow) => void;

/** What tells `trace` of messages; nothing where nobody listens, so that nothing is computed. */
export function tapOf(settings: {
  readonly clock: Clock;
  readonly trace?: (entry: TraceEntry) => void;
}): Tap | undefined {
  const { clock, trace } = settings;
  return trace && ((...seen) => trace(traceEntry(clock.now(), ...seen)));
}

function traceEntry(at: number, direction: Direction, bytes: Buffer, flow: Flow): TraceEntry {
  const { id, transport, local, remote } = flow;
  const firstLine = firstLineOf(bytes);
  return { at, direction, flow: id, transport, local, remote, transaction: transactionOf(bytes), firstLine, bytes };
}

function firstLineOf(bytes: Buffer): string {
  const [line = ""] = bytes
    .toString("utf8", 0, MAX_FIRST_LINE)
    .trimStart()
    .split(/[\r\n]/, 1);
  return line;
}

function transactionOf(bytes: Buffer): string {
  const parsed = parseMessage(bytes, "datagram");
  const message = parsed.ok ? parsed.value : parsed.error.request;
  const branch = message && topVia(message)?.branch;
  const method = message && cseq(message)?.method;
  return branch === undefined || method === undefined ? "" : `${branch}|${method}`;
}

/** Values that prove who somebody is, folded lines included. */
const PROOFS = /^((?:proxy-)?authorization|authentication-info)((?:[ \t]|\r?\n[ \t])*:).*(?:\r?\n[ \t].*)*/gim;
const END_OF_HEAD = /\r?\n\r?\n/;

/**
 * The entry without what is nobody's business: the values of Authorization, Proxy-Authorization and
 * Authentication-Info, and the body. Of what cannot be read as SIP nothing is left, its first line included: nobody
 * knows what stands where in it.
 */
export function redacted(entry: TraceEntry): TraceEntry {
  const { bytes } = entry;
  if (!parseMessage(bytes, "datagram").ok) {
    const firstLine = `[${bytes.length} bytes that are not SIP]`;
    return { ...entry, firstLine, bytes: Buffer.from(firstLine) };
  }
  // One byte is one character, so that what is kept comes out as it was.
  const text = bytes.toString("latin1").replace(/^[\r\n]+/, "");
  const end = END_OF_HEAD.exec(text);
  const head = end ? text.slice(0, end.index + end[0].length) : text;
  const hidden = text.length - head.length;
  const shown = head.replace(PROOFS, "$1$2 [hidden]") + (hidden > 0 ? `[${hidden} bytes hidden]` : "");
  return { ...entry, bytes: Buffer.from(shown, "latin1") };
}
