/** Registrations as their owner sees them (RFC 3680), with the addresses of single devices (RFC 5628). */
import { type Result, success } from "../platform/result.ts";
import { NAMESPACE } from "./namespaces.ts";
import {
  child,
  children,
  childText,
  element,
  formatXml,
  is,
  parseXml,
  text,
  textElement,
  unexpectedDocument,
  type XmlElement,
  type XmlError,
} from "./xml.ts";

/** The content type of registration information. */
export const REG_INFO_TYPE = "application/reginfo+xml";

const CONTACT_STATES = ["active", "terminated"] as const;
const CONTACT_EVENTS = [
  "registered",
  "created",
  "refreshed",
  "shortened",
  "expired",
  "deactivated",
  "probation",
  "unregistered",
  "rejected",
] as const;

/** What brought a contact into its state (RFC 3680 §4.7.1). */
export type ContactEvent = (typeof CONTACT_EVENTS)[number];

export interface RegInfo {
  /** Grows by one with each document of a subscription. */
  readonly version: number;
  readonly state: "full" | "partial";
  readonly registrations: readonly RegisteredAddress[];
}

export interface RegisteredAddress {
  readonly aor: string;
  readonly id: string;
  readonly state: "init" | "active" | "terminated";
  readonly contacts: readonly RegisteredContact[];
}

export interface RegisteredContact {
  readonly id: string;
  readonly state: (typeof CONTACT_STATES)[number];
  readonly event: ContactEvent;
  readonly uri: string;
  /** Seconds. */
  readonly durationRegistered?: number;
  readonly expires?: number;
  readonly q?: number;
  readonly callId?: string;
  readonly sequence?: number;
  /** Contact parameters by name, as they were registered. */
  readonly params?: ReadonlyMap<string, string>;
  readonly publicGruu?: string;
}

/**
 * Reads registration information. A contact without identifier or URI, or with a state or event that does not exist, is
 * left out. Errors: those of {@link parseXml}; `xml-unexpected` for another document, version or state.
 */
export function parseRegInfo(source: string | Uint8Array): Result<RegInfo, XmlError> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  const state = root.attributes.get("state");
  const version = Number(root.attributes.get("version") ?? Number.NaN);
  if (!is(root, NAMESPACE.regInfo, "reginfo") || !Number.isInteger(version))
    return unexpectedDocument("This is no registration information.");
  if (state !== "full" && state !== "partial") return unexpectedDocument("It is neither full nor partial.");
  return success({ version, state, registrations: children(root, NAMESPACE.regInfo, "registration").map(readAddress) });
}

function readAddress(node: XmlElement): RegisteredAddress {
  const state = node.attributes.get("state");
  return {
    aor: node.attributes.get("aor") ?? "",
    id: node.attributes.get("id") ?? "",
    state: state === "active" || state === "terminated" ? state : "init",
    contacts: children(node, NAMESPACE.regInfo, "contact").flatMap((contact) => readContact(contact) ?? []),
  };
}

function readContact(node: XmlElement): RegisteredContact | undefined {
  const id = node.attributes.get("id");
  const uri = childText(node, NAMESPACE.regInfo, "uri");
  const state = CONTACT_STATES.find((known) => known === node.attributes.get("state"));
  const event = CONTACT_EVENTS.find((known) => known === node.attributes.get("event"));
  if (id === undefined || uri === undefined || state === undefined || event === undefined) return undefined;
  const expires = Number.parseInt(node.attributes.get("expires") ?? "", 10);
  const gruu = child(node, NAMESPACE.gruuInfo, "pub-gruu")?.attributes.get("uri");
  const params = children(node, NAMESPACE.regInfo, "unknown-param").map(
    (param) => [param.attributes.get("name") ?? "", text(param)] as const,
  );
  return {
    id,
    state,
    event,
    uri,
    ...(expires >= 0 && { expires }),
    ...(gruu !== undefined && { publicGruu: gruu }),
    params: new Map(params),
  };
}

/** Writes registration information. */
export function formatRegInfo({ version, state, registrations }: RegInfo): string {
  const root = element(NAMESPACE.regInfo, "reginfo", { version, state }, ...registrations.map(addressElement));
  return formatXml(root, { "": NAMESPACE.regInfo, gr: NAMESPACE.gruuInfo });
}

function addressElement({ aor, id, state, contacts }: RegisteredAddress): XmlElement {
  return element(NAMESPACE.regInfo, "registration", { aor, id, state }, ...contacts.map(contactElement));
}

function contactElement(contact: RegisteredContact): XmlElement {
  const attributes = {
    id: contact.id,
    state: contact.state,
    event: contact.event,
    "duration-registered": contact.durationRegistered,
    expires: contact.expires,
    q: contact.q,
    callid: contact.callId,
    cseq: contact.sequence,
  };
  const params = [...(contact.params ?? [])].map(([name, value]) =>
    element(NAMESPACE.regInfo, "unknown-param", { name }, ...(value === "" ? [] : [value])),
  );
  const gruu =
    contact.publicGruu === undefined ? undefined : element(NAMESPACE.gruuInfo, "pub-gruu", { uri: contact.publicGruu });
  const uri = textElement(NAMESPACE.regInfo, "uri", contact.uri);
  return element(NAMESPACE.regInfo, "contact", attributes, uri, ...params, gruu);
}
