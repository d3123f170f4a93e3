/** A file of an older version, with a row in every table, opened by this one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, expect, test } from "vitest";
import { openDatabase } from "../../../../core/store/sqlite/database.ts";
import { first } from "../../../../core/store/sqlite/gateway-migrations/001-first.ts";
import { gatewayMigrations, openGatewayStore } from "../../../../core/store/sqlite/gateway-store.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const BOB = "sip:bob@office.example";
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** What an office of version 1 looks like after a day of work. */
function fileOfVersion1(): string {
  const folder = mkdtempSync(join(tmpdir(), "hallway-migration-"));
  folders.push(folder);
  const path = join(folder, "gateway.sqlite");
  const database = openDatabase(path, [first]);
  database.exec(`
    INSERT INTO settings VALUES ('domain', 'office.example'), ('internal.branch-key', 'aabb');
    INSERT INTO accounts VALUES ('${BOB}', 'Bob', 1, 0), ('sip:carol@office.example', NULL, 0, 1);
    INSERT INTO secrets VALUES ('${BOB}', 'SHA-256', 'aa'), ('${BOB}', 'MD5', 'bb');
    INSERT INTO bindings VALUES ('${BOB}', 'urn:uuid:1;1', 'sip:bob@192.0.2.1', ';reg-id=1', 1, 'call', 7, 1000, '',
      'tcp:192.0.2.1:40000', 'tcp-1', 1, 'Test');
    INSERT INTO publications VALUES ('e1', '${BOB}', 'presence', 'application/pidf+xml', '<presence/>', 1, 2, 'tcp-1');
    INSERT INTO subscriptions VALUES ('1', '{"a":1}');
    INSERT INTO documents VALUES ('${BOB}', 'pres-rules', 'index', 'e', 't', '<ruleset/>');
    INSERT INTO messages (recipient, device, sender, request, stored_at, expires_at)
      VALUES ('${BOB}', NULL, 'sip:a@x', x'0001ff', 1, 100);
    INSERT INTO answers VALUES ('key', 202, 1);
    INSERT INTO waiting_watchers VALUES ('${BOB}', 'sip:a@x', 1);
  `);
  database.close();
  return path;
}

test("an office of version 1 keeps everything, and everybody stands in its list", () => {
  const path = fileOfVersion1();
  const store = openGatewayStore(path, new ManualClock());
  expect(store.accounts.list()).toEqual([
    { aor: BOB, name: "Bob", administrator: true, disabled: false },
    { aor: "sip:carol@office.example", administrator: false, disabled: true },
  ]);
  expect(store.accounts.secrets(BOB)).toEqual({ "SHA-256": "aa", MD5: "bb" });
  expect(store.settings.all()).toEqual({ domain: "office.example", "internal.branch-key": "aabb" });
  expect(store.bindings.of(BOB)).toMatchObject([{ device: "urn:uuid:1;1", sequence: 7, path: [] }]);
  expect(store.publications.all()).toMatchObject([{ etag: "e1", aor: BOB }]);
  expect(store.subscriptions.all()).toEqual(['{"a":1}']);
  expect(store.documents.get(BOB, "pres-rules", "index")?.body).toBe("<ruleset/>");
  expect(store.messages.waiting(BOB, "phone")[0]?.request).toEqual(Buffer.from([0, 1, 255]));
  expect(store.messages.answer("key")).toBe(202);
  expect(store.waiting.of(BOB)).toHaveLength(1);
  expect([store.aliases.all().size, store.invitations.all()]).toEqual([0, []]);
  store.aliases.put("sip:info@office.example", [BOB]);
  store.invitations.put({ secretHash: "h", aor: BOB, madeAt: 1, expiresAt: 2 });
  store.signedOut.put(BOB, "call", 1);
  expect(store.accounts.remove(BOB)).toBe(true);
  expect([store.aliases.all().size, store.invitations.all(), store.signedOut.has(BOB, "call")]).toEqual([0, [], false]);
  store.close();
  const database = new Sqlite(path);
  expect(database.pragma("user_version", { simple: true })).toBe(gatewayMigrations.at(-1)?.version);
  database.close();
});

test("migrations are numbered in the order in which they run", () => {
  const versions = gatewayMigrations.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other));
});
