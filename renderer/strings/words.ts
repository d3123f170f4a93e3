import { createIntl, createIntlCache } from "react-intl";
import { de } from "./de.ts";
import type { MessageId } from "./en.ts";
import { en } from "./en.ts";

export type Language = "en" | "de";
export type Values = Readonly<Record<string, string | number>>;
export type { MessageId } from "./en.ts";

/** Speaks one language. Times are ISO 8601 in, words in the person's own time zone out. */
export interface Words {
  readonly language: Language;
  readonly locale: string;
  say(id: MessageId, values?: Values): string;
  /** "14:06" */
  time(at: string): string;
  /** "14:06:31", for tooltips. */
  seconds(at: string): string;
  /** "Today", "Yesterday", or "Wednesday 18 November". */
  day(at: string, now: number): string;
  /** "14:06" today, "Wed 14:06" within six days, "18 Nov" before. */
  when(at: string, now: number): string;
  /** "25 min", "3 h", then day and time; empty within the first minute. */
  age(since: string, now: number): string;
  /** Names the day an instant falls on, for comparing. */
  dayKey(at: string): string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function createWords(language: Language, timeZone?: string): Words {
  // British English: 24 hours and the day before the month, as the sentences have it.
  const locale = language === "de" ? "de-DE" : "en-GB";
  const messages: Record<string, string> = language === "de" ? de : en;
  const intl = createIntl({ locale, messages }, createIntlCache());
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(locale, { ...options, ...(timeZone === undefined ? {} : { timeZone }) });
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const time = format(clock);
  const seconds = format({ ...clock, second: "2-digit" });
  const weekday = format({ weekday: "short", ...clock });
  const date = format({ day: "numeric", month: "short" });
  const longDate = format({ weekday: "long", day: "numeric", month: "long" });
  const key = format({ year: "numeric", month: "2-digit", day: "2-digit" });

  const say = (id: MessageId, values?: Values): string => intl.formatMessage({ id }, values);
  const dayKey = (at: string | number): string => key.format(new Date(at));
  const when = (at: string, now: number): string => {
    if (dayKey(at) === dayKey(now)) return time.format(new Date(at));
    const isRecent = Math.abs(now - Date.parse(at)) < 6 * DAY;
    return isRecent ? weekday.format(new Date(at)).replace(",", "") : date.format(new Date(at));
  };
  return {
    language,
    locale,
    say,
    time: (at) => time.format(new Date(at)),
    seconds: (at) => seconds.format(new Date(at)),
    dayKey,
    when,
    day(at, now) {
      if (dayKey(at) === dayKey(now)) return say("conversation.today");
      if (dayKey(at) === dayKey(now - DAY)) return say("conversation.yesterday");
      return longDate.format(new Date(at));
    },
    age(since, now) {
      const passed = now - Date.parse(since);
      if (passed < MINUTE) return "";
      if (passed < HOUR) return say("age.minutes", { count: Math.floor(passed / MINUTE) });
      if (passed < DAY) return say("age.hours", { count: Math.floor(passed / HOUR) });
      return when(since, now);
    },
  };
}

/** The language to speak: the setting, else the first of the system's that is known, else English. */
export function chooseLanguage(setting: "system" | Language, system: readonly string[]): Language {
  if (setting !== "system") return setting;
  const known = system.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "en" || tag === "de");
  return known === "de" ? "de" : "en";
}
