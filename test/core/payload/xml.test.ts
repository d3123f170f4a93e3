import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  child,
  childText,
  element,
  formatXml,
  MAX_XML_ATTRIBUTES,
  MAX_XML_DEPTH,
  MAX_XML_ELEMENTS,
  MAX_XML_SIZE,
  parseXml,
  text,
  type XmlElement,
} from "../../../core/payload/xml.ts";
import { valueOf } from "./values.ts";

const codeOf = (source: string | Uint8Array): string => {
  const result = parseXml(source);
  return result.ok ? "accepted" : result.error.code;
};

describe("parsing", () => {
  test("keeps namespaces, attributes with and without a prefix, and text between elements", () => {
    const root = valueOf(
      parseXml(
        `<a:r xmlns:a="urn:a" xmlns="urn:d" x="1" a:x="2" xml:lang="en"> one <c/>two<![CDATA[<&>]]><!-- no --></a:r>`,
      ),
    );
    expect(root).toMatchObject({ name: "r", namespace: "urn:a" });
    expect([...root.attributes]).toEqual([
      ["x", "1"],
      ["{urn:a}x", "2"],
      ["{http://www.w3.org/XML/1998/namespace}lang", "en"],
    ]);
    expect(root.children).toEqual([
      " one ",
      { name: "c", namespace: "urn:d", attributes: new Map(), children: [] },
      "two<&>",
    ]);
    expect(text(root)).toBe("one two<&>");
    expect(child(root, "urn:d", "c")).toBeDefined();
    expect(childText(root, "urn:d", "c")).toBeUndefined();
  });

  test("knows the five entities and character references", () => {
    expect(text(valueOf(parseXml("<a>&lt;&amp;&gt;&quot;&apos;&#233;&#x1F600;</a>")))).toBe(`<&>"'é😀`);
  });

  test("reads UTF-8, UTF-16 and declared Latin-1 bytes", () => {
    const utf16 = Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><a>é</a>', "utf16le");
    const latin1 = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', "latin1");
    for (const bytes of [Buffer.from("\ufeff<a>é</a>"), utf16, Buffer.from(utf16).swap16(), latin1]) {
      expect(text(valueOf(parseXml(bytes)))).toBe("é");
    }
    expect(codeOf(Buffer.from("<a>é</a>", "latin1"))).toBe("xml-malformed");
  });

  test.each([
    ["nothing", ""],
    ["text alone", "hello"],
    ["an open element", "<a>"],
    ["crossed elements", "<a><b></a></b>"],
    ["a second root", "<a/><b/>"],
    ["a repeated attribute", '<a x="1" x="2"/>'],
    ["a repeated attribute behind two prefixes", '<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>'],
    ["an unbound prefix", "<p:a/>"],
    ["an unknown entity", "<a>&nbsp;</a>"],
    ["a control character", "<a>\u0001</a>"],
    ["a reference to one", "<a>&#1;</a>"],
  ])("refuses %s", (_, source) => {
    expect(codeOf(source)).toBe("xml-malformed");
  });

  test("refuses a DOCTYPE, and with it entity bombs and foreign files", () => {
    expect(codeOf('<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>')).toBe("xml-doctype");
    expect(codeOf('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>')).toBe("xml-doctype");
  });
});

describe("limits", () => {
  test("size in bytes", () => {
    const fits = `<a>${"x".repeat(MAX_XML_SIZE - 7)}</a>`;
    expect(codeOf(fits)).toBe("accepted");
    expect(codeOf(`${fits} `)).toBe("xml-too-large");
    expect(codeOf(`<a>${"é".repeat(MAX_XML_SIZE / 2)}</a>`)).toBe("xml-too-large");
  });

  test("depth", () => {
    const nested = (depth: number): string => "<a>".repeat(depth) + "</a>".repeat(depth);
    expect(codeOf(nested(MAX_XML_DEPTH))).toBe("accepted");
    expect(codeOf(nested(MAX_XML_DEPTH + 1))).toBe("xml-too-deep");
  });

  test("elements", () => {
    const flat = (count: number): string => `<r>${"<a/>".repeat(count - 1)}</r>`;
    expect(codeOf(flat(MAX_XML_ELEMENTS))).toBe("accepted");
    expect(codeOf(flat(MAX_XML_ELEMENTS + 1))).toBe("xml-too-many-elements");
  });

  test("attributes, namespace declarations included", () => {
    const wide = (count: number, name: string): string =>
      `<a ${Array.from({ length: count }, (_, i) => `${name}${i}="u"`).join(" ")}/>`;
    expect(codeOf(wide(MAX_XML_ATTRIBUTES, "x"))).toBe("accepted");
    expect(codeOf(wide(MAX_XML_ATTRIBUTES + 1, "x"))).toBe("xml-too-many-attributes");
    expect(codeOf(wide(MAX_XML_ATTRIBUTES + 1, "xmlns:x"))).toBe("xml-too-many-attributes");
  });
});

describe("formatting", () => {
  test("declares the namespaces in use at the root and none besides", () => {
    const root = element("urn:d", "r", { "{urn:e}x": 1, left: undefined }, element("urn:o", "c", {}, "t"), undefined);
    expect(formatXml(root, { "": "urn:d", o: "urn:o", unused: "urn:u" })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<r xmlns="urn:d" xmlns:o="urn:o" xmlns:ns1="urn:e" ns1:x="1"><o:c>t</o:c></r>',
    );
  });

  test("escapes what would be markup and drops what XML forbids", () => {
    const root = element("", "r", { a: '<"&\n' }, "a<b>&\u0000\u0008]]>\ud800\r");
    const written = formatXml(root);
    expect(written).toContain('<r a="&lt;&quot;&amp;&#10;">a&lt;b&gt;&amp;]]&gt;\ufffd&#13;</r>');
    expect(valueOf(parseXml(written)).children).toEqual(["a<b>&]]>\ufffd\r"]);
  });

  test("gives back any tree that it wrote, under any prefixes", () => {
    const namespace = fc.constantFrom("", "urn:a", "urn:b", 'urn:"<&}');
    const name = fc.constantFrom("a", "b", "c-d");
    const content = fc
      .string({ unit: "grapheme", minLength: 1 })
      .map((s) => s.replace(/[^\t\n\u0020-\u{10ffff}]|[\ufffe\uffff]/gu, "?"));
    const attributes = fc.dictionary(
      fc.constantFrom("x", "y", "{urn:a}x", "{urn:c}z", "{http://www.w3.org/XML/1998/namespace}lang"),
      content,
    );
    const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
      tree: fc
        .tuple(namespace, name, attributes, fc.array(fc.oneof({ maxDepth: 4 }, content, tie("tree")), { maxLength: 4 }))
        .map(([namespace, name, attributes, children]) =>
          element(
            namespace,
            name,
            attributes,
            ...children.filter((one, i) => typeof one !== "string" || typeof children[i - 1] !== "string"),
          ),
        ),
    }));
    const prefixes = fc.constantFrom({}, { "": "urn:a" }, { "": "urn:b", ns1: "urn:a" }, { p: "urn:a" });
    fc.assert(
      fc.property(tree, prefixes, (tree, prefixes) => {
        expect(valueOf(parseXml(formatXml(tree, prefixes)))).toEqual(tree);
      }),
    );
  });
});
