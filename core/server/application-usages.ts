/** XCAP application usages (RFC 4825 §5): what each kind of document is, and what must hold of it. Pure. */
import { NAMESPACE } from "../payload/namespaces.ts";
import type { XmlElement } from "../payload/xml.ts";
import { elements, is } from "../payload/xml.ts";

export interface ApplicationUsage {
  readonly contentType: string;
  /** Of the root element, and of names without a prefix in selectors. */
  readonly namespace: string;
  readonly root: string;
  /** What is wrong with a document, by the names of RFC 4825 §11; nothing when it is good. */
  check?(root: XmlElement): UsageConflict | undefined;
}

export type UsageConflict =
  | { readonly kind: "schema-validation-error"; readonly phrase: string }
  | { readonly kind: "uniqueness-failure"; readonly field: string };

/** By AUID. */
export const USAGES: Readonly<Record<string, ApplicationUsage>> = {
  "pres-rules": {
    contentType: "application/auth-policy+xml",
    namespace: NAMESPACE.commonPolicy,
    root: "ruleset",
    check: (root) => unique(elements(root), NAMESPACE.commonPolicy, "rule", "id", "ruleset/rule/@id"),
  },
  "resource-lists": {
    contentType: "application/resource-lists+xml",
    namespace: NAMESPACE.resourceLists,
    root: "resource-lists",
    check: checkLists,
  },
  "rls-services": {
    contentType: "application/rls-services+xml",
    namespace: NAMESPACE.rlsServices,
    root: "rls-services",
    check: (root) =>
      elements(root).some((node) => is(node, NAMESPACE.rlsServices, "service") && !node.attributes.has("uri"))
        ? { kind: "schema-validation-error", phrase: "A service needs a uri" }
        : unique(elements(root), NAMESPACE.rlsServices, "service", "uri", "rls-services/service/@uri"),
  },
  "pidf-manipulation": { contentType: "application/pidf+xml", namespace: NAMESPACE.pidf, root: "presence" },
};

/** Names that other standards gave the same documents. */
const ALIASES: Readonly<
  Record<string, { readonly application: string; readonly names: Readonly<Record<string, string>> }>
> = { "org.openmobilealliance.pres-rules": { application: "pres-rules", names: { "pres-rules": "index" } } };

/** The application and document that a path means; undefined for one that is not served. */
export function documentFor(application: string, name: string): { application: string; name: string } | undefined {
  const alias = Object.hasOwn(ALIASES, application) ? ALIASES[application] : undefined;
  if (alias) return { application: alias.application, name: alias.names[name] ?? name };
  return Object.hasOwn(USAGES, application) ? { application, name } : undefined;
}

/** What a whole document must be for an application. */
export function checkDocument(application: string, root: XmlElement): UsageConflict | undefined {
  const usage = USAGES[application];
  if (!usage || !is(root, usage.namespace, usage.root))
    return { kind: "schema-validation-error", phrase: `The root has to be ${usage?.root ?? "another one"}` };
  return usage.check?.(root);
}

/** RFC 4826 §3.4.5: lists have different names, a list's entries different addresses. */
function checkLists(parent: XmlElement): UsageConflict | undefined {
  const parts = elements(parent);
  const lists = parts.filter((node) => is(node, NAMESPACE.resourceLists, "list"));
  if (parts.some((node) => is(node, NAMESPACE.resourceLists, "entry") && !node.attributes.has("uri")))
    return { kind: "schema-validation-error", phrase: "An entry needs a uri" };
  return (
    unique(lists, NAMESPACE.resourceLists, "list", "name", "resource-lists/list/@name") ??
    unique(parts, NAMESPACE.resourceLists, "entry", "uri", "resource-lists/list/entry/@uri") ??
    lists.map(checkLists).find((conflict) => conflict !== undefined)
  );
}

function unique(
  nodes: readonly XmlElement[],
  namespace: string,
  name: string,
  attribute: string,
  field: string,
): UsageConflict | undefined {
  const values = nodes
    .filter((node) => is(node, namespace, name))
    .flatMap((node) => node.attributes.get(attribute) ?? []);
  return new Set(values).size < values.length ? { kind: "uniqueness-failure", field } : undefined;
}

/** The document that says what this server can do (RFC 4825 §12). */
export function capabilities(): string {
  const ids = [...Object.keys(USAGES), ...Object.keys(ALIASES), "xcap-caps"].map((id) => `<auid>${id}</auid>`);
  const spaces = [...new Set([...Object.values(USAGES).map(({ namespace }) => namespace), NAMESPACE.presenceRules])];
  return `<?xml version="1.0" encoding="UTF-8"?>
<xcap-caps xmlns="urn:ietf:params:xml:ns:xcap-caps"><auids>${ids.join("")}</auids><extensions/><namespaces>${spaces
    .map((one) => `<namespace>${one}</namespace>`)
    .join("")}</namespaces></xcap-caps>`;
}
