import { describe, expect, test } from "vitest";
import { describeHeader } from "../../../core/sip/describe.ts";
import { contactDetails } from "../../../core/sip/message/fields-routing.ts";
import { parseNameAddr } from "../../../core/sip/message/fields.ts";
import { latin1 } from "../../../core/sip/message/text.ts";
import { Headers, parseHeader } from "../../../core/sip/message/header.ts";

function withLines(lines: readonly string[]): { headers: Headers } {
  return { headers: Headers.of(lines.flatMap((line) => parseHeader(line) ?? [])) };
}

/** The name of a header field, its lines, and what they say. Parameters are compared where they mean something. */
const understood: readonly (readonly [name: string, lines: readonly string[], values: readonly unknown[]])[] = [
  ["Call-ID", ["i: f81d4fae@foo.bar.com"], ["f81d4fae@foo.bar.com"]],
  ["Content-Length", ["l: 349"], [349]],
  ["Content-Type", ["c: Text/HTML; charset=ISO-8859-4"], [{ type: "text/html" }]],
  ["Content-Encoding", ["e: GZIP , deflate"], ["gzip", "deflate"]],
  ["Content-Language", ["Content-Language: fr, i-Mingo"], ["fr", "i-mingo"]],
  ["Content-Disposition", ["Content-Disposition: Session"], [{ type: "session", handling: "required" }]],
  ["Content-Disposition", ["Content-Disposition: icon;handling=Optional"], [{ type: "icon", handling: "optional" }]],
  ["MIME-Version", ["MIME-Version: 1.0"], ["1.0"]],
  [
    "Accept",
    ["Accept: application/sdp;level=1, application/x-private;q=0.3, text/html;q=2", "Accept: */*;q=0"],
    [
      { value: "application/sdp", q: 1 },
      { value: "application/x-private", q: 0.3 },
      { value: "*/*", q: 0 },
    ],
  ],
  [
    "Accept-Encoding",
    ["Accept-Encoding: gzip, *;q=0.5"],
    [
      { value: "gzip", q: 1 },
      { value: "*", q: 0.5 },
    ],
  ],
  ["Accept-Language", ["Accept-Language: da, en-GB;q=0.8"], [{ value: "da" }, { value: "en-gb", q: 0.8 }]],
  ["Allow", ["Allow: INVITE, ACK", "Allow: BYE"], ["INVITE", "ACK", "BYE"]],
  ["Supported", ["k: 100rel,timer", "Supported:"], ["100rel", "timer"]],
  ["Require", ["Require: 100rel"], ["100rel"]],
  ["Proxy-Require", ["Proxy-Require: foo"], ["foo"]],
  ["Unsupported", ["Unsupported: foo"], ["foo"]],
  ["Allow-Events", ["u: presence, conference"], ["presence", "conference"]],
  ["Event", ["o: presence;id=7"], [{ name: "presence", id: "7" }]],
  ["Subscription-State", ["Subscription-State: active;expires=9"], [{ state: "active", expires: 9 }]],
  [
    "Alert-Info",
    ["Alert-Info: <http://www.example.com/sounds/moo.wav>"],
    [{ uri: "http://www.example.com/sounds/moo.wav" }],
  ],
  [
    "Call-Info",
    ["Call-Info: <http://wwww.example.com/alice/photo.jpg> ;purpose=icon, <http://www.example.com/a,b> ;purpose=info"],
    [{ uri: "http://wwww.example.com/alice/photo.jpg" }, { uri: "http://www.example.com/a,b" }],
  ],
  [
    "Error-Info",
    ["Error-Info: <sip:not-in-service-recording@atlanta.com>"],
    [{ uri: "sip:not-in-service-recording@atlanta.com" }],
  ],
  ["Date", ["Date: Sat, 13 Nov 2010 23:29:00 GMT"], [Date.UTC(2010, 10, 13, 23, 29)]],
  ["Timestamp", ["Timestamp: 54.5 0.25"], [{ seconds: 54.5, delay: 0.25 }]],
  ["Timestamp", ["Timestamp: 54"], [{ seconds: 54, delay: undefined }]],
  ["Retry-After", ["Retry-After: 18000;duration=3600"], [{ seconds: 18000, duration: 3600, comment: undefined }]],
  [
    "Retry-After",
    ["Retry-After: 120 (I'm (still) in a meeting)"],
    [{ seconds: 120, comment: "I'm (still) in a meeting" }],
  ],
  [
    "Warning",
    ['Warning: 307 isi.edu "Session parameter \'foo\' not understood", 301 isi.edu "Incompatible \\"E.164\\""'],
    [
      { code: 307, agent: "isi.edu", text: "Session parameter 'foo' not understood" },
      { code: 301, agent: "isi.edu", text: 'Incompatible "E.164"' },
    ],
  ],
  [
    "User-Agent",
    ["User-Agent: Softphone/Beta1.5 (linux; x86) core"],
    [
      [
        { product: "Softphone", version: "Beta1.5" },
        { comment: "linux; x86" },
        { product: "core", version: undefined },
      ],
    ],
  ],
  ["Server", ["Server: HomeServer v2"], [[{ product: "HomeServer" }, { product: "v2" }]]],
  ["Subject", [latin1("s: Käse"), "Subject: later"], ["Käse"]],
  ["Subject", ["Subject: \xff half"], ["\ufffd half"]],
  ["Subject", ["Subject: Need\r\n\t more boxes"], ["Need more boxes"]],
  ["Organization", ["Organization: Boxes by Bob"], ["Boxes by Bob"]],
  ["Priority", ["Priority: Non-Urgent"], ["non-urgent"]],
  [
    "In-Reply-To",
    ["In-Reply-To: 70710@saturn.bell-tel.com, 17320@saturn.bell-tel.com"],
    ["70710@saturn.bell-tel.com", "17320@saturn.bell-tel.com"],
  ],
  ["Min-Expires", ["Min-Expires: 60"], [60]],
  ["Expires", ["Expires: 99999999999999"], [4_294_967_295]],
  ["Max-Forwards", ["Max-Forwards: 6"], [6]],
  ["CSeq", ["CSeq: 4711 INVITE"], [{ number: 4711, method: "INVITE" }]],
  ["Via", ["v: SIP/2.0/UDP a.com;branch=z9hG4bK1, SIP/2.0/TCP b.com"], [{ host: "a.com" }, { host: "b.com" }]],
  ["Contact", ["m: <sip:a@b>, garbage, <sip:c@d>"], [{ uriText: "sip:a@b" }, { uriText: "sip:c@d" }]],
  ["Route", ["Route: <sip:a;lr>"], [{ uriText: "sip:a;lr" }]],
  ["Record-Route", ["Record-Route: <sip:a;lr>"], [{ uriText: "sip:a;lr" }]],
  ["Path", ["Path: <sip:P1.EXAMPLEVISITED.COM;lr>,<sip:P2.EXAMPLE.COM;lr>"], [{}, {}]],
  ["Service-Route", ["Service-Route: <sip:P2.HOME.EXAMPLE.COM;lr>"], [{ uriText: "sip:P2.HOME.EXAMPLE.COM;lr" }]],
  ["Reply-To", ["Reply-To: Bob <sip:bob@biloxi.com>"], [{ displayName: "Bob" }]],
  ["Flow-Timer", ["Flow-Timer: 126"], [126]],
  ["SIP-ETag", ["SIP-ETag: dx200xyz"], ["dx200xyz"]],
  ["SIP-If-Match", ["SIP-If-Match: dx200xyz"], ["dx200xyz"]],
  [
    "P-Asserted-Identity",
    ['P-Asserted-Identity: "Cullen Jennings" <sip:fluffy@cisco.com>', "P-Asserted-Identity: tel:+14085264000"],
    [{ displayName: "Cullen Jennings" }, { uriText: "tel:+14085264000" }],
  ],
  ["P-Preferred-Identity", ["P-Preferred-Identity: <sip:fluffy@cisco.com>"], [{ uriText: "sip:fluffy@cisco.com" }]],
  ["Privacy", ["Privacy: ID;user;critical"], [["id", "user", "critical"]]],
  [
    "Identity",
    ["y: eyJhbGciOi.eyJkZXN0.sv5CTo05KqpSmtHt3dcEiO;info=<https://biloxi.example.org/biloxi.cer>;alg=ES256"],
    [{ token: "eyJhbGciOi.eyJkZXN0.sv5CTo05KqpSmtHt3dcEiO" }],
  ],
  [
    "History-Info",
    ["History-Info: <sip:bob@example.com>;index=1, <sip:bob@192.0.2.4?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1"],
    [{ index: [1] }, { index: [1, 1] }],
  ],
  [
    "Refer-To",
    ["r: <sip:bob@biloxi.com;method=INVITE?Replaces=x>"],
    [{ uriText: "sip:bob@biloxi.com;method=INVITE?Replaces=x" }],
  ],
  [
    "Referred-By",
    ['b: <sip:r@ref.example>;cid="20398823.2UWQFN309shb3@ref.example"'],
    [{ uriText: "sip:r@ref.example" }],
  ],
  [
    "Replaces",
    ["Replaces: 98732@sip.example.com ;from-tag=r33th4x0r ;to-tag=ff87ff;early-only"],
    [{ callId: "98732@sip.example.com", toTag: "ff87ff", fromTag: "r33th4x0r" }],
  ],
  ["Join", ["Join: a@b;to-tag=1;from-tag=2"], [{ callId: "a@b", toTag: "1", fromTag: "2" }]],
  [
    "Target-Dialog",
    ["Target-Dialog: fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;remote-tag=6544"],
    [{ toTag: "kkaz-", fromTag: "6544" }],
  ],
  ["RSeq", ["RSeq: 988789"], [988_789]],
  ["RAck", ["RAck: 776656 1 INVITE"], [{ rseq: 776_656, cseq: 1, method: "INVITE" }]],
  ["Session-Expires", ["x: 4000;refresher=UAS"], [{ seconds: 4000, refresher: "uas" }]],
  ["Min-SE", ["Min-SE: 60"], [{ seconds: 60, refresher: undefined }]],
  [
    "Reason",
    ['Reason: SIP ;cause=600 ;text="Busy Everywhere"', 'Reason: Q.850 ;cause=16, SIP;cause=200;text="Call, completed"'],
    [
      { protocol: "sip", cause: 600, text: "Busy Everywhere" },
      { protocol: "q.850", cause: 16, text: undefined },
      { protocol: "sip", cause: 200, text: "Call, completed" },
    ],
  ],
  ["WWW-Authenticate", ['WWW-Authenticate: Digest realm="r", nonce="n", qop="auth,auth-int"'], [{ realm: "r" }]],
  ["Proxy-Authenticate", ['Proxy-Authenticate: Digest realm="r", nonce="n"'], [{ qop: [] }]],
  [
    "Authorization",
    ['Authorization: Digest username="u", realm="r", nonce="n", uri="sip:r", response="0A"'],
    [{ username: "u", response: "0a" }],
  ],
  [
    "Proxy-Authorization",
    [
      "Proxy-Authorization: NoOneKnows x=y",
      'Proxy-Authorization: Digest username=u, realm=r, nonce=n, uri="sip:r", response=00',
    ],
    [{ username: "u" }],
  ],
];

test.each(understood)("%s: %j", (name, lines, values) => {
  const found = describeHeader(withLines(lines), name);
  expect(found).toHaveLength(values.length);
  expect(found).toMatchObject(values);
});

/** The same header fields with nothing, or nothing that can be understood. */
const malformed: readonly (readonly [name: string, value: string])[] = [
  ["Content-Disposition", ";handling=optional"],
  ["Content-Encoding", "g zip"],
  ["Accept", "text;q=1"],
  ["Accept-Language", "en;q=1.5"],
  ["Alert-Info", "http://example.com"],
  ["Call-Info", "<>"],
  ["Call-Info", "<http://a"],
  ["Date", "Fri, 01 Jan 2010 16:00:00 EST"],
  ["Date", "Sat, 31 Feb 2010 23:29:00 GMT"],
  ["Date", "13 Nov 2010"],
  ["Timestamp", "-1"],
  ["Retry-After", "soon"],
  ["Retry-After", "5 (open"],
  ["Warning", "307 isi.edu unquoted"],
  ["User-Agent", "(open"],
  ["Priority", "very urgent"],
  ["In-Reply-To", "a b"],
  ["Flow-Timer", "-1"],
  ["SIP-ETag", "a b"],
  ["P-Asserted-Identity", "<sip:a"],
  ["Privacy", "id;;user"],
  ["Identity", "a b"],
  ["Identity", "abc;=x"],
  ["History-Info", "<sip:bob@example.com>"],
  ["History-Info", "<sip:bob@example.com>;index=1..2"],
  ["Replaces", "a@b;to-tag=1"],
  ["Join", ";to-tag=1;from-tag=2"],
  ["Target-Dialog", "a@b;to-tag=1;from-tag=2"],
  ["RSeq", "0"],
  ["RSeq", "2147483648"],
  ["RAck", "1 INVITE"],
  ["RAck", "1 2 INVITE x"],
  ["Session-Expires", ";refresher=uac"],
  ["Min-SE", "x"],
  ["Reason", ";cause=1"],
  ["WWW-Authenticate", 'Basic realm="r"'],
  ["Authorization", "Digest"],
];

test.each(malformed)("%s: %s says nothing", (name, value) => {
  expect(describeHeader(withLines([`${name}: ${value}`]), name)).toEqual([]);
});

test("a header that is absent says nothing; one that nobody decodes is told apart", () => {
  expect(describeHeader(withLines([]), "Warning")).toEqual([]);
  expect(describeHeader(withLines(["X-Fruit: apple"]), "X-Fruit")).toBeUndefined();
});

test("every decoder survives every kind of odd value", () => {
  const values = [
    "",
    ",",
    ",,",
    ";",
    '"',
    '"\\',
    "<",
    "<>",
    "(",
    ")",
    "\\",
    "=",
    "\xc3",
    "\xff;\xff=\xff",
    " \r\n\t ",
    "%",
    "*",
  ];
  const names = new Set([...understood, ...malformed].map(([name]) => name));
  for (const name of names)
    for (const value of values)
      expect(describeHeader(withLines([`${name}: ${value}`]), name), name).toBeInstanceOf(Array);
});

describe("the details of a Contact", () => {
  const details = (text: string) => {
    const contact = parseNameAddr(text);
    if (!contact) throw new Error("malformed");
    return contactDetails(contact);
  };

  test("are told apart", () =>
    expect(
      details('<sip:a@b>;q=0.7;expires=60;reg-id=2;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"'),
    ).toEqual({ q: 0.7, expires: 60, regId: 2, instance: "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF" }));

  test("are absent when malformed", () =>
    expect(details("<sip:a@b>;q=7;expires=x;reg-id=0;+sip.instance=bare")).toEqual({
      q: undefined,
      expires: undefined,
      regId: undefined,
      instance: undefined,
    }));
});
