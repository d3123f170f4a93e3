import { describe, expect, test } from "vitest";
import { followAliases, loopOf, MAX_PEOPLE_REACHED } from "../../../core/server/aliases.ts";
import { Office } from "./office.ts";

function aliases(table: Readonly<Record<string, readonly string[]>>) {
  return { targets: (aor: string) => table[aor] ?? [] };
}

describe("an alias is followed", () => {
  test("to whom it stands for, each once, through other aliases", () => {
    const table = aliases({ info: ["sales", "bob"], sales: ["carol", "bob"] });
    expect(followAliases(table, "info")).toEqual(["bob", "carol"]);
    expect(followAliases(table, "alice")).toEqual(["alice"]);
  });

  test("through a loop without end, which only a damaged file can hold, once", () => {
    expect(followAliases(aliases({ a: ["b"], b: ["a", "bob"] }), "a")).toEqual(["bob"]);
    expect(followAliases(aliases({ a: ["a"] }), "a")).toEqual([]);
  });

  test("to so many people and no more", () => {
    const many = Array.from({ length: MAX_PEOPLE_REACHED + 1 }, (_one, index) => `p${index}`);
    expect(followAliases(aliases({ all: many }), "all")).toHaveLength(MAX_PEOPLE_REACHED);
  });
});

test("a loop is told in the order in which it would be walked", () => {
  const table = aliases({ b: ["x", "c"], c: ["d"], d: ["a"], x: ["bob"] });
  expect(loopOf(table, "a", ["bob", "b"])).toEqual(["a", "b", "c", "d", "a"]);
  expect(loopOf(table, "a", ["a"])).toEqual(["a", "a"]);
  expect(loopOf(table, "a", ["x", "bob"])).toBeUndefined();
  expect(loopOf(aliases({ b: ["c"], c: ["b"] }), "a", ["b"])).toBeUndefined();
});

describe("a running office", () => {
  async function withAlias(targets: readonly string[]) {
    const office = await Office.open();
    office.store.aliases.put(
      "sip:info@acme.example",
      targets.map((name) => `sip:${name}@acme.example`),
    );
    const [alice, bob, carol] = await Promise.all([
      office.phone("alice", "192.0.2.10"),
      office.phone("bob", "192.0.2.11"),
      office.phone("carol", "192.0.2.12"),
    ]);
    return { office, alice, bob, carol };
  }

  test("brings a message to the one whom an alias stands for, and shows their presence", async () => {
    const { alice, bob } = await withAlias(["bob"]);
    await bob.register();
    await bob.publish("busy");
    await alice.watch("info");
    expect(await alice.told()).toEqual(["busy"]);
    const answer = await alice.message("info", "hello");
    await bob.answerAll();
    expect([answer(), bob.texts()]).toEqual([200, ["hello"]]);
  });

  test("brings a message to each of several, but not back to who wrote it", async () => {
    const { office, alice, bob, carol } = await withAlias(["alice", "bob", "carol"]);
    for (const phone of [alice, bob]) await phone.register();
    const answer = await alice.message("info", "hello all");
    await bob.answerAll();
    expect([alice.texts(), bob.texts(), carol.texts()]).toEqual([[], ["hello all"], []]);
    // Carol is not there: hers is stored, which the sender is told.
    expect([answer(), office.store.messages.count("sip:carol@acme.example")]).toEqual([202, 1]);
  });

  test("shows nobody's presence for an alias of several", async () => {
    const { alice } = await withAlias(["bob", "carol"]);
    expect((await alice.watch("info")).status).toBe(403);
  });

  test("passes over whoever is switched off, and knows no alias of nobody", async () => {
    const { office, alice } = await withAlias(["bob", "carol"]);
    for (const name of ["bob", "carol"])
      office.store.accounts.put({ aor: `sip:${name}@acme.example`, administrator: false, disabled: true });
    expect((await alice.message("info", "anybody?"))()).toBe(404);
  });
});
