/** Node selectors (RFC 4825 §6.3): one element, attribute or set of namespace bindings of a document. Pure. */
import type { PlacedAttribute, PlacedElement } from "./xml-places.ts";
import { plainText } from "./xml-places.ts";

/** The longest selector, in characters, and the steps that it may have. */
export const MAX_SELECTOR = 4_096;
export const MAX_STEPS = 32;

export interface Step {
  /** Undefined for `*`. */
  readonly name?: ExpandedName;
  /** From 1. */
  readonly position?: number;
  readonly attribute?: { readonly name: ExpandedName; readonly value: string };
}

export interface ExpandedName {
  readonly namespace: string;
  readonly local: string;
}

export interface NodeSelector {
  readonly steps: readonly Step[];
  readonly terminal?: { readonly kind: "attribute"; readonly name: ExpandedName } | { readonly kind: "namespaces" };
}

const STEP = /^(\*|[\w.:-]+)(?:\[(\d{1,6})\])?(?:\[@([\w.:-]+)=("[^"]*"|'[^']*')\])?$/u;
const BINDING = /xmlns\(\s*([\w.-]+)\s*=\s*([^()]*)\)/gu;

/**
 * Reads a decoded node selector with the decoded query that binds its prefixes. Names without a prefix are in the
 * document's default namespace. Undefined when it is none, or beyond the limits.
 */
export function parseNodeSelector(text: string, query: string, namespace: string): NodeSelector | undefined {
  if (text.length > MAX_SELECTOR || query.length > MAX_SELECTOR) return undefined;
  const bindings = new Map([...query.matchAll(BINDING)].map(([, prefix = "", uri = ""]) => [prefix, uri]));
  const expand = (name: string, fallback: string): ExpandedName | undefined => {
    const [prefix, local, ...more] = name.includes(":") ? name.split(":") : [undefined, name];
    const bound = prefix === undefined ? fallback : bindings.get(prefix);
    return bound === undefined || local === undefined || local === "" || more.length > 0
      ? undefined
      : { namespace: bound, local };
  };
  const parts = splitSteps(text);
  const last = parts.at(-1) ?? "";
  const terminal = last === "namespace::*" ? namespaces : last.startsWith("@") ? expand(last.slice(1), "") : undefined;
  const isTerminal = last === "namespace::*" || last.startsWith("@");
  if (isTerminal && !terminal) return undefined;
  const steps = (isTerminal ? parts.slice(0, -1) : parts).map((part) => readStep(part, namespace, expand));
  if (steps.length === 0 || steps.length > MAX_STEPS || steps.includes(undefined)) return undefined;
  const known = steps.filter((step) => step !== undefined);
  if (!terminal) return { steps: known };
  return { steps: known, terminal: "kind" in terminal ? terminal : { kind: "attribute", name: terminal } };
}

const namespaces = { kind: "namespaces" } as const;

function readStep(
  part: string,
  namespace: string,
  expand: (name: string, fallback: string) => ExpandedName | undefined,
): Step | undefined {
  const match = STEP.exec(part);
  if (!match) return undefined;
  const [, written = "", position, attribute, quoted = ""] = match;
  const name = written === "*" ? undefined : expand(written, namespace);
  const attributeName = attribute === undefined ? undefined : expand(attribute, "");
  if ((written !== "*" && !name) || (attribute !== undefined && !attributeName)) return undefined;
  if (position !== undefined && Number(position) < 1) return undefined;
  return {
    ...(name && { name }),
    ...(position !== undefined && { position: Number(position) }),
    ...(attributeName && { attribute: { name: attributeName, value: plainText(quoted.slice(1, -1)) } }),
  };
}

/** Cuts at slashes outside quotes. */
function splitSteps(text: string): readonly string[] {
  const parts: string[] = [""];
  let quote = "";
  for (const sign of text) {
    if (quote === "" && sign === "/") {
      parts.push("");
      continue;
    }
    if (quote === sign) quote = "";
    else if (quote === "" && (sign === '"' || sign === "'")) quote = sign;
    parts.push(`${parts.pop()}${sign}`);
  }
  return parts;
}

/** The one element that the steps choose; undefined where there is none, or more than one (RFC 4825 §6.3). */
export function selectElement(root: PlacedElement, steps: readonly Step[]): PlacedElement | undefined {
  let found: PlacedElement | undefined;
  let candidates: readonly PlacedElement[] = [root];
  for (const step of steps) {
    const chosen = choose(candidates, step);
    if (chosen.length !== 1) return undefined;
    [found] = chosen;
    candidates = found?.children ?? [];
  }
  return found;
}

function choose(siblings: readonly PlacedElement[], { name, position, attribute }: Step): readonly PlacedElement[] {
  const named = siblings.filter((node) => !name || isNamed(node, name));
  const placed = position === undefined ? named : named.slice(position - 1, position);
  return placed.filter((node) => !attribute || attributeOf(node, attribute.name)?.value === attribute.value);
}

export function isNamed(
  node: { readonly name: string; readonly namespace: string },
  { namespace, local }: ExpandedName,
): boolean {
  return node.name === local && node.namespace === namespace;
}

export function attributeOf(node: PlacedElement, name: ExpandedName): PlacedAttribute | undefined {
  return node.attributes.find((attribute) => isNamed(attribute, name));
}
