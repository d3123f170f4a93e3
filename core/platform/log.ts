import { pino } from "pino";

/** Facts beside a log line. Never a secret and never the text of a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type LogLevel = "error" | "warn" | "info" | "debug" | "silent";

/** A log with a component's tag. Each line is one whole sentence with its facts beside it. */
export interface Log {
  error(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  debug(text: string, fields?: LogFields): void;
  /** The same log under a component's tag. */
  tagged(component: string): Log;
}

interface Lines {
  write(line: string): void;
}

/** A log that writes JSON lines to `out`. */
export function jsonLog(out: Lines, level: LogLevel): Log {
  const root = pino({ base: null, level, timestamp: pino.stdTimeFunctions.isoTime }, out);
  const wrap = (target: typeof root): Log => ({
    error: (text, fields) => target.error(fields ?? {}, text),
    warn: (text, fields) => target.warn(fields ?? {}, text),
    info: (text, fields) => target.info(fields ?? {}, text),
    debug: (text, fields) => target.debug(fields ?? {}, text),
    tagged: (component) => wrap(target.child({ component })),
  });
  return wrap(root);
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  tagged: () => silentLog,
};
