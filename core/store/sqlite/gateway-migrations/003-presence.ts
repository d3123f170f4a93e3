import type { Migration } from "../database.ts";

/**
 * Bindings by device and flow (RFC 5626), and the epochs of temporary GRUUs (RFC 5627). Devices that were named `<instance>;reg-id` become the instance alone, with the reg-id beside it.
 */
export const presence: Migration = {
  version: 3,
  up(database) {
    const now = "CAST(strftime('%s', 'now') AS INTEGER) * 1000";
    database.exec(`
      CREATE TABLE flows (
        aor TEXT NOT NULL, device TEXT NOT NULL, reg_id INTEGER NOT NULL, contact TEXT NOT NULL, params TEXT NOT NULL,
        q REAL NOT NULL, call_id TEXT NOT NULL, sequence INTEGER NOT NULL, registered_at INTEGER NOT NULL,
        renewed_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, path TEXT NOT NULL, peer TEXT NOT NULL,
        flow TEXT NOT NULL, dies_with_flow INTEGER NOT NULL, user_agent TEXT NOT NULL,
        PRIMARY KEY (aor, device, reg_id)
      ) WITHOUT ROWID;
      INSERT INTO flows
        SELECT aor, device, 0, contact, params, q, call_id, sequence, ${now}, ${now}, expires_at, path, peer, flow,
          dies_with_flow, user_agent
        FROM bindings WHERE device NOT GLOB '<*>;[0-9]*';
      INSERT INTO flows
        SELECT aor, substr(device, 1, instr(device, '>;')), CAST(substr(device, instr(device, '>;') + 2) AS INTEGER),
          contact, params, q, call_id, sequence, ${now}, ${now}, expires_at, path, peer, flow, dies_with_flow, user_agent
        FROM bindings WHERE device GLOB '<*>;[0-9]*';
      DROP TABLE bindings;
      ALTER TABLE flows RENAME TO bindings;
      UPDATE messages SET device = substr(device, 1, instr(device, '>;')) WHERE device GLOB '<*>;[0-9]*';
      CREATE TABLE gruu_epochs (
        id INTEGER PRIMARY KEY AUTOINCREMENT, aor TEXT NOT NULL, instance TEXT NOT NULL, call_id TEXT NOT NULL,
        UNIQUE (aor, instance)
      );
    `);
  },
};
