import { describe, expect, test } from "vitest";
import {
  callId,
  contacts,
  contentType,
  cseq,
  event,
  expires,
  from,
  fromTag,
  maxForwards,
  optionTags,
  recordRoutes,
  routes,
  subscriptionState,
  to,
  toTag,
  topVia,
  vias,
} from "../../../../core/sip/message/fields.ts";
import { requestWith } from "./message-text.ts";

test("the essential headers", () => {
  const message = requestWith();
  expect(from(message)).toMatchObject({ displayName: "Alice", uriText: "sip:alice@atlanta.com" });
  expect(to(message)?.uriText).toBe("sip:bob@biloxi.com");
  expect(fromTag(message)).toBe("1928301774");
  expect(toTag(message)).toBeUndefined();
  expect(callId(message)).toBe("a84b4c76e66710@pc33.atlanta.com");
  expect(cseq(message)).toEqual({ number: 314_159, method: "OPTIONS" });
  expect(maxForwards(message)).toBe(70);
  expect(topVia(message)?.branch).toBe("z9hG4bK776asdhds");
});

test("a field is decoded once for a message", () => {
  const message = requestWith();
  expect(from(message)).toBe(from(message));
  expect(vias(message)).toBe(vias(message));
});

test("changed headers are decoded anew", () => {
  const message = requestWith();
  expect(toTag(message)).toBeUndefined();
  expect(toTag({ headers: message.headers.with("To", "<sip:bob@biloxi.com>;tag=8") })).toBe("8");
});

test("Via values of one line and of several stand in one list", () => {
  const message = requestWith(["Via: SIP/2.0/TCP b, SIP/2.0/SCTP c"]);
  expect(vias(message).map(({ transport }) => transport)).toEqual(["UDP", "TCP", "SCTP"]);
});

test.each([
  ["CSeq: 0009 INVITE", { number: 9, method: "INVITE" }],
  ["CSeq: 4294967295 A", { number: 4_294_967_295, method: "A" }],
  ["CSeq: 4294967296 A", undefined],
  ["CSeq: 36893488147419103232 REGISTER", undefined],
  ["CSeq: 1", undefined],
  ["CSeq: -1 A", undefined],
])("%s", (line, value) => expect(cseq(requestWith([line], ["CSeq"]))).toEqual(value));

describe("Contact", () => {
  test("several values", () => {
    const message = requestWith(['Contact: "a, b" <sip:a@b;x,y>;q=0.5, sip:c@d;expires=3', "m: <tel:1>"]);
    const list = contacts(message);
    expect(list !== "*" && list.map(({ uriText }) => uriText)).toEqual(["sip:a@b;x,y", "sip:c@d", "tel:1"]);
  });

  test("the star of a REGISTER", () => expect(contacts(requestWith(["Contact: *"]))).toBe("*"));
  test("a star beside others is none", () => expect(contacts(requestWith(["Contact: *, <sip:a@b>"]))).toHaveLength(1));
  test("none at all", () => expect(contacts(requestWith())).toEqual([]));
});

test("route sets keep their order", () => {
  const message = requestWith(["Route: <sip:a;lr>,<sip:b>", "Route: <sip:c;lr>", "Record-Route: <sip:z;lr>"]);
  expect(routes(message).map(({ uriText }) => uriText)).toEqual(["sip:a;lr", "sip:b", "sip:c;lr"]);
  expect(recordRoutes(message).map(({ uriText }) => uriText)).toEqual(["sip:z;lr"]);
});

test.each([
  ["Expires: 3600", 3600],
  ["Expires: 0", 0],
  ["Expires: 99999999999999999999", 4_294_967_295],
  ["Expires: soon", undefined],
  ["Expires: ", undefined],
])("%s", (line, value) => expect(expires(requestWith([line]))).toBe(value));

test.each([
  ["Content-Type: text/plain", "text/plain", {}],
  ["c: Text / HTML ; charset=ISO-8859-4", "text/html", { charset: "ISO-8859-4" }],
  ['Content-Type: multipart/mixed;boundary="a;b"', "multipart/mixed", { boundary: '"a;b"' }],
])("%s", (line, type, params) => {
  const value = contentType(requestWith([line]));
  expect(value?.type).toBe(type);
  expect(Object.fromEntries(value?.params ?? [])).toEqual(params);
});

test.each(["Content-Type: text", "Content-Type: text/plain;;", "Content-Type: "])("%s is malformed", (line) =>
  expect(contentType(requestWith([line]))).toBeUndefined(),
);

test("Event", () => {
  expect(event(requestWith(["o: Presence.WInfo; id=7"]))).toMatchObject({ name: "presence.winfo", id: "7" });
  expect(event(requestWith(["Event: presence"]))?.id).toBeUndefined();
  expect(event(requestWith(["Event: ;id=7"]))).toBeUndefined();
});

test("Subscription-State", () => {
  expect(subscriptionState(requestWith(["Subscription-State: Active;expires=60"]))).toMatchObject({
    state: "active",
    expires: 60,
  });
  expect(
    subscriptionState(requestWith(["Subscription-State: terminated ;reason=NoResource;retry-after=5"])),
  ).toMatchObject({
    state: "terminated",
    reason: "noresource",
    retryAfter: 5,
  });
});

test("option tags come as they were sent; an empty header has none", () => {
  const message = requestWith(["Supported: path, gruu,", "k: outbound", "Require:", "Require: nothingSupportsThis"]);
  expect(optionTags(message, "supported")).toEqual(["path", "gruu", "outbound"]);
  expect(optionTags(message, "Require")).toEqual(["nothingSupportsThis"]);
});
