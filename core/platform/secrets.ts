import type { PrivateFiles } from "./files.ts";

/** Passwords, kept outside the database. The desktop puts them into the system's key store. */
export interface Secrets {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
}

const FILE = "secrets.json";

/** Secrets in one file that only its owner may read: for machines without a key store. */
export function fileSecrets(files: PrivateFiles): Secrets {
  const read = (): Record<string, string> => JSON.parse(files.read(FILE) ?? "{}") as Record<string, string>;
  return {
    get: async (name) => read()[name],
    set: async (name, value) => files.write(FILE, JSON.stringify({ ...read(), [name]: value })),
    async delete(name) {
      const { [name]: _gone, ...left } = read();
      files.write(FILE, JSON.stringify(left));
    },
  };
}
