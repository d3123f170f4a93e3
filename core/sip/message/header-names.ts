/**
 * One identity for every spelling of a header field name. The trick of this file: a usual name is one object, so that
 * names are compared without looking at their letters, and has a bit, so that a message knows what it does not have.
 */
import type { Source } from "./source.ts";
import type { Word } from "./words.ts";
import { Words } from "./words.ts";

/** RFC 3261 §7.3.3 and the IANA registry of SIP header fields. */
const COMPACT: Readonly<Record<string, string>> = {
  a: "accept-contact",
  b: "referred-by",
  c: "content-type",
  d: "request-disposition",
  e: "content-encoding",
  f: "from",
  i: "call-id",
  j: "reject-contact",
  k: "supported",
  l: "content-length",
  m: "contact",
  n: "identity-info",
  o: "event",
  r: "refer-to",
  s: "subject",
  t: "to",
  u: "allow-events",
  v: "via",
  x: "session-expires",
  y: "identity",
};

/** Names that are met often. Others are as good, only slower. */
// oxfmt-ignore
const USUAL = [
  "via", "from", "to", "call-id", "cseq", "contact", "content-length", "content-type", "max-forwards", "route",
  "record-route", "user-agent", "server", "allow", "allow-events", "supported", "subscription-state", "event",
  "expires", "authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "date", "accept",
  "accept-encoding", "accept-language", "alert-info", "authentication-info", "call-info", "content-disposition",
  "content-encoding", "error-info", "flow-timer", "in-reply-to", "mime-version", "min-expires", "min-se",
  "organization", "p-asserted-identity", "p-preferred-identity", "path", "priority", "privacy", "proxy-require",
  "rack", "reason", "refer-sub", "refer-to", "referred-by", "replaces", "reply-to", "require", "retry-after", "rseq",
  "security-client", "security-server", "security-verify", "service-route", "session-expires", "sip-etag",
  "sip-if-match", "subject", "suppress-if-match", "timestamp", "unsupported", "warning",
];

/** Names whose usual spelling is more than capitals behind hyphens. */
const UNUSUAL_SPELLING: Readonly<Record<string, string>> = {
  "call-id": "Call-ID",
  cseq: "CSeq",
  "mime-version": "MIME-Version",
  "min-se": "Min-SE",
  rack: "RAck",
  rseq: "RSeq",
  "sip-etag": "SIP-ETag",
  "sip-if-match": "SIP-If-Match",
  "www-authenticate": "WWW-Authenticate",
};

/** The name of a header field, whatever its spelling. */
export interface HeaderName {
  /** In lower case and in full. */
  readonly id: string;
  /** As it is usually written. */
  readonly spelling: string;
  /** A bit of its own for each of those that are met most; the others share one. */
  readonly bit: number;
}

const SHARED_BIT = 1 << 29;

/** Usual names under their spelling, their identity and their compact form. */
const known = new Map<string, HeaderName>();
for (const [place, id] of USUAL.entries()) {
  const bit = place < 29 ? 1 << place : SHARED_BIT;
  const name = { id, spelling: UNUSUAL_SPELLING[id] ?? capitals(id), bit };
  known.set(name.spelling, name).set(id, name);
}
for (const [letter, id] of Object.entries(COMPACT)) {
  const name = known.get(id) ?? { id, spelling: capitals(id), bit: SHARED_BIT };
  known.set(letter, name).set(letter.toUpperCase(), name).set(id, name);
}

const usual = new Words(
  USUAL.map((id) => displayName(id)),
  headerName,
);

/** A usual name, when one begins there in its usual spelling. */
export function usualHeaderAt(source: Source, from: number, to: number): Word<HeaderName> | undefined {
  return usual.startingAt(source, from, to);
}

/** The usual name that is written so; undefined when it is none or in an unusual spelling. */
export function usualHeader(text: string): HeaderName | undefined {
  return known.get(text);
}

/** What `v`, `VIA` and `Via` name. */
export function headerName(text: string): HeaderName {
  return known.get(text) ?? lowerCaseName(text.toLowerCase());
}

function lowerCaseName(id: string): HeaderName {
  return known.get(id) ?? { id, spelling: capitals(id), bit: SHARED_BIT };
}

/** Whether both are the same name. */
export function isSameName(a: HeaderName, b: HeaderName): boolean {
  return a === b || (a.bit === SHARED_BIT && a.id === b.id);
}

/** The identity of a header field as text: `v`, `VIA` and `Via` are `via`. */
export function headerId(name: string): string {
  return headerName(name).id;
}

/** The usual spelling: `call-id` is `Call-ID`. */
export function displayName(id: string): string {
  return known.get(id)?.spelling ?? capitals(id);
}

function capitals(id: string): string {
  return id.replace(/(?<![^-])[a-z]/g, (letter) => letter.toUpperCase());
}
