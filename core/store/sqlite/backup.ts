/** Copying an office's database while it is in use, and looking whether a copy is whole. */
import { chmodSync, existsSync } from "node:fs";
import Sqlite from "better-sqlite3";
import { StoreError } from "../errors.ts";
import { gatewayMigrations } from "./gateway-store.ts";

/** Pages that are copied between two turns of the event loop. */
const PAGES_AT_ONCE = 500;

/** The newest version of the database that this program can read. */
export const DATABASE_VERSION = gatewayMigrations.at(-1)?.version ?? 0;

/**
 * Copies the database of another process or of this one into a new file, 0600. The copy is what was true at one moment:
 * it is read within one transaction, and who writes meanwhile is not held up. `progress` hears of parts from 0 to 1.
 * Resolves to the version of the database. Throws `StoreError` when there is none.
 */
export async function copyDatabase(from: string, to: string, progress: (part: number) => void): Promise<number> {
  if (!existsSync(from)) throw new StoreError("no-office", `There is no office in ${from}. Check the folder.`);
  const database = new Sqlite(from, { readonly: true });
  try {
    database.exec("BEGIN");
    const version = Number(database.pragma("user_version", { simple: true }));
    await database.backup(to, {
      progress({ totalPages, remainingPages }) {
        progress(totalPages === 0 ? 0 : (totalPages - remainingPages) / totalPages);
        return PAGES_AT_ONCE;
      },
    });
    chmodSync(to, 0o600);
    progress(1);
    return version;
  } finally {
    database.close();
  }
}

export interface DatabaseReport {
  readonly version: number;
  /** What is damaged, in SQLite's words; empty when it is whole. */
  readonly damage: readonly string[];
}

/** Looks at every page of a database. Takes seconds when it is large, so not in a process that serves. */
export function inspectDatabase(path: string): DatabaseReport {
  let database: Sqlite.Database | undefined;
  try {
    database = new Sqlite(path, { readonly: true, fileMustExist: true });
    const version = Number(database.pragma("user_version", { simple: true }));
    const rows = database.pragma("quick_check(5)") as readonly { quick_check: string }[];
    return { version, damage: rows.map((row) => row.quick_check).filter((text) => text !== "ok") };
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    return { version: 0, damage: [error.message] };
  } finally {
    database?.close();
  }
}
