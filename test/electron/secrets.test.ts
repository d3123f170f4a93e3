import { expect, test } from "vitest";
import { memoryFiles } from "../../core/platform/files.ts";
import { keyStoreSecrets } from "../../electron/secrets.ts";

/** A key store that writes texts in other letters, and refuses what another one sealed. */
function store(name = "one", isAvailable = true) {
  return {
    isAsyncEncryptionAvailable: async () => isAvailable,
    encryptStringAsync: async (text: string) => Buffer.from(`${name}:${Buffer.from(text).toString("base64")}`),
    async decryptStringAsync(sealed: Buffer) {
      const [sealer, text = ""] = sealed.toString("utf8").split(":");
      if (sealer !== name) throw new Error("another key");
      return { result: Buffer.from(text, "base64").toString("utf8"), shouldReEncrypt: false };
    },
  };
}

test("what is written is sealed, and read again as it was", async () => {
  const files = memoryFiles();
  const secrets = keyStoreSecrets(store(), files);
  await secrets.set("ines@acme.example", "Grüße 🙂");
  expect(files.read("secrets.json")).not.toContain("Grüße");
  expect(await secrets.get("ines@acme.example")).toBe("Grüße 🙂");
  await secrets.delete("ines@acme.example");
  expect(await secrets.get("ines@acme.example")).toBeUndefined();
});

test("without a key store the private file keeps it, and a key store that comes later reads it", async () => {
  const files = memoryFiles();
  await keyStoreSecrets(store("one", false), files).set("a", "plain");
  expect(await keyStoreSecrets(store(), files).get("a")).toBe("plain");
});

test("what another key store sealed counts as unknown: the password is typed again", async () => {
  const files = memoryFiles();
  await keyStoreSecrets(store("one"), files).set("a", "x");
  expect(await keyStoreSecrets(store("two"), files).get("a")).toBeUndefined();
});
