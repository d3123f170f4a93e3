/** Messages that wait for a device, and the answers that were given to those already seen. */
import type { MessageTable, StoredMessage } from "../store.ts";
import type { Database } from "./database.ts";

interface Row {
  id: number;
  recipient: string;
  device: string | null;
  sender: string;
  request: Buffer;
  stored_at: number;
  expires_at: number;
}

export function messageTable(database: Database): MessageTable {
  const add = database.prepare(`INSERT INTO messages (recipient, device, sender, request, stored_at, expires_at)
    VALUES (@recipient, @device, @sender, @request, @storedAt, @expiresAt)`);
  const waiting = database.prepare<[string, string], Row>(
    "SELECT * FROM messages WHERE recipient = ? AND (device IS NULL OR device = ?) ORDER BY id",
  );
  const behind = database.prepare<[string, string], { found: number }>(
    "SELECT EXISTS (SELECT 1 FROM messages WHERE recipient = ? AND (device IS NULL OR device = ?)) AS found",
  );
  const count = database.prepare<[string], { count: number }>(
    "SELECT count(*) AS count FROM messages WHERE recipient = ?",
  );
  const total = database.prepare<[], { count: number }>("SELECT count(*) AS count FROM messages");
  const remove = database.prepare("DELETE FROM messages WHERE id = ?");
  const expire = database.prepare("DELETE FROM messages WHERE expires_at <= ?");
  const answer = database.prepare<[string], { status: number }>("SELECT status FROM answers WHERE key = ?");
  const remember = database.prepare("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)");
  const forget = database.prepare("DELETE FROM answers WHERE at < ?");
  return {
    add: (message) => Number(add.run({ ...message, device: message.device ?? null }).lastInsertRowid),
    waiting: (recipient, device) => waiting.all(recipient, device).map(read),
    behind: (recipient, device) => behind.get(recipient, device)?.found === 1,
    count: (recipient) => count.get(recipient)?.count ?? 0,
    total: () => total.get()?.count ?? 0,
    remove: (id) => void remove.run(id),
    expire: (now) => expire.run(now).changes,
    answer: (key) => answer.get(key)?.status,
    remember: (key, status, at) => void remember.run(key, status, at),
    forgetAnswers: (before) => void forget.run(before),
  };
}

function read(row: Row): StoredMessage {
  return {
    id: row.id,
    recipient: row.recipient,
    ...(row.device !== null && { device: row.device }),
    sender: row.sender,
    request: row.request,
    storedAt: row.stored_at,
    expiresAt: row.expires_at,
  };
}
