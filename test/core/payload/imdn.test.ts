import { describe, expect, test } from "vitest";
import { formatImdn, type Imdn, parseImdn } from "../../../core/payload/imdn.ts";
import { hasSuites, suite } from "./suites.ts";
import { valueOf } from "./values.ts";

const FULL: Imdn = {
  messageId: "34jk324j",
  dateTime: 0,
  recipientUri: "im:bob@example.com",
  originalRecipientUri: "im:bob@example.com",
  subject: "a < b",
  kind: "delivery",
  status: "failed",
};

test.skipIf(!hasSuites).each([
  ["001", "delivery", "delivered"],
  ["002", "display", "displayed"],
  ["003", "processing", "processed"],
  ["004", "delivery", "delivered"],
])("RFC 5438's example %s: %s is %s (skipped without the suites)", (name, kind, status) => {
  expect(valueOf(parseImdn(suite(`rfc-examples/rfc5438/xml-${name}.xml`)))).toEqual({
    messageId: "34jk324j",
    dateTime: Date.UTC(2008, 3, 4, 17, 16, 49),
    recipientUri: "im:bob@example.com",
    originalRecipientUri: "im:bob@example.com",
    kind,
    status,
  });
});

test("a notification survives writing and reading", () => {
  expect(valueOf(parseImdn(formatImdn(FULL)))).toEqual(FULL);
  expect(formatImdn(FULL)).toContain("<delivery-notification><status><failed/></status></delivery-notification>");
});

describe("a notification is refused", () => {
  const imdn = (inside: string): string => `<imdn xmlns="urn:ietf:params:xml:ns:imdn">${inside}</imdn>`;
  const status = "<delivery-notification><status><delivered/></status></delivery-notification>";
  test.each([
    ["without a message", imdn(status)],
    ["without a status", imdn("<message-id>x</message-id>")],
    [
      "with an unknown status",
      imdn("<message-id>x</message-id><delivery-notification><status><lost/></status></delivery-notification>"),
    ],
    ["outside its namespace", "<imdn/>"],
  ])("%s", (_, source) => {
    expect(parseImdn(source)).toMatchObject({ error: { code: "xml-unexpected" } });
  });
});
