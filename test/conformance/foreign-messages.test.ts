/** Messages that other stacks and the RFCs print: each has its verdict, and none does harm. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeHeader } from "../../core/sip/describe.ts";
import { checkRequest, checkResponse } from "../../core/sip/message/check.ts";
import { StreamFramer } from "../../core/sip/message/frame.ts";
import type { SipMessage } from "../../core/sip/message/message.ts";
import { parseMessage } from "../../core/sip/message/parse.ts";
import { serialize } from "../../core/sip/message/serialize.ts";
import { refused } from "./foreign-verdicts.ts";

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
  for (const { id } of message.headers) describeHeader(message, id);
  const again = parseMessage(serialize(message), "stream");
  expect(again.ok && serialize(again.value)).toEqual(serialize(message));
  return faultOf(message) ?? "ok";
}

describe.each(Object.entries(refused))("%s", (folder, groups) => {
  const messages = messagesIn(folder);
  const verdicts = new Map(groups.flatMap(({ code, files }) => files.map((file) => [file, code] as const)));

  test.skipIf(messages.length === 0)("every message has its verdict (skipped where the suites are not at hand)", () => {
    for (const [name, bytes] of messages) expect(readAllOf(bytes), name).toBe(verdicts.get(name) ?? "ok");
    const names = new Set(messages.map(([name]) => name));
    expect([...verdicts.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});
