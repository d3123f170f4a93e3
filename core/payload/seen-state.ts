/** From a presence document, a stranger's too, to the state that people see. */

import { parseDateTime } from "./date-time.ts";
import { NAMESPACE } from "./namespaces.ts";
import type { PresenceDocument } from "./pidf.ts";
import type { OpenState, SeenState } from "./published-state.ts";
import { type Activities, type Activity, readRpid, rpidOf } from "./rpid.ts";
import { any, type Media, readCapabilities } from "./service-capabilities.ts";
import { text } from "./xml.ts";

export interface SeenPresence {
  readonly state: SeenState;
  readonly note?: string;
  readonly since?: number;
  readonly until?: number;
  /** Names of the devices, or their URNs where they have none. */
  readonly devices?: readonly string[];
  readonly media?: Media;
}

/** What strangers' activities mean to us; those that do not keep anybody from answering are absent. */
const MEANING: Partial<Record<Activity, OpenState>> = {
  "on-the-phone": "on-the-phone",
  meeting: "in-a-meeting",
  presentation: "in-a-meeting",
  appointment: "busy",
  busy: "busy",
  performance: "busy",
  steering: "busy",
  away: "away",
  breakfast: "away",
  dinner: "away",
  holiday: "away",
  "in-transit": "away",
  lunch: "away",
  meal: "away",
  "permanent-absence": "away",
  playing: "away",
  shopping: "away",
  sleeping: "away",
  spectator: "away",
  travel: "away",
  tv: "away",
  vacation: "away",
  worship: "away",
};

/** Words in `other`, and in the status extensions of Blink (`extended`) and of RFC 3863's own example (`im`). */
const WORDS: readonly (readonly [RegExp, OpenState])[] = [
  [/do not disturb|don'?t disturb|\bdnd\b/i, "do-not-disturb"],
  [/right back|\bbrb\b/i, "be-right-back"],
  [/on the phone|on-the-phone/i, "on-the-phone"],
  [/meeting/i, "in-a-meeting"],
  [/busy/i, "busy"],
  [/away|\bidle\b/i, "away"],
];

/** When a document says several things, the one that most asks for restraint is shown. */
const RESTRAINT: readonly OpenState[] = [
  "do-not-disturb",
  "on-the-phone",
  "in-a-meeting",
  "busy",
  "be-right-back",
  "away",
  "available",
];

/**
 * What a document says, strangers' documents too.
 *
 * Open when any tuple is open, or when none has a basic status but something is known of the person. Activities whose
 * time is over or to come are ignored when `now` (milliseconds since 1970) is given.
 */
export function pidfToState(document: PresenceDocument, now?: number): SeenPresence {
  const open = isOpen(document);
  return open ? openPresence(document, now) : closedPresence(document);
}

function isOpen({ tuples, persons }: PresenceDocument): boolean {
  const stated = tuples.filter(({ basic }) => basic !== undefined);
  if (stated.length > 0) return stated.some(({ basic }) => basic === "open");
  return persons.some(({ extensions }) => readRpid(extensions).activities.length > 0);
}

function closedPresence(document: PresenceDocument): SeenPresence {
  const lost = document.tuples
    .flatMap(({ statusExtensions }) => statusExtensions)
    .find(({ namespace, name }) => namespace === NAMESPACE.hallway && name === "connection-lost");
  const since = parseDateTime(lost?.attributes.get("since")) ?? latest(document.tuples);
  return {
    state: lost === undefined ? "offline" : "connection-lost",
    ...noteIn(document),
    ...(since !== undefined && { since }),
  };
}

function openPresence(document: PresenceDocument, now: number | undefined): SeenPresence {
  const current = rpidOf(document).activities.filter((activities) => isCurrent(activities, now));
  const said = [...current.map((span) => ({ state: stateOf(span), span })), ...statusWords(document)];
  const chosen = said.toSorted((a, b) => RESTRAINT.indexOf(a.state) - RESTRAINT.indexOf(b.state))[0];
  const state = chosen?.state ?? (isIdle(document) ? "away" : "available");
  const since =
    chosen?.span?.from ?? latest(document.persons) ?? latest(document.tuples.filter(({ basic }) => basic === "open"));
  const until = chosen?.span?.until ?? ownUntil(document);
  const devices = [...new Set(document.devices.map(({ notes, deviceId }) => notes[0]?.text ?? deviceId))];
  const media = mediaOf(document);
  return {
    state,
    ...noteIn(document, current),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(devices.length > 0 && { devices }),
    ...(media !== undefined && { media }),
  };
}

/** Clocks of two computers differ: an activity that begins in a few minutes by ours has begun by theirs. */
const CLOCK_TOLERANCE = 5 * 60_000;

function isCurrent({ from, until }: Activities, now: number | undefined): boolean {
  return now === undefined || ((from ?? now) <= now + CLOCK_TOLERANCE && now <= (until ?? now));
}

/** The state of one span of activities; our own words rank before the activities that they stand beside. */
function stateOf({ values, others, extensions }: Activities): OpenState {
  const own = extensions.filter(({ namespace }) => namespace === NAMESPACE.hallway).map(({ name }) => name);
  const states = new Set<string | undefined>([
    ...own,
    ...values.map((value) => MEANING[value]),
    ...others.map(wordState),
  ]);
  return RESTRAINT.find((state) => states.has(state)) ?? "available";
}

function wordState(words: string): OpenState | undefined {
  return WORDS.find(([pattern]) => pattern.test(words))?.[1];
}

/** Status extensions with a word in them, from open tuples. */
function statusWords({ tuples }: PresenceDocument): readonly { state: OpenState; span?: undefined }[] {
  return tuples
    .filter(({ basic }) => basic === "open")
    .flatMap(({ statusExtensions }) => statusExtensions)
    .filter(({ name }) => name === "extended" || name === "im")
    .flatMap((node) => {
      const state = wordState(text(node));
      return state === undefined ? [] : [{ state }];
    });
}

function isIdle(document: PresenceDocument): boolean {
  const inputs = rpidOf(document).userInputs;
  return inputs.length > 0 && inputs.every(({ state }) => state === "idle");
}

function ownUntil({ persons }: PresenceDocument): number | undefined {
  const node = persons
    .flatMap(({ extensions }) => extensions)
    .find(({ namespace, name }) => namespace === NAMESPACE.hallway && name === "until");
  return parseDateTime(node && text(node));
}

function mediaOf({ tuples }: PresenceDocument): Media | undefined {
  const all = tuples.filter(({ basic }) => basic !== "closed").map(({ extensions }) => readCapabilities(extensions));
  const message = any(all.map((media) => media.message));
  const call = any(all.map((media) => media.call));
  if (message === undefined && call === undefined) return undefined;
  return { ...(message !== undefined && { message }), ...(call !== undefined && { call }) };
}

/** The person's own word first, then that of the activity, of a service, of the document. */
function noteIn(
  { persons, tuples, notes }: PresenceDocument,
  activities: readonly Activities[] = [],
): { note?: string } {
  const all = [...persons, ...activities, ...tuples.filter(({ basic }) => basic === "open"), ...tuples, { notes }];
  const found = all.flatMap((part) => part.notes).find((note) => note.text !== "");
  return found === undefined ? {} : { note: found.text };
}

function latest(parts: readonly { readonly timestamp?: number }[]): number | undefined {
  const times = parts.map(({ timestamp }) => timestamp).filter((timestamp) => timestamp !== undefined);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}
