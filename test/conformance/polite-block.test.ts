/**
 * Somebody who is blocked politely receives, byte for byte but for identifiers, in this order and at these times, what
 * somebody receives who watches a person that is offline (RFC 5025 §3.2.1).
 */
import { expect, test } from "vitest";
import { formatRuleset, rulesetFor } from "../../core/payload/pres-rules.ts";
import { toTag } from "../../core/sip/message/fields.ts";
import type { SipMessage, SipResponse } from "../../core/sip/message/message.ts";
import { serialize } from "../../core/sip/message/serialize.ts";
import type { Phone } from "../core/server/office.ts";
import { Office } from "../core/server/office.ts";

const INSTANCE = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"';
const PUBLIC_GRUU = "sip:alice@acme.example;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
const CONTACT = "Contact: <sip:bob@192.0.2.20:5060>";

/** Identifiers that are drawn by chance: they differ between two runs of the same thing. */
function withoutChance(message: SipMessage): string {
  return serialize(message)
    .toString("utf8")
    .replaceAll(/(;tag=|;branch=z9hG4bK)[0-9a-f]{16,}/g, "$1…")
    .replaceAll(/^Call-ID: [0-9a-f]{16,}.*$/gm, "Call-ID: …");
}

/** What Bob does, step by step; `meanwhile` is what Alice does between. */
const STEPS: Readonly<Record<string, (bob: Phone, dialog: { tag: string }) => Promise<unknown>>> = {
  "asks for presence": async (bob, dialog) => {
    const answer = await bob.watch("alice", { callId: "watch" });
    dialog.tag = toTag(answer) ?? "";
  },
  waits: async () => undefined,
  "asks again": (bob, { tag }) => bob.watch("alice", { callId: "watch", toTag: tag }),
  "looks once": (bob) =>
    bob.ask("SUBSCRIBE", { to: "alice", callId: "poll", headers: ["Event: presence", "Expires: 0", CONTACT] }),
  "asks for changes alone": (bob) =>
    bob.ask("SUBSCRIBE", {
      to: "alice",
      callId: "diff",
      headers: ["Event: presence;min-rate=0.02", "Expires: 300", CONTACT, "Accept: application/pidf-diff+xml"],
    }),
  writes: (bob) => bob.message("alice", "hello"),
  "writes with an envelope": (bob) =>
    bob.send("MESSAGE", {
      to: "alice",
      callId: "cpim",
      headers: ["Content-Type: message/cpim"],
      body: "From: <im:b@a>",
    }),
  types: (bob) =>
    bob.send("MESSAGE", {
      to: "alice",
      callId: "typing",
      headers: ["Content-Type: application/im-iscomposing+xml"],
      body: "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>active</state></isComposing>",
    }),
  acknowledges: (bob) =>
    bob.send("MESSAGE", {
      to: "alice",
      callId: "receipt",
      headers: ["Content-Type: message/imdn+xml"],
      body: "<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>1</message-id></imdn>",
    }),
  "asks what she can do": (bob) => bob.send("OPTIONS", { to: "alice", callId: "options" }),
  calls: (bob) => bob.send("INVITE", { to: "alice", callId: "invite", headers: [CONTACT] }),
  "asks for her devices": (bob) =>
    bob.ask("SUBSCRIBE", { to: "alice", callId: "reg", headers: ["Event: reg", CONTACT] }),
  "asks who watches her": (bob) =>
    bob.ask("SUBSCRIBE", { to: "alice", callId: "winfo", headers: ["Event: presence.winfo", CONTACT] }),
  "writes to one device": (bob) =>
    bob.send("MESSAGE", { uri: PUBLIC_GRUU, callId: "gruu", headers: ["Content-Type: text/plain"], body: "hello" }),
  "asks for presence by one device": (bob) =>
    bob.ask("SUBSCRIBE", { uri: PUBLIC_GRUU, callId: "gruu-watch", headers: ["Event: presence", CONTACT] }),
  goes: (bob, { tag }) => bob.watch("alice", { callId: "watch", toTag: tag, headers: ["Expires: 0"] }),
};

/** Everything that reached Bob: after which step, at what time, and what. */
async function story(meanwhile: (office: Office) => Promise<() => Promise<void>>): Promise<readonly string[]> {
  const office = await Office.open();
  const begin = office.clock.now();
  const act = await meanwhile(office);
  const bob = await office.phone("bob", "192.0.2.20");
  const dialog = { tag: "" };
  const heard: string[] = [];
  let taken = 0;
  const until = (time: number): Promise<void> => office.clock.advance(begin + time - office.clock.now());
  for (const [index, [name, step]] of Object.entries(STEPS).entries()) {
    await until(10_000 * (index + 1) - 1_000);
    await act();
    await until(10_000 * (index + 1));
    await step(bob, dialog);
    // In short steps, so that what comes late is seen to come late.
    for (let time = 0; time < 8_000; time += 50) {
      await office.clock.advance(50);
      const fresh = bob.peer.messages.slice(taken);
      taken += fresh.length;
      for (const message of fresh)
        heard.push(`${name} at ${(office.clock.now() - begin) % 10_000}\n${withoutChance(message)}`);
      await bob.answerAll();
    }
  }
  expect(office.faults).toEqual([]);
  return heard;
}

test("a watcher who is blocked politely cannot tell", async () => {
  const blocked = await story(async (office) => {
    office.store.documents.put({
      aor: "sip:alice@acme.example",
      application: "pres-rules",
      name: "index",
      etag: "1",
      contentType: "application/auth-policy+xml",
      body: formatRuleset(rulesetFor([{ target: "bob@acme.example", rule: "appear-offline" }])),
    });
    const alice = await office.phone("alice", "192.0.2.10");
    await alice.register(`<sip:alice@192.0.2.10:5060>;${INSTANCE}`, { expires: 3_600, headers: ["Supported: gruu"] });
    let answer: SipResponse | undefined;
    let round = 0;
    return async () => {
      const ifMatch = answer?.headers.get("sip-etag");
      const state = round++ % 2 === 0 ? "busy" : "available";
      answer = await alice.publish(state, ifMatch === undefined ? {} : { ifMatch });
      await alice.answerAll();
    };
  });
  const offline = await story(async (office) => () => office.settle());
  expect(blocked.length).toBeGreaterThan(Object.keys(STEPS).length);
  expect(blocked).toEqual(offline);
});

test("the comparison sees a difference where there is one", async () => {
  const watching = await story(async (office) => {
    const alice = await office.phone("alice", "192.0.2.10");
    return async () => void (await alice.publish("busy"));
  });
  const offline = await story(async (office) => () => office.settle());
  expect(watching).not.toEqual(offline);
});
