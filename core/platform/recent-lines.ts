/** The last lines of a log, in memory, for people who look while the program runs. */
import type { Lines, LogLevel } from "./log.ts";
import { isWithin } from "./log.ts";

/** Lines that are remembered; the oldest is forgotten first. */
export const LINES_REMEMBERED = 1_000;
/** Longest line that is remembered, in characters. */
export const MAX_REMEMBERED_LINE = 4_096;

/** A line of the log, read again. */
export interface LogLine {
  readonly time: string;
  readonly level: LogLevel;
  readonly component?: string;
  readonly text: string;
  /** Its facts. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LineFilter {
  readonly level?: LogLevel;
  readonly callId?: string;
  /** Newest lines to give at most. */
  readonly count?: number;
}

/** pino's numbers. */
const LEVEL_OF: Readonly<Record<number, LogLevel>> = { 20: "debug", 30: "info", 40: "warn", 50: "error" };

export class RecentLines implements Lines {
  readonly #lines: string[] = [];
  readonly #out: Lines;

  /** Every line also goes to `out`. */
  constructor(out: Lines) {
    this.#out = out;
  }

  write(line: string): void {
    if (line.length <= MAX_REMEMBERED_LINE) this.#lines.push(line);
    if (this.#lines.length > LINES_REMEMBERED) this.#lines.shift();
    this.#out.write(line);
  }

  /** Lines of this level and above that fit, oldest first. */
  select({ level = "debug", callId, count = LINES_REMEMBERED }: LineFilter = {}): readonly LogLine[] {
    return this.#lines
      .map(parsed)
      .filter((line) => isWithin(line.level, level))
      .filter(({ fields }) => callId === undefined || fields["callId"] === callId)
      .slice(-count);
  }
}

function parsed(line: string): LogLine {
  const { time, level, component, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  return {
    time: String(time),
    level: LEVEL_OF[Number(level)] ?? "error",
    ...(typeof component === "string" && { component }),
    text: String(msg),
    fields,
  };
}
