import { describe, expect, test } from "vitest";
import { putNode, readNode, removeNode } from "../../../core/payload/xcap-edit.ts";
import { MAX_SELECTOR, MAX_STEPS, parseNodeSelector } from "../../../core/payload/xcap-selector.ts";
import { hasSuites, suite } from "./suites.ts";

/** The document of RFC 4825 §8.2.3. */
const ROOT = `<?xml version="1.0"?>
<root>
 <el1 att="first"/>
 <el1 att="second"/>
 <!-- comment -->
 <el2 att="first"/>
</root>
`;

function put(document: string, selector: string, body: string): string {
  const parsed = parseNodeSelector(selector, "", "");
  const edit = parsed && putNode(document, parsed, body);
  if (!edit) return "no selector";
  return edit.ok ? edit.value.document : edit.error.kind;
}

const read = (document: string, selector: string, query = "", namespace = ""): string | undefined => {
  const parsed = parseNodeSelector(selector, query, namespace);
  return parsed && readNode(document, parsed)?.body;
};

describe("where a new element goes (RFC 4825 §8.2.3)", () => {
  const third = ROOT.replace('"second"/>', '"second"/><el1 att="third"/>');
  const second = ROOT.replace('<el2 att="first"/>', '<el2 att="first"/><el2 att="2"/>');

  test.each([
    ['root/el1[@att="third"]', '<el1 att="third"/>', third],
    ['root/el1[3][@att="third"]', '<el1 att="third"/>', third],
    ['root/*[3][@att="third"]', '<el1 att="third"/>', third],
    ["root/el3", '<el3 att="first"/>', ROOT.replace("</root>", '<el3 att="first"/></root>')],
    ['root/el2[@att="2"]', '<el2 att="2"/>', second],
    ['root/el2[2][@att="2"]', '<el2 att="2"/>', second],
    ['root/*[2][@att="2"]', '<el2 att="2"/>', ROOT.replace('<el1 att="first"/>', '<el1 att="first"/><el2 att="2"/>')],
    ['root/el2[1][@att="2"]', '<el2 att="2"/>', ROOT.replace('<el2 att="first"/>', '<el2 att="2"/><el2 att="first"/>')],
    ["root/el1[2]/new", "<new/>", ROOT.replace('<el1 att="second"/>', '<el1 att="second"><new/></el1>')],
    ['root/el1[@att="first"]', '<el1 att="second"/>', "cannot-insert"],
    ["root/el3[2]", "<el3/>", "cannot-insert"],
    ["root/none/new", "<new/>", "no-parent"],
    ["root/el1[1]/@more", "a &amp; b", ROOT.replace('"first"/>', '"first" more="a &amp; b"/>')],
  ])("%s", (selector, body, expected) => expect(put(ROOT, selector, body)).toBe(expected));

  test.skipIf(!hasSuites)("as the RFC prints it (skipped where the suites are not at hand)", () => {
    const printed = (number: string): string => suite(`rfc-examples/rfc4825/xml-${number}.xml`).toString("utf8").trim();
    expect(put(printed("003"), 'root/el1[@att="third"]', '<el1 att="third"/>')).toBe(printed("004"));
    expect(put(printed("003"), "root/el3", '<el3 att="first"/>')).toBe(printed("005"));
    expect(put(printed("003"), 'root/el2[@att="2"]', '<el2 att="2"/>')).toBe(printed("006"));
    expect(put(printed("003"), 'root/*[2][@att="2"]', '<el2 att="2"/>')).toBe(printed("007"));
    expect(put(printed("003"), 'root/el2[1][@att="2"]', '<el2 att="2"/>')).toBe(printed("008"));
  });
});

describe("what a selector chooses (RFC 4825 §6.3)", () => {
  const NAMES = `<foo xmlns="urn:d"><n1:bar xmlns:n1="urn:1" xmlns="urn:1"><baz/><n2:baz xmlns:n2="urn:2" x='a "b"'/></n1:bar>
    <n3:hi xmlns:n3="urn:3"><there/></n3:hi></foo>`;

  test.each([
    ["foo/a:bar/b:baz", "xmlns(a=urn:1)xmlns(b=urn:2)", `<n2:baz xmlns:n2="urn:2" x='a "b"'/>`],
    ["foo/a:bar/a:baz", "xmlns(a=urn:1)", "<baz/>"],
    ["foo/*[1]/*[2]/@x", "", 'a "b"'],
    [`foo/a:bar/b:baz[@x='a "b"']/@x`, "xmlns(a=urn:1)xmlns(b=urn:2)", 'a "b"'],
    [
      "foo/a:bar/b:baz/namespace::*",
      "xmlns(a=urn:1)xmlns(b=urn:2)",
      '<n2:baz xmlns="urn:1" xmlns:n1="urn:1" xmlns:n2="urn:2"/>',
    ],
    ["foo/a:hi/there", "xmlns(a=urn:3)", "<there/>"],
    ["foo/a:bar/baz", "xmlns(a=urn:1)", undefined],
    ["foo/*", "", undefined],
    ["foo/c:bar", "", undefined],
  ])("%s", (selector, query, expected) => expect(read(NAMES, selector, query, "urn:d")).toBe(expected));

  test("limits of selectors", () => {
    expect(parseNodeSelector(Array(MAX_STEPS).fill("a").join("/"), "", "")).toBeDefined();
    expect(
      parseNodeSelector(
        Array(MAX_STEPS + 1)
          .fill("a")
          .join("/"),
        "",
        "",
      ),
    ).toBeUndefined();
    expect(parseNodeSelector("a".repeat(MAX_SELECTOR + 1), "", "")).toBeUndefined();
    for (const broken of ["", "a//b", "a[0]", "a[@x=1]", "@x", "a[1", "a/@", "a/namespace::x"])
      expect(parseNodeSelector(broken, "", ""), broken).toBeUndefined();
  });
});

test("removing leaves everything else as it was", () => {
  const remove = (selector: string) => {
    const parsed = parseNodeSelector(selector, "", "");
    return parsed && removeNode(ROOT, parsed);
  };
  expect(remove('root/el1[@att="first"]')).toEqual({ ok: true, value: ROOT.replace('<el1 att="first"/>', "") });
  expect(remove("root/el2/@att")).toEqual({ ok: true, value: ROOT.replace('<el2 att="first"/>', "<el2/>") });
  expect(remove("root/el1[1]")).toEqual({ ok: false, error: { kind: "cannot-delete" } });
  expect(remove("root/el9")).toBeUndefined();
});
