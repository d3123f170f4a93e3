/**
 * A log in a file that starts anew when it is full and keeps the last few. Lines are written at once and in this process:
 * what was said before a crash is on disk, and there is no worker whose file a bundler would lose.
 */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Lines } from "./log.ts";

export interface RotatingFileSettings {
  readonly path: string;
  /** Bytes after which a new file is begun. */
  readonly maxBytes: number;
  /** Full files that are kept besides the one that is written, as `path.1` (the newest), `path.2` … */
  readonly keep: number;
  /** Takes the lines that the file does not: a full disk must neither end the program nor lose the reason. */
  readonly otherwise: Lines;
}

export interface RotatingFile extends Lines {
  close(): void;
}

/** Opens the file, 0600, and goes on behind what it holds. Throws when it cannot be opened. */
export function rotatingFile(settings: RotatingFileSettings): RotatingFile {
  const { path, maxBytes, keep, otherwise } = settings;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file = openSync(path, "a", 0o600);
  let size = fstatSync(file).size;
  const rotate = (): void => {
    closeSync(file);
    rmSync(`${path}.${keep}`, { force: true });
    for (let number = keep - 1; number >= 1; number--)
      if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
    if (keep > 0) renameSync(path, `${path}.1`);
    else rmSync(path, { force: true });
    file = openSync(path, "a", 0o600);
    size = 0;
  };
  return {
    write(line) {
      try {
        const bytes = Buffer.byteLength(line);
        if (size > 0 && size + bytes > maxBytes) rotate();
        size += bytes;
        writeSync(file, line);
      } catch {
        otherwise.write(line);
      }
    },
    close: () => closeSync(file),
  };
}
