/** Partial presence (RFC 5262): what changed since the last document, by the patch operations of RFC 5261. */
import { NAMESPACE } from "./namespaces.ts";
import type { PresenceDocument } from "./pidf.ts";
import { formatPidf } from "./pidf.ts";
import { element, elements, formatXml, parseXml, type XmlElement } from "./xml.ts";

/** The content type of partial presence documents. */
export const PIDF_DIFF_TYPE = "application/pidf-diff+xml";

const PREFIXES = { "": NAMESPACE.pidf, p: NAMESPACE.pidfDiff, dm: NAMESPACE.dataModel, rpid: NAMESPACE.rpid };

/** The whole document, under the root that says so. */
export function formatPidfFull(document: PresenceDocument, version: number): string {
  const attributes = { entity: document.entity, version };
  return formatXml(element(NAMESPACE.pidfDiff, "pidf-full", attributes, ...partsOf(document)), PREFIXES);
}

/**
 * What leads from one document to the next; undefined where telling all of it is simpler, because something changed that
 * has no identifier, or the changes would be longer than the whole.
 */
export function formatPidfDiff(before: PresenceDocument, after: PresenceDocument, version: number): string | undefined {
  const [old, next] = [keyed(before), keyed(after)];
  if (!old || !next) return undefined;
  const operations: XmlElement[] = [];
  for (const key of old.keys())
    if (!next.has(key)) operations.push(element(NAMESPACE.pidfDiff, "remove", { sel: key }));
  for (const [key, node] of next) {
    const known = old.get(key);
    if (!known) {
      // Tuples stand before everything else (RFC 3863 §4.4).
      const pos = node.name === "tuple" ? "prepend" : undefined;
      operations.push(element(NAMESPACE.pidfDiff, "add", { sel: "*", pos }, node));
    } else if (formatXml(known) !== formatXml(node))
      operations.push(element(NAMESPACE.pidfDiff, "replace", { sel: key }, node));
  }
  const root = element(NAMESPACE.pidfDiff, "pidf-diff", { entity: after.entity, version }, ...operations);
  const diff = formatXml(root, PREFIXES);
  return diff.length < formatPidfFull(after, version).length ? diff : undefined;
}

function partsOf(document: PresenceDocument): readonly XmlElement[] {
  const parsed = parseXml(formatPidf(document));
  return parsed.ok ? elements(parsed.value) : [];
}

/** Tuples, persons and devices by their identifiers; undefined where something has none, or has one twice. */
function keyed(document: PresenceDocument): ReadonlyMap<string, XmlElement> | undefined {
  const parts = partsOf(document);
  const byKey = new Map(parts.map((node) => [selectorOf(node), node] as const));
  const plain = parts.every((node) => /^[\w.-]+$/.test(node.attributes.get("id") ?? ""));
  return plain && byKey.size === parts.length ? byKey : undefined;
}

/** Identifiers are unique in a document, so that no name and no prefix is needed. */
function selectorOf(node: XmlElement): string {
  return `*/*[@id="${node.attributes.get("id") ?? ""}"]`;
}
