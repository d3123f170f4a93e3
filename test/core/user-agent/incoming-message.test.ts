import { describe, expect, test } from "vitest";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { parseMessage } from "../../../core/sip/message/parse.ts";
import { serialize } from "../../../core/sip/message/serialize.ts";
import { incomingMessage } from "../../../core/user-agent/incoming-message.ts";
import { MESSAGE_ID_HEADER, messageRequest } from "../../../core/user-agent/messaging.ts";
import { receiptRequest, typingRequest } from "../../../core/user-agent/notices.ts";
import { written } from "../../support/sip-lines.ts";

const ALICE = "sip:alice@office.example";
const BOB = "sip:bob@office.example";
const OUTGOING = {
  from: ALICE,
  to: BOB,
  messageId: "0b2b8a9e-7c11-4d57-8b6e-2f7f0a1c9d10",
  text: "Grüße 👋",
  sentAt: Date.UTC(2026, 0, 5, 9, 30),
};

function read(text: string | Buffer): SipRequest {
  const parsed = parseMessage(Buffer.from(text), "datagram");
  if (!parsed.ok || parsed.value.kind !== "request") throw new Error("not a request");
  return parsed.value;
}

/** As it comes out at the other end. */
const overTheWire = (request: SipRequest): SipRequest => read(serialize(request));
const text = (parts = {}) => read(written({ headers: ["Content-Type: text/plain"], body: "hi", ...parts }));
const keyOf = (request: SipRequest): string | undefined => {
  const message = incomingMessage(request);
  return message?.kind === "text" ? message.key : undefined;
};

test("a text that we send is the text that we read, and asks for both receipts", () => {
  expect(incomingMessage(overTheWire(messageRequest(OUTGOING)))).toEqual({
    kind: "text",
    from: ALICE,
    text: OUTGOING.text,
    sentAt: OUTGOING.sentAt,
    key: `${ALICE} ${OUTGOING.messageId}`,
    messageId: OUTGOING.messageId,
    wants: ["positive-delivery", "display"],
  });
});

test.each(["delivered", "displayed"] as const)("the receipt that a text was %s is read as one", (kind) => {
  const { messageId, sentAt } = OUTGOING;
  const request = overTheWire(receiptRequest({ from: BOB, to: ALICE, messageId, kind, sentAt, now: sentAt + 1 }));
  expect(incomingMessage(request)).toMatchObject({
    kind: "receipt",
    from: BOB,
    receipt: { messageId, status: kind, dateTime: sentAt, recipientUri: BOB },
  });
});

test.each([true, false])("a typing notice (active: %s) is read as one", (active) => {
  const request = overTheWire(typingRequest({ from: BOB, to: ALICE, active, refresh: 60, id: "n1" }));
  expect(incomingMessage(request)).toEqual({ kind: "typing", from: BOB, active, refresh: active ? 60 : 120 });
});

test("a receipt carries a Call-ID that only it has, whatever the message was called", () => {
  const receipt = { from: BOB, to: ALICE, sentAt: 0, now: 0, kind: "delivered" } as const;
  const [one, other, odd] = ["m1", "m2", "a b\r\n<c>"].map((messageId) => receiptRequest({ ...receipt, messageId }));
  expect(one?.headers.get("call-id")).not.toBe(other?.headers.get("call-id"));
  expect(odd?.headers.get("call-id")).toBe("abc-delivered");
});

describe("a text of a stranger", () => {
  test("is named by its Call-ID, tag and number, so that a copy is known", () => {
    expect(keyOf(text())).toBe(keyOf(text()));
    for (const other of [text({ callId: "x" }), text({ sequence: 2 })]) expect(keyOf(other)).not.toBe(keyOf(text()));
  });

  test("of another sender with the same identifier is another message", () => {
    const headers = ["Content-Type: text/plain", `${MESSAGE_ID_HEADER}: same`];
    expect(keyOf(text({ headers }))).not.toBe(keyOf(text({ headers, from: "<sip:eve@office.example>;tag=e" })));
  });

  test("in an envelope is named by the identifier in it, has the time in it, and asks for what it asks", () => {
    const body = [
      "From: <sip:alice@office.example>",
      "To: <sip:bob@office.example>",
      "DateTime: 2026-01-05T09:30:00Z",
      "NS: imdn <urn:ietf:params:imdn>",
      "imdn.Message-ID: 34jk324j",
      "imdn.Disposition-Notification: positive-delivery, negative-delivery",
      "",
      "Content-Type: text/plain; charset=utf-8",
      "",
      "Hello",
    ].join("\r\n");
    expect(incomingMessage(text({ headers: ["Content-Type: message/cpim"], body }))).toMatchObject({
      kind: "text",
      text: "Hello",
      sentAt: OUTGOING.sentAt,
      messageId: "34jk324j",
      wants: ["positive-delivery", "negative-delivery"],
    });
  });

  test("without any wish asks for nothing", () => {
    expect(incomingMessage(text())).toMatchObject({ wants: [] });
  });

  test("with a date that is none has no time of sending", () => {
    const request = text({ headers: ["Content-Type: text/plain", "Date: tomorrow"] });
    expect(incomingMessage(request)).not.toHaveProperty("sentAt");
  });
});

test.each([
  ["a picture", { headers: ["Content-Type: image/png"] }],
  ["from nobody with an address", { from: "<tel:+123>;tag=a" }],
  ["a broken envelope", { headers: ["Content-Type: message/cpim"], body: "no end" }],
  ["a broken typing notice", { headers: ["Content-Type: application/im-iscomposing+xml"], body: "<isComposing" }],
  [
    "a broken receipt",
    {
      headers: ["Content-Type: message/cpim"],
      body: "To: <sip:a@b.example>\r\n\r\nContent-Type: message/imdn+xml\r\n\r\n<imdn/>",
    },
  ],
])("what is %s is nothing that we know", (_name, parts) => {
  expect(incomingMessage(text(parts))).toBeUndefined();
});
