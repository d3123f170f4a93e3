import { describe, expect, test } from "vitest";
import { request, responseTo } from "../../../../core/sip/message/message.ts";
import type { SipRequest } from "../../../../core/sip/message/message.ts";
import type { Uri } from "../../../../core/sip/message/uri.ts";
import { isSipUri } from "../../../../core/sip/message/uri.ts";
import { copyFor, groupsByQ, upstream } from "../../../../core/sip/proxy/copy.ts";
import { isLoop, loopMark, markedBranch } from "../../../../core/sip/proxy/loop.ts";
import { postprocessRoute, preprocessRoute } from "../../../../core/sip/proxy/route.ts";
import { proxyRefusal } from "../../../../core/sip/proxy/validate.ts";

const isOwn = (uri: Uri): boolean => isSipUri(uri) && uri.host === "p1.example.com";
const settings = {
  schemes: ["sip", "sips"],
  extensions: ["foo"],
  isOwnSentBy: (host: string) => host === "p1.example.com",
};

function make(uri: string, ...headers: (readonly [string, string])[]): SipRequest {
  return request("INVITE", uri, [
    ["Via", "SIP/2.0/UDP caller.example.org;branch=z9hG4bKa"],
    ["From", "<sip:caller@example.org>;tag=1"],
    ["To", "<sip:callee@example.com>"],
    ["Call-ID", "c1"],
    ["CSeq", "1 INVITE"],
    ...headers,
  ]);
}

describe("route information (the examples of RFC 3261 §16.12.1)", () => {
  test("our own topmost Route is taken off", () => {
    const got = preprocessRoute(
      make("sip:u@d.example", ["Route", "<sip:p1.example.com;lr>,<sip:p2.example.com;lr>"]),
      isOwn,
    ).request;
    expect(got.uri).toBe("sip:u@d.example");
    expect(got.headers.values("route")).toEqual(["<sip:p2.example.com;lr>"]);
  });

  test("what a strict router put into the Request-URI goes back to its place", () => {
    const got = preprocessRoute(
      make("sip:p1.example.com;lr", ["Route", "<sip:p2.example.com;lr>,<sip:u@d.example>"]),
      isOwn,
    ).request;
    expect(got.uri).toBe("sip:u@d.example");
    expect(got.headers.values("route")).toEqual(["<sip:p2.example.com;lr>"]);
  });

  test("two Routes of ours in a row are both taken off, and nothing behind them", () => {
    const routes = "<sip:a@p1.example.com;lr>, <sip:b@p1.example.com;transport=tcp;lr>, <sip:p2.example.com;lr>";
    const { request, taken } = preprocessRoute(make("sip:u@d.example", ["Route", routes]), isOwn);
    expect(request.headers.values("route")).toEqual(["<sip:p2.example.com;lr>"]);
    expect(taken.map(({ user }) => user)).toEqual(["a", "b"]);
  });

  test("a strict next hop is written into the Request-URI", () => {
    const got = postprocessRoute(make("sip:u@d.example", ["Route", "<sip:p3.middle.com>,<sip:p4.example.com;lr>"]));
    expect(got.uri).toBe("sip:p3.middle.com");
    expect(got.headers.values("route")).toEqual(["<sip:p4.example.com;lr>", "<sip:u@d.example>"]);
  });

  test("a request without Route stays as it is", () => {
    const plain = make("sip:u@d.example");
    expect(postprocessRoute(preprocessRoute(plain, isOwn).request)).toBe(plain);
  });
});

describe("the copy for a target", () => {
  test("has one hop less, and the target's address and route", () => {
    const original = make(
      "sip:u@d.example",
      ["Max-Forwards", "10"],
      ["Record-Route", "<sip:before;lr>"],
      ["X-Unknown", "a , b"],
    );
    const copy = copyFor(original, { uri: "sip:u@192.0.2.4", q: 1, route: ["<sip:edge;lr>"] });
    expect(copy.uri).toBe("sip:u@192.0.2.4");
    expect(copy.headers.get("max-forwards")).toBe("9");
    expect(copy.headers.values("record-route")).toEqual(["<sip:before;lr>"]);
    expect(copy.headers.values("route")).toEqual(["<sip:edge;lr>"]);
    expect(copy.headers.get("x-unknown")).toBe("a , b");
  });

  test("begins with 70 hops where there were none", () => {
    expect(copyFor(make("sip:a@b"), { uri: "sip:a@c", q: 1 }).headers.get("max-forwards")).toBe("70");
  });

  test("targets of the same q are tried together, higher ones before", () => {
    const target = (q: number) => ({ uri: "sip:x", q });
    expect(groupsByQ([target(0.5), target(1), target(0.5)])).toEqual([[1], [0, 2]]);
  });
});

test("a response goes upstream without our Via, and nowhere when there is no other", () => {
  const two = make("sip:u@d").headers.prepend("Via", "SIP/2.0/TCP p1.example.com;branch=z9hG4bKp");
  const response = responseTo({ ...make("sip:u@d"), headers: two }, 200);
  expect(upstream(response)?.headers.values("via")).toEqual(["SIP/2.0/UDP caller.example.org;branch=z9hG4bKa"]);
  expect(upstream(responseTo(make("sip:u@d"), 200))).toBeUndefined();
});

describe("loops (RFC 5393)", () => {
  const via = (mark: string): readonly [string, string] => [
    "Via",
    `SIP/2.0/UDP p1.example.com;branch=${markedBranch("1", mark)}`,
  ];

  test("the same request with our mark is a loop", () => {
    const original = make("sip:u@d.example");
    const back = { ...original, headers: original.headers.prepend(...via(loopMark(original))) };
    expect(isLoop(back, settings.isOwnSentBy)).toBe(true);
  });

  test("a spiral, which comes back for another address, is none", () => {
    const original = make("sip:u@d.example");
    const back = { ...original, uri: "sip:v@d.example", headers: original.headers.prepend(...via(loopMark(original))) };
    expect(isLoop(back, settings.isOwnSentBy)).toBe(false);
  });

  test("a mark that somebody else wrote is none of ours", () => {
    const original = make("sip:u@d.example");
    const back = { ...original, headers: original.headers.prepend(...via(loopMark(original))) };
    expect(isLoop(back, () => false)).toBe(false);
  });
});

describe("what is refused before it is forwarded (RFC 3261 §16.3)", () => {
  test.each([
    ["another scheme", make("tel:+4930123"), 416],
    ["no hop left", make("sip:u@d", ["Max-Forwards", "0"]), 483],
    ["an extension that is not known", make("sip:u@d", ["Proxy-Require", "foo, bar"]), 420],
  ])("%s", (_name, message, status) => {
    expect(proxyRefusal(message, settings)?.status).toBe(status);
  });

  test("a 420 names what was not known", () => {
    expect(proxyRefusal(make("sip:u@d", ["Proxy-Require", "foo, bar"]), settings)?.unsupported).toEqual(["bar"]);
  });

  test("an ordinary request is not", () => {
    expect(proxyRefusal(make("sip:u@d", ["Max-Forwards", "1"]), settings)).toBeUndefined();
  });
});
