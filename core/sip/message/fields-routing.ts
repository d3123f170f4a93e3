/** Header fields of registration, publication and the way that requests take (RFC 3327, 3608, 3903, 5626, 3841). */
import { readSeconds, readToken, readTrimmedNumber, MAX_NUMBER, qOf, seconds, unquotedParam } from "./field-readers.ts";
import { fieldOf } from "./header.ts";
import type { NameAddr } from "./name-addr.ts";
import { readNameAddr } from "./name-addr.ts";
import { parseNumber } from "./text.ts";

/** RFC 3327 §4. */
export const PATH = fieldOf("path", readNameAddr);
/** RFC 3608 §5. */
export const SERVICE_ROUTE = fieldOf("service-route", readNameAddr);
/** Seconds (RFC 3261 §20.23). */
export const MIN_EXPIRES = fieldOf("min-expires", readSeconds);
/** Seconds between keep-alives, at most (RFC 5626 §11). */
export const FLOW_TIMER = fieldOf("flow-timer", (source, from, to) => readTrimmedNumber(source, from, to, MAX_NUMBER));
/** RFC 3903 §11.3. */
export const SIP_ETAG = fieldOf("sip-etag", readToken);
export const SIP_IF_MATCH = fieldOf("sip-if-match", readToken);
export const REPLY_TO = fieldOf("reply-to", readNameAddr);

export interface ContactDetails {
  /** From 0 to 1; 1 when absent, undefined when malformed (RFC 3261 §20.10). */
  readonly q: number | undefined;
  /** Seconds. */
  readonly expires: number | undefined;
  /** `urn:uuid:…` without quotes and brackets (RFC 5626 §4.1). */
  readonly instance: string | undefined;
  /** From 1 on (RFC 5626 §4.2). */
  readonly regId: number | undefined;
}

/** What the parameters of a Contact say. */
export function contactDetails({ params }: NameAddr): ContactDetails {
  return {
    q: qOf(params),
    expires: seconds(params.get("expires")),
    instance: /^<([^<>]+)>$/.exec(unquotedParam(params, "+sip.instance") ?? "")?.[1],
    regId: parseNumber(params.get("reg-id"), 2 ** 31 - 1) || undefined,
  };
}
