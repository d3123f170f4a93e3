/** Requests and responses as immutable values, and how to make them (RFC 3261 §7, §8.2.6). */
import { Headers, assertOneLine } from "./header.ts";
import type { HeaderLine } from "./header-line.ts";
import { lineOf, makeLine, rawOf, readValue } from "./header-line.ts";
import { readNameAddr } from "./name-addr.ts";
import { reasonPhrase } from "./reason.ts";
import { isToken } from "./text.ts";

export { reasonPhrase } from "./reason.ts";

export interface SipRequest {
  readonly kind: "request";
  readonly method: string;
  /** The Request-URI, raw. */
  readonly uri: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface SipResponse {
  readonly kind: "response";
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export type SipMessage = SipRequest | SipResponse;

export interface ResponseOptions {
  /** Instead of the registered phrase. */
  readonly reason?: string;
  /** Our tag for To, where the request has none. Not put into a 100. */
  readonly toTag?: string;
  /** Copied when the response makes a dialog (§12.1.1). */
  readonly copyRecordRoute?: boolean;
  readonly headers?: Iterable<readonly [string, string]>;
  /** Text is sent as UTF-8. */
  readonly body?: Buffer | string;
}

/** Makes a request. Text that would break out of its line is a programming fault and throws. */
export function request(
  method: string,
  uri: string,
  headers: Iterable<readonly [string, string]>,
  body: Buffer | string = "",
): SipRequest {
  if (!isToken(method)) throw new TypeError("A method has to be a token.");
  assertOneLine(uri, "A Request-URI");
  if (uri === "" || uri.includes(" ")) throw new TypeError("A Request-URI is empty or has a space.");
  return { kind: "request", method, uri, headers: Headers.of(headers), body: asBuffer(body) };
}

/**
 * Makes the response to a request (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq are copied byte for byte,
 * a Timestamp too into a 100. Works on requests that are themselves malformed: what is missing stays missing.
 */
export function responseTo(request: SipRequest, status: number, options: ResponseOptions = {}): SipResponse {
  const { reason = reasonPhrase(status), body = "" } = options;
  assertOneLine(reason, "A reason phrase");
  if (!Number.isInteger(status) || status < 100 || status > 699) throw new RangeError("A status is from 100 to 699.");
  const lines: HeaderLine[] = [];
  const seen = new Set<string>();
  for (const line of request.headers.list) {
    const { id } = line.name;
    if (!isCopied(id, seen.has(id), status, options)) continue;
    seen.add(id);
    lines.push(id === "to" && status > 100 ? withTag(line, options.toTag) : line);
  }
  for (const [name, value] of options.headers ?? []) lines.push(makeLine(name, value));
  return { kind: "response", status, reason, headers: Headers.ofLines(lines), body: asBuffer(body) };
}

function isCopied(id: string, again: boolean, status: number, options: ResponseOptions): boolean {
  switch (id) {
    case "via":
      return true;
    case "from":
    case "to":
    case "call-id":
    case "cseq":
      return !again;
    case "timestamp":
      return status === 100 && !again;
    case "record-route":
      return options.copyRecordRoute === true;
    default:
      return false;
  }
}

function withTag(line: HeaderLine, tag: string | undefined): HeaderLine {
  if (tag === undefined || readValue(line, readNameAddr)?.params.has("tag") !== false) return line;
  if (!isToken(tag)) throw new TypeError("A tag has to be a token.");
  return lineOf(`${rawOf(line)};tag=${tag}`) ?? line;
}

function asBuffer(body: Buffer | string): Buffer {
  return typeof body === "string" ? Buffer.from(body, "utf8") : body;
}
