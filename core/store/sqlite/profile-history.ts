/** The history of conversations: what was written, by whom, and what became of it. */
import type {
  ConversationRecord,
  HistoryPage,
  HistoryTable,
  MessageRecord,
  OwedReceipt,
  ReceiptKind,
} from "../store.ts";
import type { MessageStatus } from "../../bridge/contract.ts";
import type { Database } from "./database.ts";

interface MessageRow {
  row: number;
  account: string;
  message_id: string;
  other: string;
  outgoing: number;
  text: string;
  sent_at: number;
  received_at: number;
  status: string | null;
  reason: string | null;
}

interface ConversationRow {
  account: string;
  other: string;
  unread: number;
  last_at: number | null;
  last_text: string | null;
  draft: string | null;
}

/** One row for each person with whom anything was written or drafted. */
const CONVERSATIONS = `
  WITH others AS (
    SELECT DISTINCT account, other FROM messages WHERE account = @account
    UNION SELECT account, other FROM conversations WHERE account = @account AND draft <> ''
  )
  SELECT others.account, others.other, seen.draft, last.received_at AS last_at, last.text AS last_text,
    (SELECT count(*) FROM messages AS new WHERE new.account = others.account AND new.other = others.other
      AND new.row > coalesce(seen.read_row, 0) AND new.outgoing = 0) AS unread
  FROM others
  LEFT JOIN conversations AS seen ON seen.account = others.account AND seen.other = others.other
  LEFT JOIN messages AS last ON last.row =
    (SELECT max(row) FROM messages WHERE account = others.account AND other = others.other)
  WHERE @other IS NULL OR others.other = @other
  ORDER BY last.row DESC`;

interface OwedRow {
  message_id: string;
  other: string;
  their_id: string;
  sent_at: number;
  owes_delivered: number;
  owes_displayed: number;
  is_read: number;
}

/** Messages with receipts that are still to leave; those of reading wait until somebody has read. */
const OWED = `
  SELECT message_id, messages.other, their_id, sent_at, owes_delivered, owes_displayed,
    row <= coalesce(read_row, 0) AS is_read
  FROM messages LEFT JOIN conversations AS seen ON seen.account = messages.account AND seen.other = messages.other
  WHERE messages.account = ? AND owes_delivered + owes_displayed > 0 AND their_id IS NOT NULL
    AND (owes_delivered = 1 OR row <= coalesce(read_row, 0))
  ORDER BY row`;

export function historyTable(database: Database): HistoryTable {
  const add = database.prepare(`INSERT OR IGNORE INTO messages
    (account, message_id, other, outgoing, text, sent_at, received_at, status, reason, key, their_id, owes_delivered,
      owes_displayed)
    VALUES (@account, @messageId, @with, @outgoing, @text, @sentAt, @receivedAt, @status, @reason, @key, @theirId,
      @owesDelivered, @owesDisplayed)`);
  const get = database.prepare<[string, string], MessageRow>(
    "SELECT * FROM messages WHERE account = ? AND message_id = ?",
  );
  const setStatus = database.prepare(`UPDATE messages SET status = @status, reason = @reason
    WHERE account = @account AND message_id = @messageId
      AND NOT (status = 'displayed' OR (status = 'delivered' AND @status <> 'displayed'))`);
  const owed = database.prepare<[string], OwedRow>(OWED);
  const settle = {
    delivered: database.prepare("UPDATE messages SET owes_delivered = 0 WHERE account = ? AND message_id = ?"),
    displayed: database.prepare("UPDATE messages SET owes_displayed = 0 WHERE account = ? AND message_id = ?"),
  };
  const queued = database.prepare<[string], MessageRow>(
    "SELECT * FROM messages WHERE account = ? AND status = 'queued' ORDER BY row",
  );
  const older = database.prepare<[string, string, number, number], MessageRow>(
    "SELECT * FROM messages WHERE account = ? AND other = ? AND row < ? ORDER BY row DESC LIMIT ?",
  );
  const newer = database.prepare<[string, string, number, number], MessageRow>(
    "SELECT * FROM messages WHERE account = ? AND other = ? AND row > ? ORDER BY row LIMIT ?",
  );
  const conversations = database.prepare<[{ account: string; other: string | null }], ConversationRow>(CONVERSATIONS);
  const markRead = database.prepare(`INSERT INTO conversations (account, other, read_row)
    SELECT @account, @other, coalesce(max(row), 0) FROM messages WHERE account = @account AND other = @other
    ON CONFLICT DO UPDATE SET read_row = excluded.read_row`);
  const setDraft = database.prepare(`INSERT INTO conversations (account, other, draft) VALUES (@account, @other, @text)
    ON CONFLICT DO UPDATE SET draft = excluded.draft`);

  return {
    add: (message, key, owes) =>
      add.run({
        ...message,
        outgoing: message.outgoing ? 1 : 0,
        status: message.status ?? null,
        reason: message.reason ?? null,
        key,
        theirId: owes?.theirId ?? null,
        owesDelivered: owes?.kinds.includes("delivered") ? 1 : 0,
        owesDisplayed: owes?.kinds.includes("displayed") ? 1 : 0,
      }).changes > 0,
    get(account, messageId) {
      const row = get.get(account, messageId);
      return row && readMessage(row);
    },
    setStatus: (account, messageId, status, reason) =>
      setStatus.run({ account, messageId, status, reason: reason ?? null }).changes > 0,
    owed: (account) => owed.all(account).flatMap(readOwed),
    settleReceipt: (account, messageId, kind) => void settle[kind].run(account, messageId),
    queued: (account) => queued.all(account).map(readMessage),
    page(account, other, cursor, direction, limit) {
      const at = cursor === undefined ? (direction === "older" ? Number.MAX_SAFE_INTEGER : 0) : Number(cursor);
      // One row more than asked tells whether there is more behind it.
      const rows = (direction === "older" ? older : newer).all(account, other, at, limit + 1);
      return pageOf(rows, direction, limit, cursor !== undefined);
    },
    conversations: (account) => conversations.all({ account, other: null }).map(readConversation),
    conversation(account, other) {
      const row = conversations.get({ account, other });
      return row ? readConversation(row) : { account, with: other, unread: 0 };
    },
    markRead: (account, other) => void markRead.run({ account, other }),
    setDraft: (account, other, text) => void setDraft.run({ account, other, text }),
  };
}

function readOwed(row: OwedRow): readonly OwedReceipt[] {
  const kinds: ReceiptKind[] = [];
  if (row.owes_delivered === 1) kinds.push("delivered");
  if (row.owes_displayed === 1 && row.is_read === 1) kinds.push("displayed");
  const { message_id: messageId, other, their_id: theirId, sent_at: sentAt } = row;
  return kinds.map((kind) => ({ messageId, with: other, theirId, sentAt, kind }));
}

/** Items always stand oldest first. */
function pageOf(
  rows: readonly MessageRow[],
  direction: "older" | "newer",
  limit: number,
  inside: boolean,
): HistoryPage {
  const more = rows.length > limit;
  const kept = rows.slice(0, limit);
  if (direction === "older") kept.reverse();
  const firstRow = kept.at(0);
  const lastRow = kept.at(-1);
  const hasOlder = direction === "older" ? more : inside;
  const hasNewer = direction === "newer" ? more : inside;
  return {
    items: kept.map(readMessage),
    ...(hasOlder && firstRow && { older: String(firstRow.row) }),
    ...(hasNewer && lastRow && { newer: String(lastRow.row) }),
  };
}

function readMessage(row: MessageRow): MessageRecord {
  return {
    account: row.account,
    messageId: row.message_id,
    with: row.other,
    outgoing: row.outgoing === 1,
    text: row.text,
    sentAt: row.sent_at,
    receivedAt: row.received_at,
    ...(row.status !== null && { status: row.status as MessageStatus }),
    ...(row.reason !== null && { reason: row.reason }),
  };
}

function readConversation(row: ConversationRow): ConversationRecord {
  return {
    account: row.account,
    with: row.other,
    unread: row.unread,
    ...(row.last_at !== null && { lastAt: row.last_at }),
    ...(row.last_text !== null && { lastText: row.last_text }),
    ...(row.draft !== null && row.draft !== "" && { draft: row.draft }),
  };
}
