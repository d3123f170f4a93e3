import { NAMESPACE } from "./namespaces.ts";
import { child, childText, element, elements, type XmlElement } from "./xml.ts";

/** What a person can be reached by. Undefined where nothing was said. */
export interface Media {
  /** Instant messages. */
  readonly message?: boolean;
  /** Calls with voice, with or without pictures. */
  readonly call?: boolean;
}

const CAPS = NAMESPACE.serviceCapabilities;

/** A `servcaps` element (RFC 5196 §3.2): the media, and the SIP methods that carry them. */
export function capabilitiesElement({ message, call }: Media): XmlElement {
  const methods = [...(call === true ? ["INVITE"] : []), ...(message === true ? ["MESSAGE"] : [])];
  const flag = (name: string, value: boolean | undefined): XmlElement | undefined =>
    value === undefined ? undefined : element(CAPS, name, {}, String(value));
  const supported = element(CAPS, "supported", {}, ...methods.map((method) => element(CAPS, method)));
  return element(
    CAPS,
    "servcaps",
    {},
    flag("audio", call),
    flag("message", message),
    methods.length === 0 ? undefined : element(CAPS, "methods", {}, supported),
  );
}

/** What the `servcaps` among a tuple's extensions promise; pager-mode messages count by their method alone. */
export function readCapabilities(extensions: readonly XmlElement[]): Media {
  const capabilities = extensions.filter(({ namespace, name }) => namespace === CAPS && name === "servcaps");
  const message = any(
    capabilities.flatMap((node) => [flagOf(node, "message"), flagOf(node, "text"), messageMethod(node)]),
  );
  const call = any(capabilities.flatMap((node) => [flagOf(node, "audio"), flagOf(node, "video")]));
  return { ...(message !== undefined && { message }), ...(call !== undefined && { call }) };
}

function flagOf(node: XmlElement, name: string): boolean | undefined {
  const value = childText(node, CAPS, name);
  if (value === "true" || value === "1") return true;
  return value === "false" || value === "0" ? false : undefined;
}

function messageMethod(node: XmlElement): boolean | undefined {
  const methods = child(node, CAPS, "methods");
  const listed = (name: string): boolean => {
    const list = methods && child(methods, CAPS, name);
    return list !== undefined && elements(list).some((method) => method.name === "MESSAGE");
  };
  if (listed("supported")) return true;
  return listed("notsupported") ? false : undefined;
}

/** True when one says so, false when all that speak deny it. */
export function any(flags: readonly (boolean | undefined)[]): boolean | undefined {
  const spoken = flags.filter((flag) => flag !== undefined);
  return spoken.length === 0 ? undefined : spoken.includes(true);
}
