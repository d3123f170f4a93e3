/** The torture messages of RFC 4475 and RFC 5118, each with the verdict its RFC asks for. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkRequest, checkResponse } from "../../core/sip/message/check.ts";
import {
  contacts,
  cseq,
  expires,
  from,
  maxForwards,
  optionTags,
  routes,
  to,
  toTag,
  topVia,
  vias,
} from "../../core/sip/message/fields.ts";
import type { SipMessage } from "../../core/sip/message/message.ts";
import { parseMessage } from "../../core/sip/message/parse.ts";
import { serialize } from "../../core/sip/message/serialize.ts";
import { addressOfRecord, isSipUri, parseUri } from "../../core/sip/message/uri.ts";
import { StreamFramer } from "../../core/sip/message/frame.ts";

/** `accept`, a status to refuse with, or `drop`: nothing goes back. */
type Verdict = "accept" | "drop" | number;

const vectors = new URL("../vectors/", import.meta.url);
const bytesOf = (name: string): Buffer => readFileSync(new URL(`${name}.dat`, vectors));

function judge(bytes: Buffer): Verdict {
  const parsed = parseMessage(bytes, "datagram");
  if (!parsed.ok) return parsed.error.request ? (parsed.error.status ?? "drop") : "drop";
  const message = parsed.value;
  if (message.kind === "response") return checkResponse(message) ? "drop" : "accept";
  return checkRequest(message)?.status ?? "accept";
}

function read(name: string): SipMessage {
  const parsed = parseMessage(bytesOf(name), "datagram");
  if (!parsed.ok) throw new Error(`${name}: ${parsed.error.code}`);
  return parsed.value;
}

const rfc4475: readonly (readonly [file: string, section: string, verdict: Verdict])[] = [
  ["wsinv", "3.1.1.1 a short tortuous INVITE", "accept"],
  ["intmeth", "3.1.1.2 wide range of valid characters", "accept"],
  ["esc01", "3.1.1.3 valid use of the % escaping mechanism", "accept"],
  ["escnull", "3.1.1.4 escaped nulls in URIs", "accept"],
  ["esc02", "3.1.1.5 use of % when it is not an escape", "accept"],
  ["lwsdisp", "3.1.1.6 no LWS between display name and <", "accept"],
  ["longreq", "3.1.1.7 long values in header fields", "accept"],
  ["dblreq", "3.1.1.8 extra trailing octets in a UDP datagram", "accept"],
  ["semiuri", "3.1.1.9 semicolon-separated parameters in URI user part", "accept"],
  ["transports", "3.1.1.10 varied and unknown transport types", "accept"],
  ["mpart01", "3.1.1.11 multipart MIME message", "accept"],
  ["unreason", "3.1.1.12 unusual reason phrase", "accept"],
  ["noreason", "3.1.1.13 empty reason phrase", "accept"],
  ["badinv01", "3.1.2.1 extraneous header field separators", 400],
  ["clerr", "3.1.2.2 Content-Length larger than message", 400],
  ["ncl", "3.1.2.3 negative Content-Length", 400],
  ["scalar02", "3.1.2.4 request scalar fields with overlarge values", 400],
  ["scalarlg", "3.1.2.5 response scalar fields with overlarge values", "drop"],
  ["quotbal", "3.1.2.6 unterminated quoted string in display name", 400],
  ["ltgtruri", "3.1.2.7 <> enclosing Request-URI", 400],
  ["lwsruri", "3.1.2.8 malformed SIP Request-URI (embedded LWS)", 400],
  ["lwsstart", "3.1.2.9 multiple SP separating Request-Line elements", 400],
  ["trws", "3.1.2.10 SP characters at end of Request-Line", 400],
  ["escruri", "3.1.2.11 escaped headers in SIP Request-URI", 400],
  ["baddate", "3.1.2.12 invalid time zone in Date header field", "accept"],
  ["regbadct", "3.1.2.13 failure to enclose name-addr URI in <>", 400],
  ["badaspec", "3.1.2.14 spaces within addr-spec", "accept"],
  ["baddn", "3.1.2.15 non-token characters in display name", 400],
  ["badvers", "3.1.2.16 unknown protocol version", 505],
  ["mismatch01", "3.1.2.17 start line and CSeq method mismatch", 400],
  ["mismatch02", "3.1.2.18 unknown method with CSeq method mismatch", 501],
  ["bigcode", "3.1.2.19 overlarge response code", "drop"],
  ["badbranch", "3.2.1 missing transaction identifier", "accept"],
  ["insuf", "3.3.1 missing required header fields", 400],
  ["unkscm", "3.3.2 Request-URI with unknown scheme", "accept"],
  ["novelsc", "3.3.3 Request-URI with known but atypical scheme", "accept"],
  ["unksm2", "3.3.4 unknown URI schemes in header fields", "accept"],
  ["bext01", "3.3.5 Proxy-Require and Require", "accept"],
  ["invut", "3.3.6 unknown Content-Type", "accept"],
  ["regaut01", "3.3.7 unknown authorization scheme", "accept"],
  ["multi01", "3.3.8 multiple values in single value required fields", 400],
  ["mcl01", "3.3.9 multiple Content-Length values", 400],
  ["bcast", "3.3.10 200 OK response with broadcast Via (dropped by who sees that its Via is not its own)", "accept"],
  ["zeromf", "3.3.11 Max-Forwards of zero", "accept"],
  ["cparam01", "3.3.12 REGISTER with a Contact header parameter", "accept"],
  ["cparam02", "3.3.13 REGISTER with a URL parameter", "accept"],
  ["regescrt", "3.3.14 REGISTER with a URL escaped header", "accept"],
  ["sdp01", "3.3.15 unacceptable accept offer", "accept"],
  ["inv2543", "3.4.1 INVITE with RFC 2543 syntax", "accept"],
  ["test", "(in the archive only) a request line without version", "drop"],
];

describe("RFC 4475", () => {
  test("every message of the archive has a verdict", () => {
    const files = readdirSync(new URL("rfc4475/", vectors)).map((file) => file.replace(/\.dat$/, ""));
    expect(rfc4475.map(([file]) => file).toSorted()).toEqual(files.toSorted());
  });

  test.each(rfc4475)("%s (%s): %s", (file, _, verdict) => expect(judge(bytesOf(`rfc4475/${file}`))).toBe(verdict));

  /** These say less, or more, than is to be forwarded. */
  const notIdentical = new Set(["dblreq", "inv2543"]);
  const accepted = rfc4475.filter(([file, , verdict]) => verdict === "accept" && !notIdentical.has(file));
  test.each(accepted)("%s leaves byte for byte as it came", (file) => {
    expect(serialize(read(`rfc4475/${file}`)).equals(bytesOf(`rfc4475/${file}`))).toBe(true);
  });
});

describe("what is understood of RFC 4475", () => {
  test("wsinv: folds, white space, odd case and zeros in front", () => {
    const message = read("rfc4475/wsinv");
    expect(to(message)?.uriText).toBe("sip:vivekg@chair-dnrc.example.com");
    expect(toTag(message)).toBe("1918181833n");
    expect(from(message)?.displayName).toBe('J Rosenberg \\"');
    expect(maxForwards(message)).toBe(68);
    expect(cseq(message)).toEqual({ number: 9, method: "INVITE" });
    expect(vias(message).map((via) => via.host)).toEqual(["192.0.2.2", "spindle.example.com", "192.168.255.111"]);
    expect(vias(message).map((via) => via.branch)).toEqual(["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]);
    expect(routes(message).map(({ uriText }) => uriText)).toEqual([
      "sip:services.example.com;lr;unknownwith=value;unknown-no-value",
    ]);
    expect(message.headers.get("newfangledheader")).toBe("newfangled value continued newfangled value");
    expect(message.headers.get("unknownheaderwithunusualvalue")).toBe(";;,,;;,;");
    expect(message.headers.get("subject")).toBe("");
    const list = contacts(message);
    expect(list !== "*" && list[0]?.params.get("newparam")).toBe("newvalue");
  });

  test("intmeth: control characters within quotes", () => {
    const message = read("rfc4475/intmeth");
    expect(message).toMatchObject({ method: "!interesting-Method0123456789_*+`.%indeed'~" });
    expect(to(message)?.displayName).toBe("BEL:\x07 NUL:\x00 DEL:\x7f");
  });

  test("esc01, escnull, semiuri: escapes are part of one user", () => {
    const uri = (message: SipMessage): string => (message.kind === "request" ? message.uri : "");
    const aor = (text: string): string | undefined => {
      const parsed = parseUri(text);
      return parsed.ok ? addressOfRecord(parsed.value) : undefined;
    };
    expect(aor(uri(read("rfc4475/esc01")))).toBe("sip:sips%3Auser%40example.com@example.net");
    expect(aor(uri(read("rfc4475/semiuri")))).toBe("sip:user;par=u%40example.net@example.com");
    const list = contacts(read("rfc4475/escnull"));
    const keys = list === "*" ? [] : list.map((contact) => addressOfRecord(contact.uri));
    expect(keys).toEqual(["sip:%00@host5.example.com", "sip:%00%00@host5.example.com"]);
  });

  test("esc02: a percent sign in a method or a display name is itself", () => {
    const message = read("rfc4475/esc02");
    expect(message).toMatchObject({ method: "RE%47IST%45R" });
    expect(contacts(message)).toHaveLength(2);
  });

  test("cparam01 and cparam02: whose the parameter is", () => {
    const first = contacts(read("rfc4475/cparam01"))[0];
    const second = contacts(read("rfc4475/cparam02"))[0];
    if (typeof first !== "object" || typeof second !== "object") throw new Error("no contacts");
    expect(first.params.has("unknownparam")).toBe(true);
    expect(isSipUri(second.uri) && second.uri.params.has("unknownparam")).toBe(true);
    expect(second.params.size).toBe(0);
  });

  test("bext01: the tags to refuse", () => {
    const message = read("rfc4475/bext01");
    expect(optionTags(message, "Require")).toEqual(["nothingSupportsThis", "nothingSupportsThisEither"]);
    expect(optionTags(message, "Proxy-Require")).toEqual(["noProxiesSupportThis", "norDoAnyProxiesSupportThis"]);
  });

  test("mpart01: the body is cut by its length and keeps its zeros", () => {
    expect(read("rfc4475/mpart01").body).toHaveLength(553);
  });

  test("inv2543: the body runs to the end of the datagram", () => {
    const message = read("rfc4475/inv2543");
    expect(message.headers.has("content-length")).toBe(false);
    expect(message.body.toString("latin1")).toMatch(/^v=0\r\n[^]*\r\n$/);
  });

  test("dblreq: on a stream the rest is a second message", () => {
    const frames = new StreamFramer().push(bytesOf("rfc4475/dblreq"));
    const starts = frames.flatMap((frame) => (frame.kind === "message" ? [frame.bytes.toString("latin1", 0, 8)] : []));
    expect(starts).toEqual(["REGISTER", "INVITE s"]);
  });

  test("clerr: a stream waits for the rest; ncl and mcl01 end it", () => {
    expect(new StreamFramer().push(bytesOf("rfc4475/clerr"))).toEqual([]);
    for (const file of ["ncl", "mcl01"])
      expect(new StreamFramer().push(bytesOf(`rfc4475/${file}`))).toMatchObject([
        { kind: "error", error: { status: 400 } },
      ]);
  });

  test("scalar02: a huge Expires means the largest", () => {
    expect(expires(read("rfc4475/scalar02"))).toBe(4_294_967_295);
  });
});

const rfc5118: readonly (readonly [file: string, section: string, verdict: Verdict])[] = [
  ["ipv6-good", "4.1 valid SIP message with an IPv6 reference", "accept"],
  ["ipv6-bad", "4.2 invalid SIP message with an IPv6 reference", 400],
  ["port-ambiguous", "4.3 port ambiguous in a SIP URI", "accept"],
  ["port-unambiguous", "4.4 port unambiguous in a SIP URI", "accept"],
  ["via-received-param-with-delim", "4.5 IPv6 reference delimiters in Via", "accept"],
  ["via-received-param-no-delim", "4.5 IPv6 reference delimiters in Via", "accept"],
  ["ipv6-in-sdp", "4.6 IPv6 addresses in SDP (archived with a Content-Length longer than the body)", 400],
  ["mult-ip-in-header", "4.7 multiple IP addresses in SIP headers", "accept"],
  ["mult-ip-in-sdp", "4.8 multiple IP addresses in SDP (archived with a Content-Length longer than the body)", 400],
  ["ipv4-mapped-ipv6", "4.9 IPv4-mapped IPv6 addresses", "accept"],
  ["ipv6-bug-abnf-3-colons", "4.10 IPv6 reference bug in RFC 3261 ABNF", "accept"],
  ["ipv6-correct-abnf-2-colons", "4.10 IPv6 reference bug in RFC 3261 ABNF", "accept"],
];

/** As such a message would travel: lines end in CRLF, and Content-Length tells the body's length. */
function onTheWire(file: string): Buffer {
  const [head = "", body = ""] = bytesOf(`rfc5118/${file}`)
    .toString("latin1")
    .replaceAll("\n", "\r\n")
    .split("\r\n\r\n");
  return Buffer.from(
    `${head.replace(/^Content-Length: .*$/m, `Content-Length: ${body.length}`)}\r\n\r\n${body}`,
    "latin1",
  );
}

describe("RFC 5118", () => {
  test("every message of the archive has a verdict", () => {
    const files = readdirSync(new URL("rfc5118/", vectors)).map((file) => file.replace(/\.dat$/, ""));
    expect(rfc5118.map(([file]) => file).toSorted()).toEqual(files.toSorted());
  });

  test.each(rfc5118)("%s (%s): %s as archived", (file, _, verdict) => {
    expect(judge(bytesOf(`rfc5118/${file}`))).toBe(verdict);
  });

  test.each(rfc5118)("%s (%s) with line ends and length put right", (file) => {
    expect(judge(onTheWire(file))).toBe(file === "ipv6-bad" ? 400 : "accept");
  });

  test("a port is only what stands outside the brackets", () => {
    const target = (file: string): unknown => {
      const message = read(`rfc5118/${file}`);
      const uri = message.kind === "request" ? parseUri(message.uri) : undefined;
      return uri?.ok && uri.value;
    };
    expect(target("port-ambiguous")).toMatchObject({ host: "[2001:db8::10:5070]" });
    expect(target("port-ambiguous")).toMatchObject({ port: undefined });
    expect(target("port-unambiguous")).toMatchObject({ host: "[2001:db8::10]", port: 5070 });
  });

  test("an address in received is the same with and without brackets", () => {
    expect(topVia(read("rfc5118/via-received-param-with-delim"))?.received).toBe("2001:db8::9:255");
    expect(topVia(read("rfc5118/via-received-param-no-delim"))?.received).toBe("2001:db8::9:255");
  });

  test("addresses of both families stand in one stack of Vias", () => {
    expect(vias(read("rfc5118/mult-ip-in-header")).map((via) => [via.host, via.received])).toEqual([
      ["[2001:db8::9:1]", undefined],
      ["192.0.2.1", undefined],
      ["[2001:db8::9:255]", "192.0.2.200"],
    ]);
  });
});

const suites = new URL("../../../shared/suites/", import.meta.url);

describe.each(["rfc4475", "rfc5118"])("%s and the verdicts gathered elsewhere", (suite) => {
  const table = new URL(`${suite}/VERDICTS.tsv`, suites);
  const ours = new Map((suite === "rfc4475" ? rfc4475 : rfc5118).map(([file, , verdict]) => [file, verdict]));

  test.skipIf(!existsSync(table))("agree (skipped where the suites are not at hand)", () => {
    const rows = readFileSync(table, "utf8").trim().split("\n").slice(1);
    for (const row of rows) {
      const [file = "", , , expected = ""] = row.split("\t");
      const name = file.replace(/\.dat$/, "");
      const verdict = judge(suite === "rfc5118" ? onTheWire(name) : bytesOf(`${suite}/${name}`));
      expect(ours.has(name), name).toBe(true);
      if (expected === "accept") expect(verdict, name).toBe("accept");
      if (expected === "reject") expect(verdict, name).toBeTypeOf("number");
      // A response can only be dropped by syntax here; that a Via is not one's own is seen further up.
      if (expected === "drop" && name !== "bcast") expect(verdict, name).toBe("drop");
    }
    expect(rows.length).toBe(ours.size);
  });
});
