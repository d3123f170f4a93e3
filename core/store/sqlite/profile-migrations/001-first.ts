import type { Migration } from "../database.ts";

/** The first shape of a person's profile. */
export const first: Migration = {
  version: 1,
  up(database) {
    database.exec(`
      CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE accounts (
        account TEXT PRIMARY KEY, server TEXT, trust TEXT, signed_in INTEGER NOT NULL,
        state TEXT NOT NULL, since INTEGER, until INTEGER, note TEXT
      ) WITHOUT ROWID;
      CREATE TABLE contacts (
        account TEXT NOT NULL, address TEXT NOT NULL, name TEXT, groups TEXT NOT NULL, favourite INTEGER NOT NULL,
        note TEXT, PRIMARY KEY (account, address)
      ) WITHOUT ROWID;
      CREATE TABLE rules (
        account TEXT NOT NULL, target TEXT NOT NULL, rule TEXT NOT NULL, PRIMARY KEY (account, target)
      ) WITHOUT ROWID;
      CREATE TABLE messages (
        row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, message_id TEXT NOT NULL, other TEXT NOT NULL,
        outgoing INTEGER NOT NULL, text TEXT NOT NULL, sent_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
        status TEXT, reason TEXT, key TEXT NOT NULL,
        UNIQUE (account, message_id), UNIQUE (account, key)
      );
      CREATE INDEX messages_by_conversation ON messages (account, other, row);
      CREATE INDEX messages_queued ON messages (account, row) WHERE status = 'queued';
      CREATE TABLE conversations (
        account TEXT NOT NULL, other TEXT NOT NULL, read_row INTEGER NOT NULL DEFAULT 0, draft TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (account, other)
      ) WITHOUT ROWID;
    `);
  },
};
