/** A person's profile in one SQLite file: accounts, contacts, rules and the history. */
import type { Clock } from "../../platform/clock.ts";
import type { ContactRecord, ProfileAccount, ProfileStore, RuleRecord } from "../store.ts";
import type { PrivacyRule, SettableState } from "../../bridge/contract.ts";
import type { Database } from "./database.ts";
import { groupCommit, openDatabase } from "./database.ts";
import { first } from "./profile-migrations/001-first.ts";
import { receipts } from "./profile-migrations/002-receipts.ts";
import { historyTable } from "./profile-history.ts";
import { settingTable } from "./settings.ts";

export const profileMigrations = [first, receipts];

/** Opens the profile's file, or keeps everything in memory for `:memory:`. Throws `StoreError`. */
export function openProfileStore(path: string, clock: Clock): ProfileStore {
  const database = openDatabase(path, profileMigrations);
  const group = groupCommit(database, clock);
  return {
    accounts: accountTable(database),
    contacts: contactTable(database),
    rules: ruleTable(database),
    history: historyTable(database),
    settings: settingTable(database),
    durably: (task) => group.durably(task),
    close() {
      group.flush();
      database.close();
    },
  };
}

function accountTable(database: Database): ProfileStore["accounts"] {
  interface Row {
    account: string;
    server: string | null;
    trust: string | null;
    signed_in: number;
    state: string;
    since: number | null;
    until: number | null;
    note: string | null;
  }
  const list = database.prepare<[], Row>("SELECT * FROM accounts ORDER BY account");
  const put = database.prepare(
    "INSERT OR REPLACE INTO accounts VALUES (@account, @server, @trust, @signedIn, @state, @since, @until, @note)",
  );
  const remove = database.prepare("DELETE FROM accounts WHERE account = ?");
  const read = (row: Row): ProfileAccount => ({
    account: row.account,
    ...(row.server !== null && { server: row.server }),
    ...(row.trust !== null && { trust: row.trust }),
    signedIn: row.signed_in === 1,
    state: row.state as SettableState,
    ...(row.since !== null && { since: row.since }),
    ...(row.until !== null && { until: row.until }),
    ...(row.note !== null && { note: row.note }),
  });
  return {
    list: () => list.all().map(read),
    put: (account) =>
      void put.run({
        account: account.account,
        server: account.server ?? null,
        trust: account.trust ?? null,
        signedIn: account.signedIn ? 1 : 0,
        state: account.state,
        since: account.since ?? null,
        until: account.until ?? null,
        note: account.note ?? null,
      }),
    remove: (account) => void remove.run(account),
  };
}

function contactTable(database: Database): ProfileStore["contacts"] {
  interface Row {
    account: string;
    address: string;
    name: string | null;
    groups: string;
    favourite: number;
    note: string | null;
  }
  const list = database.prepare<[string], Row>("SELECT * FROM contacts WHERE account = ? ORDER BY address");
  const put = database.prepare(
    "INSERT OR REPLACE INTO contacts VALUES (@account, @address, @name, @groups, @favourite, @note)",
  );
  const remove = database.prepare("DELETE FROM contacts WHERE account = ? AND address = ?");
  const read = (row: Row): ContactRecord => ({
    account: row.account,
    address: row.address,
    ...(row.name !== null && { name: row.name }),
    groups: JSON.parse(row.groups) as string[],
    favourite: row.favourite === 1,
    ...(row.note !== null && { note: row.note }),
  });
  return {
    list: (account) => list.all(account).map(read),
    put: (contact) =>
      void put.run({
        account: contact.account,
        address: contact.address,
        name: contact.name ?? null,
        groups: JSON.stringify(contact.groups),
        favourite: contact.favourite ? 1 : 0,
        note: contact.note ?? null,
      }),
    remove: (account, address) => remove.run(account, address).changes > 0,
  };
}

function ruleTable(database: Database): ProfileStore["rules"] {
  const list = database.prepare<[string], { account: string; target: string; rule: string }>(
    "SELECT * FROM rules WHERE account = ? ORDER BY target",
  );
  const put = database.prepare("INSERT OR REPLACE INTO rules VALUES (@account, @target, @rule)");
  return {
    list: (account) => list.all(account).map((row): RuleRecord => ({ ...row, rule: row.rule as PrivacyRule })),
    put: (rule) => void put.run(rule),
  };
}
