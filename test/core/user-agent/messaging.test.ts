import { describe, expect, test } from "vitest";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { responseTo } from "../../../core/sip/message/message.ts";
import { parseMessage } from "../../../core/sip/message/parse.ts";
import type { Flow } from "../../../core/sip/transport/flow.ts";
import { incomingMessage, MESSAGE_ID_HEADER, messageRequest, sendResult } from "../../../core/user-agent/messaging.ts";
import { written } from "../../support/sip-lines.ts";

const OUTGOING = {
  from: "sip:alice@office.example",
  to: "sip:bob@office.example",
  messageId: "0b2b8a9e-7c11-4d57-8b6e-2f7f0a1c9d10",
  text: "Grüße 👋",
  sentAt: Date.UTC(2026, 0, 5, 9, 30),
};

function read(text: string): SipRequest {
  const parsed = parseMessage(Buffer.from(text), "datagram");
  if (!parsed.ok || parsed.value.kind !== "request") throw new Error("not a request");
  return parsed.value;
}

test("a text leaves with its identifier, its time and UTF-8, and the same identity at every try", () => {
  const [one, again] = [messageRequest(OUTGOING), messageRequest(OUTGOING)];
  expect(one.headers.get(MESSAGE_ID_HEADER)).toBe(OUTGOING.messageId);
  expect(one.headers.get("date")).toBe("Mon, 05 Jan 2026 09:30:00 GMT");
  expect(one.body.toString("utf8")).toBe(OUTGOING.text);
  expect([...again.headers]).toEqual([...one.headers]);
});

test("what we send is what we read", () => {
  expect(incomingMessage(messageRequest(OUTGOING))).toEqual({
    from: OUTGOING.from,
    text: OUTGOING.text,
    sentAt: OUTGOING.sentAt,
    key: `${OUTGOING.from} ${OUTGOING.messageId}`,
    messageId: OUTGOING.messageId,
  });
});

describe("the answer to a message", () => {
  function outcomeOf(status: number, headers: readonly (readonly [string, string])[] = [], rejected = false) {
    const request = messageRequest(OUTGOING);
    const response = responseTo(request, status, { headers });
    return sendResult({ outcome: { kind: "response", response, flow: {} as Flow }, request, rejected });
  }

  test.each([
    [200, { kind: "delivered" }],
    [202, { kind: "stored" }],
    [404, { kind: "failed", code: "no-such-address" }],
    [604, { kind: "failed", code: "no-such-address" }],
    [403, { kind: "failed", code: "refused" }],
    [603, { kind: "failed", code: "refused" }],
    [413, { kind: "failed", code: "too-long" }],
    [415, { kind: "failed", code: "not-understood" }],
    [400, { kind: "failed", code: "refused" }],
    [408, { kind: "again" }],
    [480, { kind: "again" }],
    [500, { kind: "again" }],
    [503, { kind: "again" }],
  ])("%i means %o", (status, expected) => {
    expect(outcomeOf(status)).toMatchObject(expected);
  });

  test("may say when to try again", () => {
    expect(outcomeOf(503, [["Retry-After", "30 (busy)"]])).toEqual({ kind: "again", retryAfter: 30 });
  });

  test("that the password is wrong now does not fail the message", () => {
    expect(outcomeOf(401, [], true)).toEqual({ kind: "again" });
  });

  test.each([{ kind: "timeout" as const }, { kind: "unreachable" as const, code: "SIP_FLOW_CLOSED", message: "" }])(
    "that never came ($kind) means that nobody can say",
    (outcome) => {
      expect(sendResult({ outcome, request: messageRequest(OUTGOING), rejected: false })).toEqual({ kind: "again" });
    },
  );
});

describe("a stranger's message", () => {
  const text = (parts = {}) => read(written({ headers: ["Content-Type: text/plain"], body: "hi", ...parts }));

  test("is named by its Call-ID, tag and number, so that a copy is known", () => {
    expect(incomingMessage(text())?.key).toBe(incomingMessage(text())?.key);
    const other = [incomingMessage(text({ callId: "x" })), incomingMessage(text({ sequence: 2 }))];
    for (const message of other) expect(message?.key).not.toBe(incomingMessage(text())?.key);
  });

  test("of another sender with the same identifier is another message", () => {
    const headers = ["Content-Type: text/plain", `${MESSAGE_ID_HEADER}: same`];
    const [alice, eve] = [text({ headers }), text({ headers, from: "<sip:eve@office.example>;tag=e" })].map(
      incomingMessage,
    );
    expect(alice?.key).not.toBe(eve?.key);
  });

  test("with a date that is none has no time of sending", () => {
    expect(incomingMessage(text({ headers: ["Content-Type: text/plain", "Date: tomorrow"] }))).not.toHaveProperty(
      "sentAt",
    );
  });

  test.each([
    ["a picture", { headers: ["Content-Type: image/png"] }],
    ["from nobody with an address", { from: "<tel:+123>;tag=a" }],
  ])("that is %s cannot be shown", (_name, parts) => {
    expect(incomingMessage(text(parts))).toBeUndefined();
  });
});
