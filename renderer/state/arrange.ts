import type { Contact, Conversation } from "../../core/bridge/contract.ts";
import type { Model, PersonKey } from "./model.ts";
import { displayName, familyOf, familyOrder, isThere } from "./presence.ts";

/** A group of people as the tree shows it. The three groups that are not named by the user have no name of their own. */
export interface Group {
  readonly id: string;
  readonly kind: "new" | "favourites" | "named" | "others";
  readonly name: string;
  readonly members: readonly PersonKey[];
  readonly there: number;
}

/** One line of the virtual tree. */
export type Row =
  | { readonly kind: "add"; readonly id: string; readonly address: string }
  | { readonly kind: "group"; readonly id: string; readonly group: Group; readonly open: boolean }
  | {
      readonly kind: "person";
      readonly id: string;
      readonly key: PersonKey;
      readonly position: number;
      readonly size: number;
      readonly level: number;
    }
  | {
      readonly kind: "recent";
      readonly id: string;
      readonly key: PersonKey;
      readonly position: number;
      readonly size: number;
    };

/** Who is in which group, by name; it changes seldom, so the slow comparing is done once for it. */
export type Roster = readonly Pick<Group, "id" | "kind" | "name" | "members">[];

/** Groups the contacts: favourites first, then the named groups, then everybody in none; each sorted by name. */
export function rosterOf(contacts: Model["contacts"], locale: string): Roster {
  const collator = new Intl.Collator(locale, { sensitivity: "base", numeric: true });
  const sorted = [...contacts.entries()].sort(([, a], [, b]) =>
    collator.compare(displayName(a, a.address), displayName(b, b.address)),
  );
  const named = new Map<string, PersonKey[]>();
  const favourites: PersonKey[] = [];
  const others: PersonKey[] = [];
  for (const [key, contact] of sorted) placeContact(contact, key, { favourites, named, others });
  const groups = [...named.entries()]
    .sort(([a], [b]) => collator.compare(a, b))
    .map(([name, members]) => ({ id: `group:${name}`, kind: "named" as const, name, members }));
  const roster: Roster = [
    { id: "favourites", kind: "favourites", name: "", members: favourites },
    ...groups,
    { id: "others", kind: "others", name: "", members: others },
  ];
  return roster.filter((group) => group.members.length > 0);
}

/** The group "New" on top: everybody with unread messages, whoever wrote last first. Strangers are in it too. */
export function withUnread(roster: Roster, conversations: Model["conversations"]): Roster {
  const members = [...conversations.entries()]
    .filter(([, conversation]) => conversation.unread > 0)
    .sort(([, a], [, b]) => ((a.lastAt ?? "") < (b.lastAt ?? "") ? 1 : -1))
    .map(([key]) => key);
  return members.length === 0 ? roster : [{ id: "new", kind: "new", name: "", members }, ...roster];
}

function placeContact(
  contact: Contact,
  key: PersonKey,
  into: { readonly favourites: PersonKey[]; readonly named: Map<string, PersonKey[]>; readonly others: PersonKey[] },
): void {
  if (contact.favourite) {
    into.favourites.push(key);
    return;
  }
  for (const name of contact.groups) {
    const group = into.named.get(name);
    if (group === undefined) into.named.set(name, [key]);
    else group.push(key);
  }
  if (contact.groups.length === 0) into.others.push(key);
}

/** Sorts every group by availability and keeps the order by name inside it. Linear: one pass for each group. */
export function byAvailability(roster: Roster, presence: Model["presence"]): readonly Group[] {
  return roster.map((group) => {
    const families = new Map(familyOrder.map((family) => [family, [] as PersonKey[]]));
    let there = 0;
    for (const key of group.members) {
      const state = presence.get(key)?.state ?? "unknown";
      if (isThere(state)) there += 1;
      families.get(familyOf(state))?.push(key);
    }
    // Whoever wrote last stands first in "New", whatever their state is.
    return { ...group, there, members: group.kind === "new" ? group.members : [...families.values()].flat() };
  });
}

/** The lines of the tab "People". A query shows matching people alone, in open groups. */
export function peopleRows(
  groups: readonly Group[],
  contacts: Model["contacts"],
  closed: ReadonlySet<string>,
  query: string,
): readonly Row[] {
  const wanted = folded(query.trim());
  const rows: Row[] = [];
  if (isAddressLike(query) && ![...contacts.values()].some((contact) => folded(contact.address) === wanted)) {
    rows.push({ kind: "add", id: "add", address: query.trim() });
  }
  for (const group of groups) {
    const members =
      wanted === "" ? group.members : group.members.filter((key) => matches(contacts.get(key), key, wanted));
    if (members.length === 0) continue;
    const open = wanted !== "" || !closed.has(group.id);
    rows.push({ kind: "group", id: group.id, group, open });
    if (!open) continue;
    members.forEach((key, index) => {
      rows.push({ kind: "person", id: `${group.id}/${key}`, key, position: index + 1, size: members.length, level: 2 });
    });
  }
  return rows;
}

/** The lines of the tab "Recent": everybody with a message, the newest first. */
export function recentRows(
  conversations: Model["conversations"],
  contacts: Model["contacts"],
  query: string,
): readonly Row[] {
  const wanted = folded(query.trim());
  const keys = [...conversations.entries()]
    .filter((entry): entry is [PersonKey, Conversation & { lastAt: string }] => entry[1].lastAt !== undefined)
    .filter(([key]) => wanted === "" || matches(contacts.get(key), key, wanted))
    .sort(([, a], [, b]) => (a.lastAt < b.lastAt ? 1 : -1))
    .map(([key]) => key);
  return keys.map((key, index) => ({
    kind: "recent",
    id: `recent/${key}`,
    key,
    position: index + 1,
    size: keys.length,
  }));
}

/** Lower case without accents, so that "joerg" does not but "jörg" and "jorg" do find Jörg. */
export function folded(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();
}

function matches(contact: Contact | undefined, key: PersonKey, wanted: string): boolean {
  const address = key.slice(key.indexOf("\n") + 1);
  return folded(`${contact?.name ?? ""} ${address}`).includes(wanted);
}

/** Looks like an address that can be added: something before the @, and a domain with a dot that is not at its edge. */
export function isAddressLike(text: string): boolean {
  const trimmed = text.trim();
  const at = trimmed.lastIndexOf("@");
  if (at < 1 || trimmed.length > 320 || /\s/u.test(trimmed)) return false;
  const domain = trimmed.slice(at + 1);
  const dot = domain.indexOf(".");
  return dot > 0 && !domain.endsWith(".");
}
