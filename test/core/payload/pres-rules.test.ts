import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decide,
  formatRuleset,
  parseRuleset,
  type PrivacyEntry,
  type PrivacyRule,
  type Ruleset,
  rulesetFor,
  rulesOf,
} from "../../../core/payload/pres-rules.ts";
import { canValidate, hasSuites, schemaErrors, suite, suiteFiles } from "./suites.ts";
import { valueOf } from "./values.ts";

const GRANTS: Readonly<Record<PrivacyRule, object>> = {
  allow: { handling: "allow", show: "everything" },
  basic: { handling: "allow", show: "basic" },
  "appear-offline": { handling: "polite-block", show: "basic" },
  block: { handling: "block", show: "basic" },
  ask: { handling: "confirm", show: "basic" },
};

const rule = (conditions: string, handling = "allow"): string =>
  `<rule id="r"><conditions>${conditions}</conditions><actions><pr:sub-handling>${handling}</pr:sub-handling></actions></rule>`;
const ruleset = (...rules: readonly string[]): Ruleset =>
  valueOf(
    parseRuleset(
      `<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules">${rules.join("")}</ruleset>`,
    ),
  );
const handling = (rules: Ruleset, watcher: string, circumstances = {}): string | undefined =>
  decide(rules, watcher, circumstances)?.handling;

describe.skipIf(!hasSuites)("examples of RFC 4745 and RFC 5025 (skipped without the suites)", () => {
  const read = (name: string): Ruleset => valueOf(parseRuleset(suite(`rfc-examples/${name}.xml`)));

  test("§7.1.2: one of three identities, and nobody else", () => {
    const rules = read("rfc4745/xml-001");
    const watchers = [
      "sip:alice@example.com",
      "tel:+12125551234",
      "mailto:bob@example.net",
      "sip:bob@example.net",
      "sip:carol@example.com",
    ];
    expect(watchers.map((watcher) => handling(rules, watcher))).toEqual([
      "block",
      "block",
      "block",
      undefined,
      undefined,
    ]);
  });

  test("§7.1.3.1: anybody", () => {
    expect(handling(read("rfc4745/xml-002"), "sip:x@y.example")).toBe("block");
  });

  test("§7.1.3.2: everybody but domains and people, in a sphere and a time", () => {
    const rules = read("rfc4745/xml-003");
    const now = Date.UTC(2003, 11, 24, 17);
    const then = { sphere: "work", now };
    expect(handling(rules, "sip:x@other.example", then)).toBe("block");
    for (const out of ["sip:x@example.com", "sip:x@EXAMPLE.org", "sip:alice@bad.example.net", "tel:+12125551234"]) {
      expect(handling(rules, out, then)).toBeUndefined();
    }
    expect(handling(rules, "sip:x@sub.example.com", then)).toBe("block");
    expect(handling(rules, "sip:x@other.example", { sphere: "home", now })).toBeUndefined();
    expect(handling(rules, "sip:x@other.example", { sphere: "work", now: Date.UTC(2003, 11, 24, 18) })).toBeUndefined();
    expect(handling(rules, "sip:x@other.example")).toBeUndefined();
  });

  test("§7.1.3.3: a domain but two of its people", () => {
    const rules = read("rfc4745/xml-004");
    expect(handling(rules, "sip:carol@example.com")).toBe("block");
    expect(handling(rules, "sip:bob@example.com")).toBeUndefined();
    expect(handling(rules, "sip:carol@example.org")).toBeUndefined();
  });

  test("RFC 5025 §7: allow, with part of the presence", () => {
    const rules = read("rfc5025/xml-001");
    expect(decide(rules, "sip:user@example.com")).toMatchObject({ handling: "allow", show: "basic" });
    expect(rules.rules[0]?.transformations.map(({ name }) => name)).toContain("provide-unknown-attribute");
  });

  test("a whitelist as OpenXCAP's clients store it", () => {
    const rules = valueOf(parseRuleset(suite("pidf/openxcap/test_presrules-pres_rules_xml-0.xml")));
    expect(decide(rules, "sip:31208005164@ag-projects.com")).toMatchObject(GRANTS.allow);
    expect(rulesOf(rules)).toEqual([
      { target: "2233350608@sip2sip.info", rule: "allow" },
      { target: "31208005164@ag-projects.com", rule: "allow" },
    ]);
  });

  test.each(["rfc4745", "rfc5025"].flatMap((rfc) => suiteFiles(`rfc-examples/${rfc}`, ".xml")))(
    "%s means the same after it was written again",
    (path) => {
      const rules = valueOf(parseRuleset(suite(path)));
      expect(valueOf(parseRuleset(formatRuleset(rules)))).toEqual(rules);
      if (canValidate) expect(schemaErrors("pres-rules.xsd", formatRuleset(rules))).toBe("");
    },
  );
});

describe("deciding", () => {
  test("the most permissive matching rule wins (RFC 4745 §10)", () => {
    const everybody = "<identity><many/></identity>";
    const orders = [
      ["block", "confirm"],
      ["confirm", "polite-block"],
      ["polite-block", "allow"],
    ];
    for (const [less, more] of orders) {
      expect(handling(ruleset(rule(everybody, less), rule(everybody, more)), "sip:a@b")).toBe(more);
      expect(handling(ruleset(rule(everybody, more), rule(everybody, less)), "sip:a@b")).toBe(more);
    }
  });

  test("a rule without conditions matches, one without a known handling blocks", () => {
    expect(handling(ruleset(rule("")), "sip:a@b")).toBe("allow");
    expect(handling(ruleset(rule("", "dance")), "sip:a@b")).toBe("block");
    expect(handling(ruleset(), "sip:a@b")).toBeUndefined();
  });

  test.each([
    ["an empty identity", "<identity/>"],
    ["an identity of an unknown kind", '<identity><x:club xmlns:x="urn:x"/></identity>'],
    ["a person narrowed down in an unknown way", '<identity><one id="sip:a@b"><x:y xmlns:x="urn:x"/></one></identity>'],
    ["an exception that says nothing", "<identity><many><except/></many></identity>"],
    ["an exception of an unknown kind", '<identity><many><x:y xmlns:x="urn:x"/></many></identity>'],
    ["an unknown condition", '<x:moon xmlns:x="urn:x"/>'],
    ["a second identity", '<identity><many/></identity><identity><one id="sip:z@z"/></identity>'],
    ["a validity that cannot be read", "<validity><from>now</from><until>then</until></validity>"],
  ])("%s grants nothing", (_, conditions) => {
    expect(decide(ruleset(rule(conditions)), "sip:a@b", { now: 0, sphere: "work" })).toBeUndefined();
  });

  test("an exception with both a domain and an identity excepts both", () => {
    const rules = ruleset(rule('<identity><many><except domain="b.example" id="sip:a@c.example"/></many></identity>'));
    expect(
      ["sip:x@b.example", "sip:a@c.example", "sip:x@c.example"].map((watcher) => handling(rules, watcher)),
    ).toEqual([undefined, undefined, "allow"]);
  });

  test.each([
    "sips:Alice@EXAMPLE.com",
    "pres:alice@example.com.",
    "sip:%61lice@example.com;transport=tls",
    "alice@example.com",
    "sip:alice@example.com:5060?x=y",
  ])("%s is sip:alice@example.com", (watcher) => {
    expect(handling(ruleset(rule('<identity><one id="sip:alice@example.com"/></identity>')), watcher)).toBe("allow");
  });

  test("international domains compare in their ASCII form", () => {
    const rules = ruleset(rule('<identity><many domain="bücher.example"/></identity>'));
    expect(handling(rules, "sip:a@xn--bcher-kva.example")).toBe("allow");
  });
});

describe("our own decisions", () => {
  const DECISIONS: readonly PrivacyEntry[] = [
    { target: "alice@example.com", rule: "block" },
    { target: "bob@example.com", rule: "allow" },
    { target: "carol@other.example", rule: "ask" },
    { target: "@example.com", rule: "basic" },
    { target: "*", rule: "appear-offline" },
  ];

  test("the most exact one counts", () => {
    const rules = rulesetFor(DECISIONS);
    const watchers = {
      "sip:alice@example.com": "block",
      "sip:bob@example.com": "allow",
      "sip:x@example.com": "basic",
      "sip:carol@other.example": "ask",
      "tel:+1": "appear-offline",
    } as const;
    for (const [watcher, expected] of Object.entries(watchers)) {
      expect(decide(rules, watcher)).toMatchObject(GRANTS[expected]);
    }
  });

  test("come back from the document", () => {
    const read = rulesOf(valueOf(parseRuleset(formatRuleset(rulesetFor(DECISIONS)))));
    expect(read).toHaveLength(DECISIONS.length);
    expect(read).toEqual(expect.arrayContaining([...DECISIONS]));
  });

  test("a later one for the same target replaces the earlier", () => {
    const rules = rulesetFor([
      { target: "alice@example.com", rule: "allow" },
      { target: "sip:Alice@example.com", rule: "block" },
    ]);
    expect(rulesOf(rules)).toEqual([{ target: "alice@example.com", rule: "block" }]);
  });

  test.skipIf(!canValidate)("make a valid document (skipped without schemas or xmllint)", () => {
    expect(schemaErrors("pres-rules.xsd", formatRuleset(rulesetFor(DECISIONS)))).toBe("");
  });

  test("a thousand people fit into one document", () => {
    const people = Array.from({ length: 1000 }, (_, i): PrivacyEntry => ({
      target: `person.number.${i}@example.com`,
      rule: i % 2 === 0 ? "allow" : "block",
    }));
    const rules = valueOf(
      parseRuleset(formatRuleset(rulesetFor([...people, { target: "@example.com", rule: "ask" }]))),
    );
    expect(decide(rules, "sip:person.number.7@example.com")).toMatchObject(GRANTS.block);
  });

  const users = fc.constantFrom("alice", "Bob", "c%64", "d;e=f", "g%40h", "i%3aj", "ü k", "\ud800");
  const domains = fc.constantFrom("a.example", "b.example", "x.a.example", "B.Example");
  const address = fc.tuple(users, domains).map(([user, domain]) => `${user}@${domain}`);
  const target = fc.oneof(
    address,
    domains.map((domain) => `@${domain}`),
    fc.constantFrom("*", "tel:+1-23"),
  );
  const entry = fc.record({
    target,
    rule: fc.constantFrom<PrivacyRule>("allow", "basic", "appear-offline", "block", "ask"),
  });
  const same = (a: string, b: string): boolean => plain(a) === plain(b);
  const plain = (text: string): string =>
    text.toLowerCase().replace("%64", "d").replace("%3A", "%3a").replaceAll("-", "");
  /** The specification, in the simplest words: person, else domain, else everybody; the last entry of equals. */
  const expected = (entries: readonly PrivacyEntry[], watcher: string): PrivacyRule | undefined => {
    const domain = watcher.includes("@") ? watcher.slice(watcher.lastIndexOf("@")) : "";
    const last = (wanted: string): PrivacyRule | undefined =>
      entries.findLast((entry) => same(entry.target, wanted))?.rule;
    return last(watcher) ?? last(domain) ?? last("*");
  };

  test("generated rules decide for any watcher what the most exact decision says", () => {
    const watchers = fc.array(fc.oneof(address, fc.constantFrom("tel:+123", "tel:+9")), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), watchers, (entries, watchers) => {
        const generated = rulesetFor(entries);
        const travelled = valueOf(parseRuleset(formatRuleset(generated)));
        const repeated = rulesetFor(rulesOf(travelled));
        for (const watcher of watchers) {
          const rule = expected(entries, watcher);
          for (const rules of [generated, travelled, repeated]) {
            const decision = decide(rules, watcher.startsWith("tel:") ? watcher : `sip:${watcher}`);
            if (rule === undefined) expect(decision).toBeUndefined();
            else expect(decision).toMatchObject(GRANTS[rule]);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("no watcher is matched by two of the generated rules", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), address, (entries, watcher) => {
        const matching = rulesetFor(entries).rules.filter(
          (rule) => decide({ rules: [rule] }, `sip:${watcher}`) !== undefined,
        );
        expect(matching.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
