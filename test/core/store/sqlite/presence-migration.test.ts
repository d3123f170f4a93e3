import Sqlite from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { first } from "../../../../core/store/sqlite/gateway-migrations/001-first.ts";
import { presence } from "../../../../core/store/sqlite/gateway-migrations/003-presence.ts";

describe("a file of the first version", () => {
  test("keeps its bindings and messages, with devices and flows told apart", () => {
    const database = new Sqlite(":memory:");
    first.up(database);
    database.exec(`
      INSERT INTO bindings VALUES ('sip:a@b', '<urn:uuid:1>;2', 'sip:a@10.0.0.1', ';reg-id=2', 1, 'c', 3, 9000, '',
        'tcp:10.0.0.1:5', 'tcp-1', 1, 'Phone');
      INSERT INTO bindings VALUES ('sip:a@b', 'sip:a@192.0.2.1;x=1', 'sip:a@192.0.2.1;x=1', '', 0.5, 'd', 4, 8000,
        '<sip:p;lr>', 'udp:192.0.2.1:5060', 'udp-1', 0, '');
      INSERT INTO messages (recipient, device, sender, request, stored_at, expires_at)
        VALUES ('sip:a@b', '<urn:uuid:1>;2', 'sip:c@b', x'00', 1, 2), ('sip:a@b', NULL, 'sip:c@b', x'00', 1, 2);
    `);
    presence.up(database);
    expect(database.prepare("SELECT device, reg_id, contact, path, flow FROM bindings ORDER BY device").all()).toEqual([
      { device: "<urn:uuid:1>", reg_id: 2, contact: "sip:a@10.0.0.1", path: "", flow: "tcp-1" },
      { device: "sip:a@192.0.2.1;x=1", reg_id: 0, contact: "sip:a@192.0.2.1;x=1", path: "<sip:p;lr>", flow: "udp-1" },
    ]);
    expect(database.prepare("SELECT device FROM messages ORDER BY id").all()).toEqual([
      { device: "<urn:uuid:1>" },
      { device: null },
    ]);
    database.close();
  });
});
