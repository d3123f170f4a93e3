/** Messages that other stacks and the RFCs print: each is read in some way, none does harm. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkRequest, checkResponse } from "../../core/sip/message/check.ts";
import * as fields from "../../core/sip/message/fields.ts";
import { StreamFramer } from "../../core/sip/message/frame.ts";
import type { SipMessage } from "../../core/sip/message/message.ts";
import { parseMessage } from "../../core/sip/message/parse.ts";
import { serialize } from "../../core/sip/message/serialize.ts";

const suites = new URL("../../../shared/suites/", import.meta.url);

function messagesIn(folder: string): readonly (readonly [string, Buffer])[] {
  const root = new URL(`${folder}/`, suites);
  const names = existsSync(root) ? readdirSync(root, { recursive: true, encoding: "utf8" }) : [];
  return names
    .filter((name) => /\.(sip|dat|raw|msg|txt)$/.test(name))
    .map((name) => [name, readFileSync(new URL(encodeURI(name), root))] as const);
}

function faultOf(message: SipMessage): string | undefined {
  return (message.kind === "request" ? checkRequest(message) : checkResponse(message))?.code;
}

function readAllOf(bytes: Buffer): string {
  new StreamFramer().push(bytes);
  const parsed = parseMessage(bytes, "datagram");
  if (!parsed.ok) return parsed.error.code;
  const message = parsed.value;
  for (const field of [fields.event, fields.contentType, fields.subscriptionState, fields.expires]) field(message);
  const again = parseMessage(serialize(message), "stream");
  expect(again.ok && serialize(again.value)).toEqual(serialize(message));
  return faultOf(message) ?? "ok";
}

/** The folder, and how many of its files are well-formed at least (printed examples are cut, elided and mistyped). */
describe.each([
  ["sip-messages", 5],
  ["peer-messages", 10],
  ["jsip-torture", 80],
  ["rfc-examples", 170],
  ["pcap", 35],
  ["fuzz-corpus", 5],
])("%s", (folder, least) => {
  const messages = messagesIn(folder);

  test.skipIf(messages.length === 0)("is read without harm (skipped where the suites are not at hand)", () => {
    const verdicts = messages.map(([, bytes]) => readAllOf(bytes));
    expect(verdicts.filter((verdict) => verdict === "ok").length).toBeGreaterThanOrEqual(least);
  });
});

const captured = messagesIn("pcap");

test.skipIf(captured.length === 0)(
  "what linphonec and Kamailio said to each other is well-formed (skipped where the suites are not at hand)",
  () => {
    for (const [name, bytes] of captured) expect(readAllOf(bytes), name).toBe("ok");
  },
);
