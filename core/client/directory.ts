/** The office list: colleagues by name, fetched when somebody looks for one and kept for a while. */
import type { DirectoryEntry } from "../bridge/contract.ts";
import { parseResourceLists } from "../payload/resource-lists.ts";
import type { Clock } from "../platform/clock.ts";
import { bareAddress, canonicalAddress } from "../sip/address.ts";
import type { OfficeClient } from "../xcap-client/office-client.ts";

/** Milliseconds for which a list is believed before the server is asked whether it still holds. */
export const LIST_KEPT = 60_000;

export interface DirectorySettings {
  readonly clock: Clock;
  /** The office; nothing while there is no connection. */
  office(): Pick<OfficeClient, "directory"> | undefined;
}

export class Directory {
  readonly #settings: DirectorySettings;
  #people: readonly DirectoryEntry[] = [];
  #etag: string | undefined;
  #askedAt: number | undefined;
  #asking: Promise<void> | undefined;

  constructor(settings: DirectorySettings) {
    this.#settings = settings;
  }

  /**
   * People whose name or address has a word that begins with each word of the text, those whose name begins with it
   * first. Without a connection, or at a server that has no list, whoever was known before.
   */
  async search(text: string, limit: number): Promise<readonly DirectoryEntry[]> {
    await this.#update();
    const words = folded(text).split(" ").filter(Boolean);
    const found = this.#people.flatMap((person) => {
      const place = words.length === 0 ? 1 : placeOf(person, words);
      return place === undefined ? [] : [{ person, place }];
    });
    found.sort((one, other) => one.place - other.place || shown(one.person).localeCompare(shown(other.person)));
    return found.slice(0, limit).map(({ person }) => person);
  }

  #update(): Promise<void> {
    const now = this.#settings.clock.monotonic();
    if (this.#askedAt !== undefined && now - this.#askedAt < LIST_KEPT) return Promise.resolve();
    // Who types fast asks once.
    this.#asking ??= this.#fetch().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #fetch(): Promise<void> {
    const answer = await this.#settings.office()?.directory(this.#etag);
    if (!answer?.ok) return;
    this.#askedAt = this.#settings.clock.monotonic();
    const parsed = answer.value && parseResourceLists(answer.value.body);
    if (!answer.value || !parsed?.ok) return;
    this.#etag = answer.value.etag;
    this.#people = parsed.value.flatMap(({ uri, name }) => {
      const aor = canonicalAddress(uri);
      return aor === undefined ? [] : [{ address: bareAddress(aor), ...(name && { name }) }];
    });
  }
}

/** 0 when the name begins with the text, 1 when each word begins one of the name or address; undefined when not. */
function placeOf(person: DirectoryEntry, words: readonly string[]): number | undefined {
  const name = folded(person.name ?? "");
  const parts = `${name} ${folded(person.address).replaceAll(/[@._-]+/g, " ")} ${folded(person.address)}`.split(" ");
  if (!words.every((word) => parts.some((part) => part.startsWith(word)))) return undefined;
  return name.startsWith(words.join(" ")) ? 0 : 1;
}

function shown({ name, address }: DirectoryEntry): string {
  return name ?? address;
}

/** Small letters without marks, so that "muller" finds "Müller". */
function folded(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replaceAll(/\p{Mn}/gu, "")
    .toLowerCase();
  return plain.replaceAll(/\s+/gu, " ").trim();
}
