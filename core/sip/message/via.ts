/** One value of the Via header field (RFC 3261 §20.42, RFC 3581). */
import type { Params } from "./params.ts";
import { formatParams, parseParams } from "./params.ts";
import { TOKEN_CHARACTERS, parseNumber } from "./text.ts";

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

const token = `([${TOKEN_CHARACTERS}]+)`;
const slash = "[ \\t]*/[ \\t]*";
const SENT_BY = new RegExp(
  `^${token}${slash}${token}${slash}${token}[ \\t]+` +
    `(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9_][A-Za-z0-9._-]*)(?:[ \\t]*:[ \\t]*([0-9]{1,5}))?(?=[ \\t;]|$)`,
);

/** Reads one value; undefined when malformed. */
export function parseVia(text: string): Via | undefined {
  const match = SENT_BY.exec(text);
  if (!match) return undefined;
  const [sentBy, name = "", version = "", transport = "", host = "", digits] = match;
  const params = parseParams(text, sentBy.length);
  const port = parseNumber(digits, 65_535);
  if (!params || (digits !== undefined && port === undefined)) return undefined;
  const branch = params.get("branch");
  const received = params.get("received");
  return {
    protocol: `${name.toUpperCase()}/${version}`,
    transport: transport.toUpperCase(),
    host,
    ...(port !== undefined && { port }),
    params,
    ...(branch && { branch }),
    ...(received && { received: received.replace(/^\[(.*)\]$/, "$1") }),
    ...(params.has("rport") && { rport: parseNumber(params.get("rport"), 65_535) ?? true }),
  };
}

/** Writes protocol, sent-by and `params`; branch, received and rport are taken from `params`. */
export function formatVia(via: Pick<Via, "protocol" | "transport" | "host" | "port" | "params">): string {
  const { protocol, transport, host, port, params } = via;
  return `${protocol}/${transport} ${port === undefined ? host : `${host}:${port}`}${formatParams(params)}`;
}
