/** Opening a SQLite file: settings, migrations, the group commit and the lock that says who owns a folder. */
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import Sqlite from "better-sqlite3";
import type { Clock } from "../../platform/clock.ts";
import { StoreError } from "../errors.ts";
import type { CommitObserver, Durable } from "../store.ts";

export type Database = Sqlite.Database;

/** Writes that arrive within this many milliseconds share one commit. */
export const GROUP_WINDOW = 5;
/** Writes that share one commit at most. */
export const GROUP_SIZE = 200;

export interface Migration {
  /** Counts from 1 without gaps; stands in the file as `user_version`. */
  readonly version: number;
  up(database: Database): void;
}

/**
 * Opens or makes the file, 0600, and brings it to the newest version. `:memory:` keeps nothing.
 * Throws `StoreError` when the file was written by a newer version, or is no database.
 */
export function openDatabase(path: string, migrations: readonly Migration[]): Database {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = path !== ":memory:" && !existsSync(path);
  const database = new Sqlite(path);
  if (fresh) chmodSync(path, 0o600);
  try {
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw isDamage(error)
      ? new StoreError(
          "store-damaged",
          `${path} cannot be read. Restore a backup; what is damaged is set aside: hallway gateway restore FILE --replace --data DIR.`,
        )
      : error;
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code);
}

function migrate(database: Database, migrations: readonly Migration[]): void {
  const current = Number(database.pragma("user_version", { simple: true }));
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new StoreError(
      "store-too-new",
      "This data was written by a newer version of Hallway. Install that version, or choose another folder.",
    );
  }
  for (const migration of migrations) {
    if (migration.version <= current) continue;
    database.transaction(() => {
      migration.up(database);
      database.pragma(`user_version = ${migration.version}`);
    })();
  }
}

interface Waiting {
  run(): void;
  settle(error?: Error): void;
}

export interface GroupCommit extends Durable {
  /** Writes now what waits. */
  flush(): void;
  observe(observer: CommitObserver): void;
}

/** Collects writes for a few milliseconds and commits them together: fifty in one commit cost little more than one. */
export function groupCommit(database: Database, clock: Clock): GroupCommit {
  let waiting: Waiting[] = [];
  let scheduled = false;
  let observer: CommitObserver | undefined;
  const flush = (): void => {
    scheduled = false;
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    let error: Error | undefined;
    const begun = clock.monotonic();
    try {
      database.transaction(() => group.forEach((one) => one.run()))();
      observer?.committed(clock.monotonic() - begun);
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(String(cause));
      observer?.failed(error);
    }
    for (const one of group) one.settle(error);
  };
  return {
    flush,
    observe: (given) => void (observer = given),
    durably<T>(task: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        let outcome: { readonly value: T } | { readonly error: Error } | undefined;
        waiting.push({
          run() {
            // A savepoint of its own: what fails here undoes nothing of its neighbours.
            try {
              outcome = { value: database.transaction(task)() };
            } catch (cause) {
              outcome = { error: cause instanceof Error ? cause : new Error(String(cause)) };
            }
          },
          settle(error) {
            if (error) reject(error);
            else if (outcome && "value" in outcome) resolve(outcome.value);
            else reject(outcome?.error ?? new Error("the write did not run"));
          },
        });
        if (waiting.length >= GROUP_SIZE) flush();
        else if (!scheduled) {
          scheduled = true;
          clock.after(GROUP_WINDOW, flush);
        }
      });
    },
  };
}

/**
 * Takes sole ownership of a folder; the system gives it back when the process dies, however it dies.
 * Returns the release, or undefined when another process owns the folder.
 */
export function lockFolder(folder: string): (() => void) | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new Sqlite(join(folder, "lock"), { timeout: 0 });
  try {
    lock.pragma("locking_mode = EXCLUSIVE");
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith("SQLITE_BUSY")) return undefined;
    throw error;
  }
  return () => lock.close();
}
