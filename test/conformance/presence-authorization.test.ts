/** Authorization as the RFCs and others' own tests see it (RFC 4745, RFC 5025). */
import { describe, expect, test } from "vitest";
import { formatPidf, parsePidf } from "../../core/payload/pidf.ts";
import type { PresenceDocument } from "../../core/payload/pidf.ts";
import { decide, filterPidf, parseRuleset } from "../../core/payload/pres-rules.ts";
import type { Decision, Ruleset } from "../../core/payload/pres-rules.ts";
import type { XmlElement } from "../../core/payload/xml.ts";
import { elements, parseXml } from "../../core/payload/xml.ts";
import { canValidate, hasSuites, presenceErrors, suite } from "../core/payload/suites.ts";

function rules(source: string | Buffer): Ruleset {
  const parsed = parseRuleset(source);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function presence(source: string | Buffer): PresenceDocument {
  const parsed = parsePidf(source);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

/** The same tree for documents that differ in prefixes, order of attributes and white space alone. */
function canonical(node: XmlElement): unknown {
  const text = node.children
    .filter((part) => typeof part === "string")
    .join("")
    .replaceAll(/\s+/g, " ")
    .trim();
  const inside = elements(node)
    .map(canonical)
    .map((one) => JSON.stringify(one));
  return [node.namespace, node.name, [...node.attributes].sort(), text, inside.sort()];
}

function tree(source: string | Buffer): unknown {
  const parsed = parseXml(source);
  return parsed.ok ? canonical(parsed.value) : parsed.error.message;
}

describe.skipIf(!hasSuites)(
  "documents that other implementations filter (skipped where the suites are not at hand)",
  () => {
    test.each(["NothingToFilterTest", "FilterAllExceptServicesTest"])("%s", (name) => {
      const folder = "pidf/restcomm-presrules";
      const ruleset = rules(suite(`${folder}/${name}-rule.xml`));
      const { handling, transformations } = decide(ruleset, "sip:subscriber@example.com") as Decision;
      const filtered = filterPidf(presence(suite(`${folder}/original-doc.xml`)), transformations);
      expect(handling).toBe("allow");
      expect(tree(formatPidf(filtered))).toEqual(tree(suite(`${folder}/${name}-filtered-doc.xml`)));
    });

    test("a stranger finds nothing in them", () => {
      const ruleset = rules(suite("pidf/restcomm-presrules/NothingToFilterTest-rule.xml"));
      expect(decide(ruleset, "sip:somebody@example.com")).toBeUndefined();
    });

    test("the rules of other servers allow whom they name", () => {
      const ruleset = rules(suite("pidf/openxcap/test_presrules-pres_rules_xml-0.xml"));
      expect(decide(ruleset, "sip:31208005164@ag-projects.com")).toMatchObject({
        handling: "allow",
        show: "everything",
      });
      expect(decide(ruleset, "sip:31208005165@ag-projects.com")).toBeUndefined();
    });
  },
);

const RFC_5025_EXAMPLE = (conditions: string, transformations: string, handling = "allow"): Ruleset =>
  rules(`<cr:ruleset xmlns="urn:ietf:params:xml:ns:pres-rules" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"
    xmlns:cr="urn:ietf:params:xml:ns:common-policy"><cr:rule id="a"><cr:conditions>${conditions}</cr:conditions>
    <cr:actions><pr:sub-handling>${handling}</pr:sub-handling></cr:actions>
    <cr:transformations>${transformations}</cr:transformations></cr:rule></cr:ruleset>`);

const DOCUMENT =
  presence(`<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
    xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" xmlns:x="urn:example:x" entity="sip:a@b.example">
  <tuple id="voice"><status><basic>open</basic></status><dm:deviceID>urn:device:1</dm:deviceID><r:class>work</r:class>
    <contact>sip:a@b.example</contact><note>desk</note></tuple>
  <tuple id="mail"><status><basic>open</basic></status><contact>mailto:a@b.example</contact></tuple>
  <dm:person id="p1"><r:activities><r:busy/></r:activities><r:mood><r:happy/></r:mood><x:weather>rain</x:weather>
    <r:user-input idle-threshold="600" last-input="2026-01-05T09:00:00Z">idle</r:user-input><dm:note>lunch</dm:note></dm:person>
  <dm:device id="d1"><dm:deviceID>urn:device:1</dm:deviceID></dm:device></presence>`);

/** What is left, as names: tuples, then what each person still says. */
function left(transformations: string): readonly string[] {
  const decision = decide(RFC_5025_EXAMPLE("", transformations), "sip:w@b.example") as Decision;
  const { tuples, persons, devices } = filterPidf(DOCUMENT, decision.transformations);
  return [
    ...tuples.flatMap(({ id, deviceIds, notes, extensions }) => [
      id,
      ...deviceIds,
      ...notes.map(({ text }) => text),
      ...extensions.map(({ name }) => name),
    ]),
    ...persons.flatMap(({ extensions, notes }) => [
      ...extensions.map(({ name, attributes }) => [name, ...attributes.keys()].join(" ")),
      ...notes.map(({ text }) => text),
    ]),
    ...devices.map(({ id }) => id),
  ];
}

describe("transformations (RFC 5025 §3.3)", () => {
  const services = "<provide-services><all-services/></provide-services>";
  const persons = "<provide-persons><all-persons/></provide-persons>";

  test.each([
    ["nothing", "", []],
    ["services alone", services, ["voice", "mail"]],
    [
      "a service by scheme",
      "<provide-services><service-uri-scheme>mailto</service-uri-scheme></provide-services>",
      ["mail"],
    ],
    ["a service by URI", "<provide-services><service-uri>sip:a@b.example</service-uri></provide-services>", ["voice"]],
    ["a service by class", "<provide-services><class>work</class></provide-services>", ["voice"]],
    ["a service by occurrence", "<provide-services><occurrence-id>mail</occurrence-id></provide-services>", ["mail"]],
    ["a device", "<provide-devices><deviceID>urn:device:1</deviceID></provide-devices>", ["d1"]],
    ["activities", `${persons}<provide-activities>true</provide-activities>`, ["activities"]],
    ["no activities", `${persons}<provide-activities>false</provide-activities>`, []],
    ["notes", `${services}${persons}<provide-note>true</provide-note>`, ["voice", "desk", "mail", "lunch"]],
    ["devices of services", `${services}<provide-deviceID>1</provide-deviceID>`, ["voice", "urn:device:1", "mail"]],
    ["idle or not", `${persons}<provide-user-input>bare</provide-user-input>`, ["user-input"]],
    [
      "idle after how long",
      `${persons}<provide-user-input>thresholds</provide-user-input>`,
      ["user-input idle-threshold"],
    ],
    [
      "idle since when",
      `${persons}<provide-user-input>full</provide-user-input>`,
      ["user-input idle-threshold last-input"],
    ],
    [
      "an attribute that nobody knows",
      `${persons}<provide-unknown-attribute name="weather" ns="urn:example:x">true</provide-unknown-attribute>`,
      ["weather"],
    ],
    [
      "all attributes of what is provided",
      `${persons}<provide-all-attributes/>`,
      ["activities", "mood", "weather", "user-input idle-threshold last-input", "lunch"],
    ],
  ])("%s", (_name, transformations, expected) => expect(left(transformations)).toEqual(expected));

  test.skipIf(!canValidate)("what is left is valid (skipped without xmllint or the schemas)", () => {
    const { transformations } = decide(
      RFC_5025_EXAMPLE("", `${services}${persons}<provide-activities>true</provide-activities>`),
      "sip:w@b.example",
    ) as Decision;
    expect(presenceErrors(formatPidf(filterPidf(DOCUMENT, transformations)))).toBe("");
  });

  test("grants of several rules add up, and the most permissive handling wins (RFC 4745 §10.2)", () => {
    const both: Ruleset = {
      rules: [
        ...RFC_5025_EXAMPLE("", services, "confirm").rules,
        ...RFC_5025_EXAMPLE('<cr:identity><cr:one id="sip:w@b.example"/></cr:identity>', persons, "allow").rules,
      ],
    };
    expect(decide(both, "sip:w@b.example")).toMatchObject({ handling: "allow", transformations: { length: 2 } });
    expect(decide(both, "sip:other@b.example")).toMatchObject({ handling: "confirm", transformations: { length: 1 } });
  });
});

describe("conditions (RFC 4745 §7)", () => {
  const now = Date.UTC(2026, 0, 5, 12);
  const handling = (conditions: string, watcher: string, circumstances = {}): string | undefined =>
    decide(RFC_5025_EXAMPLE(conditions, ""), watcher, circumstances)?.handling;

  test.each([
    ["one person", '<cr:identity><cr:one id="sip:w@b.example"/></cr:identity>', "sip:w@b.example", "allow"],
    ["another person", '<cr:identity><cr:one id="sip:w@b.example"/></cr:identity>', "sip:v@b.example", undefined],
    ["a domain", '<cr:identity><cr:many domain="b.example"/></cr:identity>', "sip:v@b.example", "allow"],
    ["another domain", '<cr:identity><cr:many domain="b.example"/></cr:identity>', "sip:v@c.example", undefined],
    [
      "a domain without one of its people",
      '<cr:identity><cr:many domain="b.example"><cr:except id="sip:v@b.example"/></cr:many></cr:identity>',
      "sip:v@b.example",
      undefined,
    ],
    [
      "everybody who says who they are",
      "<cr:identity><cr:many/></cr:identity>",
      "sip:anonymous@anonymous.invalid",
      undefined,
    ],
    ["everybody at all", "", "sip:anonymous@anonymous.invalid", "allow"],
  ])("%s", (_name, conditions, watcher, expected) => expect(handling(conditions, watcher)).toBe(expected));

  test("a sphere holds while the person is in it, and never when that is not known", () => {
    const work = '<cr:sphere value="work"/>';
    expect(handling(work, "sip:w@b.example", { sphere: "work" })).toBe("allow");
    expect(handling(work, "sip:w@b.example", { sphere: "home" })).toBeUndefined();
    expect(handling(work, "sip:w@b.example")).toBeUndefined();
  });

  test("a time holds from its beginning until its end", () => {
    const day =
      "<cr:validity><cr:from>2026-01-05T12:00:00Z</cr:from><cr:until>2026-01-05T13:00:00Z</cr:until></cr:validity>";
    const at = (time: number): string | undefined => handling(day, "sip:w@b.example", { now: time });
    expect([at(now - 1), at(now), at(now + 3_599_999), at(now + 3_600_000)]).toEqual([
      undefined,
      "allow",
      "allow",
      undefined,
    ]);
  });
});
