import { domainOf, identityOf } from "./identity.ts";
import { NAMESPACE } from "./namespaces.ts";
import { shown } from "./pres-decision.ts";
import type { Exception, Handling, IdentityCondition, Rule, Ruleset } from "./ruleset.ts";
import { element, type XmlElement } from "./xml.ts";

/** What a person decides about a watcher; `basic` shows whether they can be reached and nothing more. */
export type PrivacyRule = "allow" | "basic" | "appear-offline" | "block" | "ask";

export interface PrivacyEntry {
  /** An address, `@domain`, or `*` for everybody. */
  readonly target: string;
  readonly rule: PrivacyRule;
}

const HANDLING: Readonly<Record<PrivacyRule, Handling>> = {
  allow: "allow",
  basic: "allow",
  "appear-offline": "polite-block",
  block: "block",
  ask: "confirm",
};

interface Person {
  readonly domain: string | undefined;
  readonly rule: PrivacyRule;
}

/** Our entries, sorted by how exactly they aim; a later entry for the same target replaces an earlier one. */
interface Entries {
  /** By their URI. */
  readonly people: ReadonlyMap<string, Person>;
  readonly domains: ReadonlyMap<string, PrivacyRule>;
  readonly everybody: PrivacyRule | undefined;
}

/**
 * The rule document for a person's decisions, of which the most exact one counts for a watcher: the address before the
 * domain before everybody.
 *
 * In RFC 4745 the most permissive matching rule wins, so the generated rules are disjoint: one rule for each kind of
 * decision, each domain except its people who are treated otherwise, everybody except those domains and people.
 */
export function rulesetFor(decisions: readonly PrivacyEntry[]): Ruleset {
  const entries = sortedEntries(decisions);
  const kinds = Object.keys(HANDLING).filter(isPrivacyRule);
  return { rules: kinds.map((kind) => ruleFor(kind, entries)).filter((rule) => rule !== undefined) };
}

function sortedEntries(decisions: readonly PrivacyEntry[]): Entries {
  const people = new Map<string, Person>();
  const domains = new Map<string, PrivacyRule>();
  let everybody: PrivacyRule | undefined;
  for (const { target, rule } of decisions) {
    if (target === "*") everybody = rule;
    else if (target.startsWith("@")) domains.set(domainOf(target.slice(1)), rule);
    else people.set(identityOf(target).uri, { domain: identityOf(target).domain, rule });
  }
  return { people, domains, everybody };
}

function ruleFor(kind: PrivacyRule, entries: Entries): Rule | undefined {
  const { people, domains, everybody } = entries;
  const identity: readonly IdentityCondition[] = [
    ...[...people].filter(([, { rule }]) => rule === kind).map(([uri]) => ({ one: uri })),
    ...[...domains]
      .filter(([, rule]) => rule === kind)
      .map(([domain]) => ({ many: { domain, except: peopleOtherwise(kind, entries, (home) => home === domain) } })),
    ...(everybody === kind ? [{ many: { except: otherwise(kind, entries) } }] : []),
  ];
  if (identity.length === 0) return undefined;
  const transformations = kind === "allow" ? showEverything() : kind === "basic" ? showBasic() : [];
  return {
    id: kind,
    conditions: { identity, unknown: [] },
    handling: HANDLING[kind],
    otherActions: [],
    transformations,
  };
}

/** Who is treated otherwise than everybody. People of an excepted domain are excepted with it. */
function otherwise(kind: PrivacyRule, entries: Entries): readonly Exception[] {
  const domains = [...entries.domains].filter(([, rule]) => rule !== kind).map(([domain]) => domain);
  const outside = new Set(domains);
  return [
    ...domains.map((domain) => ({ domain })),
    ...peopleOtherwise(kind, entries, (home) => home === undefined || !outside.has(home)),
  ];
}

function peopleOtherwise(
  kind: PrivacyRule,
  { people }: Entries,
  livesThere: (domain: string | undefined) => boolean,
): readonly Exception[] {
  return [...people].filter(([, { domain, rule }]) => rule !== kind && livesThere(domain)).map(([id]) => ({ id }));
}

function showBasic(): readonly XmlElement[] {
  return [provide("services")];
}

function showEverything(): readonly XmlElement[] {
  return [
    provide("services"),
    provide("persons"),
    provide("devices"),
    element(NAMESPACE.presenceRules, "provide-all-attributes"),
  ];
}

function provide(kind: "services" | "persons" | "devices"): XmlElement {
  return element(NAMESPACE.presenceRules, `provide-${kind}`, {}, element(NAMESPACE.presenceRules, `all-${kind}`));
}

/**
 * The decisions in a document, the inverse of {@link rulesetFor}. In documents of strangers, rules with a time, a sphere
 * or an unknown condition are passed over, and their exceptions are not decisions of their own.
 */
export function rulesOf({ rules }: Ruleset): readonly PrivacyEntry[] {
  const timeless = rules.filter(
    ({ conditions }) =>
      conditions.spheres === undefined && conditions.validity === undefined && conditions.unknown.length === 0,
  );
  return timeless.flatMap((rule) => {
    const kind = kindOf(rule);
    return (rule.conditions.identity ?? [{ many: { except: [] } }]).map((condition) => ({
      target: targetOf(condition),
      rule: kind,
    }));
  });
}

function targetOf(condition: IdentityCondition): string {
  if ("one" in condition) return identityOf(condition.one).uri.replace(/^sip:/, "");
  return condition.many.domain === undefined ? "*" : `@${domainOf(condition.many.domain)}`;
}

function kindOf({ handling = "block", transformations }: Rule): PrivacyRule {
  if (handling === "allow") return shown(transformations) === "everything" ? "allow" : "basic";
  if (handling === "confirm") return "ask";
  return handling === "polite-block" ? "appear-offline" : "block";
}

function isPrivacyRule(text: string): text is PrivacyRule {
  return Object.hasOwn(HANDLING, text);
}
