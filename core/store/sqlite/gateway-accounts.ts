/** The office's people: accounts with their secrets, aliases, invitations, and devices that were signed out. */
import type {
  AccountRecord,
  AccountTable,
  AliasTable,
  InvitationRecord,
  InvitationTable,
  SignedOutTable,
} from "../store.ts";
import type { Database } from "./database.ts";

/** What else is kept of a person: whoever gets the address next must inherit none of it. */
const TRACES = [
  "DELETE FROM messages WHERE recipient = @aor",
  "DELETE FROM documents WHERE aor = @aor",
  "DELETE FROM publications WHERE aor = @aor",
  "DELETE FROM bindings WHERE aor = @aor",
  "DELETE FROM gruu_epochs WHERE aor = @aor",
  "DELETE FROM waiting_watchers WHERE resource = @aor OR watcher = @aor",
  "DELETE FROM aliases WHERE target = @aor",
];

interface AccountRow {
  aor: string;
  name: string | null;
  administrator: number;
  disabled: number;
  hidden: number;
}

export function accountTable(database: Database): AccountTable {
  const get = database.prepare<[string], AccountRow>("SELECT * FROM accounts WHERE aor = ?");
  const list = database.prepare<[], AccountRow>("SELECT * FROM accounts ORDER BY aor");
  const put = database.prepare(`
    INSERT INTO accounts (aor, name, administrator, disabled, hidden)
    VALUES (@aor, @name, @administrator, @disabled, @hidden) ON CONFLICT (aor) DO UPDATE
    SET name = excluded.name, administrator = excluded.administrator, disabled = excluded.disabled,
      hidden = excluded.hidden`);
  const remove = database.prepare("DELETE FROM accounts WHERE aor = ?");
  const removeTraces = TRACES.map((statement) => database.prepare<{ aor: string }>(statement));
  const secrets = database.prepare<[string], { algorithm: string; ha1: string }>(
    "SELECT algorithm, ha1 FROM secrets WHERE aor = ?",
  );
  const putSecret = database.prepare("INSERT OR REPLACE INTO secrets VALUES (?, ?, ?)");
  const read = (row: AccountRow): AccountRecord => ({
    aor: row.aor,
    ...(row.name !== null && { name: row.name }),
    administrator: row.administrator === 1,
    disabled: row.disabled === 1,
    ...(row.hidden === 1 && { hidden: true }),
  });
  return {
    get(aor) {
      const row = get.get(aor);
      return row && read(row);
    },
    list: () => list.all().map(read),
    secrets: (aor) => Object.fromEntries(secrets.all(aor).map(({ algorithm, ha1 }) => [algorithm, ha1])),
    put: database.transaction((account: AccountRecord, given: Readonly<Record<string, string>> = {}) => {
      put.run({
        aor: account.aor,
        name: account.name ?? null,
        administrator: account.administrator ? 1 : 0,
        disabled: account.disabled ? 1 : 0,
        hidden: account.hidden ? 1 : 0,
      });
      for (const [algorithm, ha1] of Object.entries(given)) putSecret.run(account.aor, algorithm, ha1);
    }),
    remove: database.transaction((aor: string) => {
      for (const statement of removeTraces) statement.run({ aor });
      return remove.run(aor).changes > 0;
    }),
  };
}

export function aliasTable(database: Database): AliasTable {
  const targets = database.prepare<[string], { target: string }>(
    "SELECT target FROM aliases WHERE aor = ? ORDER BY place",
  );
  const all = database.prepare<[], { aor: string; target: string }>(
    "SELECT aor, target FROM aliases ORDER BY aor, place",
  );
  const add = database.prepare("INSERT INTO aliases VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM aliases WHERE aor = ?");
  return {
    targets: (aor) => targets.all(aor).map(({ target }) => target),
    all() {
      const found = new Map<string, string[]>();
      for (const { aor, target } of all.all()) found.set(aor, [...(found.get(aor) ?? []), target]);
      return found;
    },
    put: database.transaction((aor: string, wanted: readonly string[]) => {
      remove.run(aor);
      wanted.forEach((target, place) => add.run(aor, target, place));
    }),
    remove: (aor) => remove.run(aor).changes > 0,
  };
}

interface InvitationRow {
  secret_hash: string;
  aor: string;
  made_at: number;
  expires_at: number;
  used_at: number | null;
}

export function invitationTable(database: Database): InvitationTable {
  const get = database.prepare<[string], InvitationRow>("SELECT * FROM invitations WHERE secret_hash = ?");
  const all = database.prepare<[], InvitationRow>("SELECT * FROM invitations ORDER BY made_at, aor");
  const put = database.prepare(
    "INSERT OR REPLACE INTO invitations VALUES (@secretHash, @aor, @madeAt, @expiresAt, @usedAt)",
  );
  const withdraw = database.prepare("DELETE FROM invitations WHERE aor = ? AND used_at IS NULL");
  const forget = database.prepare("DELETE FROM invitations WHERE expires_at < ?");
  const read = (row: InvitationRow): InvitationRecord => ({
    secretHash: row.secret_hash,
    aor: row.aor,
    madeAt: row.made_at,
    expiresAt: row.expires_at,
    ...(row.used_at !== null && { usedAt: row.used_at }),
  });
  return {
    get(secretHash) {
      const row = get.get(secretHash);
      return row && read(row);
    },
    all: () => all.all().map(read),
    put: (invitation) => void put.run({ ...invitation, usedAt: invitation.usedAt ?? null }),
    withdraw: (aor) => withdraw.run(aor).changes,
    forget: (before) => void forget.run(before),
  };
}

export function signedOutTable(database: Database): SignedOutTable {
  const has = database.prepare<[string, string], { found: number }>(
    "SELECT EXISTS (SELECT 1 FROM signed_out_devices WHERE aor = ? AND call_id = ?) AS found",
  );
  const put = database.prepare("INSERT OR REPLACE INTO signed_out_devices VALUES (?, ?, ?)");
  const forget = database.prepare("DELETE FROM signed_out_devices WHERE at < ?");
  return {
    has: (aor, callId) => has.get(aor, callId)?.found === 1,
    put: (aor, callId, at) => void put.run(aor, callId, at),
    forget: (before) => void forget.run(before),
  };
}
