/**
 * How long a NOTIFY of 1 kB takes: `node test/bench/parse.bench.ts`.
 * The aim is 15 µs for parsing; the checks decode the essential headers, which whoever gets the message needs anyway.
 */
import { bench, run } from "mitata";
import { checkRequest } from "../../core/sip/message/check.ts";
import { StreamFramer } from "../../core/sip/message/frame.ts";
import { parseMessage } from "../../core/sip/message/parse.ts";
import { serialize } from "../../core/sip/message/serialize.ts";

const body = `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:alice@example.com">
  <tuple id="t1"><status><basic>open</basic></status>
    <contact priority="0.8">sip:alice@192.0.2.10</contact><timestamp>2026-01-02T03:04:05Z</timestamp></tuple>
  <tuple id="t2"><status><basic>closed</basic></status><note>Back on Monday, please write to the whole team</note></tuple>
</presence>
`;
const notify = Buffer.from(
  [
    "NOTIFY sip:bob@198.51.100.7:49152;transport=tls;ob SIP/2.0",
    "Via: SIP/2.0/TLS gateway.example.com:5061;branch=z9hG4bK5f2c7d1e9a3b4c5d;rport",
    "Max-Forwards: 70",
    "Route: <sip:edge.example.com:5061;transport=tls;lr>",
    "From: <sip:alice@example.com>;tag=a1b2c3d4e5f60718",
    'To: "Bob Example" <sip:bob@example.com>;tag=9f8e7d6c',
    "Call-ID: 7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "CSeq: 42 NOTIFY",
    "Contact: <sip:gateway.example.com:5061;transport=tls>",
    "Event: presence",
    "Subscription-State: active;expires=3540",
    "User-Agent: Example/1.0",
    "Content-Type: application/pidf+xml",
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n"),
);
const parsed = parseMessage(notify, "stream");
if (!parsed.ok) throw new Error(parsed.error.message);
const message = parsed.value;

bench(`parse ${notify.length} bytes`, () => parseMessage(notify, "stream"));
bench("parse and check", () => {
  const result = parseMessage(notify, "stream");
  return result.ok && result.value.kind === "request" && checkRequest(result.value);
});
bench("frame, parse and check", () => {
  for (const frame of new StreamFramer().push(notify)) {
    const result = frame.kind === "message" && parseMessage(frame.bytes, "stream");
    if (result && result.ok && result.value.kind === "request") checkRequest(result.value);
  }
});
bench("serialize", () => serialize(message));
await run();
