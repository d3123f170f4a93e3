/** Reading a command's words; a wrong call is answered with one plain sentence. */
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import type { LogLevel } from "../index.ts";
import { isLogLevel } from "../index.ts";

/** The call itself is wrong: exit status 2. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Parses options and positionals; throws `UsageError`. Every command has `--data` and `--help`. */
export function readOptions<T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, data: { type: "string" }, help: { type: "boolean" } },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    const text = error instanceof Error ? (error.message.split(". ")[0] ?? "") : "";
    throw new UsageError(`${text.replace(/\.$/, "")}. See --help.`);
  }
}

/** The folder that the command works on; throws `UsageError` without one. */
export function dataFolder(data: string | undefined): string {
  if (data === undefined || data === "") throw new UsageError("Say which folder keeps the data: --data DIR.");
  return data;
}

/** A level of the log; throws `UsageError` when it is none. */
export function levelOf(word: string): LogLevel {
  if (isLogLevel(word)) return word;
  throw new UsageError("The log level is error, warn, info, debug or silent.");
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
/** Longest time that may be asked for, in milliseconds. */
const LONGEST_DURATION = 7 * 86_400_000;

/** `30s`, `10m` or `2h` in milliseconds; throws `UsageError`. */
export function durationOf(word: string): number {
  const [, number, unit = ""] = /^(\d{1,6})([smh])$/.exec(word) ?? [];
  const duration = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (duration > 0 && duration <= LONGEST_DURATION) return duration;
  throw new UsageError("Write the time as 30s, 10m or 2h, and not more than 168h.");
}

/** Words of the form NAME=VALUE; throws `UsageError`. */
export function assignmentsOf(words: readonly string[]): Readonly<Record<string, string>> {
  const assignments: Record<string, string> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) throw new UsageError(`Write each as NAME=VALUE; “${word}” is not of that form.`);
    assignments[word.slice(0, at)] = word.slice(at + 1);
  }
  return assignments;
}

/** Standard input as a password: its first line, without the line end. */
export async function readPassword(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return (Buffer.concat(chunks).toString("utf8").split("\n")[0] ?? "").replace(/\r$/, "");
}

/** Rows under each other in columns, for people. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
