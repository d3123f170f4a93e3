import { describe, expect, test } from "vitest";
import type { SipRequest } from "../../../../core/sip/message/message.ts";
import { request, responseTo } from "../../../../core/sip/message/message.ts";
import { cancelledKey, clientKey, serverKey } from "../../../../core/sip/transaction/key.ts";

interface Parts {
  readonly method?: string;
  readonly uri?: string;
  readonly via?: string;
  readonly to?: string;
  readonly from?: string;
  readonly callId?: string;
  readonly sequence?: number;
}

function make(parts: Parts = {}): SipRequest {
  const { method = "INVITE", sequence = 1 } = parts;
  return request(method, parts.uri ?? "sip:bob@b.example", [
    ["Via", parts.via ?? "SIP/2.0/UDP a.example:5060;branch=z9hG4bK77"],
    ["From", parts.from ?? "<sip:alice@a.example>;tag=1"],
    ["To", parts.to ?? "<sip:bob@b.example>"],
    ["Call-ID", parts.callId ?? "1@a.example"],
    ["CSeq", `${sequence} ${method}`],
  ]);
}

describe("a request with a branch of RFC 3261", () => {
  test("is found by branch, sent-by, CSeq and method alone", () => {
    expect(serverKey(make({ callId: "other", uri: "sip:x@y" }))).toBe(serverKey(make()));
  });

  test.each([
    ["branch", { via: "SIP/2.0/UDP a.example:5060;branch=z9hG4bK78" }],
    ["sent-by host", { via: "SIP/2.0/UDP c.example:5060;branch=z9hG4bK77" }],
    ["sent-by port", { via: "SIP/2.0/UDP a.example:5070;branch=z9hG4bK77" }],
    ["method", { method: "MESSAGE" }],
    ["sequence number, from peers that use a branch twice", { sequence: 9 }],
  ])("is another one with another %s", (_name, parts) => {
    expect(serverKey(make(parts))).not.toBe(serverKey(make()));
  });

  test("has a host in any case of letters", () => {
    expect(serverKey(make({ via: "SIP/2.0/UDP A.Example:5060;branch=z9hG4bK77" }))).toBe(serverKey(make()));
  });

  test("has its ACK and finds its CANCEL", () => {
    expect(serverKey(make({ method: "ACK", to: "<sip:bob@b.example>;tag=2" }))).toBe(serverKey(make()));
    expect(serverKey(make({ method: "CANCEL" }))).not.toBe(serverKey(make()));
    expect(cancelledKey(make({ method: "CANCEL" }))).toBe(serverKey(make()));
  });
});

describe("a request of RFC 2543, or with a branch that says nothing", () => {
  test.each([
    "SIP/2.0/UDP a.example:5060",
    "SIP/2.0/UDP a.example:5060;branch=1",
    "SIP/2.0/UDP a.example:5060;branch=z9hG4bK",
  ])("is told apart by everything RFC 2543 compares (%s)", (via) => {
    const key = serverKey(make({ via }));
    expect(serverKey(make({ via }))).toBe(key);
    expect(serverKey(make({ via, callId: "2@a.example" }))).not.toBe(key);
    expect(serverKey(make({ via, sequence: 2 }))).not.toBe(key);
    expect(serverKey(make({ via, from: "<sip:alice@a.example>;tag=9" }))).not.toBe(key);
    expect(serverKey(make({ via, uri: "sip:carol@b.example" }))).not.toBe(key);
    expect(serverKey(make({ via, method: "MESSAGE" }))).not.toBe(key);
  });

  test("is told apart by its branch too, for the branches of a fork differ in nothing else", () => {
    const first = serverKey(make({ via: "SIP/2.0/UDP a.example;branch=1" }));
    expect(serverKey(make({ via: "SIP/2.0/UDP a.example;branch=2" }))).not.toBe(first);
  });

  test("has its ACK although that has a To tag", () => {
    const via = "SIP/2.0/UDP a.example";
    expect(serverKey(make({ via, method: "ACK", to: "<sip:bob@b.example>;tag=2" }))).toBe(serverKey(make({ via })));
  });

  test("keeps requests inside and outside of a dialog apart", () => {
    const via = "SIP/2.0/UDP a.example";
    const outside = serverKey(make({ via, method: "SUBSCRIBE" }));
    expect(serverKey(make({ via, method: "SUBSCRIBE", to: "<sip:bob@b.example>;tag=2" }))).not.toBe(outside);
  });
});

test("a response finds its request by branch and the method in CSeq", () => {
  const sent = make({ method: "MESSAGE" });
  expect(clientKey(responseTo(sent, 200))).toBe(clientKey(sent));
  expect(clientKey(responseTo(make({ method: "CANCEL" }), 200))).not.toBe(clientKey(make()));
});
