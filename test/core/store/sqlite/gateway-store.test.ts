import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openGatewayStore } from "../../../../core/store/sqlite/gateway-store.ts";
import type { BindingRecord, GatewayStore, PublicationRecord } from "../../../../core/store/store.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const BOB = "sip:bob@office.example";
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const BINDING: BindingRecord = {
  aor: BOB,
  device: "<urn:uuid:1>",
  regId: 1,
  contact: "sip:bob@192.0.2.1",
  params: ";reg-id=1",
  q: 0.5,
  callId: "call",
  sequence: 7,
  registeredAt: 1,
  renewedAt: 2,
  expiresAt: 1_000,
  path: ["<sip:one.example;lr>", "<sip:two.example;lr>"],
  peer: "tcp:192.0.2.1:40000",
  flow: "tcp-1",
  diesWithFlow: true,
  userAgent: "Test",
};

const PUBLICATION: PublicationRecord = {
  etag: "e1",
  aor: BOB,
  event: "presence",
  contentType: "application/pidf+xml",
  body: "<presence/>",
  publishedAt: 1,
  expiresAt: 2,
  flow: "tcp-1",
};

describe.each(["on disk", "in memory"])("a gateway's store %s", (kind) => {
  function opened(): { store: GatewayStore; again(): GatewayStore } {
    const folder = mkdtempSync(join(tmpdir(), "hallway-gateway-"));
    folders.push(folder);
    const path = kind === "on disk" ? join(folder, "gateway.sqlite") : ":memory:";
    let store = openGatewayStore(path, new ManualClock());
    return {
      store,
      again() {
        if (kind === "in memory") return store;
        store.close();
        store = openGatewayStore(path, new ManualClock());
        return store;
      },
    };
  }

  test("keeps accounts and their secrets, which go with them", () => {
    const { store, again } = opened();
    const bob = { aor: BOB, name: "Bob", administrator: true, disabled: false };
    store.accounts.put(bob, { "SHA-256": "aa", MD5: "bb" });
    store.accounts.put({ ...bob, disabled: true }, { MD5: "cc" });
    const kept = again();
    expect(kept.accounts.get(BOB)).toEqual({ ...bob, disabled: true });
    expect(kept.accounts.secrets(BOB)).toEqual({ "SHA-256": "aa", MD5: "cc" });
    expect(kept.accounts.remove(BOB)).toBe(true);
    expect(kept.accounts.remove(BOB)).toBe(false);
    expect(kept.accounts.secrets(BOB)).toEqual({});
    expect(kept.accounts.list()).toEqual([]);
  });

  test("keeps who is left out of the office list", () => {
    const { store, again } = opened();
    const bob = { aor: BOB, administrator: false, disabled: false };
    store.accounts.put({ ...bob, hidden: true });
    expect(again().accounts.list()).toEqual([{ ...bob, hidden: true }]);
    again().accounts.put(bob);
    expect(again().accounts.list()).toEqual([bob]);
  });

  test("keeps aliases with their targets in order, until the alias or its last target goes", () => {
    const { store, again } = opened();
    store.accounts.put({ aor: BOB, administrator: false, disabled: false });
    store.aliases.put("sip:info@x", ["sip:z@x", BOB, "sip:a@x"]);
    store.aliases.put("sip:info@x", ["sip:z@x", BOB]);
    store.aliases.put("sip:boss@x", [BOB]);
    expect(again().aliases.targets("sip:info@x")).toEqual(["sip:z@x", BOB]);
    expect([...again().aliases.all().keys()]).toEqual(["sip:boss@x", "sip:info@x"]);
    again().accounts.remove(BOB);
    expect([...again().aliases.all()]).toEqual([["sip:info@x", ["sip:z@x"]]]);
    expect([again().aliases.remove("sip:info@x"), again().aliases.remove("sip:info@x")]).toEqual([true, false]);
  });

  test("keeps invitations, used or not, until they are withdrawn or long over", () => {
    const { store, again } = opened();
    store.accounts.put({ aor: BOB, administrator: false, disabled: false });
    const open = { secretHash: "h1", aor: BOB, madeAt: 1, expiresAt: 100 };
    const used = { ...open, secretHash: "h2", usedAt: 5 };
    store.invitations.put(open);
    store.invitations.put({ ...open, secretHash: "h2" });
    store.invitations.put(used);
    expect([again().invitations.get("h1"), again().invitations.get("h2")]).toEqual([open, used]);
    expect([again().invitations.withdraw(BOB), again().invitations.withdraw(BOB)]).toEqual([1, 0]);
    expect(again().invitations.all()).toEqual([used]);
    again().invitations.forget(100);
    expect(again().invitations.all()).toEqual([used]);
    again().invitations.forget(101);
    expect(again().invitations.get("h2")).toBeUndefined();
  });

  test("remembers registrations that were ended from outside", () => {
    const { store, again } = opened();
    store.accounts.put({ aor: BOB, administrator: false, disabled: false });
    store.signedOut.put(BOB, "call", 10);
    const has = (callId: string): boolean => again().signedOut.has(BOB, callId);
    expect([has("call"), has("other")]).toEqual([true, false]);
    again().signedOut.forget(11);
    expect(has("call")).toBe(false);
  });

  test("keeps a binding for each device", () => {
    const { store, again } = opened();
    const other = { ...BINDING, device: "other", path: [], diesWithFlow: false };
    store.bindings.put(BINDING);
    store.bindings.put(other);
    store.bindings.put({ ...BINDING, sequence: 8 });
    const kept = again();
    expect(kept.bindings.of(BOB)).toHaveLength(2);
    expect(kept.bindings.all()).toContainEqual({ ...BINDING, sequence: 8 });
    expect(kept.bindings.all()).toContainEqual(other);
    kept.bindings.remove(BOB, BINDING.device, BINDING.regId);
    expect(kept.bindings.of(BOB)).toEqual([other]);
  });

  test("keeps publications in the order of their making", () => {
    const { store, again } = opened();
    store.publications.put({ ...PUBLICATION, etag: "later", publishedAt: 9 });
    store.publications.put(PUBLICATION);
    expect(
      again()
        .publications.all()
        .map(({ etag }) => etag),
    ).toEqual(["e1", "later"]);
    again().publications.remove("e1");
    expect(again().publications.all()).toHaveLength(1);
  });

  test("keeps subscriptions as they are given", () => {
    const { store, again } = opened();
    store.subscriptions.save("1", '{"a":1}');
    store.subscriptions.save("1", '{"a":2}');
    expect(again().subscriptions.all()).toEqual(['{"a":2}']);
    again().subscriptions.remove("1");
    expect(again().subscriptions.all()).toEqual([]);
  });

  test("keeps documents by person, application and name", () => {
    const { store, again } = opened();
    const document = { aor: BOB, application: "pres-rules", name: "index", etag: "e", contentType: "t", body: "b" };
    store.documents.put(document);
    expect(again().documents.get(BOB, "pres-rules", "index")).toEqual(document);
    expect(again().documents.get(BOB, "pres-rules", "other")).toBeUndefined();
    expect(again().documents.remove(BOB, "pres-rules", "index")).toBe(true);
    expect(again().documents.remove(BOB, "pres-rules", "index")).toBe(false);
  });

  test("hands a waiting message to its device, or to whichever comes first, in order", () => {
    const { store, again } = opened();
    const message = {
      recipient: BOB,
      sender: "sip:a@x",
      request: Buffer.from([0, 1, 255]),
      storedAt: 1,
      expiresAt: 100,
    };
    const ids = [
      store.messages.add({ ...message, device: "phone" }),
      store.messages.add(message),
      store.messages.add({ ...message, device: "desk", expiresAt: 50 }),
    ];
    const kept = again().messages;
    expect(kept.waiting(BOB, "phone").map(({ id }) => id)).toEqual([ids[0], ids[1]]);
    expect(kept.waiting(BOB, "phone")[0]?.request).toEqual(message.request);
    expect(kept.waiting(BOB, "desk").map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    expect(kept.count(BOB)).toBe(3);
    expect(kept.behind(BOB, "desk")).toBe(true);
    expect(kept.expire(50)).toBe(1);
    for (const id of ids) kept.remove(id);
    expect(kept.behind(BOB, "desk")).toBe(false);
    // A number is never given twice: who still holds an old one must not remove another message.
    expect(again().messages.add(message)).toBeGreaterThan(ids[2] ?? 0);
  });

  test("remembers answers for as long as it is told to", () => {
    const { store, again } = opened();
    store.messages.remember("old", 200, 10);
    store.messages.remember("new", 202, 20);
    again().messages.forgetAnswers(20);
    expect([again().messages.answer("old"), again().messages.answer("new")]).toEqual([undefined, 202]);
  });

  test("keeps who waits, since the first question", () => {
    const { store, again } = opened();
    const waiting = { resource: BOB, watcher: "sip:a@x", since: 1 };
    store.waiting.put(waiting);
    store.waiting.put({ ...waiting, since: 9 });
    expect(again().waiting.of(BOB)).toEqual([waiting]);
    again().waiting.remove(BOB, "sip:a@x");
    expect(again().waiting.of(BOB)).toEqual([]);
  });
});
