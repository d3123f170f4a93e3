import type {
  Account,
  Contact,
  OwnPresence,
  Presence,
  PresenceState,
  SettableState,
} from "../../core/bridge/contract.ts";
import type { Model, PersonKey } from "./model.ts";
import { idOf, keyOf } from "./model.ts";

/** What a sign can show: every state of the contract, and `unknown` until the first word about a person has come. */
export type SignState = PresenceState | SettableState | "unknown";
export type Family = "free" | "occupied" | "absent" | "gone" | "doubt";

const families: Readonly<Record<SignState, Family>> = {
  available: "free",
  busy: "occupied",
  "do-not-disturb": "occupied",
  "in-a-meeting": "occupied",
  "on-the-phone": "occupied",
  away: "absent",
  "be-right-back": "absent",
  offline: "gone",
  invisible: "gone",
  unknown: "gone",
  pending: "doubt",
  unreachable: "doubt",
  "unknown-address": "doubt",
  "connection-lost": "doubt",
};

export function familyOf(state: SignState): Family {
  return families[state];
}

/** Lists are sorted by this: free, occupied, absent, doubt, gone. */
export const familyOrder: readonly Family[] = ["free", "occupied", "absent", "doubt", "gone"];

/** States in which a person counts as there, in "3 of 4". */
export function isThere(state: SignState): boolean {
  const family = familyOf(state);
  return family === "free" || family === "occupied" || family === "absent";
}

/** An account whose own connection failed, or is being made again after it worked: what it knows of others is old. */
export function isLost(account: Account | undefined): boolean {
  if (account === undefined) return false;
  return account.state === "failed" || (account.state === "registering" && account.since !== undefined);
}

export function accountNamed(model: Model, account: string): Account | undefined {
  return model.accounts.find((item) => item.account === account);
}

/** One person as a row or a head shows them. Every part keeps its identity until it changes. */
export interface Person {
  readonly key: PersonKey;
  readonly account: string;
  readonly address: string;
  readonly name: string;
  readonly contact: Contact | undefined;
  readonly presence: Presence | undefined;
}

export function displayName(contact: Contact | undefined, address: string): string {
  return contact?.name !== undefined && contact.name !== "" ? contact.name : address;
}

/** The name in running text: a name's first word, or the address as it is. */
export function firstName(name: string): string {
  if (name.includes("@")) return name;
  return name.split(/\s+/u, 1)[0] ?? name;
}

export function personOf(model: Model, key: PersonKey): Person {
  const { account, address } = idOf(key);
  const contact = model.contacts.get(key);
  return { key, account, address, name: displayName(contact, address), contact, presence: model.presence.get(key) };
}

export function nameOf(model: Model, account: string, address: string): string {
  return displayName(model.contacts.get(keyOf(account, address)), address);
}

/** My own name: as the list or the office on this computer knows it, else the address. */
export function ownName(model: Model, account: string): string {
  const listed = model.contacts.get(keyOf(account, account));
  const served = model.gateway.people?.find((person) => person.address === account);
  return listed?.name ?? served?.name ?? account;
}

/** What an account shows of itself: its state, or the cross while its connection is lost. */
export function ownSign(account: Account | undefined, own: OwnPresence | undefined): SignState {
  if (isLost(account)) return "connection-lost";
  if (account === undefined || account.state === "signed-out") return "offline";
  return own?.state ?? "unknown";
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
