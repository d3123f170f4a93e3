/** One value of the Via header field (RFC 3261 §20.42, RFC 3581). */
import { BLANK, DIGIT, TOKEN, TOKEN_CHARACTERS, skip } from "./characters.ts";
import { endOfHost, readPort } from "./host.ts";
import type { Params } from "./params.ts";
import { formatParams, parseParams } from "./params.ts";
import { parseNumber } from "./text.ts";
import { Words } from "./words.ts";

export interface Via {
  /** `SIP/2.0` */
  readonly protocol: string;
  /** In upper case: UDP, TCP, TLS … */
  readonly transport: string;
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
  readonly branch?: string;
  /** An address, without the brackets that some put around IPv6 (RFC 5118 §4.5). */
  readonly received?: string;
  /** `true` when the sender asks for it, the port when filled in. */
  readonly rport?: number | true;
}

/** What all begin with, as a rule. */
const USUAL_START = "SIP/2.0/";
const ANY_START = new RegExp(`^([${TOKEN_CHARACTERS}]+)[ \\t]*/[ \\t]*([${TOKEN_CHARACTERS}]+)[ \\t]*/`);
const transports = new Words(["UDP", "TCP", "TLS", "SCTP", "TLS-SCTP", "WS", "WSS"]);

/** Reads one value; undefined when malformed. */
export function parseVia(text: string): Via | undefined {
  return readVia(text, 0, text.length);
}

/** Reads the value that stands between two places. */
export function readVia(text: string, from: number, to: number): Via | undefined {
  if (text.startsWith(USUAL_START, from)) return readRest("SIP/2.0", text, from + USUAL_START.length, to);
  const [start, name = "", version = ""] = ANY_START.exec(text.slice(from, to)) ?? [];
  return start === undefined ? undefined : readRest(`${name.toUpperCase()}/${version}`, text, from + start.length, to);
}

/** Transport, sent-by and parameters. */
function readRest(protocol: string, text: string, from: number, to: number): Via | undefined {
  const start = skip(text, from, to, BLANK);
  const end = skip(text, start, to, TOKEN);
  const host = skip(text, end, to, BLANK);
  const hostEnd = endOfHost(text, host, to);
  if (end === start || host === end || hostEnd === host) return undefined;
  const colon = skip(text, hostEnd, to, BLANK);
  const hasPort = colon < to && text.charCodeAt(colon) === 0x3a;
  const portStart = hasPort ? skip(text, colon + 1, to, BLANK) : hostEnd;
  const portEnd = hasPort ? skip(text, portStart, to, DIGIT) : hostEnd;
  const port = hasPort ? readPort(text, portStart, portEnd) : undefined;
  const params = parseParams(text, portEnd, to);
  if (!params || (hasPort && port === undefined)) return undefined;
  const transport = transports.find(text, start, end) ?? text.slice(start, end).toUpperCase();
  return assemble(protocol, transport, text.slice(host, hostEnd), port, params);
}

function assemble(protocol: string, transport: string, host: string, port: number | undefined, params: Params): Via {
  const via: { -readonly [Name in keyof Via]: Via[Name] } = { protocol, transport, host, params };
  if (port !== undefined) via.port = port;
  const branch = params.get("branch");
  if (branch) via.branch = branch;
  const received = params.get("received");
  if (received) via.received = withoutBrackets(received);
  if (params.has("rport")) via.rport = parseNumber(params.get("rport"), 65_535) ?? true;
  return via;
}

function withoutBrackets(address: string): string {
  return address.startsWith("[") && address.endsWith("]") ? address.slice(1, -1) : address;
}

/** Writes protocol, sent-by and `params`; branch, received and rport are taken from `params`. */
export function formatVia(via: Pick<Via, "protocol" | "transport" | "host" | "port" | "params">): string {
  const { protocol, transport, host, port, params } = via;
  return `${protocol}/${transport} ${port === undefined ? host : `${host}:${port}`}${formatParams(params)}`;
}
