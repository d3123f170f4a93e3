import { describe, expect, test } from "vitest";
import type { Dialog } from "../../../../core/sip/dialog/dialog.ts";
import {
  ackInDialog,
  dialogId,
  dialogIdOf,
  dialogOfClient,
  dialogOfServer,
  receiveAnswer,
  receiveInDialog,
  requestInDialog,
  withoutTag,
} from "../../../../core/sip/dialog/dialog.ts";
import { endsDialog, endsUsage } from "../../../../core/sip/dialog/fate.ts";
import type { SipRequest, SipResponse } from "../../../../core/sip/message/message.ts";
import { request, responseTo } from "../../../../core/sip/message/message.ts";

const ROUTE = ["<sip:one.example;lr>", "<sip:two.example;lr>"];

function subscribe(headers: readonly (readonly [string, string])[] = []): SipRequest {
  return request("SUBSCRIBE", "sip:bob@b.example", [
    ["Via", "SIP/2.0/TCP a.example;branch=z9hG4bK1"],
    ...headers,
    ["From", '"Alice" <sip:alice@a.example>;x=1;tag=alice'],
    ["To", "<sip:bob@b.example>"],
    ["Call-ID", "call"],
    ["CSeq", "7 SUBSCRIBE"],
    ["Contact", "<sip:alice@192.0.2.1>"],
  ]);
}

function accepted(sent: SipRequest, headers: readonly (readonly [string, string])[] = []): SipResponse {
  return responseTo(sent, 200, {
    toTag: "bob",
    copyRecordRoute: true,
    headers: [["Contact", "<sip:bob@192.0.2.2>"], ...headers],
  });
}

function dialogOf(parts: Partial<Dialog> = {}): Dialog {
  const made = dialogOfServer(subscribe(), "bob", 4);
  if (!made) throw new Error("no dialog");
  return { ...made, ...parts };
}

describe("a dialog made by a request", () => {
  test("on the server's side has the peer's Contact, its own tag and the route as it came", () => {
    const sent = subscribe([
      ["Record-Route", ROUTE[0] ?? ""],
      ["Record-Route", ROUTE[1] ?? ""],
    ]);
    expect(dialogOfServer(sent, "bob", 4)).toEqual({
      callId: "call",
      localTag: "bob",
      remoteTag: "alice",
      local: "<sip:bob@b.example>",
      remote: '"Alice" <sip:alice@a.example>;x=1',
      remoteTarget: "sip:alice@192.0.2.1",
      routeSet: ROUTE,
      localSequence: 4,
      remoteSequence: 7,
    });
  });

  test("on the client's side has the route turned around", () => {
    const sent = subscribe([["Record-Route", ROUTE.join(", ")]]);
    expect(dialogOfClient(sent, accepted(sent))).toEqual({
      callId: "call",
      localTag: "alice",
      remoteTag: "bob",
      local: '"Alice" <sip:alice@a.example>;x=1',
      remote: "<sip:bob@b.example>",
      remoteTarget: "sip:bob@192.0.2.2",
      routeSet: [...ROUTE].reverse(),
      localSequence: 7,
    });
  });

  test("has the same identity seen from the request that comes back in it", () => {
    const [, notify] = requestInDialog(dialogOf(), "NOTIFY", []);
    const atAlice = { callId: "call", localTag: "alice", remoteTag: "bob" };
    expect(dialogIdOf(notify)).toBe(dialogId(atAlice));
  });

  test("needs a Contact that is one", () => {
    const without = subscribe();
    expect(dialogOfServer({ ...without, headers: without.headers.without("contact") }, "bob")).toBeUndefined();
    expect(dialogOfServer({ ...without, headers: without.headers.with("contact", "*") }, "bob")).toBeUndefined();
    expect(dialogOfClient(without, responseTo(without, 200, { toTag: "bob" }))).toBeUndefined();
  });

  test("of a peer of RFC 2543 has no tag for it", () => {
    const old = subscribe();
    const dialog = dialogOfServer({ ...old, headers: old.headers.with("From", "<sip:alice@a.example>") }, "bob");
    const [, notify] = requestInDialog(dialog ?? dialogOf(), "NOTIFY", []);
    expect(notify.headers.get("to")).toBe("<sip:alice@a.example>");
  });
});

describe("a request in a dialog", () => {
  test("has the next number, both tags, and goes to the peer's Contact by its route", () => {
    const [next, notify] = requestInDialog(dialogOf({ routeSet: ROUTE }), "NOTIFY", [["Event", "presence"]], "x");
    expect(next.localSequence).toBe(5);
    expect(notify.uri).toBe("sip:alice@192.0.2.1");
    expect(notify.headers.values("route")).toEqual(ROUTE);
    expect(notify.headers.get("from")).toBe("<sip:bob@b.example>;tag=bob");
    expect(notify.headers.get("to")).toBe('"Alice" <sip:alice@a.example>;x=1;tag=alice');
    expect(notify.headers.get("cseq")).toBe("5 NOTIFY");
    expect(notify.headers.get("event")).toBe("presence");
    expect(notify.body.toString()).toBe("x");
  });

  test("goes by a strict router as RFC 3261 §12.2.1.1 shows it", () => {
    const routeSet = ["<sip:strict.example>", "<sip:two.example;lr>"];
    const [, notify] = requestInDialog(dialogOf({ routeSet }), "NOTIFY", []);
    expect(notify.uri).toBe("sip:strict.example");
    expect(notify.headers.values("route")).toEqual(["<sip:two.example;lr>", "<sip:alice@192.0.2.1>"]);
  });

  test("that is older than one seen, or the same, is refused", () => {
    const dialog = dialogOf();
    const next = { ...subscribe(), headers: subscribe().headers.with("CSeq", "9 SUBSCRIBE") };
    const after = receiveInDialog(dialog, next);
    expect(after?.remoteSequence).toBe(9);
    expect(after && receiveInDialog(after, next)).toBeUndefined();
    expect(after && receiveInDialog(after, subscribe())).toBeUndefined();
  });

  test("moves the target with a new Contact, and not without one", () => {
    const moved = subscribe().headers.with("CSeq", "8 SUBSCRIBE").with("Contact", "<sip:alice@192.0.2.9>");
    expect(receiveInDialog(dialogOf(), { ...subscribe(), headers: moved })?.remoteTarget).toBe("sip:alice@192.0.2.9");
    const still = { ...subscribe(), headers: moved.without("contact") };
    expect(receiveInDialog(dialogOf(), still)?.remoteTarget).toBe("sip:alice@192.0.2.1");
  });

  test("is answered with where the peer is now; a refusal moves nothing, and the route stays", () => {
    const sent = subscribe();
    const moved = accepted(sent, [["Record-Route", "<sip:other.example;lr>"]]);
    expect(receiveAnswer(dialogOf({ routeSet: ROUTE }), moved)).toMatchObject({
      remoteTarget: "sip:bob@192.0.2.2",
      routeSet: ROUTE,
    });
    const refused = responseTo(sent, 503, { headers: [["Contact", "<sip:elsewhere@x.example>"]] });
    expect(receiveAnswer(dialogOf(), refused).remoteTarget).toBe("sip:alice@192.0.2.1");
  });
});

test.each([
  ["<sip:a@b>;tag=1", "<sip:a@b>"],
  ["<sip:a@b;x=1>;y=2; TAG = 1;z", "<sip:a@b;x=1>;y=2;z"],
  ['"a;tag=2" <sip:a@b>;tag=1', '"a;tag=2" <sip:a@b>'],
  ['<sip:a@b>;q=";tag=2";tag=1', '<sip:a@b>;q=";tag=2"'],
  ["sip:a@b;tag=1", "sip:a@b"],
  ["<sip:a@b;tag=1>", "<sip:a@b;tag=1>"],
])("%s without its tag is %s", (value, expected) => {
  expect(withoutTag(value)).toBe(expected);
});

describe("numbers in a dialog", () => {
  const inDialog = (number: number, method = "NOTIFY"): SipRequest => {
    const sent = subscribe();
    const headers = sent.headers.with("CSeq", `${number} ${method}`).with("Contact", "<sip:new@192.0.2.9>");
    return { ...sent, method, headers };
  };

  test("may have gaps", () => {
    expect(receiveInDialog(dialogOf(), inDialog(4_000))?.remoteSequence).toBe(4_000);
  });

  test("begin anew behind the last one that 32 bits hold", () => {
    const [next, sent] = requestInDialog(dialogOf({ localSequence: 2 ** 32 - 1 }), "NOTIFY", []);
    expect(next.localSequence).toBe(1);
    expect(sent.headers.get("cseq")).toBe("1 NOTIFY");
  });

  test("of an ACK are those of its INVITE", () => {
    const ack = ackInDialog(dialogOf({ routeSet: ROUTE, localSequence: 9 }), 4, [["Authorization", "x"]]);
    expect(ack.headers.get("cseq")).toBe("4 ACK");
    expect(ack.headers.values("route")).toEqual(ROUTE);
    expect(ack.headers.get("authorization")).toBe("x");
  });

  test.each([
    ["INVITE", "sip:new@192.0.2.9"],
    ["UPDATE", "sip:new@192.0.2.9"],
    ["INFO", "sip:alice@192.0.2.1"],
    ["BYE", "sip:alice@192.0.2.1"],
  ])("come with a Contact that moves the target in %s or not", (method, target) => {
    expect(receiveInDialog(dialogOf(), inDialog(8, method))?.remoteTarget).toBe(target);
  });
});

test("a dialog of a sips URI says so, on both sides", () => {
  const sent = { ...subscribe(), uri: "sips:bob@b.example" };
  expect(dialogOfServer(sent, "bob")?.secure).toBe(true);
  expect(dialogOfClient(sent, accepted(sent))?.secure).toBe(true);
  expect(dialogOf().secure).toBeUndefined();
});

test("an answer says whether a subscription is over, or all of its dialog", () => {
  expect([481, 480, 489].map((status) => [endsUsage(status), endsDialog(status)])).toEqual(
    [481, 480, 489].map(() => [true, false]),
  );
  expect([404, 502].map((status) => [endsUsage(status), endsDialog(status)])).toEqual(
    [404, 502].map(() => [true, true]),
  );
  expect([400, 403, 491, 503].some((status) => endsUsage(status))).toBe(false);
});
