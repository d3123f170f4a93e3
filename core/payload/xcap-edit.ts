/** Reading, placing and removing one node of a document (RFC 4825 §7 and §8), all other text left as it was written. Pure. */
import { failure, type Result, success } from "../platform/result.ts";
import type { NodeSelector, Step } from "./xcap-selector.ts";
import { attributeOf, isNamed, selectElement } from "./xcap-selector.ts";
import type { PlacedElement } from "./xml-places.ts";
import { placeXml } from "./xml-places.ts";

export const ELEMENT_TYPE = "application/xcap-el+xml";
export const ATTRIBUTE_TYPE = "application/xcap-att+xml";
export const NAMESPACES_TYPE = "application/xcap-ns+xml";

/** Why a change is refused, by the names of RFC 4825 §11. */
export type Conflict =
  | { readonly kind: "no-parent" }
  | { readonly kind: "cannot-insert" }
  | { readonly kind: "cannot-delete" }
  | { readonly kind: "not-xml-frag" }
  | { readonly kind: "not-xml-att-value" }
  | { readonly kind: "not-well-formed" };

export interface NodeContent {
  readonly contentType: string;
  readonly body: string;
}

interface Edit {
  readonly document: string;
  readonly created: boolean;
}

/** The node as it is written; undefined where the selector chooses none. */
export function readNode(document: string, { steps, terminal }: NodeSelector): NodeContent | undefined {
  const root = placeXml(document);
  const element = root.ok ? selectElement(root.value, steps) : undefined;
  if (!element) return undefined;
  if (!terminal) return { contentType: ELEMENT_TYPE, body: document.slice(element.start, element.end) };
  if (terminal.kind === "namespaces") return { contentType: NAMESPACES_TYPE, body: bindingsOf(element) };
  const attribute = attributeOf(element, terminal.name);
  if (!attribute) return undefined;
  return { contentType: ATTRIBUTE_TYPE, body: document.slice(attribute.valueStart, attribute.valueEnd) };
}

function bindingsOf({ qualifiedName, scope }: PlacedElement): string {
  const declarations = [...scope]
    .filter(([prefix, uri]) => prefix !== "xml" && prefix !== "xmlns" && uri !== "")
    .map(([prefix, uri]) => ` xmlns${prefix === "" ? "" : `:${prefix}`}="${escaped(uri)}"`);
  return `<${qualifiedName}${declarations.join("")}/>`;
}

function escaped(text: string): string {
  return text.replace(/[&<"]/g, (sign) => (sign === "&" ? "&amp;" : sign === "<" ? "&lt;" : "&quot;"));
}

/** Puts an element or attribute where the selector says, in place of what is there or as something new. */
export function putNode(document: string, selector: NodeSelector, body: string): Result<Edit, Conflict> {
  const root = placeXml(document);
  if (!root.ok) return failure({ kind: "not-well-formed" });
  const edit =
    selector.terminal?.kind === "attribute"
      ? putAttribute(document, root.value, selector, body)
      : putElement(document, root.value, selector.steps, body);
  if (!edit.ok) return edit;
  // What was put must be what the selector chooses afterwards (RFC 4825 §8.2.3).
  const chosen = readNode(edit.value.document, selector);
  return chosen?.body === body ? edit : failure({ kind: "cannot-insert" });
}

function putElement(
  document: string,
  root: PlacedElement,
  steps: readonly Step[],
  fragment: string,
): Result<Edit, Conflict> {
  const old = selectElement(root, steps);
  const parent = selectElement(root, steps.slice(0, -1));
  if (steps.length > 1 && !parent) return failure({ kind: "no-parent" });
  const scope = parent?.scope ?? new Map<string, string>();
  if (!isFragment(fragment, scope)) return failure({ kind: "not-xml-frag" });
  const last = steps.at(-1);
  if (old) return success({ document: spliced(document, old.start, old.end, fragment), created: false });
  if (!parent || !last) return failure({ kind: "cannot-insert" });
  const place = placeFor(parent, last);
  if (place === undefined) return failure({ kind: "cannot-insert" });
  if (!parent.isEmptyTag) return success({ document: spliced(document, place, place, fragment), created: true });
  const opened = document.slice(parent.start, parent.end).replace(/\s*\/>$/, ">");
  const filled = `${opened}${fragment}</${parent.qualifiedName}>`;
  return success({ document: spliced(document, parent.start, parent.end, filled), created: true });
}

/** Where a new element goes (RFC 4825 §8.2.3): last, "earliest last", or "earliest nth" among its kind. */
function placeFor(parent: PlacedElement, { name, position, attribute }: Step): number | undefined {
  const kin = parent.children.filter((node) => !name || isNamed(node, name));
  const [first] = kin;
  if (!first) return position === undefined || position === 1 ? parent.contentEnd : undefined;
  if (position === undefined) return name ? kin.at(-1)?.end : attribute && parent.contentEnd;
  return position === 1 ? first.start : kin[position - 2]?.end;
}

/** One well-formed element under the bindings of its new place. */
function isFragment(fragment: string, scope: ReadonlyMap<string, string>): boolean {
  if (!fragment.startsWith("<") || /^<[?!]/.test(fragment) || !fragment.trimEnd().endsWith(">")) return false;
  const declarations = [...scope]
    .filter(([prefix, uri]) => prefix !== "xml" && prefix !== "xmlns" && uri !== "")
    .map(([prefix, uri]) => ` xmlns${prefix === "" ? "" : `:${prefix}`}="${escaped(uri)}"`);
  const whole = placeXml(`<x${declarations.join("")}>${fragment}</x>`);
  if (!whole.ok || whole.value.children.length !== 1) return false;
  const [only] = whole.value.children;
  return only?.start === whole.value.contentStart && only.end === whole.value.contentEnd;
}

function putAttribute(
  document: string,
  root: PlacedElement,
  { steps, terminal }: NodeSelector,
  value: string,
): Result<Edit, Conflict> {
  const element = selectElement(root, steps);
  if (!element) return failure({ kind: "no-parent" });
  if (terminal?.kind !== "attribute" || !/^(?:[^<&"]|&(?:#\d+|#x[0-9a-fA-F]+|lt|gt|amp|quot|apos);)*$/.test(value))
    return failure({ kind: "not-xml-att-value" });
  const old = attributeOf(element, terminal.name);
  if (old) return success({ document: spliced(document, old.valueStart, old.valueEnd, value), created: false });
  const { namespace, local } = terminal.name;
  const prefix = [...element.scope].find(([bound, uri]) => bound !== "" && uri === namespace)?.[0];
  if (namespace !== "" && prefix === undefined) return failure({ kind: "cannot-insert" });
  const written = ` ${namespace === "" ? local : `${prefix}:${local}`}="${value}"`;
  const place = element.attributes.at(-1)?.end ?? element.start + 1 + element.qualifiedName.length;
  return success({ document: spliced(document, place, place, written), created: true });
}

/** Removes a node. Undefined where the selector chooses none. */
export function removeNode(document: string, selector: NodeSelector): Result<string, Conflict> | undefined {
  const root = placeXml(document);
  const element = root.ok ? selectElement(root.value, selector.steps) : undefined;
  if (!root.ok || !element) return undefined;
  const attribute = selector.terminal?.kind === "attribute" && attributeOf(element, selector.terminal.name);
  if (selector.terminal && !attribute) return undefined;
  if (!attribute && element === root.value) return failure({ kind: "cannot-delete" });
  const { start, end } = attribute || element;
  const left = spliced(document, start, end, "");
  // The same request twice must not remove two things (RFC 4825 §8.3).
  return readNode(left, selector) ? failure({ kind: "cannot-delete" }) : success(left);
}

function spliced(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}
