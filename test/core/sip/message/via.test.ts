import { describe, expect, test } from "vitest";
import { formatVia, parseVia } from "../../../../core/sip/message/via.ts";

describe("reading", () => {
  test("a usual value", () => {
    const via = parseVia("SIP/2.0/udp Pc33.atlanta.com:5066;branch=z9hG4bK87;received=192.0.2.1;rport=1234");
    expect(via).toMatchObject({
      protocol: "SIP/2.0",
      transport: "UDP",
      host: "Pc33.atlanta.com",
      port: 5066,
      branch: "z9hG4bK87",
      received: "192.0.2.1",
      rport: 1234,
    });
    expect([...(via?.params ?? [])]).toEqual([
      ["branch", "z9hG4bK87"],
      ["received", "192.0.2.1"],
      ["rport", "1234"],
    ]);
  });

  test("white space may stand around every separator", () => {
    expect(
      parseVia("SIP / 2.0 /TCP     spindle.example.com : 5060 ; branch  =   z9hG4bK9ikj8  ; hidden"),
    ).toMatchObject({
      transport: "TCP",
      host: "spindle.example.com",
      port: 5060,
      branch: "z9hG4bK9ikj8",
    });
  });

  test("rport without value asks for it", () => expect(parseVia("SIP/2.0/UDP a;rport")?.rport).toBe(true));

  test.each([
    ["SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=x", "2001:db8::9:255"],
    ["SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=x", "2001:db8::9:255"],
  ])("%s was received from %s (RFC 5118 §4.5)", (text, address) => expect(parseVia(text)?.received).toBe(address));

  test.each([
    "",
    "SIP/2.0/UDP",
    "SIP/2.0 host",
    "SIP/2.0/UDP 192.0.2.15;;,;,,",
    "SIP/2.0/UDP a:99999",
    "SIP/2.0/UDP a:b",
    "SIP/2.0/UDP a b",
    "SIP/2.0/UDP [::1",
    "SIP/2.0/UDP ;branch=x",
  ])("%j is refused", (text) => expect(parseVia(text)).toBeUndefined());
});

test("what is written has the parameters it was given", () => {
  const via = parseVia("SIP/2.0/TLS [::1]:5061;branch=a;rport");
  const params = new Map(via?.params).set("rport", "9");
  expect(via && formatVia({ ...via, params })).toBe("SIP/2.0/TLS [::1]:5061;branch=a;rport=9");
});
