/** From the state that somebody chose to the document that travels. */

import { formatDateTime } from "./date-time.ts";
import { NAMESPACE } from "./namespaces.ts";
import type { Contact, Device, Note, Person, PresenceDocument, Tuple } from "./pidf.ts";
import { activitiesElement, type Activity } from "./rpid.ts";
import { capabilitiesElement, type Media } from "./service-capabilities.ts";
import { element, textElement, type XmlElement } from "./xml.ts";

/** What a person may choose. `invisible` is published as offline and never seen. */
export type PublishedState =
  | "available"
  | "busy"
  | "do-not-disturb"
  | "away"
  | "be-right-back"
  | "in-a-meeting"
  | "on-the-phone"
  | "invisible";

/** What a watcher sees. `connection-lost` is the gateway's word for a flow that went without a goodbye. */
export type SeenState = Exclude<PublishedState, "invisible"> | "offline" | "connection-lost";

export interface StateToWrite {
  /** The presentity's URI. */
  readonly entity: string;
  /** Distinguishes this publication among those of the same person. */
  readonly tupleId: string;
  readonly state: PublishedState | SeenState;
  readonly note?: string;
  /** Milliseconds since 1970: when the state began, and when the person expects it to end. */
  readonly since?: number;
  readonly until?: number;
  readonly contact?: Contact;
  /** The machine that publishes: a URN, and a name for people. */
  readonly device?: { readonly id: string; readonly name?: string };
  readonly media?: Media;
}

/** The states of somebody who can be reached. */
export type OpenState = Exclude<SeenState, "offline" | "connection-lost">;

/** What each state says in RPID, with our own word beside it where RPID has none. */
const WIRE: Readonly<Record<Exclude<OpenState, "available">, { activity: Activity; own?: string }>> = {
  busy: { activity: "busy" },
  "do-not-disturb": { activity: "busy", own: "do-not-disturb" },
  away: { activity: "away" },
  "be-right-back": { activity: "away", own: "be-right-back" },
  "in-a-meeting": { activity: "meeting" },
  "on-the-phone": { activity: "on-the-phone" },
};

/**
 * The document that publishes a state.
 *
 * A note stands in the tuple and in the person, since peers read one or the other. What is invisible says nothing
 * beyond `closed`: neither note nor times, contact, device or media, which nobody offline would have.
 */
export function stateToPidf(wish: StateToWrite): PresenceDocument {
  const { entity, state, since } = wish;
  const id = ncName(wish.tupleId);
  if (state === "invisible") return documentOf(entity, { ...emptyTuple(id), basic: "closed" });
  const notes: readonly Note[] = wish.note === undefined || wish.note === "" ? [] : [{ text: wish.note }];
  const timestamp = since === undefined ? {} : { timestamp: since };
  if (state === "offline" || state === "connection-lost") {
    const lost = element(NAMESPACE.hallway, "connection-lost", { since: formatDateTime(since) });
    const statusExtensions = state === "offline" ? [] : [lost];
    return documentOf(entity, { ...emptyTuple(id), basic: "closed", statusExtensions, notes, ...timestamp });
  }
  const tuple: Tuple = {
    ...emptyTuple(id),
    basic: "open",
    deviceIds: wish.device === undefined ? [] : [wish.device.id],
    extensions: wish.media === undefined ? [] : [capabilitiesElement(wish.media)],
    ...(wish.contact !== undefined && { contact: wish.contact }),
    notes,
    ...timestamp,
  };
  const activity = activityOf(state, wish);
  const person: Person = {
    id: `person-${id}`,
    extensions: activity === undefined ? [] : [activity],
    notes,
    ...timestamp,
  };
  const silent = activity === undefined && notes.length === 0 && since === undefined;
  return documentOf(entity, tuple, silent ? [] : [person], devicesOf(wish, id));
}

/** Our own words stand among the activities, where RFC 4480 §6 has room for them and filters find them. */
function activityOf(state: OpenState, { since, until }: StateToWrite): XmlElement | undefined {
  // `available` has no activity to carry its end, so the end stands alone.
  if (state === "available") return textElement(NAMESPACE.hallway, "until", formatDateTime(until));
  const { activity, own } = WIRE[state];
  return activitiesElement({
    values: [activity],
    extensions: own === undefined ? [] : [element(NAMESPACE.hallway, own)],
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { until }),
  });
}

function documentOf(
  entity: string,
  tuple: Tuple,
  persons: readonly Person[] = [],
  devices: readonly Device[] = [],
): PresenceDocument {
  return { entity, tuples: [tuple], persons, devices, notes: [], extensions: [] };
}

function emptyTuple(id: string): Tuple {
  return { id, statusExtensions: [], deviceIds: [], extensions: [], notes: [] };
}

function devicesOf({ device }: StateToWrite, id: string): readonly Device[] {
  if (device === undefined) return [];
  const notes = device.name === undefined ? [] : [{ text: device.name }];
  return [{ id: `device-${id}`, deviceId: device.id, extensions: [], notes }];
}

/** Identifiers are of type xs:ID: no digit in front, and few signs besides letters. */
function ncName(id: string): string {
  const safe = id.replace(/[^\w.-]/g, "_");
  return /^[A-Za-z_]/.test(safe) ? safe : `t${safe}`;
}
