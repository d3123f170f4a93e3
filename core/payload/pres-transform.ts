/** What is left of a presence document under the transformations that a watcher is granted (RFC 5025 §3.3). */
import { NAMESPACE } from "./namespaces.ts";
import type { Device, Person, PresenceDocument, Tuple } from "./pidf.ts";
import { children, elements, is, text, type XmlElement } from "./xml.ts";

const RULES = NAMESPACE.presenceRules;

/** Elements of RPID with a permission of their own, which is named after them. */
const NAMED: ReadonlySet<string> = new Set([
  "activities",
  "class",
  "mood",
  "place-is",
  "place-type",
  "privacy",
  "relationship",
  "sphere",
  "status-icon",
  "time-offset",
]);
/** How much of `user-input` is provided, from nothing to everything, with the attributes that stay. */
const USER_INPUT: readonly (readonly [string, readonly string[] | "all"])[] = [
  ["false", []],
  ["bare", []],
  ["thresholds", ["idle-threshold"]],
  ["full", "all"],
];

/**
 * The document with nothing in it but what is granted. Grants of several rules add up, the most permissive of each kind
 * counts (RFC 4745 §10.2). What is always shown of a service: status, contact and time; of the rest: identifiers and time.
 */
export function filterPidf(document: PresenceDocument, transformations: readonly XmlElement[]): PresenceDocument {
  const granted = new Grants(transformations);
  return {
    entity: document.entity,
    tuples: document.tuples
      .filter((tuple) => granted.includes("services", (by) => isService(by, tuple)))
      .map((tuple) => filterTuple(tuple, granted)),
    persons: document.persons
      .filter((person) => granted.includes("persons", (by) => isOccurrence(by, person)))
      .map((person) => filterPerson(person, granted)),
    devices: document.devices
      .filter((device) => granted.includes("devices", (by) => isDevice(by, device)))
      .map((device) => filterPerson(device, granted)),
    notes: granted.all ? document.notes : [],
    extensions: granted.all ? document.extensions : [],
  };
}

function filterTuple(tuple: Tuple, granted: Grants): Tuple {
  return {
    ...tuple,
    statusExtensions: granted.attributes(tuple.statusExtensions),
    extensions: granted.attributes(tuple.extensions),
    deviceIds: granted.says("provide-deviceID") ? tuple.deviceIds : [],
    notes: granted.says("provide-note") ? tuple.notes : [],
  };
}

function filterPerson<T extends Person | Device>(part: T, granted: Grants): T {
  return {
    ...part,
    extensions: granted.attributes(part.extensions),
    notes: granted.says("provide-note") ? part.notes : [],
  };
}

/** Ways to name a service (RFC 5025 §3.3.1.2); one that is not known names none. */
function isService(by: XmlElement, tuple: Tuple): boolean {
  const uri = tuple.contact?.uri ?? "";
  if (by.name === "service-uri") return uri === text(by);
  if (by.name === "service-uri-scheme") return uri.toLowerCase().startsWith(`${text(by).toLowerCase()}:`);
  return isOccurrence(by, tuple);
}

function isDevice(by: XmlElement, device: Device): boolean {
  return by.name === "deviceID" ? device.deviceId === text(by) : isOccurrence(by, device);
}

function isOccurrence(
  by: XmlElement,
  part: { readonly id: string; readonly extensions: readonly XmlElement[] },
): boolean {
  if (by.name === "occurrence-id") return part.id === text(by);
  return by.name === "class" && part.extensions.some((node) => isRpid(node, "class") && text(node) === text(by));
}

function isRpid(node: XmlElement, name: string): boolean {
  return node.name === name && node.namespace.startsWith(NAMESPACE.pidf);
}

class Grants {
  readonly #given: readonly XmlElement[];
  /** Whether all attributes are granted, known ones and others. */
  readonly all: boolean;

  constructor(transformations: readonly XmlElement[]) {
    this.#given = transformations.filter(({ namespace }) => namespace === RULES);
    this.all = this.#given.some(
      (node) => node.name === "provide-all-attributes" && (text(node) === "" || isTrue(node)),
    );
  }

  /** Whether an occurrence is in the set of its kind: all of them, or one of those that are named. */
  includes(kind: "services" | "persons" | "devices", names: (by: XmlElement) => boolean): boolean {
    return this.#given
      .filter(({ name }) => name === `provide-${kind}`)
      .flatMap(elements)
      .some((by) => is(by, RULES, `all-${kind}`) || (by.namespace === RULES && names(by)));
  }

  says(permission: string): boolean {
    return this.all || this.#given.some((node) => node.name === permission && isTrue(node));
  }

  attributes(nodes: readonly XmlElement[]): readonly XmlElement[] {
    return this.all ? nodes : nodes.flatMap((node) => this.#attribute(node) ?? []);
  }

  #attribute(node: XmlElement): XmlElement | undefined {
    const isPidf = node.namespace.startsWith(NAMESPACE.pidf);
    if (isPidf && node.name === "user-input") return this.#userInput(node);
    if (isPidf && NAMED.has(node.name)) return this.says(`provide-${node.name}`) ? node : undefined;
    if (isPidf && node.name === "service-class") return node;
    const named = this.#given.some(
      (one) =>
        one.name === "provide-unknown-attribute" &&
        one.attributes.get("name") === node.name &&
        one.attributes.get("ns") === node.namespace &&
        isTrue(one),
    );
    return named ? node : undefined;
  }

  #userInput(node: XmlElement): XmlElement | undefined {
    const given = this.#given.filter(({ name }) => name === "provide-user-input").map(text);
    const level = USER_INPUT.findLastIndex(([value]) => given.includes(value));
    const kept = USER_INPUT[level]?.[1];
    if (level < 1 || kept === undefined) return undefined;
    if (kept === "all") return node;
    return { ...node, attributes: new Map([...node.attributes].filter(([name]) => kept.includes(name))) };
  }
}

function isTrue(node: XmlElement): boolean {
  return /^(?:true|1)$/.test(text(node));
}

/** Whether everything is granted, nothing but whether somebody can be reached, or something between. */
export function extentOf(transformations: readonly XmlElement[]): "everything" | "basic" | "some" {
  const granted = new Grants(transformations);
  const whole = (["services", "persons", "devices"] as const).every((kind) => granted.includes(kind, () => false));
  if (whole && granted.all) return "everything";
  const given = transformations.filter(({ namespace }) => namespace === RULES);
  const bare = given.every((node) => node.name === "provide-services" && isWhole(node));
  return bare ? "basic" : "some";
}

function isWhole(node: XmlElement): boolean {
  return children(node, RULES, "all-services").length > 0;
}
