import { pino } from "pino";

/** Facts beside a log line. Never a secret and never the text of a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** From the least to the most that is said. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log with a component's tag. Each line is one whole sentence with its facts beside it. */
export interface Log {
  error(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  debug(text: string, fields?: LogFields): void;
  /** Whether a line of this level would be kept: for lines whose facts cost something to gather. */
  hears(level: LogLevel): boolean;
  /** The same log under a component's tag, which replaces the one before. */
  tagged(component: string): Log;
}

/** What takes finished lines, each with its line end. */
export interface Lines {
  write(line: string): void;
}

/** Says at the moment of each line whether it is kept. */
export interface LevelJudge {
  allows(component: string | undefined, level: LogLevel): boolean;
}

/** A log that writes JSON lines to `out`: those of one level and above, or those that a judge allows. */
export function jsonLog(out: Lines, levels: LogLevel | LevelJudge): Log {
  const judge =
    typeof levels === "string" ? { allows: (_tag: unknown, one: LogLevel) => isWithin(one, levels) } : levels;
  // The judge decides, in this process and at each line: what pino would drop by itself could not be turned on later.
  const root = pino({ base: null, level: "debug", timestamp: pino.stdTimeFunctions.isoTime }, out);
  const wrap = (target: typeof root, component?: string): Log => {
    const line = (level: "error" | "warn" | "info" | "debug") => (text: string, fields?: LogFields) => {
      if (judge.allows(component, level)) target[level](fields ?? {}, text);
    };
    return {
      error: line("error"),
      warn: line("warn"),
      info: line("info"),
      debug: line("debug"),
      hears: (level) => judge.allows(component, level),
      tagged: (tag) => wrap(root.child({ component: tag }), tag),
    };
  };
  return wrap(root);
}

/** Whether a line of `level` belongs into a log that is kept at `limit`. */
export function isWithin(level: LogLevel, limit: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(limit);
}

/** Whether the word names a level. */
export function isLogLevel(word: string): word is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(word);
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  hears: () => false,
  tagged: () => silentLog,
};
