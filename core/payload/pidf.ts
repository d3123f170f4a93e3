import { type Result, success } from "../platform/result.ts";
import { formatDateTime, parseDateTime } from "./date-time.ts";
import { NAMESPACE } from "./namespaces.ts";
import {
  element,
  elements,
  formatXml,
  parseXml,
  text,
  textElement,
  unexpectedDocument,
  type XmlElement,
  type XmlError,
} from "./xml.ts";

/** The content type of presence documents. */
export const PIDF_TYPE = "application/pidf+xml";

/** A presence document (RFC 3863) with the data model of RFC 4479. Times are milliseconds since 1970. */
export interface PresenceDocument {
  /** The presentity's URI; empty where a document names none, as some do. */
  readonly entity: string;
  readonly tuples: readonly Tuple[];
  readonly persons: readonly Person[];
  readonly devices: readonly Device[];
  readonly notes: readonly Note[];
  /** Elements that this file does not know, kept as they came. */
  readonly extensions: readonly XmlElement[];
}

/** One service of the presentity. */
export interface Tuple {
  readonly id: string;
  readonly basic?: "open" | "closed";
  /** What stands beside `basic` in the status. */
  readonly statusExtensions: readonly XmlElement[];
  readonly deviceIds: readonly string[];
  readonly extensions: readonly XmlElement[];
  readonly contact?: Contact;
  readonly notes: readonly Note[];
  readonly timestamp?: number;
}

export interface Contact {
  readonly uri: string;
  /** From 0 to 1. */
  readonly priority?: number;
}

/** The human behind the services. */
export interface Person {
  readonly id: string;
  readonly extensions: readonly XmlElement[];
  readonly notes: readonly Note[];
  readonly timestamp?: number;
}

export interface Device extends Person {
  /** A URN that tuples refer to. */
  readonly deviceId: string;
}

export interface Note {
  readonly text: string;
  /** A language tag, from `xml:lang`. */
  readonly language?: string;
}

/**
 * Reads a presence document.
 *
 * Lenient where real peers go astray: the namespace of early drafts or none at all, `person` and `device` in a
 * neighbouring namespace, missing identifiers (numbered ones take their place), a missing entity, unknown values.
 * Errors: those of {@link parseXml}, and `xml-unexpected` when the root is no `presence`.
 */
export function parsePidf(source: string | Uint8Array): Result<PresenceDocument, XmlError> {
  const parsed = parseXml(source);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (root.name !== "presence") return unexpectedDocument("The root element is not a presence document.");
  const known = (name: string): readonly XmlElement[] => elements(root).filter((node) => isKnown(node, root, name));
  const recognised = new Set(["tuple", "person", "device", "note"].flatMap(known));
  return success({
    entity: root.attributes.get("entity")?.trim() ?? "",
    tuples: known("tuple").map(readTuple),
    persons: known("person").map((node, index) => readPerson(node, `person-${index + 1}`)),
    devices: known("device").map(readDevice),
    notes: known("note").map(readNote),
    extensions: elements(root).filter((node) => !recognised.has(node)),
  });
}

/** Everything under PIDF's own name counts as its family: peers put `person` into most of it. */
function isKnown(node: XmlElement, parent: XmlElement, name: string): boolean {
  return node.name === name && (node.namespace === parent.namespace || node.namespace.startsWith(NAMESPACE.pidf));
}

function readTuple(node: XmlElement, index: number): Tuple {
  const known = (name: string): readonly XmlElement[] => elements(node).filter((part) => isKnown(part, node, name));
  const [status] = known("status");
  const [contact] = known("contact");
  const basic = status && elements(status).find((part) => isKnown(part, node, "basic"));
  const openness = basic && text(basic).toLowerCase();
  const recognised = new Set(["status", "contact", "note", "timestamp", "deviceID"].flatMap(known));
  return {
    id: identifierOf(node, `tuple-${index + 1}`),
    ...((openness === "open" || openness === "closed") && { basic: openness }),
    statusExtensions: status === undefined ? [] : elements(status).filter((part) => part !== basic),
    deviceIds: known("deviceID").map(text),
    extensions: elements(node).filter((part) => !recognised.has(part)),
    ...(contact !== undefined && text(contact) !== "" && { contact: readContact(contact) }),
    notes: known("note").map(readNote),
    ...timestampOf(known("timestamp")),
  };
}

function readPerson(node: XmlElement, fallback: string): Person {
  const known = (name: string): readonly XmlElement[] => elements(node).filter((part) => isKnown(part, node, name));
  const recognised = new Set(["note", "timestamp"].flatMap(known));
  return {
    id: identifierOf(node, fallback),
    extensions: elements(node).filter((part) => !recognised.has(part)),
    notes: known("note").map(readNote),
    ...timestampOf(known("timestamp")),
  };
}

function readDevice(node: XmlElement, index: number): Device {
  const { extensions, ...person } = readPerson(node, `device-${index + 1}`);
  const identifier = extensions.find((part) => isKnown(part, node, "deviceID"));
  return {
    ...person,
    deviceId: identifier === undefined ? person.id : text(identifier),
    extensions: extensions.filter((part) => part !== identifier),
  };
}

function readContact(node: XmlElement): Contact {
  const priority = Number(node.attributes.get("priority") ?? Number.NaN);
  return { uri: text(node), ...(priority >= 0 && priority <= 1 && { priority }) };
}

/** A `note` of any of PIDF's namespaces. */
export function readNote(node: XmlElement): Note {
  const language = node.attributes.get(LANGUAGE);
  return { text: text(node), ...(language !== undefined && { language }) };
}

function identifierOf(node: XmlElement, fallback: string): string {
  const id = node.attributes.get("id")?.trim() ?? "";
  return id === "" ? fallback : id;
}

function timestampOf([node]: readonly XmlElement[]): { timestamp?: number } {
  const timestamp = node && parseDateTime(text(node));
  return timestamp === undefined ? {} : { timestamp };
}

const LANGUAGE = `{${NAMESPACE.xml}}lang`;

/** Writes a presence document in the order that the schemas of RFC 3863 and RFC 4479 prescribe. */
export function formatPidf(document: PresenceDocument): string {
  const root = element(
    NAMESPACE.pidf,
    "presence",
    { entity: document.entity },
    ...document.tuples.map(tupleElement),
    ...document.notes.map((note) => noteElement(note)),
    ...document.persons.map((person) => element(NAMESPACE.dataModel, "person", { id: person.id }, ...aboutOf(person))),
    ...document.devices.map(deviceElement),
    ...document.extensions,
  );
  return formatXml(root, {
    "": NAMESPACE.pidf,
    dm: NAMESPACE.dataModel,
    rpid: NAMESPACE.rpid,
    caps: NAMESPACE.serviceCapabilities,
    hallway: NAMESPACE.hallway,
  });
}

function tupleElement(tuple: Tuple): XmlElement {
  const basic = textElement(NAMESPACE.pidf, "basic", tuple.basic);
  const priority = tuple.contact?.priority;
  return element(
    NAMESPACE.pidf,
    "tuple",
    { id: tuple.id },
    element(NAMESPACE.pidf, "status", {}, basic, ...tuple.statusExtensions),
    ...tuple.deviceIds.map((id) => element(NAMESPACE.dataModel, "deviceID", {}, id)),
    ...tuple.extensions,
    tuple.contact && element(NAMESPACE.pidf, "contact", { priority: priority && qvalue(priority) }, tuple.contact.uri),
    ...tuple.notes.map((note) => noteElement(note)),
    textElement(NAMESPACE.pidf, "timestamp", formatDateTime(tuple.timestamp)),
  );
}

function deviceElement(device: Device): XmlElement {
  const identifier = element(NAMESPACE.dataModel, "deviceID", {}, device.deviceId);
  return element(NAMESPACE.dataModel, "device", { id: device.id }, ...aboutOf(device, identifier));
}

function aboutOf(person: Person, identifier?: XmlElement): readonly (XmlElement | undefined)[] {
  return [
    ...person.extensions,
    identifier,
    ...person.notes.map((note) => noteElement(note, NAMESPACE.dataModel)),
    textElement(NAMESPACE.dataModel, "timestamp", formatDateTime(person.timestamp)),
  ];
}

/** A note as an element, in PIDF's namespace unless told otherwise. */
export function noteElement(note: Note, namespace: string = NAMESPACE.pidf): XmlElement {
  return element(namespace, "note", { [LANGUAGE]: note.language }, note.text);
}

/** At most three decimals (RFC 3863 §4.1.5). */
function qvalue(priority: number): string {
  return String(Math.round(Math.min(Math.max(priority, 0), 1) * 1000) / 1000);
}
