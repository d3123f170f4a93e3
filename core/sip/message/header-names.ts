/** One identity for every spelling of a header field name: lower case, in full. */
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
const compact: readonly (string | undefined)[] = Array.from(
  { length: 128 },
  (_, code) => COMPACT[String.fromCharCode(code).toLowerCase()],
);

/** Names that are met often. Others are as good, only slower. */
// oxfmt-ignore
const USUAL = [
  "accept", "accept-encoding", "accept-language", "alert-info", "allow", "allow-events", "authentication-info",
  "authorization", "call-id", "call-info", "contact", "content-disposition", "content-encoding", "content-length",
  "content-type", "cseq", "date", "error-info", "event", "expires", "flow-timer", "from", "in-reply-to",
  "max-forwards", "mime-version", "min-expires", "min-se", "organization", "p-asserted-identity",
  "p-preferred-identity", "path", "priority", "privacy", "proxy-authenticate", "proxy-authorization",
  "proxy-require", "rack", "reason", "record-route", "refer-sub", "refer-to", "referred-by", "replaces", "reply-to",
  "require", "retry-after", "route", "rseq", "security-client", "security-server", "security-verify", "server",
  "service-route", "session-expires", "sip-etag", "sip-if-match", "subject", "subscription-state", "supported",
  "suppress-if-match", "timestamp", "to", "unsupported", "user-agent", "via", "warning", "www-authenticate",
];
const usual = new Words(USUAL);

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
const spellings = new Map(USUAL.map((id) => [id, UNUSUAL_SPELLING[id] ?? capitals(id)]));

/** The identity of a header field: `v`, `VIA` and `Via` are `via`. */
export function headerId(name: string): string {
  return headerIdAt(name, 0, name.length);
}

/** The identity of the header field whose name stands there. */
export function headerIdAt(text: string, from: number, to: number): string {
  const known = to - from === 1 ? compact[text.charCodeAt(from)] : usual.find(text, from, to);
  return known ?? text.slice(from, to).toLowerCase();
}

/** The usual spelling: `call-id` is `Call-ID`. */
export function displayName(id: string): string {
  return spellings.get(id) ?? capitals(id);
}

function capitals(id: string): string {
  return id.replace(/(?<![^-])[a-z]/g, (letter) => letter.toUpperCase());
}
