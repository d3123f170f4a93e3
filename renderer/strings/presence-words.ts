import type { OwnPresence, Presence } from "../../core/bridge/contract.ts";
import type { SignState } from "../state/presence.ts";
import type { MessageId, Words } from "./words.ts";

export interface LineContext {
  readonly now: number;
  /** When our own link was last known to work, while it does not: what is known of others is as old as that. */
  readonly lostAt?: string | undefined;
  readonly lost: boolean;
}

/** The line of words of a row: state · until · note · age, as far as known. */
export function presenceLine(words: Words, presence: Presence | undefined, context: LineContext): string {
  const lead = stateWords(words, presence, context);
  const line = joined(lead, presence?.note, reasonOf(presence));
  return aged(words, line, context);
}

/** The line of the head: there, "Available" too says how long, and the devices are named. */
export function headLine(words: Words, presence: Presence | undefined, context: LineContext): string {
  const state: SignState = presence?.state ?? "unknown";
  const age = presence?.since === undefined ? "" : words.age(presence.since, context.now);
  const lead =
    state === "available" && presence?.until === undefined && age !== "" && !context.lost
      ? words.say("line.for", { state: words.say(`state.${state}`), age })
      : stateWords(words, presence, context);
  return aged(words, joined(lead, presence?.devices?.join(", "), reasonOf(presence)), context);
}

/** Compact rows drop the state's word: only until, since or note. */
export function compactLine(words: Words, presence: Presence | undefined, context: LineContext): string {
  if (presence === undefined) return "";
  if (presence.until !== undefined)
    return words.say("line.until.short", { time: words.when(presence.until, context.now) });
  if (presence.note !== undefined && presence.note !== "") return presence.note;
  if (presence.since === undefined || presence.state === "available") return "";
  const time = words.when(presence.since, context.now);
  if (presence.state === "pending") return words.say("line.asked.short", { time });
  if (presence.state === "unreachable") return words.say("line.since.short", { time });
  const age = words.age(presence.since, context.now);
  if (age === "" || presence.state === "offline") return "";
  return presence.state === "connection-lost" ? words.say("line.ago.short", { age }) : age;
}

/** What I am, for my own line: the note stands below it. */
export function ownLine(words: Words, own: OwnPresence | undefined, now: number): string {
  const state = words.say(own === undefined ? "state.unknown" : `state.${own.state}`);
  return own?.until === undefined ? state : words.say("line.until", { state, time: words.when(own.until, now) });
}

const agedKinds: Readonly<Partial<Record<SignState, string>>> = {
  away: "away",
  unreachable: "unreachable",
  "connection-lost": "lost",
  pending: "pending",
};

/** State with its age or end. After "At 14:06:" it stands inside a sentence. */
function stateWords(words: Words, presence: Presence | undefined, { now, lost }: LineContext): string {
  const id: MessageId = `${lost ? "inside" : "state"}.${presence?.state ?? "unknown"}`;
  const state = words.say(id);
  if (presence === undefined) return state;
  if (presence.until !== undefined) return words.say("line.until", { state, time: words.when(presence.until, now) });
  // An age of "Available" is of interest in the head alone, and "Offline 3 h" is guessed more often than known.
  if (presence.since === undefined || presence.state === "available" || presence.state === "offline") return state;
  const kind = agedKinds[presence.state] ?? "other";
  const age = words.age(presence.since, now);
  const needsAge = kind !== "unreachable" && kind !== "pending";
  if (needsAge && (age === "" || presence.note !== undefined)) return state;
  return words.say("line.aged", {
    kind,
    state,
    age,
    time: words.when(presence.since, now),
    inside: lost ? "yes" : "no",
  });
}

function reasonOf(presence: Presence | undefined): string | undefined {
  return presence?.state === "unreachable" || presence?.state === "unknown-address" ? presence.reason : undefined;
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" · ");
}

function aged(words: Words, line: string, context: LineContext): string {
  if (!context.lost || context.lostAt === undefined) return line;
  return words.say("line.lost", { time: words.when(context.lostAt, context.now), line });
}
