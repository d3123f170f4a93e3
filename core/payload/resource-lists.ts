/** Lists of resources (RFC 4826): the lists themselves, and the services that stand for them. */
import { type Result, failure, success } from "../platform/result.ts";
import { NAMESPACE } from "./namespaces.ts";
import {
  child,
  children,
  childText,
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

export const RESOURCE_LISTS_TYPE = "application/resource-lists+xml";

/** Members that a list may have, those of lists inside it included. */
export const MAX_MEMBERS = 2_000;

export interface ListMember {
  readonly uri: string;
  readonly name?: string;
}

export type ListError = XmlError | { readonly code: "list-too-long"; readonly message: string };

export interface ListService {
  readonly uri: string;
  /** Empty means every event package. */
  readonly packages: readonly string[];
  /** The members, or where their list stands: an HTTP URI with an XCAP node selector. */
  readonly members: readonly ListMember[] | { readonly reference: string };
}

/**
 * The members of all lists of a document in their order, each once. References to entries and lists elsewhere are passed
 * over. Errors: those of {@link parseXml}, `xml-unexpected` for another document, `list-too-long`.
 */
export function parseResourceLists(source: string | Uint8Array): Result<readonly ListMember[], ListError> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  if (!is(parsed.value, NAMESPACE.resourceLists, "resource-lists")) return unexpectedDocument("These are no lists.");
  return membersOf(parsed.value);
}

/** The members of the lists in an element, or of the list that it is. */
export function membersOf(node: XmlElement): Result<readonly ListMember[], ListError> {
  const found = new Map<string, ListMember>();
  collect(node, found);
  if (found.size > MAX_MEMBERS) return failure({ code: "list-too-long", message: "The list has too many members." });
  return success([...found.values()]);
}

function collect(node: XmlElement, found: Map<string, ListMember>): void {
  for (const part of elements(node)) {
    if (is(part, NAMESPACE.resourceLists, "list")) collect(part, found);
    const uri = part.attributes.get("uri")?.trim() ?? "";
    if (!is(part, NAMESPACE.resourceLists, "entry") || uri === "" || found.has(uri)) continue;
    const name = childText(part, NAMESPACE.resourceLists, "display-name");
    found.set(uri, { uri, ...(name !== undefined && { name }) });
    if (found.size > MAX_MEMBERS) return;
  }
}

/** Writes one list without a name, as a SUBSCRIBE carries it (RFC 5367 §3.1). */
export function formatResourceList(members: readonly ListMember[]): string {
  const entries = members.map(({ uri, name }) =>
    element(NAMESPACE.resourceLists, "entry", { uri }, textElement(NAMESPACE.resourceLists, "display-name", name)),
  );
  const list = element(NAMESPACE.resourceLists, "list", {}, ...entries);
  return formatXml(element(NAMESPACE.resourceLists, "resource-lists", {}, list), { "": NAMESPACE.resourceLists });
}

/** Reads the services of a document (RFC 4826 §4). Errors: those of {@link parseResourceLists}. */
export function parseListServices(source: string | Uint8Array): Result<readonly ListService[], ListError> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  if (!is(parsed.value, NAMESPACE.rlsServices, "rls-services")) return unexpectedDocument("These are no services.");
  const services: ListService[] = [];
  for (const node of children(parsed.value, NAMESPACE.rlsServices, "service")) {
    const list = child(node, NAMESPACE.rlsServices, "list");
    const members = list && membersOf(list);
    if (members && !members.ok) return members;
    const reference = childText(node, NAMESPACE.rlsServices, "resource-list");
    const packages = child(node, NAMESPACE.rlsServices, "packages");
    services.push({
      uri: node.attributes.get("uri")?.trim() ?? "",
      packages: packages ? children(packages, NAMESPACE.rlsServices, "package").map(text) : [],
      members: members ? members.value : { reference: reference ?? "" },
    });
  }
  return success(services);
}
