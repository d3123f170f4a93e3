/** The people that an account lists. One person stands in it once, however the address was written. */
import type { Contact } from "../bridge/contract.ts";
import { bareAddress, canonicalAddress } from "../sip/address.ts";
import type { ContactRecord, ProfileStore } from "../store/store.ts";
import type { EventHub } from "./events.ts";
import { CommandFailure } from "./failure.ts";

/** Contacts of one account. */
export const MAX_CONTACTS = 10_000;

export interface ContactWish {
  readonly address: string;
  readonly name?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly favourite?: boolean | undefined;
  readonly note?: string | undefined;
}

export class Roster {
  readonly #account: string;
  readonly #store: ProfileStore;
  readonly #events: EventHub;
  readonly #contacts = new Map<string, ContactRecord>();

  constructor(account: string, store: ProfileStore, events: EventHub) {
    this.#account = account;
    this.#store = store;
    this.#events = events;
    for (const contact of store.contacts.list(account)) this.#contacts.set(contact.address, contact);
  }

  list(): readonly Contact[] {
    return [...this.#contacts.values()];
  }

  has(address: string): boolean {
    return this.#contacts.has(address);
  }

  /** Adds a person; one who is there already keeps what is not given anew. Resolves when it is on disk. */
  async add(wish: ContactWish): Promise<Contact> {
    const address = readAddress(wish.address);
    if (address === this.#account)
      throw new CommandFailure("own-address", "This is your own address. Type the address of the person you look for.");
    if (!this.has(address) && this.#contacts.size >= MAX_CONTACTS)
      throw new CommandFailure("too-many-contacts", `The list holds ${MAX_CONTACTS} people. Remove somebody first.`);
    return this.#put(address, wish);
  }

  async update(wish: ContactWish): Promise<Contact> {
    const address = readAddress(wish.address);
    if (!this.has(address)) throw notListed(address);
    return this.#put(address, wish);
  }

  async remove(text: string): Promise<string> {
    const address = readAddress(text);
    if (!this.has(address)) throw notListed(address);
    await this.#store.durably(() => this.#store.contacts.remove(this.#account, address));
    this.#contacts.delete(address);
    this.#events.emit("contact.removed", { account: this.#account, address });
    return address;
  }

  async #put(address: string, wish: ContactWish): Promise<Contact> {
    const old = this.#contacts.get(address);
    const name = wish.name ?? old?.name;
    const note = wish.note ?? old?.note;
    const contact: ContactRecord = {
      account: this.#account,
      address,
      ...(name !== undefined && name !== "" && { name }),
      groups: [...new Set(wish.groups ?? old?.groups ?? [])],
      favourite: wish.favourite ?? old?.favourite ?? false,
      ...(note !== undefined && note !== "" && { note }),
    };
    await this.#store.durably(() => this.#store.contacts.put(contact));
    this.#contacts.set(address, contact);
    this.#events.emit("contact.changed", contact);
    return contact;
  }
}

/** `name@domain` in canonical form; throws `CommandFailure` with a sentence when the text is no address. */
export function readAddress(text: string): string {
  const aor = canonicalAddress(text);
  if (aor === undefined)
    throw new CommandFailure(
      "bad-address",
      `“${text}” is not an address. Write it like an e-mail address: name@office.example.`,
    );
  return bareAddress(aor);
}

function notListed(address: string): CommandFailure {
  return new CommandFailure("no-such-contact", `${address} is not in your list. Add the person first.`);
}
