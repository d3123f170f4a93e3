import type { Migration } from "../database.ts";

/** Partners of the office. */
export const communities: Migration = {
  version: 4,
  up(database) {
    database.exec(`
      CREATE TABLE communities (
        name TEXT PRIMARY KEY, domains TEXT NOT NULL, proxy TEXT, transport TEXT NOT NULL, trusted TEXT NOT NULL,
        authority TEXT, enabled INTEGER NOT NULL
      ) WITHOUT ROWID;
    `);
  },
};
