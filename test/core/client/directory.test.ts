import { describe, expect, test } from "vitest";
import { Directory, LIST_KEPT } from "../../../core/client/directory.ts";
import { formatResourceList } from "../../../core/payload/resource-lists.ts";
import { failure, success } from "../../../core/platform/result.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const PEOPLE = [
  { uri: "sip:alice@office.example", name: "Alice Ämter" },
  { uri: "sip:bob.miller@office.example", name: "Robert Müller" },
  { uri: "sip:carol@office.example" },
  { uri: "sip:al@office.example", name: "Zoe Alison" },
  { uri: "tel:+49" },
];

/** A directory at an office that counts how often it is asked. */
function directory(people: readonly { uri: string; name?: string }[] = PEOPLE) {
  const clock = new ManualClock();
  const state = { connected: true, asked: [] as (string | undefined)[], etag: '"1"', people, fails: false };
  const office = {
    directory: async (etag: string | undefined) => {
      state.asked.push(etag);
      if (state.fails) return failure("unreachable");
      if (etag === state.etag) return success(undefined);
      return success({ body: formatResourceList(state.people), etag: state.etag });
    },
  };
  const made = new Directory({ clock, office: () => (state.connected ? office : undefined) });
  const found = async (text: string, limit = 10) => (await made.search(text, limit)).map(({ address }) => address);
  return { clock, state, found, made };
}

describe("the office list", () => {
  test.each([
    ["ali", ["alice@office.example", "al@office.example"]],
    ["alice am", ["alice@office.example"]],
    ["MULLER", ["bob.miller@office.example"]],
    ["miller", ["bob.miller@office.example"]],
    ["rob mü", ["bob.miller@office.example"]],
    ["carol@office", ["carol@office.example"]],
    ["lice", []],
    ["  ", ["alice@office.example", "carol@office.example", "bob.miller@office.example", "al@office.example"]],
  ])("searched for “%s” finds those with words that begin so, names first", async (text, addresses) => {
    expect(await directory().found(text)).toEqual(addresses);
  });

  test("gives names, and no more people than are wanted", async () => {
    const { made } = directory();
    expect(await made.search("", 2)).toEqual([
      { address: "alice@office.example", name: "Alice Ämter" },
      { address: "carol@office.example" },
    ]);
  });

  test("is asked for once while it is fresh, also by whoever types fast, and then only whether it still holds", async () => {
    const { clock, state, found } = directory();
    await Promise.all([found("a"), found("al"), found("ali")]);
    await found("alic");
    expect(state.asked).toEqual([undefined]);
    await clock.advance(LIST_KEPT);
    expect(await found("carol")).toEqual(["carol@office.example"]);
    expect(state.asked).toEqual([undefined, '"1"']);
  });

  test("follows the office", async () => {
    const { clock, state, found } = directory();
    await found("dora");
    Object.assign(state, { etag: '"2"', people: [{ uri: "sip:dora@office.example" }] });
    await clock.advance(LIST_KEPT);
    expect([await found("dora"), await found("carol")]).toEqual([["dora@office.example"], []]);
  });

  test("stays known without a connection, and is empty at a server that has none", async () => {
    const { clock, state, found } = directory();
    await found("");
    state.connected = false;
    await clock.advance(LIST_KEPT);
    expect(await found("carol")).toEqual(["carol@office.example"]);
    const other = directory();
    other.state.fails = true;
    expect(await other.found("carol")).toEqual([]);
    other.state.fails = false;
    // What failed is asked again at once.
    expect(await other.found("carol")).toEqual(["carol@office.example"]);
  });
});
