import { describe, expect, test } from "vitest";
import type { Contact } from "../../core/bridge/contract.ts";
import {
  byAvailability,
  isAddressLike,
  peopleRows,
  recentRows,
  rosterOf,
  withUnread,
} from "../../renderer/state/arrange.ts";
import { idOf, keyOf } from "../../renderer/state/model.ts";
import { ME, officeModel } from "./samples.ts";

const contact = (name: string, more: Partial<Contact> = {}): [string, Contact] => {
  const address = `${name.toLowerCase()}@acme.example`;
  return [keyOf(ME, address), { account: ME, address, name, groups: [], favourite: false, ...more }];
};
const names = (keys: readonly string[]): string[] => keys.map((key) => idOf(key).address.split("@")[0] ?? "");

describe("groups", () => {
  test("favourites come first, then named groups, then everybody in none", () => {
    const contacts = new Map([
      contact("Zoe"),
      contact("Bert", { groups: ["Shop"] }),
      contact("Adam", { groups: ["Shop", "Accounts"] }),
      contact("Mia", { favourite: true, groups: ["Shop"] }),
    ]);
    const groups = rosterOf(contacts, "en-GB").map((group) => [group.kind, group.name, names(group.members)]);
    expect(groups).toEqual([
      ["favourites", "", ["mia"]],
      ["named", "Accounts", ["adam"]],
      ["named", "Shop", ["adam", "bert"]],
      ["others", "", ["zoe"]],
    ]);
  });

  test("free, occupied, absent, doubt, gone; by name inside", () => {
    const contacts = new Map(["Dora", "Carl", "Bea", "Anton", "Emil"].map((name) => contact(name)));
    const state = (address: string, value: "available" | "busy" | "away" | "pending" | "offline") =>
      [keyOf(ME, `${address}@acme.example`), { account: ME, address, state: value, source: "none" }] as const;
    const presence = new Map([
      state("anton", "offline"),
      state("bea", "pending"),
      state("carl", "away"),
      state("dora", "available"),
      state("emil", "available"),
    ]);
    const [group] = byAvailability(rosterOf(contacts, "en-GB"), presence);
    expect(names(group?.members ?? [])).toEqual(["dora", "emil", "carl", "bea", "anton"]);
    expect(group?.there).toBe(3);
  });

  test("unread people rise into a group on top, strangers too, and stay in their own", () => {
    const stranger = keyOf(ME, "new@else.example");
    const conversations = new Map([
      [stranger, { account: ME, with: "new@else.example", unread: 1, lastAt: "2026-11-19T10:00:00Z" }],
      [
        keyOf(ME, "zoe@acme.example"),
        { account: ME, with: "zoe@acme.example", unread: 2, lastAt: "2026-11-19T11:00:00Z" },
      ],
    ]);
    const groups = withUnread(rosterOf(new Map([contact("Zoe")]), "en-GB"), conversations);
    expect(groups.map((group) => [group.id, names(group.members)])).toEqual([
      ["new", ["zoe", "new"]],
      ["others", ["zoe"]],
    ]);
  });
});

describe("rows", () => {
  const contacts = new Map([contact("Jörg"), contact("Anna", { groups: ["Accounts"] })]);
  const groups = byAvailability(rosterOf(contacts, "de-DE"), new Map());
  const shown = (query: string, closed: readonly string[] = []): string[] =>
    peopleRows(groups, contacts, new Set(closed), query).map((row) =>
      "key" in row ? (names([row.key])[0] ?? "") : row.id,
    );

  test("a closed group keeps its head", () => {
    expect(shown("", ["group:Accounts"])).toEqual(["group:Accounts", "others", "jörg"]);
  });

  test("a query opens groups and leaves those who fit, accents aside", () => {
    expect(shown("jorg", ["others"])).toEqual(["others", "jörg"]);
  });

  test("something like an address offers to add it, unless it is there", () => {
    expect(shown("rafael@globex.example")).toEqual(["add"]);
    expect(shown("anna@acme.example")).toEqual(["group:Accounts", "anna"]);
  });

  test("places count within the whole group", () => {
    const rows = peopleRows(groups, contacts, new Set(), "");
    expect(rows[1]).toMatchObject({ position: 1, size: 1, level: 2 });
  });

  test("recent rows begin with the newest message", () => {
    const model = officeModel();
    const rows = recentRows(model.conversations, model.contacts, "");
    expect(rows.map((row) => ("key" in row ? names([row.key])[0] : ""))).toEqual([
      "tomas.ferreira",
      "yael.barlev",
      "kavya.menon",
    ]);
  });
});

test.each([
  ["rafael@globex.example", true],
  ["  rafael@globex.example ", true],
  ["rafael@globex", false],
  ["@globex.example", false],
  ["rafael@.example", false],
  ["rafael@globex.", false],
  ["rafael duarte@globex.example", false],
  ["rafael", false],
])("%j looks like an address: %s", (text, expected) => {
  expect(isAddressLike(text)).toBe(expected);
});

test("ten thousand contacts are put in order within a frame", () => {
  const many = new Map(Array.from({ length: 10_000 }, (_, index) => contact(`Person${index}`)));
  const roster = rosterOf(many, "en-GB");
  const start = performance.now();
  byAvailability(roster, new Map());
  expect(performance.now() - start).toBeLessThan(50);
});
