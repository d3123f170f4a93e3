/** One identity for every spelling of a header field name: lower case, in full. */

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

/** Names that are met often, or whose spelling is more than capitals behind hyphens. */
const USUAL_SPELLING = [
  ..."Accept Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authentication-Info Authorization".split(
    " ",
  ),
  ..."Call-ID Call-Info Contact Content-Disposition Content-Encoding Content-Length Content-Type CSeq Date".split(" "),
  ..."Error-Info Event Expires Flow-Timer From In-Reply-To Max-Forwards MIME-Version Min-Expires Min-SE".split(" "),
  ..."Organization P-Asserted-Identity P-Preferred-Identity Path Priority Privacy Proxy-Authenticate".split(" "),
  ..."Proxy-Authorization Proxy-Require RAck Reason Record-Route Refer-Sub Refer-To Referred-By Replaces".split(" "),
  ..."Reply-To Require Retry-After Route RSeq Security-Client Security-Server Security-Verify Server".split(" "),
  ..."Service-Route Session-Expires SIP-ETag SIP-If-Match Subject Subscription-State Supported Suppress-If-Match".split(
    " ",
  ),
  ..."Timestamp To Unsupported User-Agent Via Warning WWW-Authenticate".split(" "),
];

const ids = new Map<string, string>();
const spellings = new Map<string, string>();
for (const spelling of USUAL_SPELLING) {
  const id = spelling.toLowerCase();
  ids.set(spelling, id).set(id, id);
  spellings.set(id, spelling);
}
for (const [letter, id] of Object.entries(COMPACT)) ids.set(letter, id).set(letter.toUpperCase(), id);

/** The identity of a header field: `v`, `VIA` and `Via` are `via`. */
export function headerId(name: string): string {
  return ids.get(name) ?? lowerCaseId(name);
}

function lowerCaseId(name: string): string {
  const lower = name.toLowerCase();
  return ids.get(lower) ?? lower;
}

/** The usual spelling: `call-id` is `Call-ID`. */
export function displayName(id: string): string {
  return spellings.get(id) ?? id.replace(/(?<![^-])[a-z]/g, (letter) => letter.toUpperCase());
}
