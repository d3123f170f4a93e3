/** XML as a tree of plain values: what {@link parseXml} gives and {@link formatXml} takes. */

export interface XmlElement {
  /** The local name, without a prefix. */
  readonly name: string;
  /** The namespace; empty for none. */
  readonly namespace: string;
  /** By local name, or by `{namespace}name` for attributes with a prefix. Namespace declarations are not in it. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
}

export type XmlNode = XmlElement | string;

/** Attributes of an element to build; those that are undefined are left out. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

/** Builds an element. Attributes and children that are undefined are left out, so that optional parts read as one list. */
export function element(
  namespace: string,
  name: string,
  attributes: XmlAttributes = {},
  ...children: readonly (XmlNode | undefined)[]
): XmlElement {
  const present = Object.entries(attributes).flatMap(([key, value]): [string, string][] =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return { namespace, name, attributes: new Map(present), children: children.filter((node) => node !== undefined) };
}

/** An element with nothing but text; undefined when there is no text to hold. */
export function textElement(namespace: string, name: string, text: string | undefined): XmlElement | undefined {
  return text === undefined ? undefined : element(namespace, name, {}, text);
}

/** The children that are elements. */
export function elements(parent: XmlElement): readonly XmlElement[] {
  return parent.children.filter((node) => typeof node !== "string");
}

/** Every child element with this name. */
export function children(parent: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return elements(parent).filter((node) => is(node, namespace, name));
}

/** The first child element with this name. */
export function child(parent: XmlElement, namespace: string, name: string): XmlElement | undefined {
  return elements(parent).find((node) => is(node, namespace, name));
}

/** Whether an element has this name in this namespace. */
export function is(node: XmlElement, namespace: string, name: string): boolean {
  return node.name === name && node.namespace === namespace;
}

/** The element's own text without the white space around it; text inside child elements does not belong to it. */
export function text(node: XmlElement): string {
  return node.children
    .filter((part) => typeof part === "string")
    .join("")
    .trim();
}

/** The text of the first child with this name; undefined without one or when it is empty. */
export function childText(parent: XmlElement, namespace: string, name: string): string | undefined {
  const found = child(parent, namespace, name);
  const value = found === undefined ? "" : text(found);
  return value === "" ? undefined : value;
}
