import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
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
