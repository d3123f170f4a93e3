import { describe, expect, test } from "vitest";
import { parseMultipart } from "../../../core/payload/multipart.ts";
import { parsePidf } from "../../../core/payload/pidf.ts";
import { formatRuleset, rulesetFor } from "../../../core/payload/pres-rules.ts";
import type { PrivacyRule } from "../../../core/payload/privacy-rules.ts";
import { pidfToState } from "../../../core/payload/presence-state.ts";
import { formatResourceList, MAX_MEMBERS } from "../../../core/payload/resource-lists.ts";
import { parseRlmi } from "../../../core/payload/rlmi.ts";
import { parseWatcherInfo } from "../../../core/payload/watcher-info.ts";
import { MAX_LIST_FRAME, MAX_LIST_NOTIFY } from "../../../core/server/list-events.ts";
import { contentType, unquote } from "../../../core/sip/message/fields.ts";
import { limits } from "../../../core/sip/message/limits.ts";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import type { Phone, Wish } from "./office.ts";
import { dialogOf, Office } from "./office.ts";

const members = (...names: readonly string[]): string =>
  formatResourceList(names.map((name) => ({ uri: `sip:${name.includes("@") ? name : `${name}@acme.example`}` })));

function subscribe(phone: Phone, body: string, wish: Wish = {}) {
  return phone.ask("SUBSCRIBE", {
    callId: "list",
    headers: [
      "Event: presence",
      "Expires: 600",
      `Contact: <sip:${phone.name}@${phone.at}>`,
      "Supported: eventlist",
      "Require: recipient-list-subscribe",
      "Content-Type: application/resource-lists+xml",
    ],
    body,
    ...wish,
  });
}

interface ToldList {
  readonly full: boolean;
  readonly version: number;
  readonly members: Readonly<Record<string, string>>;
}

/** A list's NOTIFY as a client reads it: each member with the state that its part says, or that of its instance. */
function read(notify: SipRequest, now: number): ToldList {
  const boundary = unquote(contentType(notify)?.params.get("boundary") ?? "");
  const [first, ...parts] = parseMultipart(notify.body, boundary) ?? [];
  const meta = parseRlmi(first?.body ?? Buffer.alloc(0));
  if (!meta.ok) throw new Error(meta.error.message);
  const bodies = new Map(parts.map(({ headers, body }) => [headers.get("content-id") ?? "", body]));
  const told = meta.value.resources.map(({ uri, instance }) => {
    const body = bodies.get(`<${instance?.cid}>`);
    const parsed = body && parsePidf(body);
    const state = parsed?.ok ? pidfToState(parsed.value, now).state : (instance?.reason ?? instance?.state ?? "");
    return [uri.slice("sip:".length).replace("@acme.example", ""), state] as const;
  });
  return { full: meta.value.fullState, version: meta.value.version, members: Object.fromEntries(told) };
}

async function told(phone: Phone, office: Office): Promise<readonly ToldList[]> {
  await phone.answerAll();
  return phone.requests("NOTIFY").map((notify) => read(notify, office.clock.now()));
}

function setRule(office: Office, owner: string, rule: PrivacyRule): void {
  office.store.documents.put({
    aor: `sip:${owner}@acme.example`,
    application: "pres-rules",
    name: "index",
    etag: rule,
    contentType: "application/auth-policy+xml",
    body: formatRuleset(rulesetFor([{ target: "bob@acme.example", rule }])),
  });
}

describe("a list in one subscription (RFC 4662, RFC 5367)", () => {
  test("shows the one person whom an alias stands for, under the alias, and nobody for an alias of several", async () => {
    const office = await Office.open();
    office.store.aliases.put("sip:info@acme.example", ["sip:alice@acme.example"]);
    office.store.aliases.put("sip:all@acme.example", ["sip:alice@acme.example", "sip:carol@acme.example"]);
    const bob = await office.streamPhone("bob");
    const alice = await office.phone("alice", "192.0.2.10");
    await alice.publish("busy");
    await subscribe(bob, members("info", "all"));
    await bob.answerAll();
    await alice.publish("away", { tuple: "t2" });
    const all = await told(bob, office);
    expect(all[0]?.members).toEqual({ info: "busy", all: "noresource" });
    expect(all.at(-1)?.members).toEqual({ info: expect.any(String) });
  });

  test("is told whole at first, then who changed, together", async () => {
    const office = await Office.open();
    const bob = await office.streamPhone("bob");
    const [alice, carol] = [await office.phone("alice", "192.0.2.10"), await office.phone("carol", "192.0.2.11")];
    await alice.publish("busy");
    const answer = await subscribe(bob, members("alice", "carol", "nobody", "eve@other.example"));
    expect([answer.status, answer.headers.get("require")]).toEqual([200, "eventlist"]);
    await bob.answerAll();
    await Promise.all([alice.publish("away", { tuple: "t2" }), carol.publish("available")]);
    await bob.answerAll();
    const all = await told(bob, office);
    expect(all[0]).toEqual({
      full: true,
      version: 0,
      members: { alice: "busy", carol: "offline", nobody: "noresource", "eve@other.example": "noresource" },
    });
    const later = all.slice(1);
    expect(later.every(({ full }) => !full)).toBe(true);
    expect(Object.assign({}, ...later.map((one) => one.members))).toEqual({ alice: "away", carol: "available" });
    expect(bob.requests("NOTIFY")[0]?.headers.get("require")).toBe("eventlist");
  });

  test("each member's own rules decide, and what they hide makes no noise", async () => {
    const office = await Office.open({ people: ["alice", "bob", "carol", "dave", "eve"] });
    setRule(office, "alice", "ask");
    setRule(office, "carol", "block");
    setRule(office, "dave", "appear-offline");
    setRule(office, "eve", "basic");
    const bob = await office.phone("bob", "192.0.2.20");
    for (const [index, name] of ["alice", "carol", "eve"].entries())
      await (await office.phone(name, `192.0.2.${12 + index}`)).publish("busy");
    const dave = await office.phone("dave", "192.0.2.10");
    await subscribe(bob, members("alice", "carol", "dave", "eve"));
    const all = await told(bob, office);
    expect(all[0]?.members).toEqual({ alice: "pending", carol: "rejected", dave: "offline", eve: "available" });
    await dave.publish("available");
    expect(await told(bob, office)).toHaveLength(1);
    await office.restart();
    await dave.publish("busy", { tuple: "another" });
    expect(await told(bob, office)).toHaveLength(1);
  });

  test("stands among the watchers of its members", async () => {
    const office = await Office.open();
    setRule(office, "alice", "ask");
    const [alice, bob] = [await office.phone("alice", "192.0.2.10"), await office.streamPhone("bob")];
    await subscribe(bob, members("alice", "carol"));
    await alice.ask("SUBSCRIBE", {
      callId: "winfo",
      headers: ["Event: presence.winfo", "Expires: 600", `Contact: <sip:alice@${alice.at}>`],
    });
    const parsed = parseWatcherInfo(alice.requests("NOTIFY")[0]?.body ?? "");
    const watchers = parsed.ok ? parsed.value.lists.flatMap((list) => list.watchers) : [];
    expect(watchers.map(({ uri, status }) => [uri, status])).toEqual([["sip:bob@acme.example", "pending"]]);
  });

  test("is told whole again after a renewal and after a restart", async () => {
    const office = await Office.open();
    const bob = await office.phone("bob", "192.0.2.20");
    const alice = await office.phone("alice", "192.0.2.10");
    const dialog = dialogOf(await subscribe(bob, members("alice", "carol")));
    await bob.answerAll();
    await subscribe(bob, "", { toTag: dialog.remote, headers: ["Event: presence", "Supported: eventlist"] });
    await bob.answerAll();
    await office.restart();
    await alice.publish("busy");
    const all = await told(bob, office);
    expect(all.map(({ full, members: who }) => [full, who["alice"], who["carol"]])).toEqual([
      [true, "offline", "offline"],
      [true, "offline", "offline"],
      [true, "busy", "offline"],
    ]);
  });

  test("of a thousand comes within the limits of messages, in one subscription", async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `u${String(index).padStart(4, "0")}`);
    const office = await Office.open({ people: ["bob"] });
    for (const name of names)
      office.store.accounts.put({ aor: `sip:${name}@acme.example`, administrator: false, disabled: false });
    const bob = await office.streamPhone("bob");
    expect((await subscribe(bob, members(...names))).status).toBe(200);
    const all = await told(bob, office);
    expect(Object.keys(all[0]?.members ?? {})).toHaveLength(1_000);
    expect(all.map(({ full }) => full)).toEqual([true, ...all.slice(1).map(() => false)]);
    const known = Object.assign({}, ...all.map((one) => one.members)) as Record<string, string>;
    expect(new Set(Object.values(known))).toEqual(new Set(["offline"]));
    const [first, ...later] = bob.requests("NOTIFY").map(({ body }) => body.length);
    expect(first).toBeLessThan(MAX_LIST_FRAME + MAX_LIST_NOTIFY);
    for (const size of later) expect(size).toBeLessThan(MAX_LIST_NOTIFY * 1.1);
    expect(MAX_LIST_FRAME + MAX_LIST_NOTIFY).toBeLessThanOrEqual(limits.bodyBytes);
  });

  test("is refused to whoever cannot read it, asks for another's, or brings too many", async () => {
    const office = await Office.open();
    const bob = await office.streamPhone("bob");
    const status = async (body: string, wish: Wish): Promise<number> =>
      (await subscribe(bob, body, { callId: JSON.stringify(wish).length.toString(), ...wish })).status;
    const headers = (...more: readonly string[]): readonly string[] => [
      "Event: presence",
      `Contact: <sip:bob@${bob.at}>`,
      "Require: recipient-list-subscribe",
      ...more,
    ];
    const type = "Content-Type: application/resource-lists+xml";
    expect(await status(members("alice"), { headers: headers(type) })).toBe(421);
    expect(await status(members("alice"), { to: "carol" })).toBe(403);
    expect(await status("hello", { headers: headers("Supported: eventlist", "Content-Type: text/plain") })).toBe(415);
    expect(await status("<broken", {})).toBe(400);
    const many = Array.from({ length: MAX_MEMBERS + 1 }, (_, index) => `m${index}`);
    expect(await status(members(...many), { callId: "many" })).toBe(413);
    const long = Array.from({ length: 1_000 }, (_, index) => `m${index}${"x".repeat(200)}`);
    expect(await status(members(...long), { callId: "long" })).toBe(413);
  });
});

describe("an address that stands for a list (RFC 4826)", () => {
  test("is its owner's alone", async () => {
    const office = await Office.open();
    const put = (application: string, body: string): void =>
      office.store.documents.put({
        aor: "sip:bob@acme.example",
        application,
        name: "index",
        etag: "1",
        contentType: `application/${application}+xml`,
        body,
      });
    put("resource-lists", members("alice", "carol"));
    put(
      "rls-services",
      `<rls-services xmlns="urn:ietf:params:xml:ns:rls-services" xmlns:rl="urn:ietf:params:xml:ns:resource-lists">
        <service uri="sip:bob-friends@acme.example"><resource-list>http://acme.example/xcap-root/resource-lists/users/sip:bob@acme.example/index/~~/resource-lists/list</resource-list>
          <packages><package>presence</package></packages></service>
        <service uri="sip:bob-desk@acme.example"><list><rl:entry uri="sip:carol@acme.example"/></list></service>
      </rls-services>`,
    );
    const [bob, alice] = [await office.streamPhone("bob"), await office.streamPhone("alice")];
    const list = (phone: Phone, to: string) =>
      phone.ask("SUBSCRIBE", {
        to,
        callId: to,
        headers: ["Event: presence", "Supported: eventlist", `Contact: <sip:${phone.name}@${phone.at}>`],
      });
    expect((await list(bob, "bob-friends")).status).toBe(200);
    expect((await list(bob, "bob-desk")).status).toBe(200);
    expect((await list(alice, "bob-desk")).status).toBe(404);
    expect((await told(bob, office)).map((one) => one.members)).toEqual([
      { alice: "offline", carol: "offline" },
      { carol: "offline" },
    ]);
  });
});
