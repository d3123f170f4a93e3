import { type Result, success } from "../platform/result.ts";
import { formatDateTime, parseDateTime } from "./date-time.ts";
import { NAMESPACE } from "./namespaces.ts";
import {
  child,
  children,
  element,
  elements,
  formatXml,
  is,
  parseXml,
  text,
  textElement,
  unexpectedDocument,
  type XmlElement,
  type XmlError,
} from "./xml.ts";

/** The content type of presence authorization rules. */
export const PRES_RULES_TYPE = "application/auth-policy+xml";

/** What happens to a subscription (RFC 5025 §3.2.1), from the least to the most permissive. */
export const HANDLINGS = ["block", "confirm", "polite-block", "allow"] as const;

export type Handling = (typeof HANDLINGS)[number];

/** Presence authorization rules: common policy (RFC 4745) with the presence of RFC 5025. */
export interface Ruleset {
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly id: string;
  readonly conditions: Conditions;
  /** Undefined where the rule names none, which grants no more than `block`. */
  readonly handling?: Handling;
  readonly otherActions: readonly XmlElement[];
  /** What is shown, as elements: `provide-services` and its sisters, and those that we do not know. */
  readonly transformations: readonly XmlElement[];
}

/** All of these must hold; an empty set always does. */
export interface Conditions {
  /** One of these must match. Undefined matches everybody, an empty list nobody. */
  readonly identity?: readonly IdentityCondition[];
  readonly spheres?: readonly string[];
  readonly validity?: readonly Validity[];
  /** Conditions that we do not know: a rule with any never holds (RFC 4745 §7). */
  readonly unknown: readonly XmlElement[];
}

export type IdentityCondition =
  | { readonly one: string }
  | {
      /** Every authenticated person of the domain, or of all domains. */
      readonly many: { readonly domain?: string; readonly except: readonly Exception[] };
    };

export type Exception = { readonly id: string } | { readonly domain: string };

/** Milliseconds since 1970. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

const POLICY = NAMESPACE.commonPolicy;
const RULES = NAMESPACE.presenceRules;

/**
 * Reads a rule document. What is not understood is kept where it stands and never grants anything.
 * Errors: those of {@link parseXml}, and `xml-unexpected` when the root is no `ruleset`.
 */
export function parseRuleset(source: string | Uint8Array): Result<Ruleset, XmlError> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  if (!is(parsed.value, POLICY, "ruleset")) return unexpectedDocument("This is no ruleset.");
  return success({ rules: children(parsed.value, POLICY, "rule").map(readRule) });
}

function readRule(node: XmlElement): Rule {
  const actions = partsOf(child(node, POLICY, "actions"));
  const stated = actions.find((action) => is(action, RULES, "sub-handling"));
  const handling = HANDLINGS.find((known) => stated !== undefined && known === text(stated));
  return {
    id: node.attributes.get("id") ?? "",
    conditions: readConditions(partsOf(child(node, POLICY, "conditions"))),
    ...(handling !== undefined && { handling }),
    otherActions: actions.filter((action) => action !== stated),
    transformations: partsOf(child(node, POLICY, "transformations")),
  };
}

function partsOf(node: XmlElement | undefined): readonly XmlElement[] {
  return node === undefined ? [] : elements(node);
}

function readConditions(parts: readonly XmlElement[]): Conditions {
  const known = (name: string): readonly XmlElement[] => parts.filter((part) => is(part, POLICY, name));
  const [identities, spheres, validities] = [known("identity"), known("sphere"), known("validity")];
  // Each kind stands at most once (RFC 4745 §7); of a second one nobody knows whether it adds or restricts.
  const repeated = [identities, spheres, validities].flatMap((same) => same.slice(1));
  const understood = new Set([...identities, ...spheres, ...validities]);
  return {
    ...(identities[0] !== undefined && { identity: elements(identities[0]).flatMap(readIdentity) }),
    ...(spheres[0] !== undefined && { spheres: words(spheres[0].attributes.get("value")) }),
    ...(validities[0] !== undefined && { validity: readValidity(validities[0]) }),
    unknown: [...repeated, ...parts.filter((part) => !understood.has(part))],
  };
}

function words(list = ""): readonly string[] {
  return list.split(/\s+/).filter((word) => word !== "");
}

/** Unknown ways to name somebody match nobody, so they may go. */
function readIdentity(node: XmlElement): readonly IdentityCondition[] {
  if (is(node, POLICY, "one")) {
    const one = node.attributes.get("id");
    // A child element restricts the match further, in a way that we do not know.
    return one === undefined || elements(node).length > 0 ? [] : [{ one }];
  }
  if (!is(node, POLICY, "many")) return [];
  const except = elements(node).map(readException);
  if (except.includes(undefined)) return [];
  const domain = node.attributes.get("domain");
  return [{ many: { ...(domain !== undefined && { domain }), except: except.flatMap((one) => one ?? []) } }];
}

/** An exception that cannot be read must not widen the match: the caller drops the whole condition. */
function readException(node: XmlElement): readonly Exception[] | undefined {
  if (!is(node, POLICY, "except")) return undefined;
  const [id, domain] = [node.attributes.get("id"), node.attributes.get("domain")];
  if (id === undefined && domain === undefined) return undefined;
  return [...(id === undefined ? [] : [{ id }]), ...(domain === undefined ? [] : [{ domain }])];
}

/** Pairs of `from` and `until`, in order; a pair that cannot be read never holds. */
function readValidity(node: XmlElement): readonly Validity[] {
  const starts = children(node, POLICY, "from");
  const ends = children(node, POLICY, "until");
  return starts.flatMap((start, index) => {
    const from = parseDateTime(text(start));
    const until = parseDateTime(ends[index] && text(ends[index]));
    return from === undefined || until === undefined ? [] : [{ from, until }];
  });
}

/** Writes a rule document. */
export function formatRuleset({ rules }: Ruleset): string {
  return formatXml(element(POLICY, "ruleset", {}, ...rules.map(ruleElement)), { "": POLICY, pr: RULES });
}

function ruleElement({ id, conditions, handling, otherActions, transformations }: Rule): XmlElement {
  const { identity, spheres, validity, unknown } = conditions;
  return element(
    POLICY,
    "rule",
    { id },
    element(
      POLICY,
      "conditions",
      {},
      identity && element(POLICY, "identity", {}, ...identity.map(identityElement)),
      spheres && element(POLICY, "sphere", { value: spheres.join(" ") }),
      validity && element(POLICY, "validity", {}, ...validity.flatMap(validityElements)),
      ...unknown,
    ),
    element(POLICY, "actions", {}, textElement(RULES, "sub-handling", handling), ...otherActions),
    element(POLICY, "transformations", {}, ...transformations),
  );
}

function identityElement(condition: IdentityCondition): XmlElement {
  if ("one" in condition) return element(POLICY, "one", { id: condition.one });
  const { domain, except } = condition.many;
  return element(POLICY, "many", { domain }, ...except.map((one) => element(POLICY, "except", { ...one })));
}

function validityElements({ from, until }: Validity): readonly (XmlElement | undefined)[] {
  return [textElement(POLICY, "from", formatDateTime(from)), textElement(POLICY, "until", formatDateTime(until))];
}

/** Whether a transformation of RFC 5025 is granted: `true`, or a set that names everything. */
export function grants(transformations: readonly XmlElement[], name: string, everything?: string): boolean {
  return transformations.some((node) => {
    if (!is(node, RULES, name)) return false;
    if (everything !== undefined) return child(node, RULES, everything) !== undefined;
    return node.children.length === 0 ? name === "provide-all-attributes" : /^(?:true|1)$/.test(text(node));
  });
}
