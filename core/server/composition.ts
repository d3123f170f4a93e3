/**
 * One document from everything that is known of a person (RFC 4479 §3). Pure; the rules of composition stand here and
 * nowhere else, and in README.md in words.
 */
import { parseDateTime } from "../payload/date-time.ts";
import { NAMESPACE } from "../payload/namespaces.ts";
import type { Note, Person, PresenceDocument, Tuple } from "../payload/pidf.ts";
import { stateToPidf } from "../payload/presence-state.ts";
import { readRpid } from "../payload/rpid.ts";
import type { XmlElement } from "../payload/xml.ts";
import { elements, is } from "../payload/xml.ts";

/** Milliseconds after which something that was noticed automatically ends when it names no end itself. */
export const AUTOMATIC_LIFE = 3_600_000;
/** Clocks of two computers differ: what begins in a few minutes by ours has begun by theirs. */
const CLOCK_TOLERANCE = 5 * 60_000;

export interface Publication {
  readonly document: PresenceDocument;
  /** When it was published, in milliseconds since 1970. */
  readonly at: number;
}

export interface Known {
  /** `sip:name@domain`. */
  readonly entity: string;
  /** Published documents, oldest first. */
  readonly published: readonly Publication[];
  readonly registeredSince?: number;
  /** When the last flow of this person went without a goodbye, while its binding would still have lived. */
  readonly lostAt?: number;
  /** What the person said for good (RFC 4827), which holds below everything else. */
  readonly lasting?: PresenceDocument;
  /** Milliseconds since 1970; without it nothing is over and nothing is still to come. */
  readonly now?: number;
}

export interface Composed {
  readonly document: PresenceDocument;
  /** When the document changes by itself, because something in it begins or ends. */
  readonly changesAt?: number;
}

/**
 * What a watcher with full rights is told. A publication says more than a registration; a device that publishes
 * nothing shows as online; a flow that broke is told as such before it becomes offline.
 */
export function compose(known: Known): Composed {
  const { entity, registeredSince, lostAt, now } = known;
  const boundaries = new Boundaries(now);
  const published = known.published.map((one) => boundaries.current(one));
  const lasting = known.lasting && boundaries.current({ document: known.lasting, at: now ?? 0 }).document;
  const alone = (state: "available" | "offline" | "connection-lost", since?: number): PresenceDocument => {
    const tupleId = state === "available" ? "registration" : "gateway";
    return stateToPidf({ entity, tupleId, state, ...(since !== undefined && { since }) });
  };
  const bare =
    published.length > 0
      ? merged(entity, published)
      : registeredSince !== undefined
        ? alone("available", registeredSince)
        : lostAt !== undefined
          ? alone("connection-lost", lostAt)
          : alone("offline");
  // Somebody who chose to appear offline must look exactly like somebody who is.
  const document = published.length === 0 || isOpen(bare) ? bare : alone("offline");
  const whole = lasting ? withLasting(document, lasting) : document;
  return { document: whole, ...(boundaries.next !== undefined && { changesAt: boundaries.next }) };
}

/** How much of the document a watcher may see at most, where no finer rule is at hand (RFC 5025 §3.3). */
export function limited(document: PresenceDocument, show: "everything" | "basic" | "offline"): PresenceDocument {
  if (show === "everything") return document;
  const { entity } = document;
  const open = show === "basic" && isOpen(document);
  return stateToPidf({ entity, tupleId: "gateway", state: open ? "available" : "offline" });
}

/** The sphere that a person says to be in (RFC 4480 §3.10), by which rules may judge. */
export function sphereOf({ persons }: PresenceDocument): string | undefined {
  return persons.map(({ extensions }) => readRpid(extensions).sphere).find((sphere) => sphere !== undefined);
}

function isOpen(document: PresenceDocument): boolean {
  return document.tuples.some(({ basic }) => basic === "open");
}

/** Drops what is over or still to come, and remembers when that changes. */
class Boundaries {
  readonly #now: number | undefined;
  next: number | undefined;

  constructor(now: number | undefined) {
    this.#now = now;
  }

  current({ document, at }: Publication): Publication {
    const about = <T extends Person>(part: T): T => ({
      ...part,
      extensions: part.extensions.filter((node) => this.#holds(node, part.timestamp ?? at)),
    });
    const tuples = document.tuples.map((tuple) => ({
      ...tuple,
      extensions: tuple.extensions.filter((node) => this.#holds(node, tuple.timestamp ?? at)),
      statusExtensions: tuple.statusExtensions.filter((node) => this.#holds(node, tuple.timestamp ?? at)),
    }));
    return { at, document: { ...document, tuples, persons: document.persons.map(about) } };
  }

  #holds(node: XmlElement, at: number): boolean {
    const now = this.#now;
    if (now === undefined) return true;
    const from = parseDateTime(node.attributes.get("from"));
    const until = parseDateTime(node.attributes.get("until")) ?? (isAutomatic(node) ? at + AUTOMATIC_LIFE : undefined);
    if (until !== undefined && until <= now) return false;
    if (until !== undefined) this.#at(until);
    // What somebody will be doing is the very point of a timed status (RFC 4481).
    if (from === undefined || from <= now + CLOCK_TOLERANCE || node.name === "timed-status") return true;
    this.#at(from - CLOCK_TOLERANCE);
    return false;
  }

  #at(time: number): void {
    this.next = Math.min(this.next ?? time, time);
  }
}

/** Whether nobody chose this: a program noticed it. */
function isAutomatic(node: XmlElement): boolean {
  const noticed = elements(node).some((part) => is(part, NAMESPACE.hallway, "automatic"));
  return noticed || (node.name === "user-input" && node.namespace.startsWith(NAMESPACE.pidf));
}

/** How much a publication's word on the person counts: do not disturb, chosen, noticed, nothing said. */
function weight({ document }: Publication): number {
  const activities = document.persons.flatMap(({ extensions }) => extensions.filter(isActivities));
  if (activities.some((node) => elements(node).some((part) => part.name === "do-not-disturb"))) return 3;
  if (activities.some((node) => !isAutomatic(node))) return 2;
  if (activities.length > 0) return 1;
  // A person without an activity but with a time is one who chose to be available.
  return document.persons.some(({ timestamp }) => timestamp !== undefined) ? 2 : 0;
}

function isActivities({ namespace, name }: XmlElement): boolean {
  return name === "activities" && namespace.startsWith(NAMESPACE.pidf);
}

function spokenAt({ document, at }: Publication): number {
  const times = document.persons.flatMap(({ timestamp }) => timestamp ?? []);
  return times.length === 0 ? at : Math.max(...times);
}

/**
 * Every device keeps its tuple; where two speak of the same tuple the newest counts. Of the person speaks the weightiest
 * publication, of equal ones the newest; what it leaves open (mood, place …) is filled from the next.
 */
function merged(entity: string, published: readonly Publication[]): PresenceDocument {
  const ranked = published
    .map((one, order) => ({ one, order }))
    .sort(
      (a, b) =>
        weight(b.one) - weight(a.one) ||
        Math.min(spokenAt(b.one), b.one.at) - Math.min(spokenAt(a.one), a.one.at) ||
        b.order - a.order,
    )
    .map(({ one }) => one.document);
  const [speaker, ...others] = ranked;
  const tuples = new Map<string, Tuple>();
  for (const { document } of published)
    for (const tuple of document.tuples) tuples.set(tuple.id, document === speaker ? tuple : withoutActivities(tuple));
  const devices = new Map(
    published.flatMap(({ document }) => document.devices.map((device) => [device.deviceId, device])),
  );
  return {
    entity,
    tuples: [...tuples.values()],
    persons: speaker ? personsOf(speaker, others) : [],
    devices: [...devices.values()],
    notes: speaker?.notes ?? [],
    extensions: unique(ranked.flatMap(({ extensions }) => extensions)),
  };
}

/** What early drafts say of the person inside a tuple must not contradict whoever speaks for the person. */
function withoutActivities(tuple: Tuple): Tuple {
  return {
    ...tuple,
    extensions: tuple.extensions.filter((node) => !isActivities(node)),
    statusExtensions: tuple.statusExtensions.filter((node) => !isActivities(node)),
  };
}

function personsOf({ persons }: PresenceDocument, others: readonly PresenceDocument[]): readonly Person[] {
  const [first, ...rest] = persons;
  if (!first) {
    const next = others.flatMap((document) => document.persons)[0];
    return next ? [{ ...next, extensions: next.extensions.filter((node) => !isActivities(node)) }] : [];
  }
  const said = new Set(persons.flatMap(({ extensions }) => extensions.map(nameOf)));
  const silentOn = others
    .flatMap((document) => document.persons.flatMap(({ extensions }) => extensions))
    .filter((node) => !isActivities(node) && !isOwnState(node) && !said.has(nameOf(node)));
  const notes = first.notes.length > 0 ? first.notes : [];
  return [{ ...first, notes, extensions: [...first.extensions, ...unique(silentOn)] }, ...rest];
}

/** Our own elements speak of the state beside them. */
function isOwnState({ namespace }: XmlElement): boolean {
  return namespace === NAMESPACE.hallway;
}

function nameOf({ namespace, name }: XmlElement): string {
  return `{${namespace}}${name}`;
}

/** The first element of each name: what stands before comes from whoever has more weight. */
function unique(nodes: readonly XmlElement[]): readonly XmlElement[] {
  const seen = new Set<string>();
  return nodes.filter((node) => !seen.has(nameOf(node)) && seen.add(nameOf(node)));
}

/** A lasting note, icon or the like shows where nothing newer was said of it. */
function withLasting(document: PresenceDocument, lasting: PresenceDocument): PresenceDocument {
  const hasNote = [...document.notes, ...document.persons.flatMap(({ notes }) => notes)].length > 0;
  const notes: readonly Note[] = hasNote ? [] : [...lasting.persons.flatMap((one) => one.notes), ...lasting.notes];
  const said = new Set(document.persons.flatMap(({ extensions }) => extensions.map(nameOf)));
  const more = lasting.persons.flatMap((one) => one.extensions).filter((node) => !said.has(nameOf(node)));
  if (notes.length === 0 && more.length === 0) return document;
  const [first = { id: "lasting", extensions: [], notes: [] }, ...rest] = document.persons;
  const person = { ...first, notes: [...first.notes, ...notes], extensions: [...first.extensions, ...unique(more)] };
  return { ...document, persons: [person, ...rest] };
}
