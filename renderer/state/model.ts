import type {
  Account,
  Contact,
  Conversation,
  GatewayStatus,
  Message,
  OwnPresence,
  Presence,
  Rule,
  Settings,
  Snapshot,
  Watcher,
} from "../../core/bridge/contract.ts";

/** Names one person as one account sees them. Neither part can hold a line break, so no two pairs share a key. */
export type PersonKey = string;

export function keyOf(account: string, address: string): PersonKey {
  return `${account}\n${address}`;
}

export interface PersonId {
  readonly account: string;
  readonly address: string;
}

export function idOf(key: PersonKey): PersonId {
  const end = key.indexOf("\n");
  return { account: key.slice(0, end), address: key.slice(end + 1) };
}

/** The part of a conversation that this window has read so far, oldest message first. */
export interface Log {
  readonly items: readonly Message[];
  /** Where the page before the first item begins; absent when the first item is the first ever. */
  readonly older?: string;
  readonly state: "loading" | "ready" | "failed";
}

/** Everything the core has told this window. */
export interface Model {
  readonly phase: "opening" | "open" | "failed";
  /** Why the session could not be opened, as one sentence. */
  readonly failure?: string;
  readonly accounts: readonly Account[];
  readonly contacts: ReadonlyMap<PersonKey, Contact>;
  readonly presence: ReadonlyMap<PersonKey, Presence>;
  /** By account. */
  readonly own: ReadonlyMap<string, OwnPresence>;
  readonly rules: readonly Rule[];
  readonly watchers: readonly Watcher[];
  readonly conversations: ReadonlyMap<PersonKey, Conversation>;
  readonly logs: ReadonlyMap<PersonKey, Log>;
  /** Who is writing to us at this moment. */
  readonly writing: ReadonlySet<PersonKey>;
  readonly settings: Settings;
  readonly gateway: GatewayStatus;
}

export const emptyModel: Model = {
  phase: "opening",
  accounts: [],
  contacts: new Map(),
  presence: new Map(),
  own: new Map(),
  rules: [],
  watchers: [],
  conversations: new Map(),
  logs: new Map(),
  writing: new Set(),
  settings: {
    theme: "system",
    language: "system",
    density: "comfortable",
    enterSends: true,
    sendReceipts: true,
    sendTyping: true,
  },
  gateway: { running: false },
};

/** Logs are not part of a snapshot: after a gap they may lack messages, so they are read again. */
export function fromSnapshot(snapshot: Snapshot): Model {
  return {
    phase: "open",
    accounts: snapshot.accounts,
    contacts: new Map(snapshot.contacts.map((contact) => [keyOf(contact.account, contact.address), contact])),
    presence: new Map(snapshot.presence.map((presence) => [keyOf(presence.account, presence.address), presence])),
    own: new Map(snapshot.own.map((own) => [own.account, own])),
    rules: snapshot.rules,
    watchers: snapshot.watchers,
    conversations: new Map(snapshot.conversations.map((item) => [keyOf(item.account, item.with), item])),
    logs: new Map(),
    writing: new Set(),
    settings: snapshot.settings,
    gateway: snapshot.gateway,
  };
}
