/** Each version of a file on disk becomes the newest, with its rows. */
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import type { Migration } from "../../../../core/store/sqlite/database.ts";
import { openDatabase } from "../../../../core/store/sqlite/database.ts";
import { gatewayMigrations, openGatewayStore } from "../../../../core/store/sqlite/gateway-store.ts";
import { openProfileStore, profileMigrations } from "../../../../core/store/sqlite/profile-store.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

/** A file as the program of that version left it, with these rows. */
function fileOfVersion(migrations: readonly Migration[], version: number, rows: string): string {
  const path = join(temporaryFolder(), "old.sqlite");
  openDatabase(
    path,
    migrations.filter((one) => one.version <= version),
  ).close();
  const database = new Sqlite(path);
  database.exec(rows);
  database.close();
  return path;
}

test.each([
  ["a profile", profileMigrations],
  ["a gateway", gatewayMigrations],
])("the versions of %s rise", (_, migrations) => {
  const versions = migrations.map(({ version }) => version);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  expect(new Set(versions).size).toBe(versions.length);
});

test("a profile of version 1 keeps its messages, and owes no receipts for them", () => {
  const path = fileOfVersion(
    profileMigrations,
    1,
    `INSERT INTO messages (account, message_id, other, outgoing, text, sent_at, received_at, status, key) VALUES
       ('me@a.example', 'm1', 'bob@a.example', 0, 'from Bob', 1, 2, NULL, 'k1'),
       ('me@a.example', 'm2', 'bob@a.example', 1, 'to Bob', 3, 4, 'stored', 'k2');`,
  );
  const store = openProfileStore(path, new ManualClock());
  const { items } = store.history.page("me@a.example", "bob@a.example", undefined, "older", 10);
  expect(items.map(({ text, status }) => [text, status])).toEqual([
    ["from Bob", undefined],
    ["to Bob", "stored"],
  ]);
  expect(store.history.owed("me@a.example")).toEqual([]);
  expect(store.history.setStatus("me@a.example", "m2", "delivered")).toBe(true);
  store.close();
});

test("a gateway of the version without partners keeps its people and has no partners", () => {
  const path = fileOfVersion(
    gatewayMigrations,
    3,
    "INSERT INTO accounts (aor, name, administrator, disabled) VALUES ('sip:alice@a.example', 'Alice', 1, 0);",
  );
  const store = openGatewayStore(path, new ManualClock());
  expect(store.accounts.list()).toMatchObject([{ aor: "sip:alice@a.example", name: "Alice", administrator: true }]);
  expect(store.communities.list()).toEqual([]);
  store.close();
});
