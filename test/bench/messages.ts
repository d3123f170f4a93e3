/**
 * The messages that the benches read: what an office really sees, about as large as it sees it. Every message comes
 * in as many variants as are asked for, so that nobody profits from having seen the very same text before.
 */

export interface SampleMessage {
  readonly name: string;
  readonly kind: "request" | "response";
  /** The bytes of the variant of that number; identifiers differ from one to the next. */
  bytes(variant: number): Buffer;
}

export const messages: readonly SampleMessage[] = [
  sample("NOTIFY with PIDF", "request", notify),
  sample("MESSAGE", "request", textMessage),
  sample("REGISTER with credentials", "request", register),
  sample("INVITE with SDP", "request", invite),
  sample("200 with five Vias", "response", answer),
];

type Text = { readonly head: readonly string[]; readonly body?: string };

function sample(name: string, kind: SampleMessage["kind"], write: (id: string) => Text): SampleMessage {
  return {
    name,
    kind,
    bytes: (variant) => {
      const { head, body = "" } = write((0x5eed_0000 + variant * 7919).toString(16));
      return Buffer.from([...head, `Content-Length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"));
    },
  };
}

function notify(id: string): Text {
  return {
    head: [
      `NOTIFY sip:miriam@198.51.100.23:49${id.slice(-3).replaceAll(/[a-f]/g, "7")};transport=tls;ob SIP/2.0`,
      `Via: SIP/2.0/TLS sip.harbour.example:5061;branch=z9hG4bK${id}c0ffee1234;rport`,
      "Max-Forwards: 70",
      "Route: <sip:edge.harbour.example:5061;transport=tls;lr>",
      `From: <sip:jonas@harbour.example>;tag=${id}b2c3d4`,
      `To: "Miriam Oduya" <sip:miriam@harbour.example>;tag=9f8e${id}`,
      `Call-ID: 7c9e6679-7425-40de-944b-${id}aeae`,
      "CSeq: 42 NOTIFY",
      "Contact: <sip:sip.harbour.example:5061;transport=tls>",
      "Event: presence",
      "Subscription-State: active;expires=3540",
      "Allow-Events: presence, presence.winfo",
      "User-Agent: Harbour Gateway/2.4",
      "Content-Type: application/pidf+xml",
    ],
    body: `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:jonas@harbour.example">
 <tuple id="t${id}"><status><basic>open</basic></status>
  <contact priority="0.8">sip:jonas@harbour.example</contact>
  <timestamp>2031-03-04T08:15:00Z</timestamp></tuple>
 <note>At the quay until noon</note>
</presence>
`,
  };
}

function textMessage(id: string): Text {
  return {
    head: [
      "MESSAGE sip:jonas@harbour.example SIP/2.0",
      `Via: SIP/2.0/TCP 203.0.113.88:50612;branch=z9hG4bK-${id}-7;rport`,
      "Max-Forwards: 70",
      "Route: <sip:sip.harbour.example;transport=tcp;lr>",
      `From: "Miriam Oduya" <sip:miriam@harbour.example>;tag=${id}`,
      "To: <sip:jonas@harbour.example>",
      `Call-ID: ${id}@203.0.113.88`,
      "CSeq: 1 MESSAGE",
      "Date: Tue, 04 Mar 2031 08:15:42 GMT",
      "Supported: outbound, gruu",
      "User-Agent: Harbour Desk 5.1 (linux)",
      "Content-Type: text/plain;charset=UTF-8",
    ],
    body: "The crane is free again. Shall we unload the second ship before lunch?",
  };
}

function register(id: string): Text {
  const instance = `"<urn:uuid:00000000-0000-1000-8000-${id}ae1f>"`;
  return {
    head: [
      "REGISTER sip:harbour.example SIP/2.0",
      `Via: SIP/2.0/TLS 192.0.2.41:53124;branch=z9hG4bKnashd${id};rport`,
      "Max-Forwards: 70",
      "Route: <sip:edge.harbour.example:5061;transport=tls;lr>",
      `From: <sip:jonas@harbour.example>;tag=ja${id}`,
      "To: <sip:jonas@harbour.example>",
      `Call-ID: reg-${id}-51c0@192.0.2.41`,
      "CSeq: 1826 REGISTER",
      `Contact: <sip:jonas@192.0.2.41:53124;transport=tls;ob>;expires=600;reg-id=1;+sip.instance=${instance}`,
      `Authorization: Digest username="jonas", realm="harbour.example", nonce="${id}dcd98b7102dd2f0e8b11d0f6", ` +
        `uri="sip:harbour.example", response="5ccc069c403ebaf9f0171e9517f40e41${id}", algorithm=SHA-256, ` +
        `cnonce="0a4f${id}", opaque="5ccc069c", qop=auth, nc=00000001`,
      "Expires: 600",
      "Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, NOTIFY, OPTIONS",
      "Supported: path, outbound, gruu",
      "User-Agent: Harbour Desk 5.1 (linux)",
    ],
  };
}

function invite(id: string): Text {
  return {
    head: [
      "INVITE sip:jonas@192.0.2.41:53124;transport=tls;ob SIP/2.0",
      `Via: SIP/2.0/TLS sip.harbour.example:5061;branch=z9hG4bK${id}.1`,
      `Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK${id}.0;received=198.51.100.7;rport=5060`,
      "Max-Forwards: 68",
      "Route: <sip:edge.harbour.example:5061;transport=tls;lr>, <sip:inner.harbour.example;lr>",
      "Record-Route: <sip:sip.harbour.example:5061;transport=tls;lr>",
      "Record-Route: <sip:proxy.tower.example;lr;r2=on>, <sip:198.51.100.7;transport=udp;lr;r2=on>",
      `From: "Tower, Front Desk" <sip:desk@tower.example>;tag=as${id}`,
      "To: <sip:jonas@harbour.example>",
      `Call-ID: ${id}3c1e0b@198.51.100.7`,
      "CSeq: 102 INVITE",
      "Contact: <sip:desk@198.51.100.7:5060>",
      "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, PUBLISH, MESSAGE",
      "Supported: replaces, timer",
      "User-Agent: Tower PBX 18.9",
      "Content-Type: application/sdp",
    ],
    body: `v=0\r\no=desk ${Number.parseInt(id, 16)} 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r
m=audio 14832 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r
a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n`,
  };
}

function answer(id: string): Text {
  return {
    head: [
      "SIP/2.0 200 OK",
      `Via: SIP/2.0/TLS sip.harbour.example:5061;branch=z9hG4bK${id}.4`,
      `Via: SIP/2.0/TLS edge.tower.example:5061;branch=z9hG4bK${id}.3;received=203.0.113.5`,
      `Via: SIP/2.0/TCP core.tower.example;branch=z9hG4bK${id}.2;received=203.0.113.9`,
      `Via: SIP/2.0/UDP proxy.tower.example;branch=z9hG4bK${id}.1;received=198.51.100.7`,
      `Via: SIP/2.0/UDP 10.1.7.20:5060;branch=z9hG4bK${id}.0;received=198.51.100.20;rport=49210`,
      "Record-Route: <sip:edge.tower.example:5061;transport=tls;lr>",
      `From: <sip:desk@tower.example>;tag=ff${id}`,
      `To: <sip:jonas@harbour.example>;tag=12${id}`,
      `Call-ID: ${id}77aa@10.1.7.20`,
      "CSeq: 17 SUBSCRIBE",
      "Contact: <sip:sip.harbour.example:5061;transport=tls>",
      "Expires: 3600",
      "Server: Harbour Gateway/2.4",
    ],
  };
}
