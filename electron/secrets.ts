/** Passwords under the system's key store; only what it has sealed is written to disk. */
import type { SafeStorage } from "electron";
import type { PrivateFiles, Secrets } from "../core/index.ts";
import { fileSecrets } from "../core/index.ts";

/**
 * Seals each secret before it goes into the private file. Where the system has no key store, the file alone guards it
 * (mode 0600), as on machines without a desktop.
 */
export function keyStoreSecrets(
  store: Pick<SafeStorage, "isAsyncEncryptionAvailable" | "encryptStringAsync" | "decryptStringAsync">,
  files: PrivateFiles,
): Secrets {
  const kept = fileSecrets(files);
  const SEALED = "sealed:";
  return {
    async get(name) {
      const value = await kept.get(name);
      if (!value?.startsWith(SEALED)) return value;
      try {
        const opened = await store.decryptStringAsync(Buffer.from(value.slice(SEALED.length), "base64"));
        return opened.result;
      } catch {
        // Another key store than the one that sealed it: the person types the password again.
        return undefined;
      }
    },
    async set(name, value) {
      if (!(await store.isAsyncEncryptionAvailable())) return kept.set(name, value);
      const sealed = await store.encryptStringAsync(value);
      await kept.set(name, SEALED + sealed.toString("base64"));
    },
    delete: (name) => kept.delete(name),
  };
}
