import { expect, test } from "vitest";
import { bareAddress, canonicalAddress, domainOf } from "../../../core/sip/address.ts";

test.each([
  ["bob@office.example", "sip:bob@office.example"],
  ["  Bob@Office.Example ", "sip:bob@office.example"],
  ["sip:bob@office.example;transport=tcp", "sip:bob@office.example"],
  ["SIPS:bob@office.example:5061", "sip:bob@office.example"],
  ["mailto:bob@office.example", "sip:bob@office.example"],
  ['"Bob (Sales)" <bob@office.example>', "sip:bob@office.example"],
  ["Bob <sip:bob@office.example>", "sip:bob@office.example"],
  ["bob@[2001:db8::1]", "sip:bob@[2001:db8::1]"],
  ["bob+sales@office.example", "sip:bob+sales@office.example"],
])("%j is %s", (text, expected) => {
  expect(canonicalAddress(text)).toBe(expected);
});

test.each([
  "",
  "bob",
  "@office.example",
  "bob@",
  "bob smith@office.example",
  "tel:+123",
  "a@b@c",
  "łukasz@office.example",
  "<>",
])("%j is no address", (text) => expect(canonicalAddress(text)).toBeUndefined());

test("an address is read without its scheme, and has a domain", () => {
  expect(bareAddress("sip:bob@office.example")).toBe("bob@office.example");
  expect(domainOf("sip:bob@office.example")).toBe("office.example");
});
