import { describe, expect, test } from "vitest";
import { checkRequest, checkResponse } from "../../../../core/sip/message/check.ts";
import { limits } from "../../../../core/sip/message/limits.ts";
import { requestWith, responseWith } from "./message-text.ts";

test("a good message has no fault", () => {
  expect(checkRequest(requestWith())).toBeUndefined();
  expect(checkResponse(responseWith())).toBeUndefined();
});

describe("what makes a request 400", () => {
  test.each([
    ["Via", "SIP_NO_VIA"],
    ["From", "SIP_NO_FROM"],
    ["To", "SIP_NO_TO"],
    ["Call-ID", "SIP_NO_CALL_ID"],
    ["CSeq", "SIP_NO_CSEQ"],
  ])("no %s", (name, code) => {
    expect(checkRequest(requestWith([], [name]))).toMatchObject({ code, status: 400 });
    expect(checkResponse(responseWith([], [name]))?.code).toBe(code);
  });

  test.each([
    ["From", "f: <sip:a@b>;tag=1", "SIP_REPEATED_FROM"],
    ["To", "t: <sip:a@b>", "SIP_REPEATED_TO"],
    ["Call-ID", "i: 1", "SIP_REPEATED_CALL_ID"],
    ["CSeq", "CSeq: 314159 OPTIONS", "SIP_REPEATED_CSEQ"],
    ["Max-Forwards", "Max-Forwards: 70", "SIP_REPEATED_MAX_FORWARDS"],
  ])("a second %s", (_, line, code) => expect(checkRequest(requestWith([line]))).toMatchObject({ code, status: 400 }));

  test.each([
    ["Via", "Via: SIP/2.0/UDP 192.0.2.15;;,;,,", "SIP_BAD_VIA"],
    ["Via", "Via: SIP/1.0/UDP 192.0.2.15", "SIP_BAD_VIA"],
    ["Via", "Via: ", "SIP_BAD_VIA"],
    ["Via", "Via: SIP/2.0/UDP a, nonsense", "SIP_BAD_VIA"],
    ["From", "From: Bell, Alexander <sip:a@b>;tag=43", "SIP_BAD_FROM"],
    ["To", 'To: "Mr. J. User <sip:j.user@example.com>', "SIP_BAD_TO"],
    ["Call-ID", "Call-ID: ", "SIP_BAD_CALL_ID"],
    ["Call-ID", "Call-ID: a b", "SIP_BAD_CALL_ID"],
    ["CSeq", "CSeq: 4294967296 OPTIONS", "SIP_BAD_CSEQ"],
    ["CSeq", "CSeq: 1 INVITE", "SIP_CSEQ_METHOD"],
    ["CSeq", "CSeq: 1 options", "SIP_CSEQ_METHOD"],
    ["Max-Forwards", "Max-Forwards: 256", "SIP_BAD_MAX_FORWARDS"],
    ["Max-Forwards", "Max-Forwards: many", "SIP_BAD_MAX_FORWARDS"],
    ["", 'Contact: "" <> ;,', "SIP_BAD_CONTACT"],
    ["", "Contact: *, <sip:a@b>", "SIP_BAD_CONTACT"],
    ["", "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E", "SIP_BAD_CONTACT"],
    ["", "Route: sip:a b", "SIP_BAD_ROUTE"],
    ["", "Record-Route: <sip:a", "SIP_BAD_RECORD_ROUTE"],
  ])("instead of %s: %s", (name, line, code) => {
    expect(checkRequest(requestWith([line], [name]))).toMatchObject({ code, status: 400 });
  });

  test("an unknown method is called so, whatever CSeq says", () => {
    const strange = { ...requestWith(), method: "JUGGLE" };
    expect(checkRequest(strange)).toMatchObject({ code: "SIP_UNKNOWN_METHOD", status: 501 });
  });

  test.each(["<sip:a@b>", "sip:2001:db8::10", "sip:a@b?Route=%3Csip:x%3E", "nothing"])("Request-URI %s", (uri) =>
    expect(checkRequest({ ...requestWith(), uri })).toMatchObject({ code: "SIP_BAD_REQUEST_URI", status: 400 }),
  );
});

test("too many Vias are too many hops", () => {
  const one = "SIP/2.0/UDP a";
  const list = (count: number): string => `Via: ${Array.from({ length: count }, () => one).join(",")}`;
  expect(checkRequest(requestWith([list(limits.viaCount - 1)]))).toBeUndefined();
  expect(checkRequest(requestWith([list(limits.viaCount)]))).toMatchObject({ code: "SIP_TOO_MANY_VIAS", status: 483 });
});

test.each(["nobodyKnowsThisScheme:totallyopaquecontent", "soap.beep://192.0.2.103:3002", "tel:+1"])(
  "the scheme of %s is for the user to judge",
  (uri) => expect(checkRequest({ ...requestWith(), uri })).toBeUndefined(),
);

test("a response may answer any method", () => {
  expect(checkResponse(responseWith(["CSeq: 1 INVITE"], ["CSeq"]))).toBeUndefined();
});

test("no Max-Forwards, no tags and no branch are what RFC 2543 sent", () => {
  const old = requestWith(["Via: SIP/2.0/UDP a", "From: sip:a@b"], ["Max-Forwards", "Via", "From"]);
  expect(checkRequest(old)).toBeUndefined();
});
