/** `safeStorage` with a key that lies in a file: seals for real, and cannot open what another one sealed. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SafeStorage } from "electron";

const NONCE = 12;
const TAG = 16;

export function keyStore(
  folder: () => string,
): Pick<SafeStorage, "isAsyncEncryptionAvailable" | "encryptStringAsync" | "decryptStringAsync"> {
  const key = (): Buffer => {
    const file = join(folder(), "stand-in-key");
    if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600 });
    return readFileSync(file);
  };
  return {
    isAsyncEncryptionAvailable: async () => true,
    async encryptStringAsync(text) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv("aes-256-gcm", key(), nonce);
      return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    },
    async decryptStringAsync(sealed) {
      const decipher = createDecipheriv("aes-256-gcm", key(), sealed.subarray(0, NONCE));
      decipher.setAuthTag(sealed.subarray(-TAG));
      const result = decipher.update(sealed.subarray(NONCE, -TAG), undefined, "utf8") + decipher.final("utf8");
      return { result, shouldReEncrypt: false };
    },
  };
}
