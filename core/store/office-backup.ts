/** A whole office in one file and back: its database, its certificates and their keys. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ArchiveHead } from "./archive.ts";
import { extractArchive, readArchive, writeArchive } from "./archive.ts";
import { StoreError } from "./errors.ts";
import { copyDatabase, DATABASE_VERSION, inspectDatabase } from "./sqlite/backup.ts";

export const DATABASE_FILE = "gateway.sqlite";
/** The copy of the database while a backup is made; whoever finds it knows that one was not finished. */
export const UNFINISHED_BACKUP = "backup-unfinished.sqlite";
const RESTORING = "restore-unfinished";
/** Files besides the database that make the office what it is. */
const KEPT = /^[a-z0-9][a-z0-9._-]*[.](pem|key|json|crt)$/i;

export interface BackupOptions {
  readonly product: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Hears of parts from 0 to 1. */
  readonly progress?: (part: number) => void;
}

export interface Backup {
  readonly head: ArchiveHead;
  readonly sha256: string;
}

/**
 * Writes the office of the folder into a new file, 0600, while it is served or while it is not. Belongs into a process
 * of its own: copying holds up whoever does it. Throws `StoreError`.
 */
export async function backUpOffice(folder: string, file: string, options: BackupOptions): Promise<Backup> {
  if (existsSync(file)) throw new StoreError("file-exists", `${file} exists already. Choose another name.`);
  const copy = join(folder, UNFINISHED_BACKUP);
  const part = `${file}.part`;
  removeDatabase(copy);
  rmSync(part, { force: true });
  try {
    const database = await copyDatabase(join(folder, DATABASE_FILE), copy, options.progress ?? (() => undefined));
    const others = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isFile() && KEPT.test(one.name));
    const files = [
      { name: DATABASE_FILE, path: copy },
      ...others.map(({ name }) => ({ name, path: join(folder, name) })),
    ];
    const about = { product: options.product, madeAt: new Date(options.now).toISOString(), database };
    const sha256 = writeArchive(part, about, files);
    renameSync(part, file);
    return { head: readArchive(file), sha256 };
  } finally {
    removeDatabase(copy);
    rmSync(part, { force: true });
  }
}

export interface RestoreOptions {
  /** Sets an office aside that is there already, instead of refusing. */
  readonly replace: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Brings an office back from a file into a folder that the caller owns. Everything is checked before anything is moved,
 * and nothing is overwritten: what was there is set aside, damaged or not. Returns what was in the file, and the folder
 * in which the old office lies now. Throws `StoreError`.
 */
export function restoreOffice(
  file: string,
  folder: string,
  { replace, now }: RestoreOptions,
): { readonly head: ArchiveHead; readonly aside?: string } {
  const head = readArchive(file);
  if (head.database > DATABASE_VERSION)
    throw new StoreError("store-too-new", `${file} was written by a newer version of Hallway. Install that version.`);
  const old = dataFiles(folder);
  if (old.length > 0 && !replace)
    throw new StoreError(
      "office-there",
      `There is an office in ${folder}. Choose another folder, or add --replace: then the old one is set aside.`,
    );
  const fresh = join(folder, RESTORING);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  try {
    extractArchive(file, (name) => join(fresh, name));
    if (inspectDatabase(join(fresh, DATABASE_FILE)).damage.length > 0)
      throw new StoreError(
        "store-damaged",
        `The office in ${file} was damaged before it was backed up. Take another one.`,
      );
    const aside = old.length > 0 ? setAside(folder, old, now) : undefined;
    for (const { name } of head.files) renameSync(join(fresh, name), join(folder, name));
    return { head, ...(aside !== undefined && { aside }) };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** What belongs to an office in the folder, the database's journals included. */
function dataFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.startsWith(DATABASE_FILE) || KEPT.test(name));
}

function setAside(folder: string, names: readonly string[], now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\..*/g, "");
  let aside = join(folder, `before-restore-${stamp}`);
  for (let number = 2; existsSync(aside); number++) aside = join(folder, `before-restore-${stamp}-${number}`);
  mkdirSync(aside, { mode: 0o700 });
  for (const name of names) renameSync(join(folder, name), join(aside, name));
  return aside;
}

function removeDatabase(path: string): void {
  for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(`${path}${end}`, { force: true });
}
