import { describe, expect, test } from "vitest";
import { InUse, lookOfAddress, lookOfName } from "../../../core/server/look-alikes.ts";

const escaped = (user: string): string => `sip:${encodeURIComponent(user)}@acme.example`;

describe("addresses look the same", () => {
  test.each([
    ["in capitals", "sip:alice@acme.example", "sip:ALICE@acme.example"],
    ["with escapes that nobody needs", "sip:alice@acme.example", "sip:%61lice@acme.example"],
    ["with a Cyrillic letter", "sip:alice@acme.example", escaped("аlice")],
    ["with a Greek letter", "sip:otto@acme.example", escaped("οttο")],
    ["in full width", "sip:alice@acme.example", escaped("ａｌｉｃｅ")],
    ["composed in another way", escaped("müller"), escaped("mu\u0308ller")],
    ["with characters that nobody sees", "sip:alice@acme.example", escaped("al\u200Bice")],
    ["with a sharp s", escaped("weiß"), escaped("weiss")],
    ["with a ligature", "sip:fiona@acme.example", escaped("ﬁona")],
  ])("%s", (_how, one, other) => expect(lookOfAddress(other)).toBe(lookOfAddress(one)));

  test("but not where people see a difference", () => {
    const looks = ["alice", "alicia", "al.ice", "alice1", "älice"].map((user) => lookOfAddress(escaped(user)));
    expect(new Set(looks).size).toBe(looks.length);
    expect(lookOfAddress("sip:alice@acme.test")).not.toBe(lookOfAddress("sip:alice@acme.example"));
  });

  test("whatever stands behind a per cent sign", () => {
    expect(lookOfAddress("sip:%ff%zz@acme.example")).toBe("%ff%zz@acme.example");
  });
});

test("names look the same without case, width and spaces", () => {
  expect(lookOfName("  Alice\u00A0 MÜLLER ")).toBe(lookOfName("alice müller"));
  expect(lookOfName("Alice")).not.toBe(lookOfName("Alina"));
});

test("who is in use is found by look, but never taken for a twin of itself", () => {
  const inUse = new InUse();
  inUse.add("sip:alice@acme.example", "Alice");
  inUse.add("sip:bob@acme.example", "");
  expect(inUse.twinOf(escaped("аlice"))).toBe("sip:alice@acme.example");
  expect(inUse.twinOf("sip:alice@acme.example")).toBeUndefined();
  expect(inUse.namesakeOf("sip:other@acme.example", "ALICE")).toBe("sip:alice@acme.example");
  expect(inUse.namesakeOf("sip:alice@acme.example", "ALICE")).toBeUndefined();
  expect(inUse.namesakeOf("sip:other@acme.example", "")).toBeUndefined();
});
