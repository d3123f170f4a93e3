/** One value of the Via header field (RFC 3261 §20.42, RFC 3581). */
import { DIGIT, TOKEN, TOKEN_CHARACTERS } from "./characters.ts";
import { endOfHost, readPort } from "./host.ts";
import type { Params } from "./params.ts";
import { formatParams, readParams } from "./params.ts";
import type { Source } from "./source.ts";
import { codeAt, readAll, skip, skipBlanks } from "./source.ts";
import { parseNumber } from "./text.ts";
import { Words } from "./words.ts";

export interface Via {
  /** `SIP/2.0` */
  readonly protocol: string;
  /** In upper case: UDP, TCP, TLS … */
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Params;
  readonly branch: string | undefined;
  /** An address, without the brackets that some put around IPv6 (RFC 5118 §4.5). */
  readonly received: string | undefined;
  /** `true` when the sender asks for it, the port when filled in. */
  readonly rport: number | true | undefined;
}

/** What all begin with, as a rule. */
const USUAL_START = "SIP/2.0/";
const ANY_START = new RegExp(`^([${TOKEN_CHARACTERS}]+)[ \\t]*/[ \\t]*([${TOKEN_CHARACTERS}]+)[ \\t]*/`);
const transports = new Words(["UDP", "TCP", "TLS", "SCTP", "TLS-SCTP", "WS", "WSS"], (name) => name);

/** Reads one value; undefined when malformed. */
export function parseVia(text: string): Via | undefined {
  return readAll(text, readVia);
}

/** Reads the value that stands between two places. */
export function readVia(source: Source, from: number, to: number): Via | undefined {
  const { text } = source;
  if (text.startsWith(USUAL_START, from)) return readRest("SIP/2.0", source, from + USUAL_START.length, to);
  const [start, name = "", version = ""] = ANY_START.exec(text.slice(from, to)) ?? [];
  return start === undefined
    ? undefined
    : readRest(`${name.toUpperCase()}/${version}`, source, from + start.length, to);
}

/** Transport, sent-by and parameters. */
function readRest(protocol: string, source: Source, from: number, to: number): Via | undefined {
  const { text } = source;
  const start = skipBlanks(source, from, to);
  const known = transports.startingAt(source, start, to);
  const end = known === undefined ? skip(source, start, to, TOKEN) : start + known.text.length;
  const host = skipBlanks(source, end, to);
  const hostEnd = endOfHost(source, host, to);
  if (end === start || host === end || hostEnd === host) return undefined;
  const colon = skipBlanks(source, hostEnd, to);
  const hasPort = colon < to && codeAt(source, colon) === 0x3a;
  const portStart = hasPort ? skipBlanks(source, colon + 1, to) : hostEnd;
  const portEnd = hasPort ? skip(source, portStart, to, DIGIT) : hostEnd;
  const port = hasPort ? readPort(source, portStart, portEnd) : undefined;
  const params = readParams(source, portEnd, to);
  if (!params || (hasPort && port === undefined)) return undefined;
  const transport = known?.text ?? text.slice(start, end).toUpperCase();
  return assemble(protocol, transport, text.slice(host, hostEnd), port, params);
}

function assemble(protocol: string, transport: string, host: string, port: number | undefined, params: Params): Via {
  const branch = params.get("branch") || undefined;
  const received = params.get("received");
  const rport = params.has("rport") ? (parseNumber(params.get("rport"), 65_535) ?? true) : undefined;
  return {
    protocol,
    transport,
    host,
    port,
    params,
    branch,
    received: received ? withoutBrackets(received) : undefined,
    rport,
  };
}

function withoutBrackets(address: string): string {
  return address.startsWith("[") && address.endsWith("]") ? address.slice(1, -1) : address;
}

/** Writes protocol, sent-by and `params`; branch, received and rport are taken from `params`. */
export function formatVia(
  via: Pick<Via, "protocol" | "transport" | "host" | "params"> & { readonly port?: number | undefined },
): string {
  const { protocol, transport, host, port, params } = via;
  return `${protocol}/${transport} ${port === undefined ? host : `${host}:${port}`}${formatParams(params)}`;
}
