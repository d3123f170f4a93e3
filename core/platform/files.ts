import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Small files that only their owner may read: keys, certificates, secrets. */
export interface PrivateFiles {
  read(name: string): string | undefined;
  /** Replaces the file whole or not at all. */
  write(name: string, text: string): void;
}

/** Files of mode 0600 in a folder of mode 0700. */
export function privateFiles(folder: string): PrivateFiles {
  return {
    read: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : undefined),
    write(name, text) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, name);
      writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
      renameSync(`${path}.new`, path);
    },
  };
}

/** The same, forgotten with the process. */
export function memoryFiles(): PrivateFiles {
  const files = new Map<string, string>();
  return { read: (name) => files.get(name), write: (name, text) => void files.set(name, text) };
}

export interface TooOpen {
  readonly path: string;
  /** Permission bits as they are and as they should be. */
  readonly mode: number;
  readonly wanted: number;
  /** A file that is as good as a password; false for the folder around closed files. */
  readonly holdsSecrets: boolean;
}

/** Files that hold keys, passwords or what people wrote. */
const SECRET_FILE = /[.](?:key|sqlite|json|backup)$/;

/** What others on this computer may read and should not: the folder, and the files in it that hold secrets. */
export function openForOthers(folder: string): readonly TooOpen[] {
  // Windows keeps such rights in lists that Node does not read.
  if (process.platform === "win32" || !existsSync(folder)) return [];
  const secret = readdirSync(folder).filter((name) => SECRET_FILE.test(name));
  const looked = [
    { path: folder, wanted: 0o700, holdsSecrets: false },
    ...secret.map((name) => ({ path: join(folder, name), wanted: 0o600, holdsSecrets: true })),
  ];
  return looked
    .map((one) => ({ ...one, mode: statSync(one.path).mode & 0o777 }))
    .filter(({ mode }) => (mode & 0o077) !== 0);
}
