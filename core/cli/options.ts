/** Reading a command's words; a wrong call is answered with one plain sentence. */
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";

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
