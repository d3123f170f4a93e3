import { NAMESPACE } from "./namespaces.ts";
import type { XmlElement } from "./xml-tree.ts";

/** Prefix → namespace; the empty prefix stands for the default namespace. */
export type Prefixes = Readonly<Record<string, string>>;

/** The names that a document gives its namespaces. */
interface Names {
  readonly defaultNamespace: string;
  readonly prefixes: ReadonlyMap<string, string>;
}

/**
 * A tree as an XML 1.0 document, with its declaration, without added white space.
 *
 * All namespaces in use are declared at the root, under `prefixes` or else `ns1`, `ns2`, …, so that equal trees give
 * equal text. Characters that XML forbids, control characters and lone surrogates, are dropped or replaced.
 */
export function formatXml(root: XmlElement, prefixes: Prefixes = {}): string {
  const names = namesFor(root, prefixes);
  const declarations = [...names.prefixes].map(
    ([namespace, prefix]) => ` xmlns:${prefix}="${attributeText(namespace)}"`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${formatElement(root, names, "", declarations.join(""))}`;
}

function formatElement(node: XmlElement, names: Names, inherited: string, declarations = ""): string {
  const prefix = node.namespace === names.defaultNamespace ? undefined : prefixOf(node.namespace, names);
  const name = prefix === undefined ? node.name : `${prefix}:${node.name}`;
  // Elements without a prefix carry the default namespace with them, wherever it changes.
  const current = prefix === undefined ? node.namespace : inherited;
  const redeclared = current === inherited ? "" : ` xmlns="${attributeText(current)}"`;
  const attributes = [...node.attributes].map(
    ([key, value]) => ` ${attributeName(key, names)}="${attributeText(value)}"`,
  );
  const opening = `<${name}${redeclared}${declarations}${attributes.join("")}`;
  if (node.children.length === 0) return `${opening}/>`;
  const content = node.children.map((part) =>
    typeof part === "string" ? contentText(part) : formatElement(part, names, current),
  );
  return `${opening}>${content.join("")}</${name}>`;
}

/** A prefix for each namespace in use; attributes never profit from the default namespace, so theirs get one always. */
function namesFor(root: XmlElement, prefixes: Prefixes): Names {
  const used = new Set<string>();
  const onAttributes = new Set<string>();
  collect(root, used, onAttributes);
  const defaultNamespace = prefixes[""] ?? "";
  const chosen = new Map(
    Object.entries(prefixes).flatMap(([prefix, namespace]) => (prefix === "" ? [] : [[namespace, prefix]])),
  );
  const taken = new Set(Object.keys(prefixes));
  const named = new Map<string, string>();
  let counter = 0;
  for (const namespace of [...used, ...onAttributes]) {
    const needed = namespace !== "" && namespace !== NAMESPACE.xml;
    const covered = namespace === defaultNamespace && !onAttributes.has(namespace);
    if (!needed || covered || named.has(namespace)) continue;
    let prefix = chosen.get(namespace);
    while (prefix === undefined) {
      counter += 1;
      if (!taken.has(`ns${counter}`)) prefix = `ns${counter}`;
    }
    named.set(namespace, prefix);
  }
  return { defaultNamespace, prefixes: named };
}

function collect(node: XmlElement, used: Set<string>, onAttributes: Set<string>): void {
  used.add(node.namespace);
  for (const key of node.attributes.keys()) {
    if (key.startsWith("{")) onAttributes.add(key.slice(1, key.lastIndexOf("}")));
  }
  for (const part of node.children) if (typeof part !== "string") collect(part, used, onAttributes);
}

/** XML's own namespace has its prefix by birth and may have no other. */
function prefixOf(namespace: string, { prefixes }: Names): string | undefined {
  return namespace === NAMESPACE.xml ? "xml" : prefixes.get(namespace);
}

function attributeName(key: string, names: Names): string {
  if (!key.startsWith("{")) return key;
  const end = key.lastIndexOf("}");
  return `${prefixOf(key.slice(1, end), names)}:${key.slice(end + 1)}`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
// eslint-disable-next-line no-control-regex -- these are the characters that XML 1.0 §2.2 forbids
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function contentText(value: string): string {
  return allowed(value).replace(/[&<>\r]/g, escapeCharacter);
}

/** Readers normalise white space in attributes unless it is written as a reference (XML 1.0 §3.3.3). */
function attributeText(value: string): string {
  return allowed(value).replace(/[&<>"\t\n\r]/g, escapeCharacter);
}

function allowed(value: string): string {
  return value.toWellFormed().replace(FORBIDDEN, "");
}

function escapeCharacter(character: string): string {
  return ENTITIES[character] ?? `&#${character.charCodeAt(0)};`;
}
