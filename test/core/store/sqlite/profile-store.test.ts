import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openProfileStore } from "../../../../core/store/sqlite/profile-store.ts";
import type { MessageRecord, ProfileAccount, ProfileStore } from "../../../../core/store/store.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const ME = "alice@office.example";
const BOB = "bob@office.example";
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function message(place: number, parts: Partial<MessageRecord> = {}): MessageRecord {
  return {
    account: ME,
    messageId: `m${place}`,
    with: BOB,
    outgoing: false,
    text: `text ${place}`,
    sentAt: place,
    receivedAt: place * 10,
    ...parts,
  };
}

describe.each(["on disk", "in memory"])("a profile %s", (kind) => {
  /** `again` closes it and opens it anew, where it is on disk. */
  function opened(): { store: ProfileStore; again(): ProfileStore } {
    const folder = mkdtempSync(join(tmpdir(), "hallway-profile-"));
    folders.push(folder);
    const path = kind === "on disk" ? join(folder, "profile.sqlite") : ":memory:";
    let store = openProfileStore(path, new ManualClock());
    return {
      store,
      again() {
        if (kind === "in memory") return store;
        store.close();
        store = openProfileStore(path, new ManualClock());
        return store;
      },
    };
  }

  test("keeps accounts whole, with the age of their state", () => {
    const { store, again } = opened();
    const full: ProfileAccount = {
      account: ME,
      server: "tls:server.example:5061",
      trust: "sha256:00",
      signedIn: true,
      state: "in-a-meeting",
      since: 1_000,
      until: 2_000,
      note: "Room 4",
    };
    const bare: ProfileAccount = { account: BOB, signedIn: false, state: "available" };
    store.accounts.put(full);
    store.accounts.put(bare);
    expect(again().accounts.list()).toEqual([full, bare]);
    const changed = again();
    changed.accounts.put({ ...full, state: "busy" });
    changed.accounts.remove(BOB);
    expect(changed.accounts.list()).toEqual([{ ...full, state: "busy" }]);
  });

  test("keeps contacts of each account apart", () => {
    const { store, again } = opened();
    const bob = { account: ME, address: BOB, name: "Bob", groups: ["a", "b"], favourite: true, note: "n" };
    store.contacts.put(bob);
    store.contacts.put({ account: "other@x.example", address: BOB, groups: [], favourite: false });
    const kept = again();
    expect(kept.contacts.list(ME)).toEqual([bob]);
    expect(kept.contacts.remove(ME, BOB)).toBe(true);
    expect(kept.contacts.remove(ME, BOB)).toBe(false);
    expect(kept.contacts.list("other@x.example")).toHaveLength(1);
  });

  test("keeps one rule for each target", () => {
    const { store, again } = opened();
    store.rules.put({ account: ME, target: BOB, rule: "allow" });
    store.rules.put({ account: ME, target: BOB, rule: "block" });
    store.rules.put({ account: ME, target: "*", rule: "ask" });
    expect(again().rules.list(ME)).toEqual([
      { account: ME, target: "*", rule: "ask" },
      { account: ME, target: BOB, rule: "block" },
    ]);
  });

  test("takes a message once, whatever names it again", () => {
    const { store } = opened();
    expect(store.history.add(message(1), "key")).toBe(true);
    expect(store.history.add(message(2), "key")).toBe(false);
    expect(store.history.add(message(1), "other key")).toBe(false);
    expect(store.history.add(message(1, { account: "other@x.example" }), "key")).toBe(true);
    expect(store.history.get(ME, "m1")).toEqual(message(1));
    expect(store.history.get(ME, "m2")).toBeUndefined();
  });

  test("knows what has not left yet, in the order of writing", () => {
    const { store, again } = opened();
    for (const place of [1, 2, 3])
      store.history.add(message(place, { outgoing: true, status: "queued" }), `own ${place}`);
    store.history.setStatus(ME, "m2", "failed", "No.");
    expect(
      again()
        .history.queued(ME)
        .map(({ messageId }) => messageId),
    ).toEqual(["m1", "m3"]);
    const kept = again();
    expect(kept.history.get(ME, "m2")).toMatchObject({ status: "failed", reason: "No." });
    kept.history.setStatus(ME, "m2", "queued");
    expect(kept.history.get(ME, "m2")).not.toHaveProperty("reason");
  });

  test("is read in pages, oldest first, to both ends and back", () => {
    const { store } = opened();
    for (let place = 1; place <= 7; place++) store.history.add(message(place), String(place));
    const ids = (page: { items: readonly MessageRecord[] }): readonly string[] =>
      page.items.map(({ messageId }) => messageId);
    const last = store.history.page(ME, BOB, undefined, "older", 3);
    expect(ids(last)).toEqual(["m5", "m6", "m7"]);
    expect(last.newer).toBeUndefined();
    const middle = store.history.page(ME, BOB, last.older, "older", 3);
    expect(ids(middle)).toEqual(["m2", "m3", "m4"]);
    const oldest = store.history.page(ME, BOB, middle.older, "older", 3);
    expect(ids(oldest)).toEqual(["m1"]);
    expect(oldest.older).toBeUndefined();
    const back = store.history.page(ME, BOB, oldest.newer, "newer", 3);
    expect(ids(back)).toEqual(["m2", "m3", "m4"]);
    const end = store.history.page(ME, BOB, back.newer, "newer", 10);
    expect(ids(end)).toEqual(["m5", "m6", "m7"]);
    expect(end.newer).toBeUndefined();
    expect(store.history.page(ME, "nobody@x.example", undefined, "older", 3)).toEqual({ items: [] });
  });

  test("counts what was not read, and lists conversations by their last message", () => {
    const { store, again } = opened();
    const carol = "carol@office.example";
    store.history.add(message(1), "1");
    store.history.add(message(2), "2");
    store.history.add(message(3, { with: carol, outgoing: true, status: "delivered" }), "3");
    store.history.setDraft(ME, "dave@office.example", "almost");
    const kept = again().history;
    expect(kept.conversations(ME)).toEqual([
      { account: ME, with: carol, unread: 0, lastAt: 30, lastText: "text 3" },
      { account: ME, with: BOB, unread: 2, lastAt: 20, lastText: "text 2" },
      { account: ME, with: "dave@office.example", unread: 0, draft: "almost" },
    ]);
    kept.markRead(ME, BOB);
    expect(kept.conversation(ME, BOB).unread).toBe(0);
    kept.add(message(4), "4");
    expect(kept.conversation(ME, BOB).unread).toBe(1);
    kept.setDraft(ME, "dave@office.example", "");
    expect(kept.conversations(ME).map((one) => one.with)).toEqual([BOB, carol]);
    expect(kept.conversation(ME, "nobody@x.example")).toEqual({ account: ME, with: "nobody@x.example", unread: 0 });
  });

  test("keeps settings", () => {
    const { store, again } = opened();
    store.settings.set("a", "1");
    store.settings.set("a", "2");
    expect(again().settings.get("a")).toBe("2");
    expect(again().settings.all()).toEqual({ a: "2" });
    expect(again().settings.get("b")).toBeUndefined();
  });

  test("has on disk what was still waiting when it was closed", async () => {
    const { store, again } = opened();
    const written = store.durably(() => store.settings.set("late", "yes"));
    if (kind === "in memory") store.close();
    else expect(again().settings.get("late")).toBe("yes");
    await written;
  });
});
