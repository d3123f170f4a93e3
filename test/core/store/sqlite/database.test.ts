import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, describe, expect, test } from "vitest";
import type { Migration } from "../../../../core/store/sqlite/database.ts";
import {
  GROUP_SIZE,
  GROUP_WINDOW,
  groupCommit,
  lockFolder,
  openDatabase,
} from "../../../../core/store/sqlite/database.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const DATABASE = new URL("../../../../core/store/sqlite/database.ts", import.meta.url).href;
const folders: string[] = [];
const children: ReturnType<typeof spawn>[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "hallway-store-"));
  folders.push(folder);
  return folder;
}

const first: Migration = { version: 1, up: (database) => void database.exec("CREATE TABLE one (value INTEGER)") };
const second: Migration = { version: 2, up: (database) => void database.exec("ALTER TABLE one ADD COLUMN more TEXT") };
const broken: Migration = {
  version: 2,
  up(database) {
    database.exec("CREATE TABLE half (value)");
    throw new Error("stopped in the middle");
  },
};

function versionOf(path: string): unknown {
  const database = new Sqlite(path);
  const version = database.pragma("user_version", { simple: true });
  database.close();
  return version;
}

describe("a database", () => {
  test("is made for its owner alone", () => {
    const path = join(temporaryFolder(), "new", "data.sqlite");
    openDatabase(path, [first]).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("is brought from nothing, or from an older version, to the newest", () => {
    const path = join(temporaryFolder(), "data.sqlite");
    openDatabase(path, [first]).close();
    expect(versionOf(path)).toBe(1);
    const database = openDatabase(path, [first, second]);
    database.exec("INSERT INTO one VALUES (1, 'x')");
    database.close();
    expect(versionOf(path)).toBe(2);
  });

  test("is left as it was by a migration that fails", () => {
    const path = join(temporaryFolder(), "data.sqlite");
    openDatabase(path, [first]).close();
    expect(() => openDatabase(path, [first, broken])).toThrow("stopped in the middle");
    expect(versionOf(path)).toBe(1);
    const database = openDatabase(path, [first, second]);
    expect(database.prepare("SELECT count(*) AS found FROM sqlite_schema WHERE name = 'half'").get()).toEqual({
      found: 0,
    });
    database.close();
  });

  test("of a newer version is refused and not touched", () => {
    const path = join(temporaryFolder(), "data.sqlite");
    openDatabase(path, [first, second]).close();
    expect(() => openDatabase(path, [first])).toThrow(expect.objectContaining({ code: "store-too-new" }));
    expect(versionOf(path)).toBe(2);
  });

  test("that is none is refused with a sentence", () => {
    const path = join(temporaryFolder(), "data.sqlite");
    writeFileSync(path, "This is a shopping list and no database at all. ".repeat(20));
    expect(() => openDatabase(path, [first])).toThrow(expect.objectContaining({ code: "store-damaged" }));
  });
});

describe("writes that are grouped", () => {
  function grouped() {
    const clock = new ManualClock();
    const database = openDatabase(":memory:", [first]);
    const group = groupCommit(database, clock);
    const insert = database.prepare("INSERT INTO one VALUES (?)");
    const values = (): readonly unknown[] => database.prepare("SELECT value FROM one ORDER BY rowid").pluck().all();
    return { clock, database, group, insert, values };
  }

  test("are on disk after five milliseconds, in their order, each with its own value", async () => {
    const { clock, group, insert, values } = grouped();
    const settled: number[] = [];
    for (const value of [1, 2, 3])
      void group.durably(() => (insert.run(value), value * 10)).then((result) => settled.push(result));
    await clock.advance(GROUP_WINDOW - 1);
    expect(values()).toEqual([]);
    await clock.advance(1);
    expect(settled).toEqual([10, 20, 30]);
    expect(values()).toEqual([1, 2, 3]);
  });

  test("do not undo their neighbours when one of them fails", async () => {
    const { clock, group, insert, values } = grouped();
    const before = group.durably(() => insert.run(1));
    const failing = group.durably(() => {
      insert.run(2);
      throw new Error("no");
    });
    const after = group.durably(() => insert.run(3));
    const outcome = Promise.allSettled([before, failing, after]);
    await clock.advance(GROUP_WINDOW);
    expect((await outcome).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(values()).toEqual([1, 3]);
  });

  test("wait for nothing when there are many", async () => {
    const { clock, group, insert, values } = grouped();
    for (let value = 0; value < GROUP_SIZE; value++) void group.durably(() => insert.run(value));
    expect(values()).toHaveLength(GROUP_SIZE);
    const late = group.durably(() => insert.run(-1));
    await clock.advance(GROUP_WINDOW);
    await late;
    expect(values()).toHaveLength(GROUP_SIZE + 1);
  });

  test("are all refused when the commit itself fails", async () => {
    const { clock, database, group, insert } = grouped();
    const outcome = Promise.allSettled([group.durably(() => insert.run(1)), group.durably(() => insert.run(2))]);
    database.close();
    await clock.advance(GROUP_WINDOW);
    expect((await outcome).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  test("may be forced out at the end", async () => {
    const { group, insert, values } = grouped();
    const written = group.durably(() => insert.run(1));
    group.flush();
    await written;
    expect(values()).toEqual([1]);
  });
});

describe("a folder", () => {
  test("has one owner, until that gives it back", () => {
    const folder = temporaryFolder();
    const release = lockFolder(folder);
    expect(release).toBeDefined();
    expect(lockFolder(folder)).toBeUndefined();
    release?.();
    const again = lockFolder(folder);
    expect(again).toBeDefined();
    again?.();
  });

  test("is free again when its owner is killed", async () => {
    const folder = temporaryFolder();
    const script = `const { lockFolder } = await import(${JSON.stringify(DATABASE)});
      console.log(lockFolder(${JSON.stringify(folder)}) ? "mine" : "taken");
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const said = await new Promise<string>((resolve) =>
      child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim())),
    );
    expect(said).toBe("mine");
    expect(lockFolder(folder)).toBeUndefined();
    const dead = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGKILL");
    await dead;
    const release = lockFolder(folder);
    expect(release).toBeDefined();
    release?.();
  });
});
