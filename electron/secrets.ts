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
  // Under a name of its own, so that a host without the key store never takes the seal for the secret.
  const sealedName = (name: string): string => `sealed:${name}`;
  return {
    async get(name) {
      const sealed = await kept.get(sealedName(name));
      if (sealed === undefined) return kept.get(name);
      try {
        const opened = await store.decryptStringAsync(Buffer.from(sealed, "base64"));
        return opened.result;
      } catch {
        // Another key store than the one that sealed it: the person types the password again.
        return undefined;
      }
    },
    async set(name, value) {
      if (!(await store.isAsyncEncryptionAvailable())) return kept.set(name, value);
      const sealed = await store.encryptStringAsync(value);
      await kept.set(sealedName(name), sealed.toString("base64"));
      await kept.delete(name);
    },
    async delete(name) {
      await kept.delete(sealedName(name));
      await kept.delete(name);
    },
  };
}
