import { describe, expect, test } from "vitest";
import { formatRuleset } from "../../../core/payload/pres-rules.ts";
import { rulesetFor } from "../../../core/payload/privacy-rules.ts";
import { parseWatcherInfo } from "../../../core/payload/watcher-info.ts";
import { SEQUENCE_BLOCK } from "../../../core/sip/event/notifier.ts";
import { callId, cseq } from "../../../core/sip/message/fields.ts";
import { PUBLISH_WITHIN } from "../../../core/server/presence-agent.ts";
import type { PrivacyRule } from "../../../core/bridge/contract.ts";
import type { Phone } from "./office.ts";
import { dialogOf, Office } from "./office.ts";

/** Bob watches Alice from before she is there. */
async function watched(rule?: PrivacyRule) {
  const office = await Office.open();
  if (rule) await setRule(office, rule);
  const bob = await office.phone("bob", "192.0.2.20");
  const alice = await office.phone("alice", "192.0.2.10");
  expect((await bob.watch("alice")).status).toBe(200);
  return { office, bob, alice };
}

/** Alice's rule for Bob, written behind the gateway's back and before it looks. */
async function setRule(office: Office, rule: PrivacyRule): Promise<void> {
  office.store.documents.put({
    aor: "sip:alice@acme.example",
    application: "pres-rules",
    name: "index",
    etag: "1",
    contentType: "application/auth-policy+xml",
    body: formatRuleset(rulesetFor([{ target: "bob@acme.example", rule }])),
  });
}

function tagOf(answer: { readonly headers: { get(name: string): string | undefined } }): string {
  return answer.headers.get("sip-etag") ?? "";
}

describe("what a watcher is told", () => {
  test("publishing, changing and taking back, each once", async () => {
    const { alice, bob } = await watched();
    const first = await alice.publish("available");
    await bob.answerAll();
    const second = await alice.publish("busy", { ifMatch: tagOf(first) });
    await bob.answerAll();
    await alice.ask("PUBLISH", { headers: ["Event: presence", "Expires: 0", `SIP-If-Match: ${tagOf(second)}`] });
    expect(await bob.told()).toEqual(["offline", "available", "busy", "offline"]);
  });

  test("changes that come while a NOTIFY is under way are told by the last one", async () => {
    const { alice, bob } = await watched();
    await bob.answerAll();
    let tag = tagOf(await alice.publish("available"));
    for (const state of ["busy", "away", "in-a-meeting"] as const)
      tag = tagOf(await alice.publish(state, { ifMatch: tag }));
    expect(await bob.told()).toEqual(["offline", "available", "in-a-meeting"]);
  });

  test("a phone that only registers shows as available, once it had its time to publish", async () => {
    const { office, alice, bob } = await watched();
    await alice.register();
    expect(await bob.told()).toEqual(["offline"]);
    await office.clock.advance(PUBLISH_WITHIN);
    expect(await bob.told()).toEqual(["offline", "available"]);
    await alice.register(undefined, { expires: 0 });
    expect(await bob.told()).toEqual(["offline", "available", "offline"]);
  });

  test("whoever registers and publishes invisible was never there", async () => {
    const { office, alice, bob } = await watched();
    await alice.register();
    await office.clock.advance(PUBLISH_WITHIN - 100);
    const answer = await alice.publish("invisible");
    await office.clock.advance(PUBLISH_WITHIN * 2);
    await alice.publish("invisible", { ifMatch: tagOf(answer) });
    await alice.register();
    await alice.register(undefined, { expires: 0 });
    expect(await bob.told()).toEqual(["offline"]);
  });

  test("whoever signs out was available and is offline, and nothing between", async () => {
    const { office, alice, bob } = await watched();
    await alice.register();
    const answer = await alice.publish("available");
    await bob.answerAll();
    await office.clock.advance(60_000);
    await alice.register(undefined, { expires: 0 });
    await alice.ask("PUBLISH", { headers: ["Event: presence", "Expires: 0", `SIP-If-Match: ${tagOf(answer)}`] });
    expect(await bob.told()).toEqual(["offline", "available", "offline"]);
  });

  test("a connection that breaks is told as lost until the registration would have ended", async () => {
    const { office, bob } = await watched();
    const laptop = await office.streamPhone("alice");
    await laptop.register('<sip:alice@10.0.0.1>;+sip.instance="<urn:uuid:1>";reg-id=1', { expires: 300 });
    await laptop.publish("busy");
    await bob.answerAll();
    laptop.peer.close();
    await office.settle();
    expect(await bob.told()).toEqual(["offline", "busy", "connection-lost"]);
    await office.clock.advance(300_000);
    expect(await bob.told()).toEqual(["offline", "busy", "connection-lost", "offline"]);
  });

  test("a loss is forgotten by whoever comes back and signs out in good order, however quickly", async () => {
    const { office, bob } = await watched();
    const contact = '<sip:alice@10.0.0.1>;+sip.instance="<urn:uuid:1>";reg-id=1';
    const before = await office.streamPhone("alice");
    await before.register(contact);
    await before.publish("busy");
    await bob.answerAll();
    before.peer.close();
    await office.settle();
    await bob.answerAll();
    const after = await office.streamPhone("alice");
    await after.register(contact, { callId: "again" });
    await after.register(`${contact};expires=0`, { callId: "again" });
    expect(await bob.told()).toEqual(["offline", "busy", "connection-lost", "offline"]);
  });

  test("a restart of the gateway changes nothing for who needs no connection", async () => {
    const { office, alice, bob } = await watched();
    await alice.register(undefined, { expires: 3600 });
    await office.clock.advance(PUBLISH_WITHIN);
    await bob.answerAll();
    await office.restart(1_000);
    expect((await bob.watch("alice", { callId: "another" })).status).toBe(200);
    expect(await bob.told()).toEqual(["offline", "available", "available"]);
    await alice.publish("away");
    expect(await bob.told()).toEqual(["offline", "available", "available", "away", "away"]);
    const numbers = bob
      .requests("NOTIFY")
      .filter((notify) => callId(notify) === "watch-alice-192.0.2.20:5060")
      .map((notify) => cseq(notify)?.number);
    expect(numbers).toEqual([1, 2, SEQUENCE_BLOCK + 1]);
  });

  test("refusals of what cannot be subscribed", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    const status = async (whom: string, wish = {}): Promise<number> =>
      (await bob.watch(whom, { callId: `${whom}${Math.random()}`, ...wish })).status;
    expect(await status("nobody")).toBe(404);
    expect(await status("alice", { toTag: "gone" })).toBe(481);
    const bare = ["Event: dialog", "Contact: <sip:bob@192.0.2.20>"];
    const wrongEvent = await bob.ask("SUBSCRIBE", { to: "alice", callId: "e", headers: bare });
    expect([wrongEvent.status, wrongEvent.headers.get("allow-events")]).toEqual([
      489,
      "presence, presence.winfo, reg, xcap-diff",
    ]);
    const short = await bob.ask("SUBSCRIBE", {
      to: "alice",
      callId: "s",
      headers: ["Event: presence", "Expires: 5", "Contact: <sip:bob@192.0.2.20>"],
    });
    expect([short.status, short.headers.get("min-expires")]).toEqual([423, "30"]);
    const others = await bob.ask("SUBSCRIBE", {
      to: "alice",
      callId: "w",
      headers: ["Event: presence.winfo", "Contact: <sip:bob@192.0.2.20>"],
    });
    expect(others.status).toBe(403);
  });
});

describe("who may see nothing", () => {
  test("a watcher who is blocked politely hears no NOTIFY that says something happened", async () => {
    const { office, alice, bob } = await watched("appear-offline");
    await bob.answerAll();
    await alice.register();
    await alice.publish("busy");
    await office.clock.advance(PUBLISH_WITHIN);
    await alice.publish("available", { tuple: "t2" });
    expect(await bob.told()).toEqual(["offline"]);
  });

  test("a watcher who sees only there or not hears nothing of what goes on there", async () => {
    const { alice, bob } = await watched("basic");
    await bob.answerAll();
    const tag = tagOf(await alice.publish("busy"));
    await alice.publish("in-a-meeting", { ifMatch: tag });
    expect(await bob.told()).toEqual(["offline", "available"]);
  });

  test("a watcher who waits for an answer hears nothing until it comes", async () => {
    const { alice, bob } = await watched("ask");
    await alice.publish("busy");
    expect(await bob.told()).toEqual(["pending"]);
  });

  test("a rule with a time ends by itself: who watched waits for an answer again, and sees again when it begins", async () => {
    const office = await Office.open({ settings: { "presence.default-rule": "ask" } });
    const at = (seconds: number): string => new Date(office.clock.now() + seconds * 1_000).toISOString();
    office.store.documents.put({
      aor: "sip:alice@acme.example",
      application: "pres-rules",
      name: "index",
      etag: "1",
      contentType: "application/auth-policy+xml",
      body: `<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"><rule id="a">
        <conditions><validity><from>${at(-60)}</from><until>${at(60)}</until><from>${at(120)}</from><until>${at(900)}</until></validity></conditions>
        <actions><pr:sub-handling>allow</pr:sub-handling></actions><transformations/></rule></ruleset>`,
    });
    const bob = await office.phone("bob", "192.0.2.20");
    await bob.watch("alice");
    expect(await bob.told()).toEqual(["offline"]);
    await office.clock.advance(60_000);
    expect(await bob.told()).toEqual(["offline", "pending"]);
    await office.clock.advance(60_000);
    expect(await bob.told()).toEqual(["offline", "pending", "offline"]);
  });

  test("a rule for a sphere holds while the person says to be in it", async () => {
    const office = await Office.open({ settings: { "presence.default-rule": "ask" } });
    office.store.documents.put({
      aor: "sip:alice@acme.example",
      application: "pres-rules",
      name: "index",
      etag: "1",
      contentType: "application/auth-policy+xml",
      body: `<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"><rule id="a">
        <conditions><sphere value="work"/></conditions><actions><pr:sub-handling>allow</pr:sub-handling></actions>
        <transformations><pr:provide-services><pr:all-services/></pr:provide-services></transformations></rule></ruleset>`,
    });
    const [alice, bob] = [await office.phone("alice", "192.0.2.10"), await office.phone("bob", "192.0.2.20")];
    const say = (sphere: string, tag?: string) =>
      alice.ask("PUBLISH", {
        headers: [
          "Event: presence",
          "Expires: 600",
          "Content-Type: application/pidf+xml",
          ...(tag ? [`SIP-If-Match: ${tag}`] : []),
        ],
        body: `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:alice@acme.example"><tuple id="t"><status><basic>open</basic></status></tuple>
          <dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" id="p"><sphere xmlns="urn:ietf:params:xml:ns:pidf:rpid"><${sphere}/></sphere></dm:person></presence>`,
      });
    const tag = tagOf(await say("home"));
    await bob.watch("alice");
    expect(await bob.told()).toEqual(["pending"]);
    await say("work", tag);
    expect(await bob.told()).toEqual(["pending", "available"]);
  });

  test("a watcher who is blocked is refused", async () => {
    const office = await Office.open();
    await setRule(office, "block");
    const bob = await office.phone("bob", "192.0.2.20");
    expect((await bob.watch("alice")).status).toBe(403);
  });

  test("politely blocked and offline give the same bytes but for the names", async () => {
    const { office, alice, bob } = await watched("appear-offline");
    await alice.register();
    await alice.publish("busy");
    await bob.watch("carol");
    await bob.answerAll();
    const [one, other] = bob.requests("NOTIFY").map((notify) =>
      [...notify.headers]
        .filter(({ id }) => !["via", "call-id", "from", "contact", "sip-etag"].includes(id))
        .map(({ raw }) => raw)
        .concat(notify.body.toString("utf8").replaceAll("carol", "alice")),
    );
    expect(one).toEqual(other);
    const quiet = await bob.message("alice", "hello");
    const away = await bob.message("carol", "hello");
    expect([quiet(), away()]).toEqual([202, 202]);
    expect(alice.texts()).toEqual(["hello"]);
    await office.settle();
    const options = async (whom: string): Promise<number> =>
      (await bob.ask("OPTIONS", { to: whom, callId: `o-${whom}` })).status;
    expect(await options("alice")).toBe(await options("carol"));
  });
});

describe("watcher information (RFC 3857)", () => {
  async function lists(phone: Phone) {
    await phone.answerAll();
    const last = phone.requests("NOTIFY").findLast((one) => one.headers.get("event")?.startsWith("presence.winfo"));
    const parsed = parseWatcherInfo(last?.body ?? Buffer.alloc(0));
    return parsed.ok
      ? parsed.value.lists.flatMap(({ watchers }) => watchers.map(({ uri, status }) => [uri, status]))
      : [];
  }

  test("a person learns who watches, who waits, and who asked while they were away", async () => {
    const { office, alice, bob } = await watched("ask");
    const dialog = dialogOf(await bob.watch("alice", { callId: "second" }));
    await bob.answerAll();
    const info = {
      to: "alice",
      callId: "winfo",
      headers: ["Event: presence.winfo", "Expires: 600", "Contact: <sip:alice@192.0.2.10>"],
    };
    await alice.ask("SUBSCRIBE", info);
    expect(await lists(alice)).toEqual([
      ["sip:bob@acme.example", "pending"],
      ["sip:bob@acme.example", "pending"],
    ]);
    await bob.watch("alice", { callId: "second", toTag: dialog.remote, headers: ["Expires: 0"] });
    await office.clock.advance(601_000);
    await bob.answerAll();
    await office.clock.advance(40_000);
    await alice.ask("SUBSCRIBE", { ...info, callId: "winfo-later" });
    expect(await lists(alice)).toEqual([["sip:bob@acme.example", "waiting"]]);
  });
});
