/**
 * Several files as one: a line that says what it is, a line of JSON about the files, their bytes one after another, and a
 * SHA-256 of everything before it. What was cut short or changed by one bit is found out before anything is taken from it.
 */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { StoreError } from "./errors.ts";

/** The form of the file; grows when older programs could not read it any more. */
export const ARCHIVE_VERSION = 1;
const MAGIC = "hallway-backup";
/** Longest line about the files, in bytes. */
export const MAX_HEAD = 64 * 1024;
const HASH_BYTES = 32;
const CHUNK = 1024 * 1024;
/** Names that lead nowhere but into the folder. */
const PLAIN_NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/i;

export interface ArchivedFile {
  readonly name: string;
  readonly bytes: number;
}

export interface ArchiveHead {
  readonly product: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Version of the database in it. */
  readonly database: number;
  readonly files: readonly ArchivedFile[];
}

/** Writes the files into a new archive, 0600. Returns its SHA-256 in hexadecimal. */
export function writeArchive(
  path: string,
  about: Omit<ArchiveHead, "files">,
  files: readonly { readonly name: string; readonly path: string }[],
): string {
  const listed = files.map((file) => ({ name: file.name, bytes: statSync(file.path).size }));
  const hash = createHash("sha256");
  const out = openSync(path, "wx", 0o600);
  try {
    const write = (bytes: Buffer): void => {
      hash.update(bytes);
      writeAll(out, bytes);
    };
    write(Buffer.from(`${MAGIC} ${ARCHIVE_VERSION}\n${JSON.stringify({ ...about, files: listed })}\n`));
    for (const [index, file] of files.entries()) copyInto(file.path, listed[index]?.bytes ?? 0, write);
    const sum = hash.digest();
    writeAll(out, sum);
    fsyncSync(out);
    return sum.toString("hex");
  } finally {
    closeSync(out);
  }
}

/** Reads what an archive holds; throws `StoreError` when it is none, is not whole, or is of a newer form. */
export function readArchive(path: string): ArchiveHead {
  return withFile(path, (file) => headOf(file, path).head);
}

/** Writes the files of an archive, which was read before, to where `placeOf` says, each 0600 and on disk. */
export function extractArchive(path: string, placeOf: (name: string) => string): void {
  withFile(path, (file) => {
    const { head, offset } = headOf(file, path);
    let from = offset;
    for (const { name, bytes } of head.files) {
      const out = openSync(placeOf(name), "wx", 0o600);
      try {
        eachChunk(file, from, bytes, (chunk) => writeAll(out, chunk));
        fsyncSync(out);
      } finally {
        closeSync(out);
      }
      from += bytes;
    }
  });
}

function headOf(file: number, path: string): { readonly head: ArchiveHead; readonly offset: number } {
  const size = fstatSync(file).size;
  const start = Buffer.alloc(Math.min(size, MAX_HEAD));
  readSync(file, start, 0, start.length, 0);
  const first = start.indexOf("\n");
  const [magic, version] = start.toString("utf8", 0, Math.max(first, 0)).split(" ");
  if (magic !== MAGIC) throw new StoreError("no-backup", `${path} is no backup of an office. Choose another file.`);
  if (Number(version) > ARCHIVE_VERSION)
    throw new StoreError("backup-too-new", `${path} was written by a newer version of Hallway. Install that version.`);
  const second = start.indexOf("\n", first + 1);
  if (second < 0 || !isWhole(file, size)) throw damaged(path);
  const head = JSON.parse(start.toString("utf8", first + 1, second)) as ArchiveHead;
  const offset = second + 1;
  const length = head.files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (offset + length + HASH_BYTES !== size || !head.files.every(({ name }) => PLAIN_NAME.test(name)))
    throw damaged(path);
  return { head, offset };
}

function isWhole(file: number, size: number): boolean {
  if (size < HASH_BYTES) return false;
  const hash = createHash("sha256");
  eachChunk(file, 0, size - HASH_BYTES, (chunk) => void hash.update(chunk));
  const kept = Buffer.alloc(HASH_BYTES);
  readSync(file, kept, 0, HASH_BYTES, size - HASH_BYTES);
  return hash.digest().equals(kept);
}

function damaged(path: string): StoreError {
  return new StoreError(
    "backup-damaged",
    `${path} is damaged or not complete, and nothing was changed. Take another backup.`,
  );
}

function copyInto(path: string, bytes: number, write: (chunk: Buffer) => void): void {
  withFile(path, (file) => eachChunk(file, 0, bytes, write));
}

function withFile<T>(path: string, work: (file: number) => T): T {
  const file = openSync(path, "r");
  try {
    return work(file);
  } finally {
    closeSync(file);
  }
}

function eachChunk(file: number, from: number, bytes: number, take: (chunk: Buffer) => void): void {
  const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(bytes, 1)));
  for (let left = bytes; left > 0;) {
    const read = readSync(file, chunk, 0, Math.min(chunk.length, left), from + bytes - left);
    if (read === 0) throw new StoreError("file-shrank", "A file became shorter while it was read. Try again.");
    take(chunk.subarray(0, read));
    left -= read;
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}
