import { describe, expect, test } from "vitest";
import { keyOf } from "../../renderer/state/model.ts";
import { reduce } from "../../renderer/state/reduce.ts";
import { ANN, ME, message, numbered, officeModel, presence } from "./samples.ts";

const key = keyOf(ME, ANN);
const noon = "2026-11-19T12:00:00.000Z";

describe("reduce", () => {
  test("a run of presence ends in the last word about each person, and touches nothing else", () => {
    const before = officeModel();
    const after = reduce(
      before,
      numbered([
        { event: "presence.changed", payload: presence("busy") },
        { event: "presence.changed", payload: presence("away") },
      ]),
    );
    expect(after.presence.get(key)?.state).toBe("away");
    expect(after.contacts).toBe(before.contacts);
    expect(after.conversations).toBe(before.conversations);
    expect(before.presence.has(key)).toBe(false);
  });

  test("presence of other people keeps its identity, so their rows are not drawn again", () => {
    const before = officeModel();
    const after = reduce(before, numbered([{ event: "presence.changed", payload: presence("busy") }]));
    for (const [other, value] of before.presence) expect(after.presence.get(other)).toBe(value);
  });

  test("events keep their order when presence stands between other events", () => {
    const after = reduce(
      officeModel(),
      numbered([
        { event: "presence.changed", payload: presence("available") },
        { event: "contact.removed", payload: { account: ME, address: ANN } },
        { event: "contact.changed", payload: { account: ME, address: ANN, groups: [], favourite: false } },
      ]),
    );
    expect(after.presence.has(key)).toBe(false);
    expect(after.contacts.has(key)).toBe(true);
  });

  test("a message changes the last line, and the unread count is left to the core", () => {
    const after = reduce(officeModel(), numbered([{ event: "message.received", payload: message("hello", noon) }]));
    expect(after.conversations.get(key)).toMatchObject({ unread: 0, lastText: "hello", lastAt: noon });
  });

  test("an older message that arrives late does not become the last line", () => {
    const after = reduce(
      officeModel(),
      numbered([
        { event: "message.received", payload: message("new", noon) },
        { event: "message.received", payload: message("old", "2026-11-19T11:00:00.000Z") },
      ]),
    );
    expect(after.conversations.get(key)?.lastText).toBe("new");
  });

  test("messages go into logs that are open, once and in their order", () => {
    const open = { ...officeModel(), logs: new Map([[key, { items: [], state: "ready" as const }]]) };
    const late = message("late", "2026-11-19T11:00:00.000Z");
    const after = reduce(
      open,
      numbered([
        { event: "message.received", payload: message("first", noon) },
        { event: "message.received", payload: message("first", noon) },
        { event: "message.received", payload: late },
      ]),
    );
    expect(after.logs.get(key)?.items.map((item) => item.messageId)).toEqual(["late", "first"]);
  });

  test("a status reaches its message and loses the reason of an earlier failure", () => {
    const items = [message("m", noon, { outgoing: true, status: "failed", reason: "No answer." })];
    const open = { ...officeModel(), logs: new Map([[key, { items, state: "ready" as const }]]) };
    const update = { account: ME, messageId: "m", with: ANN, status: "queued" as const };
    const after = reduce(open, numbered([{ event: "message.updated", payload: update }]));
    expect(after.logs.get(key)?.items[0]).toEqual(message("m", noon, { outgoing: true, status: "queued" }));
  });

  test("rules and watchers of other accounts stay when one account's change", () => {
    const other = { account: "me@home.example", target: "*", rule: "ask" as const };
    const before = { ...officeModel(), rules: [other] };
    const rules = [{ account: ME, target: ANN, rule: "allow" as const }];
    const after = reduce(before, numbered([{ event: "privacy.changed", payload: { account: ME, rules } }]));
    expect(after.rules).toEqual([other, ...rules]);
  });

  test("somebody who asks is added once and keeps what was known", () => {
    const ask = { event: "watcher.pending" as const, payload: { account: ME, address: ANN } };
    const after = reduce({ ...officeModel(), watchers: [] }, numbered([ask, ask]));
    expect(after.watchers).toEqual([{ account: ME, address: ANN, status: "pending" }]);
  });

  test("registration changes the one account it names", () => {
    const failed = { account: ME, state: "failed" as const, code: "wrong-password" };
    expect(reduce(officeModel(), numbered([{ event: "registration.changed", payload: failed }])).accounts).toEqual([
      failed,
    ]);
  });

  test("an event of a newer core changes nothing", () => {
    const before = officeModel();
    const strange = [{ event: "weather.changed", seq: 1, payload: {} }] as never;
    expect(reduce(before, strange)).toBe(before);
  });
});
