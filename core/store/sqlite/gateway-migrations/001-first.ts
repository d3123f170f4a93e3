import type { Migration } from "../database.ts";

/** The first shape of a gateway's file. */
export const first: Migration = {
  version: 1,
  up(database) {
    database.exec(`
      CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE accounts (
        aor TEXT PRIMARY KEY, name TEXT, administrator INTEGER NOT NULL, disabled INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE secrets (
        aor TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, algorithm TEXT NOT NULL, ha1 TEXT NOT NULL,
        PRIMARY KEY (aor, algorithm)
      ) WITHOUT ROWID;
      CREATE TABLE bindings (
        aor TEXT NOT NULL, device TEXT NOT NULL, contact TEXT NOT NULL, params TEXT NOT NULL, q REAL NOT NULL,
        call_id TEXT NOT NULL, sequence INTEGER NOT NULL, expires_at INTEGER NOT NULL, path TEXT NOT NULL,
        peer TEXT NOT NULL, flow TEXT NOT NULL, dies_with_flow INTEGER NOT NULL, user_agent TEXT NOT NULL,
        PRIMARY KEY (aor, device)
      ) WITHOUT ROWID;
      CREATE TABLE publications (
        etag TEXT PRIMARY KEY, aor TEXT NOT NULL, event TEXT NOT NULL, content_type TEXT NOT NULL, body TEXT NOT NULL,
        published_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, flow TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE subscriptions (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE documents (
        aor TEXT NOT NULL, application TEXT NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL,
        content_type TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (aor, application, name)
      ) WITHOUT ROWID;
      CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL, device TEXT, sender TEXT NOT NULL,
        request BLOB NOT NULL, stored_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
      );
      CREATE INDEX messages_by_recipient ON messages (recipient, id);
      CREATE TABLE answers (key TEXT PRIMARY KEY, status INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
      CREATE INDEX answers_by_age ON answers (at);
      CREATE TABLE waiting_watchers (
        resource TEXT NOT NULL, watcher TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (resource, watcher)
      ) WITHOUT ROWID;
    `);
  },
};
