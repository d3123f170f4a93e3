import type { Migration } from "../database.ts";

/** Aliases, invitations, devices that were signed out, and people who do not stand in the office list. */
export const accounts: Migration = {
  version: 2,
  up(database) {
    database.exec(`
      ALTER TABLE accounts ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
      CREATE TABLE aliases (
        aor TEXT NOT NULL, target TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (aor, target)
      ) WITHOUT ROWID;
      CREATE INDEX aliases_by_target ON aliases (target);
      CREATE TABLE invitations (
        secret_hash TEXT PRIMARY KEY, aor TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
        made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER
      ) WITHOUT ROWID;
      CREATE INDEX invitations_by_aor ON invitations (aor);
      CREATE TABLE signed_out_devices (
        aor TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, call_id TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (aor, call_id)
      ) WITHOUT ROWID;
    `);
  },
};
