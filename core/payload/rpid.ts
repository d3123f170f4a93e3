import { formatDateTime, parseDateTime } from "./date-time.ts";
import { NAMESPACE } from "./namespaces.ts";
import { type Note, noteElement, type PresenceDocument, readNote } from "./pidf.ts";
import { element, elements, text, textElement, type XmlElement } from "./xml.ts";

/** The activities of RFC 4480 §3.2, without `other`, whose text is the activity. */
export const ACTIVITIES = [
  "appointment",
  "away",
  "breakfast",
  "busy",
  "dinner",
  "holiday",
  "in-transit",
  "looking-for-work",
  "lunch",
  "meal",
  "meeting",
  "on-the-phone",
  "performance",
  "permanent-absence",
  "playing",
  "presentation",
  "shopping",
  "sleeping",
  "spectator",
  "steering",
  "travel",
  "tv",
  "unknown",
  "vacation",
  "working",
  "worship",
] as const;

export type Activity = (typeof ACTIVITIES)[number];

/** One `activities` element: what the person does in a span of time. Times are milliseconds since 1970. */
export interface Activities {
  readonly values: readonly Activity[];
  /** What stands in `other`: activities in somebody's own words. */
  readonly others: readonly string[];
  /** Elements of other namespaces, by which RFC 4480 §6 lets the list be extended. */
  readonly extensions: readonly XmlElement[];
  readonly notes: readonly Note[];
  readonly from?: number;
  readonly until?: number;
}

/** Whether somebody touched a device or service lately (RFC 4480 §3.17). */
export interface UserInput {
  readonly state: "active" | "idle";
  readonly lastInput?: number;
  /** Seconds without input after which the device calls itself idle. */
  readonly idleThreshold?: number;
}

/** What RPID says about a person, a service or a device. */
export interface Rpid {
  readonly activities: readonly Activities[];
  readonly moods: readonly string[];
  readonly placeTypes: readonly string[];
  readonly sphere?: string;
  readonly statusIcon?: string;
  /** Minutes from UTC. */
  readonly timeOffset?: number;
  readonly userInputs: readonly UserInput[];
}

const KNOWN: ReadonlySet<string> = new Set(ACTIVITIES);

/** Reads the RPID elements among the extensions of a tuple, its status, a person or a device. */
export function readRpid(extensions: readonly XmlElement[]): Rpid {
  const known = (name: string): readonly XmlElement[] =>
    extensions.filter((node) => isRpid(node) && node.name === name);
  const [sphere, statusIcon] = [known("sphere")[0], known("status-icon")[0]];
  const offset = known("time-offset")[0];
  const minutes = offset === undefined ? Number.NaN : Number.parseInt(text(offset), 10);
  return {
    activities: known("activities").map(readActivities),
    moods: known("mood").flatMap(valuesIn),
    placeTypes: known("place-type").flatMap(valuesIn),
    ...(sphere !== undefined && { sphere: sphereOf(sphere) }),
    ...(statusIcon !== undefined && text(statusIcon) !== "" && { statusIcon: text(statusIcon) }),
    ...(Number.isFinite(minutes) && { timeOffset: minutes }),
    userInputs: known("user-input")
      .map(readUserInput)
      .filter((input) => input !== undefined),
  };
}

/** What RPID says anywhere in a document: early drafts put activities into the status, and some peers still do. */
export function rpidOf(document: Pick<PresenceDocument, "tuples" | "persons" | "devices" | "extensions">): Rpid {
  return readRpid([
    ...document.persons.flatMap(({ extensions }) => extensions),
    ...document.tuples.flatMap(({ statusExtensions, extensions }) => [...statusExtensions, ...extensions]),
    ...document.devices.flatMap(({ extensions }) => extensions),
    ...document.extensions,
  ]);
}

/** RPID moved through several namespaces below PIDF's before it became an RFC. */
function isRpid({ namespace }: XmlElement): boolean {
  return namespace.startsWith(NAMESPACE.pidf);
}

function readActivities(node: XmlElement): Activities {
  const parts = elements(node);
  const from = parseDateTime(node.attributes.get("from"));
  const until = parseDateTime(node.attributes.get("until"));
  return {
    values: parts.filter(isRpid).flatMap((part) => (isActivity(part.name) ? [part.name] : [])),
    others: parts.filter((part) => isRpid(part) && part.name === "other").map(text),
    extensions: parts.filter((part) => !isRpid(part)),
    notes: parts.filter((part) => isRpid(part) && part.name === "note").map(readNote),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  };
}

function isActivity(name: string): name is Activity {
  return KNOWN.has(name);
}

/** Mood and place are lists of empty elements, with `other` for a value in plain words. */
function valuesIn(node: XmlElement): readonly string[] {
  return elements(node)
    .filter(({ name }) => name !== "note")
    .map((part) => (part.name === "other" ? text(part) : part.name));
}

function sphereOf(node: XmlElement): string {
  return elements(node)[0]?.name ?? text(node);
}

function readUserInput(node: XmlElement): UserInput | undefined {
  const state = text(node);
  if (state !== "active" && state !== "idle") return undefined;
  const lastInput = parseDateTime(node.attributes.get("last-input"));
  const idleThreshold = Number.parseInt(node.attributes.get("idle-threshold") ?? "", 10);
  return {
    state,
    ...(lastInput !== undefined && { lastInput }),
    ...(idleThreshold >= 0 && { idleThreshold }),
  };
}

/** Builds an `activities` element; without any activity it says `unknown`, since the schema wants one. */
export function activitiesElement(activities: Partial<Activities>): XmlElement {
  const { values = [], others = [], extensions = [], notes = [], from, until } = activities;
  const empty = values.length + others.length + extensions.length === 0;
  return element(
    NAMESPACE.rpid,
    "activities",
    { from: formatDateTime(from), until: formatDateTime(until) },
    ...notes.map((note) => noteElement(note, NAMESPACE.rpid)),
    ...(empty ? (["unknown"] as const) : values).map((value) => element(NAMESPACE.rpid, value)),
    ...others.map((value) => textElement(NAMESPACE.rpid, "other", value)),
    ...extensions,
  );
}

/** Builds a `user-input` element. */
export function userInputElement({ state, lastInput, idleThreshold }: UserInput): XmlElement {
  const attributes = { "idle-threshold": idleThreshold, "last-input": formatDateTime(lastInput) };
  return element(NAMESPACE.rpid, "user-input", attributes, state);
}
