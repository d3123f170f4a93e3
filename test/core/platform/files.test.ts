import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { memoryFiles, privateFiles } from "../../../core/platform/files.ts";
import { fileSecrets } from "../../../core/platform/secrets.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), "hallway-files-"));
  folders.push(parent);
  return join(parent, "kept");
}

describe("private files", () => {
  test("are for their owner alone, and replaced whole", () => {
    const folder = newFolder();
    const files = privateFiles(folder);
    expect(files.read("key")).toBeUndefined();
    files.write("key", "one");
    files.write("key", "two");
    expect(files.read("key")).toBe("two");
    expect(statSync(join(folder, "key")).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual(["key"]);
  });

  test("in memory are the same without a disk", () => {
    const files = memoryFiles();
    files.write("key", "one");
    expect([files.read("key"), files.read("other")]).toEqual(["one", undefined]);
  });
});

test("secrets are kept until they are taken away", async () => {
  const files = memoryFiles();
  const secrets = fileSecrets(files);
  await secrets.set("a", "1");
  await secrets.set("b", "2");
  await secrets.delete("a");
  expect([await secrets.get("a"), await fileSecrets(files).get("b")]).toEqual([undefined, "2"]);
});
