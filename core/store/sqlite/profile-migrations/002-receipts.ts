import type { Migration } from "../database.ts";

/** Receipts that senders of messages wait for. What came before this version asks for none any more. */
export const receipts: Migration = {
  version: 2,
  up(database) {
    database.exec(`
      ALTER TABLE messages ADD COLUMN their_id TEXT;
      ALTER TABLE messages ADD COLUMN owes_delivered INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE messages ADD COLUMN owes_displayed INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX messages_owing ON messages (account, row) WHERE owes_delivered + owes_displayed > 0;
    `);
  },
};
