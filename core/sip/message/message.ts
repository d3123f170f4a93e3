/** Requests and responses as immutable values, and how to make them (RFC 3261 §7, §8.2.6). */
import type { Header } from "./header.ts";
import { Headers, assertOneLine, parseHeader } from "./header.ts";
import { parseNameAddr } from "./name-addr.ts";
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
  const copied: Header[] = [];
  const seen = new Set<string>();
  for (const header of request.headers) {
    if (!isCopied(header.id, seen.has(header.id), status, options)) continue;
    seen.add(header.id);
    copied.push(header.id === "to" && status > 100 ? withTag(header, options.toTag) : header);
  }
  const headers = Headers.of([...copied, ...(options.headers ?? [])]);
  return { kind: "response", status, reason, headers, body: asBuffer(body) };
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

function withTag(to: Header, tag: string | undefined): Header {
  if (tag === undefined || parseNameAddr(to.value)?.params.has("tag") !== false) return to;
  if (!isToken(tag)) throw new TypeError("A tag has to be a token.");
  return parseHeader(`${to.raw};tag=${tag}`) ?? to;
}

function asBuffer(body: Buffer | string): Buffer {
  return typeof body === "string" ? Buffer.from(body, "utf8") : body;
}
