import { describe, expect, test } from "vitest";
import { formatPidf, parsePidf, type PresenceDocument } from "../../../core/payload/pidf.ts";
import { element } from "../../../core/payload/xml.ts";
import { canValidate, hasSuites, presenceErrors, suite, suiteFiles } from "./suites.ts";
import { valueOf } from "./values.ts";

const FULL: PresenceDocument = {
  entity: "sip:alice@example.com",
  tuples: [
    {
      id: "t1",
      basic: "open",
      statusExtensions: [element("urn:example", "mood", {}, "fine")],
      deviceIds: ["urn:uuid:1"],
      extensions: [element("urn:example", "more")],
      contact: { uri: "sip:alice@host.example.com", priority: 0.8 },
      notes: [{ text: "In & out", language: "en" }, { text: "plain" }],
      timestamp: Date.UTC(2026, 10, 21, 7, 0, 0, 250),
    },
  ],
  persons: [{ id: "p1", extensions: [element("urn:example", "hat")], notes: [{ text: "hello" }], timestamp: 0 }],
  devices: [{ id: "d1", deviceId: "urn:uuid:1", extensions: [], notes: [{ text: "Desk" }], timestamp: 1000 }],
  notes: [{ text: "whole" }],
  extensions: [element("urn:example", "last")],
};

test("a document with every part survives writing and reading", () => {
  expect(valueOf(parsePidf(formatPidf(FULL)))).toEqual(FULL);
});

test.skipIf(!canValidate)("a document with every part is valid (skipped without schemas or xmllint)", () => {
  expect(presenceErrors(formatPidf(FULL))).toBe("");
});

describe.skipIf(!hasSuites)("examples of the RFCs (skipped without the suites)", () => {
  test("RFC 3863 §5.2: extensions, priorities, notes in two languages", () => {
    const document = valueOf(parsePidf(suite("rfc-examples/rfc3863/xml-004.xml")));
    expect(document.entity).toBe("pres:someone@example.com");
    expect(document.notes).toEqual([{ text: "I'll be in Tokyo next week" }]);
    const [first, second] = document.tuples;
    expect(first).toMatchObject({
      id: "bs35r9",
      basic: "open",
      contact: { uri: "im:someone@mobilecarrier.net", priority: 0.8 },
      notes: [
        { text: "Don't Disturb Please!", language: "en" },
        { text: "Ne derangez pas, s'il vous plait", language: "fr" },
      ],
      timestamp: Date.UTC(2001, 9, 27, 16, 49, 29),
    });
    expect(first?.statusExtensions.map(({ name }) => name)).toEqual(["im", "location"]);
    expect(second?.contact).toEqual({ uri: "mailto:someone@example.com", priority: 1 });
  });

  test("RFC 3863 §5: another prefix and unknown elements", () => {
    const document = valueOf(parsePidf(suite("rfc-examples/rfc3863/xml-006.xml")));
    expect(document.tuples[0]?.extensions[0]?.name).toBe("complexExtension");
    expect(document.extensions.map(({ name }) => name)).toEqual(["mytag"]);
  });

  test("RFC 4480: tuples, person and device with what they say", () => {
    const document = valueOf(parsePidf(suite("rfc-examples/rfc4480/xml-001.xml")));
    expect(document.tuples.map(({ id, deviceIds }) => [id, deviceIds])).toEqual([
      ["bs35r9", ["urn:device:0003ba4811e3"]],
      ["ty4658", []],
      ["eg92n8", ["urn:x-mac:0003ba4811e3"]],
    ]);
    expect(document.devices).toMatchObject([
      { id: "pc147", deviceId: "urn:device:0003ba4811e3", notes: [{ text: "PC" }] },
    ]);
    expect(document.persons).toMatchObject([
      { id: "p1", notes: [{ text: "Scoring 120" }], timestamp: Date.UTC(2005, 4, 30, 11, 9, 44) },
    ]);
    expect(document.persons[0]?.extensions).toHaveLength(9);
  });

  test.each(["rfc3863", "rfc4479", "rfc4480"].flatMap((rfc) => suiteFiles(`rfc-examples/${rfc}`, ".xml")))(
    "%s means the same after it was written again",
    (path) => {
      const parsed = parsePidf(suite(path));
      if (!parsed.ok) return expect(parsed.error.code).toMatch(/^xml-/);
      expect(valueOf(parsePidf(formatPidf(parsed.value)))).toEqual(parsed.value);
    },
  );
});

describe("documents of careless peers", () => {
  const read = (inside: string, root = 'xmlns="urn:ietf:params:xml:ns:pidf" entity=" sip:a@b "'): PresenceDocument =>
    valueOf(parsePidf(`<presence ${root}>${inside}</presence>`));

  test.each([
    "urn:ietf:params:xml:ns:pidf",
    "urn:ietf:params:xml:ns:pidf:rpid",
    "urn:ietf:params:xml:ns:pidf:data-model",
  ])("put the person into %s", (namespace) => {
    const { persons, extensions } = read(`<person xmlns="${namespace}"><note>hi</note><x xmlns="urn:x"/></person>`);
    expect(persons).toMatchObject([{ id: "person-1", notes: [{ text: "hi" }], extensions: [{ name: "x" }] }]);
    expect(extensions).toEqual([]);
  });

  test("leave out identifiers, the entity, the status, the namespace", () => {
    const document = read("<tuple/><tuple><status><basic> Open </basic></status></tuple>", "");
    expect(document.entity).toBe("");
    expect(document.tuples.map(({ id, basic }) => [id, basic])).toEqual([
      ["tuple-1", undefined],
      ["tuple-2", "open"],
    ]);
  });

  test("write priorities and times that are none", () => {
    const [tuple] = read(
      '<tuple id="t"><status/><contact priority="9">sip:a@b</contact><timestamp>soon</timestamp></tuple>',
    ).tuples;
    expect(tuple).toEqual({
      id: "t",
      statusExtensions: [],
      deviceIds: [],
      extensions: [],
      contact: { uri: "sip:a@b" },
      notes: [],
    });
  });

  test("send something else", () => {
    expect(parsePidf("<html/>")).toMatchObject({ error: { code: "xml-unexpected" } });
    expect(parsePidf("")).toMatchObject({ error: { code: "xml-malformed" } });
  });
});
