/**
 * The three tasks of the parse bench, done with Hallway and with the packages `sip`, `jssip` and `sip.js`, each in its
 * own way: `sip` decodes the headers it knows while it parses; `jssip` and `sip.js` decode some then and the others
 * when `parseHeader` asks for them. A header for which a package has no decoder is read as text. All read the URIs in
 * addresses, for which `sip` has a function of its own that it uses by itself for Route and Record-Route only.
 */
import { createRequire } from "node:module";
import { readCredentials } from "../../../core/sip/digest.ts";
import * as fields from "../../../core/sip/message/fields.ts";
import { parseMessage } from "../../../core/sip/message/parse.ts";
import { serialize } from "../../../core/sip/message/serialize.ts";

/** The Via that every proxy here puts on top. */
const VIA = { protocol: "SIP/2.0", transport: "TLS", host: "hop.harbour.example", port: 5061 };
const VIA_PARAMS = { branch: "z9hG4bK5a1e0c77d2f94b03", rport: undefined };
const VIA_TEXT = "SIP/2.0/TLS hop.harbour.example:5061;branch=z9hG4bK5a1e0c77d2f94b03;rport";

export interface Contestant {
  readonly name: string;
  /** Parses and reads every header; returns how many values were understood, so that no work can be left out. */
  readAll(input: Buffer): number;
  /** Parses and writes the same message. */
  roundTrip(input: Buffer): Buffer;
  /**
   * What a proxy does: of a request it pops the top Route, puts its Via on top and counts Max-Forwards down; of a
   * response it pops the top Via.
   */
  forward(input: Buffer): Buffer;
}

const require = createRequire(import.meta.url);

const hallway: Contestant = {
  name: "hallway",
  readAll: (input) => {
    const message = parsed(input);
    const { headers } = message;
    let count = fields.vias(message).length + fields.contacts(message).length;
    count += fields.routes(message).length + fields.recordRoutes(message).length;
    count += one(fields.from(message)) + one(fields.to(message)) + one(fields.callId(message));
    count += one(fields.cseq(message)) + one(fields.maxForwards(message)) + one(fields.expires(message));
    count += one(fields.event(message)) + one(fields.subscriptionState(message));
    count += one(fields.contentType(message)) + one(headers.get("content-length"));
    count += headers.readLines("authorization", readCredentials).length;
    for (const name of ["allow", "supported", "allow-events"]) count += fields.optionTags(message, name).length;
    for (const name of ["user-agent", "server", "date"]) count += one(headers.get(name));
    return count;
  },
  roundTrip: (input) => serialize(parsed(input)),
  forward: (input) => {
    const message = parsed(input);
    const { headers } = message;
    if (message.kind === "response")
      return serialize({ ...message, headers: headers.replaceFirstValue("via", undefined) });
    const hops = String((fields.maxForwards(message) ?? 70) - 1);
    const routed = headers.replaceFirstValue("route", undefined).with("Max-Forwards", hops);
    return serialize({ ...message, headers: routed.prepend("Via", VIA_TEXT) });
  },
};

function parsed(input: Buffer) {
  const result = parseMessage(input, "stream");
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

function one(value: unknown): number {
  return value === undefined || value === "" ? 0 : 1;
}

/** What `sip` makes of a message: known headers decoded, all others as text. */
interface SipPackageMessage {
  readonly method?: string;
  readonly headers: Record<string, unknown> & {
    from: SipPackageAddress;
    to: SipPackageAddress;
    contact?: SipPackageAddress[];
    via: unknown[];
    route?: unknown[];
  };
}

interface SipPackageAddress {
  readonly uri: string;
}

interface SipPackage {
  parse(input: Buffer): SipPackageMessage;
  parseUri(text: string): unknown;
  stringify(message: SipPackageMessage): string;
}

function sipPackage(): Contestant {
  const { parse, parseUri, stringify } = require("sip") as SipPackage;
  return {
    name: "sip",
    readAll: (input) => {
      const { headers } = parse(input);
      let count = 0;
      for (const name in headers) {
        const value = headers[name];
        count += Array.isArray(value) ? value.length : 1;
      }
      count += one(parseUri(headers.from.uri)) + one(parseUri(headers.to.uri));
      for (const { uri } of headers.contact ?? []) count += one(parseUri(uri));
      return count;
    },
    roundTrip: (input) => Buffer.from(stringify(parse(input)), "latin1"),
    forward: (input) => {
      const message = parse(input);
      const { headers } = message;
      if (message.method === undefined) headers.via.shift();
      else {
        headers.route?.shift();
        headers.via.unshift({ version: "2.0", ...VIA, protocol: VIA.transport, params: { ...VIA_PARAMS } });
        headers["max-forwards"] = Number(headers["max-forwards"] ?? 70) - 1;
      }
      return Buffer.from(stringify(message), "latin1");
    },
  };
}

/** What `jssip` and `sip.js`, which share an ancestor, make of a message. */
interface CollectedMessage {
  readonly method?: string;
  readonly ruri?: { toString(): string } | null;
  readonly status_code?: number;
  readonly statusCode?: number;
  readonly reason_phrase?: string;
  readonly reasonPhrase?: string;
  readonly body: string;
  readonly headers: Record<string, { raw: string }[]>;
  getHeader(name: string): string | undefined;
  parseHeader(name: string, index: number): unknown;
  setHeader(name: string, value: string): void;
}

/** The headers for which both have a grammar rule. */
const DECODED =
  "Via From To Call-ID Contact Cseq Max-Forwards Route Record-Route Expires Event Subscription-State Content-Type " +
  "Content-Length Supported";
const decoded = new Set(DECODED.split(" "));

function collecting(name: string, parse: (text: string) => CollectedMessage | undefined): Contestant {
  const read = (input: Buffer): CollectedMessage => {
    const message = parse(input.toString("utf8"));
    if (!message) throw new Error(`${name} refuses a message`);
    return message;
  };
  return {
    name,
    readAll: (input) => {
      const message = read(input);
      let count = 0;
      for (const id in message.headers) {
        const lines = message.headers[id]?.length ?? 0;
        for (let at = 0; at < lines; at++) {
          const value = decoded.has(id) ? message.parseHeader(id, at) : message.getHeader(id);
          if (value !== undefined) count++;
        }
      }
      return count;
    },
    roundTrip: (input) => write(read(input)),
    forward: (input) => {
      const message = read(input);
      const { headers } = message;
      if (statusOf(message) !== undefined) headers["Via"]?.shift();
      else {
        headers["Route"]?.shift();
        headers["Via"]?.unshift({ raw: VIA_TEXT });
        message.setHeader("Max-Forwards", String(Number(message.parseHeader("Max-Forwards", 0) ?? 70) - 1));
      }
      return write(message);
    },
  };
}

function statusOf(message: CollectedMessage): number | undefined {
  return message.status_code ?? message.statusCode;
}

/** Neither writes what it has read; this is the loop with which they write what they make themselves. */
function write(message: CollectedMessage): Buffer {
  const status = statusOf(message);
  const reason = message.reason_phrase ?? message.reasonPhrase ?? "";
  let text =
    status === undefined
      ? `${message.method} ${message.ruri?.toString()} SIP/2.0\r\n`
      : `SIP/2.0 ${status} ${reason}\r\n`;
  for (const name in message.headers) for (const { raw } of message.headers[name] ?? []) text += `${name}: ${raw}\r\n`;
  return Buffer.from(`${text}\r\n${message.body}`, "utf8");
}

function jssip(): Contestant {
  const { parseMessage } = require("jssip/lib/Parser.js") as {
    parseMessage(text: string): CollectedMessage | undefined;
  };
  return collecting("jssip", (text) => parseMessage(text));
}

async function sipJs(): Promise<Contestant> {
  const path = "sip.js/lib/core/messages/parser.js";
  const { Parser } = (await import(path)) as {
    Parser: { parseMessage(text: string, logger: unknown): CollectedMessage | undefined };
  };
  const logger = { warn: () => undefined, error: () => undefined };
  return collecting("sip.js", (text) => Parser.parseMessage(text, logger));
}

/** Hallway first. */
export const contestants: readonly Contestant[] = [hallway, sipPackage(), jssip(), await sipJs()];
