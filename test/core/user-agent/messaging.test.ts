import { describe, expect, test } from "vitest";
import { responseTo } from "../../../core/sip/message/message.ts";
import type { Flow } from "../../../core/sip/transport/flow.ts";
import { MESSAGE_ID_HEADER, messageRequest, sendResult } from "../../../core/user-agent/messaging.ts";

const OUTGOING = {
  from: "sip:alice@office.example",
  to: "sip:bob@office.example",
  messageId: "0b2b8a9e-7c11-4d57-8b6e-2f7f0a1c9d10",
  text: "Grüße 👋",
  sentAt: Date.UTC(2026, 0, 5, 9, 30),
};

test("a text leaves with its identifier, its time and UTF-8, and the same identity at every try", () => {
  const [one, again] = [messageRequest(OUTGOING), messageRequest(OUTGOING)];
  expect(one.headers.get(MESSAGE_ID_HEADER)).toBe(OUTGOING.messageId);
  expect(one.headers.get("date")).toBe("Mon, 05 Jan 2026 09:30:00 GMT");
  expect(one.body.toString("utf8")).toBe(OUTGOING.text);
  expect([...again.headers]).toEqual([...one.headers]);
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
