import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ARCHIVE_VERSION, extractArchive, MAX_HEAD, readArchive, writeArchive } from "../../../core/store/archive.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ABOUT = { product: "Hallway", madeAt: "2026-01-05T09:00:00.000Z", database: 1 };

function archive(
  texts: Readonly<Record<string, string>> = { "gateway.sqlite": "rows", "server.key": "", "a.pem": "two" },
) {
  const folder = temporaryFolder();
  const files = Object.entries(texts).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return { name, path: join(folder, name) };
  });
  const path = join(folder, "office.backup");
  return { folder, path, sha256: writeArchive(path, ABOUT, files) };
}

test("what goes in comes out, readable for its owner alone", () => {
  const { folder, path } = archive();
  expect(readArchive(path)).toEqual({
    ...ABOUT,
    files: [
      { name: "gateway.sqlite", bytes: 4 },
      { name: "server.key", bytes: 0 },
      { name: "a.pem", bytes: 3 },
    ],
  });
  extractArchive(path, (name) => join(folder, `out-${name}`));
  const read = (name: string): string => readFileSync(join(folder, `out-${name}`), "utf8");
  expect([read("gateway.sqlite"), read("server.key"), read("a.pem")]).toEqual(["rows", "", "two"]);
  expect([path, join(folder, "out-server.key")].map((one) => statSync(one).mode & 0o777)).toEqual([0o600, 0o600]);
});

test("a flipped bit is found wherever it is", () => {
  const { path } = archive();
  const good = readFileSync(path);
  for (let at = good.indexOf("\n") + 1; at < good.length; at++) {
    const bad = Buffer.from(good);
    bad.writeUInt8(bad.readUInt8(at) ^ 1, at);
    writeFileSync(path, bad);
    expect(() => readArchive(path), `byte ${at}`).toThrow("is damaged or not complete");
  }
});

describe("is refused with a sentence:", () => {
  test("what was cut short", () => {
    const { path } = archive();
    truncateSync(path, statSync(path).size - 1);
    expect(() => readArchive(path)).toThrow(/is damaged or not complete, and nothing was changed\./);
  });

  test.each([
    ["no backup at all", "SQLite format 3\0"],
    ["an empty file", ""],
    ["a first line without an end", "hallway-backup"],
    ["a head without an end", `hallway-backup 1\n${"x".repeat(MAX_HEAD)}`],
  ])("%s", (_what, text) => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, text);
    expect(() => readArchive(path)).toThrow(/is no backup|is damaged/);
  });

  test("what a newer version wrote", () => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, `hallway-backup ${ARCHIVE_VERSION + 1}\n{}\n`);
    expect(() => readArchive(path)).toThrow("was written by a newer version");
  });

  test.each(["../server.key", "/etc/passwd", ".hidden", "a\\b", ""])("a file whose name is “%s”", (name) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "x"), "x");
    const path = join(folder, "file");
    writeArchive(path, ABOUT, [{ name, path: join(folder, "x") }]);
    expect(() => readArchive(path)).toThrow("is damaged");
  });
});
