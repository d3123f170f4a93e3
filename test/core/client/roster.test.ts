import { describe, expect, test } from "vitest";
import { MAX_CONTACTS, readAddress, Roster } from "../../../core/client/roster.ts";
import { BOB, ME, Profile } from "./profile.ts";

function rosterOn(profile = new Profile()) {
  return { profile, roster: new Roster(ME, profile.store, profile.events) };
}

describe("a person", () => {
  test("is added once, however the address is written, and keeps what is not given anew", async () => {
    const { profile, roster } = rosterOn();
    await profile.done(roster.add({ address: BOB, name: "Bob", groups: ["a", "a", "b"], favourite: true }));
    await profile.done(roster.add({ address: `"B" <sip:BOB@office.example>`, note: "desk 4" }));
    expect(roster.list()).toEqual([
      { account: ME, address: BOB, name: "Bob", groups: ["a", "b"], favourite: true, note: "desk 4" },
    ]);
    expect(profile.of("contact.changed")).toHaveLength(2);
  });

  test("is there after a restart", async () => {
    const { profile, roster } = rosterOn();
    await profile.done(roster.add({ address: BOB }));
    expect(rosterOn(profile).roster.list()).toEqual(roster.list());
  });

  test("loses a name or note that is set to nothing", async () => {
    const { profile, roster } = rosterOn();
    await profile.done(roster.add({ address: BOB, name: "Bob", note: "x" }));
    await profile.done(roster.update({ address: BOB, name: "", note: "" }));
    expect(roster.list()).toEqual([{ account: ME, address: BOB, groups: [], favourite: false }]);
  });

  test("is removed, here and on disk", async () => {
    const { profile, roster } = rosterOn();
    await profile.done(roster.add({ address: BOB }));
    await profile.done(roster.remove(BOB));
    expect(roster.list()).toEqual([]);
    expect(rosterOn(profile).roster.list()).toEqual([]);
    expect(profile.of("contact.removed")).toEqual([{ account: ME, address: BOB }]);
  });
});

test.each([
  ["own-address", (roster: Roster) => roster.add({ address: ME })],
  ["bad-address", (roster: Roster) => roster.add({ address: "nobody" })],
  ["no-such-contact", (roster: Roster) => roster.update({ address: BOB })],
  ["no-such-contact", (roster: Roster) => roster.remove(BOB)],
])("refuses with %s", async (code, attempt) => {
  const { profile, roster } = rosterOn();
  await expect(profile.done<unknown>(attempt(roster))).rejects.toMatchObject({ code });
});

test("a list has an end", async () => {
  const profile = new Profile();
  for (let count = 0; count < MAX_CONTACTS; count++)
    profile.store.contacts.put({ account: ME, address: `p${count}@x.example`, groups: [], favourite: false });
  const { roster } = rosterOn(profile);
  await expect(profile.done(roster.add({ address: BOB }))).rejects.toMatchObject({ code: "too-many-contacts" });
  await profile.done(roster.add({ address: "p1@x.example", name: "known" }));
});

test("an address that is none is named in the sentence", () => {
  expect(() => readAddress("nobody")).toThrow("“nobody” is not an address");
});
