/** What a notification of a list says about its parts (RFC 4662 §5). */
import { type Result, success } from "../platform/result.ts";
import { NAMESPACE } from "./namespaces.ts";
import {
  children,
  childText,
  element,
  formatXml,
  is,
  parseXml,
  textElement,
  unexpectedDocument,
  type XmlError,
} from "./xml.ts";

export const RLMI_TYPE = "application/rlmi+xml";

export interface ListMeta {
  readonly uri: string;
  readonly version: number;
  readonly fullState: boolean;
  readonly resources: readonly ResourceMeta[];
}

export interface ResourceMeta {
  readonly uri: string;
  readonly name?: string;
  /** Absent while nothing can be said yet. */
  readonly instance?: {
    readonly id: string;
    readonly state: "active" | "pending" | "terminated";
    readonly reason?: string;
    /** Names the part with the state. */
    readonly cid?: string;
  };
}

/** Errors: those of {@link parseXml}, and `xml-unexpected` for another document or version. */
export function parseRlmi(source: string | Uint8Array): Result<ListMeta, XmlError> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  const { attributes } = parsed.value;
  const version = Number(attributes.get("version") ?? Number.NaN);
  if (!is(parsed.value, NAMESPACE.rlmi, "list") || !Number.isInteger(version))
    return unexpectedDocument("This describes no list.");
  const fullState = /^(?:true|1)$/.test(attributes.get("fullState") ?? "");
  const resources = children(parsed.value, NAMESPACE.rlmi, "resource").map((node): ResourceMeta => {
    const name = childText(node, NAMESPACE.rlmi, "name");
    const instance = children(node, NAMESPACE.rlmi, "instance")[0]?.attributes;
    const state = instance?.get("state");
    const [reason, cid] = [instance?.get("reason"), instance?.get("cid")];
    const known = state === "active" || state === "pending" || state === "terminated" ? state : undefined;
    return {
      uri: node.attributes.get("uri") ?? "",
      ...(name !== undefined && { name }),
      ...(known && {
        instance: {
          id: instance?.get("id") ?? "",
          state: known,
          ...(reason !== undefined && { reason }),
          ...(cid !== undefined && { cid }),
        },
      }),
    };
  });
  return success({ uri: attributes.get("uri") ?? "", version, fullState, resources });
}

export function formatRlmi({ uri, version, fullState, resources }: ListMeta): string {
  const nodes = resources.map((resource) => {
    const { instance } = resource;
    return element(
      NAMESPACE.rlmi,
      "resource",
      { uri: resource.uri },
      textElement(NAMESPACE.rlmi, "name", resource.name),
      instance && element(NAMESPACE.rlmi, "instance", { ...instance }),
    );
  });
  const root = element(NAMESPACE.rlmi, "list", { uri, version, fullState: String(fullState) }, ...nodes);
  return formatXml(root, { "": NAMESPACE.rlmi });
}
