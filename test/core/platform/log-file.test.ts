import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rotatingFile } from "../../../core/platform/log-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function opened(keep = 2) {
  const path = join(temporaryFolder(), "logs", "hallway.log");
  const elsewhere: string[] = [];
  const settings = { path, maxBytes: 10, keep, otherwise: { write: (line: string) => void elsewhere.push(line) } };
  const read = (name: string): string => readFileSync(`${path}${name}`, "utf8");
  return { path, settings, file: rotatingFile(settings), elsewhere, read };
}

test("a full file makes room for a new one, and only the last few are kept", () => {
  const { path, file, read } = opened();
  for (const line of ["one\n", "two\n", "three\n", "four\n", "five\n", "six\n", "seven\n"]) file.write(line);
  file.close();
  expect([read(""), read(".1"), read(".2")]).toEqual(["six\nseven\n", "four\nfive\n", "three\n"]);
  expect(existsSync(`${path}.3`)).toBe(false);
});

test("only its owner may read it, and a restart goes on behind what it holds", () => {
  const { path, file, settings, read } = opened();
  file.write("one\n");
  file.close();
  const again = rotatingFile(settings);
  again.write("two\n");
  again.close();
  expect([read(""), statSync(path).mode & 0o777]).toEqual(["one\ntwo\n", 0o600]);
});

test("with nothing to keep only the newest file stays", () => {
  const { path, file, read } = opened(0);
  for (const line of ["one two\n", "three\n"]) file.write(line);
  expect([read(""), existsSync(`${path}.1`)]).toEqual(["three\n", false]);
});

test("a line that the file does not take goes elsewhere instead of ending the program", () => {
  const { file, elsewhere } = opened();
  file.close();
  file.write("lost?\n");
  expect(elsewhere).toEqual(["lost?\n"]);
});
