/** `hallway gateway log`: the last lines of a running office's log, and how much its parts say. */
import type { LogLine } from "../index.ts";
import { StoreError } from "../index.ts";
import type { RunningRequest } from "./control.ts";
import { askRunning } from "./control.ts";
import { assignmentsOf, durationOf, levelOf, table, UsageError } from "./options.ts";

const COMPONENTS = ["sip", "transport", "presence", "message", "web", "all"];
/** Milliseconds for which a change holds when nothing else was said: what was forgotten must not fill a disk. */
const ONE_HOUR = 3_600_000;

export interface LogOptions {
  readonly for?: string | undefined;
  readonly level?: string | undefined;
  readonly "call-id"?: string | undefined;
  readonly lines?: string | undefined;
  readonly json?: boolean | undefined;
}

interface LevelRow {
  readonly component: string;
  readonly level: string;
  readonly until?: number;
}

export async function log(folder: string, words: readonly string[], options: LogOptions): Promise<number> {
  return words.length === 0 ? showLines(folder, options) : setLevels(folder, words, options);
}

async function setLevels(folder: string, words: readonly string[], options: LogOptions): Promise<number> {
  const levels = Object.entries(assignmentsOf(words)).map(([component, level]) => {
    if (!COMPONENTS.includes(component))
      throw new UsageError(`There is no component ${component}. Choose from ${COMPONENTS.join(", ")}.`);
    return { component, level: levelOf(level) };
  });
  const duration = options.for === undefined ? ONE_HOUR : durationOf(options.for);
  const rows = (await asked(folder, { do: "log", levels, duration })) as readonly LevelRow[];
  if (options.json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  else
    process.stdout.write(
      table(
        rows.map(({ component, level, until }) => [
          component,
          level,
          until === undefined ? "" : `until ${new Date(until).toISOString()}`,
        ]),
      ),
    );
  return 0;
}

async function showLines(folder: string, options: LogOptions): Promise<number> {
  const count = options.lines === undefined ? undefined : Number(options.lines);
  if (count !== undefined && !(Number.isInteger(count) && count > 0))
    throw new UsageError("Write --lines as a whole number above 0.");
  const callId = options["call-id"];
  const filter = {
    ...(options.level !== undefined && { level: levelOf(options.level) }),
    ...(callId !== undefined && { callId }),
    ...(count !== undefined && { count }),
  };
  const lines = (await asked(folder, { do: "log-lines", filter })) as readonly LogLine[];
  if (options.json) process.stdout.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  else process.stdout.write(lines.map(asText).join(""));
  return 0;
}

async function asked(folder: string, request: RunningRequest): Promise<unknown> {
  const answer = await askRunning(folder, request);
  if (answer) return answer.value;
  throw new StoreError("not-running", `No gateway serves ${folder}. Start it: hallway gateway run --data ${folder}.`);
}

function asText({ time, level, component, text, fields }: LogLine): string {
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
  return `${time} ${level.padEnd(5)} ${(component ?? "office").padEnd(9)} ${text}${facts.join("")}\n`;
}
