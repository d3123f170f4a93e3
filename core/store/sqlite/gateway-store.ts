/** The gateway's store in one SQLite file. Every statement is prepared once. */
import type { Clock } from "../../platform/clock.ts";
import type {
  BindingRecord,
  BindingTable,
  DocumentRecord,
  DocumentTable,
  GatewayStore,
  GruuEpoch,
  GruuTable,
  PublicationRecord,
  PublicationTable,
  RecordTable,
  WaitingTable,
  WaitingWatcher,
} from "../store.ts";
import type { Database } from "./database.ts";
import { groupCommit, openDatabase } from "./database.ts";
import { accountTable, aliasTable, invitationTable, signedOutTable } from "./gateway-accounts.ts";
import { communityTable } from "./gateway-communities.ts";
import { first } from "./gateway-migrations/001-first.ts";
import { accounts } from "./gateway-migrations/002-accounts.ts";
import { presence } from "./gateway-migrations/003-presence.ts";
import { communities } from "./gateway-migrations/004-communities.ts";
import { messageTable } from "./gateway-messages.ts";
import { settingTable } from "./settings.ts";

export const gatewayMigrations = [first, accounts, presence, communities];

/** Opens the gateway's file, or keeps everything in memory for `:memory:`. Throws `StoreError`. */
export function openGatewayStore(path: string, clock: Clock): GatewayStore {
  const database = openDatabase(path, gatewayMigrations);
  const group = groupCommit(database, clock);
  return {
    accounts: accountTable(database),
    aliases: aliasTable(database),
    invitations: invitationTable(database),
    signedOut: signedOutTable(database),
    bindings: bindingTable(database),
    gruus: gruuTable(database),
    publications: publicationTable(database),
    subscriptions: recordTable(database),
    documents: documentTable(database),
    messages: messageTable(database),
    waiting: waitingTable(database),
    communities: communityTable(database),
    settings: settingTable(database),
    durably: (task) => group.durably(task),
    observe: (observer) => group.observe(observer),
    close() {
      group.flush();
      database.close();
    },
  };
}

interface BindingRow {
  aor: string;
  device: string;
  reg_id: number;
  contact: string;
  params: string;
  q: number;
  call_id: string;
  sequence: number;
  registered_at: number;
  renewed_at: number;
  expires_at: number;
  path: string;
  peer: string;
  flow: string;
  dies_with_flow: number;
  user_agent: string;
}

function bindingTable(database: Database): BindingTable {
  const of = database.prepare<[string], BindingRow>("SELECT * FROM bindings WHERE aor = ?");
  const all = database.prepare<[], BindingRow>("SELECT * FROM bindings");
  const put = database.prepare(`INSERT OR REPLACE INTO bindings VALUES (@aor, @device, @regId, @contact, @params, @q,
    @callId, @sequence, @registeredAt, @renewedAt, @expiresAt, @path, @peer, @flow, @diesWithFlow, @userAgent)`);
  const remove = database.prepare("DELETE FROM bindings WHERE aor = ? AND device = ? AND reg_id = ?");
  const read = (row: BindingRow): BindingRecord => ({
    aor: row.aor,
    device: row.device,
    regId: row.reg_id,
    contact: row.contact,
    params: row.params,
    q: row.q,
    callId: row.call_id,
    sequence: row.sequence,
    registeredAt: row.registered_at,
    renewedAt: row.renewed_at,
    expiresAt: row.expires_at,
    path: row.path === "" ? [] : row.path.split("\n"),
    peer: row.peer,
    flow: row.flow,
    diesWithFlow: row.dies_with_flow === 1,
    userAgent: row.user_agent,
  });
  return {
    of: (aor) => of.all(aor).map(read),
    all: () => all.all().map(read),
    put: (binding) =>
      void put.run({ ...binding, path: binding.path.join("\n"), diesWithFlow: binding.diesWithFlow ? 1 : 0 }),
    remove: (aor, device, regId) => void remove.run(aor, device, regId),
  };
}

function gruuTable(database: Database): GruuTable {
  const columns = "id, aor, instance, call_id AS callId";
  const get = database.prepare<[number], GruuEpoch>(`SELECT ${columns} FROM gruu_epochs WHERE id = ?`);
  const of = database.prepare<[string, string], GruuEpoch>(
    `SELECT ${columns} FROM gruu_epochs WHERE aor = ? AND instance = ?`,
  );
  const add = database.prepare("INSERT OR REPLACE INTO gruu_epochs (aor, instance, call_id) VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM gruu_epochs WHERE aor = ? AND instance = ?");
  return {
    get: (id) => get.get(id),
    of: (aor, instance) => of.get(aor, instance),
    begin(aor, instance, callId) {
      const id = Number(add.run(aor, instance, callId).lastInsertRowid);
      return { id, aor, instance, callId };
    },
    end: (aor, instance) => void remove.run(aor, instance),
  };
}

interface PublicationRow {
  etag: string;
  aor: string;
  event: string;
  content_type: string;
  body: string;
  published_at: number;
  expires_at: number;
  flow: string;
}

function publicationTable(database: Database): PublicationTable {
  const all = database.prepare<[], PublicationRow>("SELECT * FROM publications ORDER BY published_at");
  const put = database.prepare(`INSERT OR REPLACE INTO publications
    VALUES (@etag, @aor, @event, @contentType, @body, @publishedAt, @expiresAt, @flow)`);
  const remove = database.prepare("DELETE FROM publications WHERE etag = ?");
  const read = (row: PublicationRow): PublicationRecord => ({
    etag: row.etag,
    aor: row.aor,
    event: row.event,
    contentType: row.content_type,
    body: row.body,
    publishedAt: row.published_at,
    expiresAt: row.expires_at,
    flow: row.flow,
  });
  return {
    all: () => all.all().map(read),
    put: (publication) => void put.run(publication),
    remove: (etag) => void remove.run(etag),
  };
}

function recordTable(database: Database): RecordTable {
  const save = database.prepare("INSERT OR REPLACE INTO subscriptions VALUES (?, ?)");
  const remove = database.prepare("DELETE FROM subscriptions WHERE id = ?");
  const all = database.prepare<[], { json: string }>("SELECT json FROM subscriptions");
  return {
    save: (id, json) => void save.run(id, json),
    remove: (id) => void remove.run(id),
    all: () => all.all().map(({ json }) => json),
  };
}

function documentTable(database: Database): DocumentTable {
  interface Row {
    aor: string;
    application: string;
    name: string;
    etag: string;
    content_type: string;
    body: string;
  }
  const get = database.prepare<[string, string, string], Row>(
    "SELECT * FROM documents WHERE aor = ? AND application = ? AND name = ?",
  );
  const of = database.prepare<[string], Row>("SELECT * FROM documents WHERE aor = ? ORDER BY application, name");
  const put = database.prepare(
    "INSERT OR REPLACE INTO documents VALUES (@aor, @application, @name, @etag, @contentType, @body)",
  );
  const remove = database.prepare("DELETE FROM documents WHERE aor = ? AND application = ? AND name = ?");
  const read = ({ content_type: contentType, ...row }: Row): DocumentRecord => ({ ...row, contentType });
  return {
    get(aor, application, name) {
      const row = get.get(aor, application, name);
      return row && read(row);
    },
    of: (aor) => of.all(aor).map(read),
    put: (document) => void put.run(document),
    remove: (aor, application, name) => remove.run(aor, application, name).changes > 0,
  };
}

function waitingTable(database: Database): WaitingTable {
  const of = database.prepare<[string], WaitingWatcher>("SELECT * FROM waiting_watchers WHERE resource = ?");
  const put = database.prepare("INSERT OR IGNORE INTO waiting_watchers VALUES (@resource, @watcher, @since)");
  const remove = database.prepare("DELETE FROM waiting_watchers WHERE resource = ? AND watcher = ?");
  return {
    of: (resource) => of.all(resource),
    put: (waiting) => void put.run(waiting),
    remove: (resource, watcher) => void remove.run(resource, watcher),
  };
}
