/** The office list: who works here, by name. */
import { formatResourceList, MAX_MEMBERS, RESOURCE_LISTS_TYPE } from "../payload/resource-lists.ts";
import { MAX_XML_SIZE } from "../payload/xml.ts";
import { sha256Hex } from "../platform/hash.ts";
import type { AccountRecord, AccountTable, DocumentRecord } from "../store/store.ts";

/** The XCAP document of all (RFC 4825 §6.2) that lists the office's people. */
export const DIRECTORY = { application: "resource-lists", name: "index" } as const;

/** What is left of a list whose document is too large, until it is not. */
const SHORTENED = 0.9;

export interface DirectoryDocument {
  readonly etag: string;
  readonly contentType: string;
  readonly body: string;
}

/** Everybody who may be found, as resource lists (RFC 4826); equal lists have equal entity tags. */
export function directoryDocument(accounts: Pick<AccountTable, "list">): DirectoryDocument {
  return documentOf(accounts.list().filter(isListed));
}

/** The contacts that a new account begins with: everybody in the office list but the person themselves. */
export function firstContacts(accounts: Pick<AccountTable, "list">, aor: string): DocumentRecord {
  const others = accounts.list().filter((one) => one.aor !== aor && isListed(one));
  return { aor, ...DIRECTORY, ...documentOf(others) };
}

function isListed({ disabled, hidden }: AccountRecord): boolean {
  return !disabled && hidden !== true;
}

/** As many people as every reader takes in one document; whoever looks for others types their address. */
function documentOf(people: readonly AccountRecord[]): DirectoryDocument {
  let members = people
    .slice(0, MAX_MEMBERS)
    .map(({ aor, name }) => ({ uri: aor, ...(name !== undefined && { name }) }));
  let body = formatResourceList(members);
  while (Buffer.byteLength(body) > MAX_XML_SIZE) {
    members = members.slice(0, Math.floor(members.length * SHORTENED));
    body = formatResourceList(members);
  }
  return { etag: sha256Hex(body).slice(0, 32), contentType: RESOURCE_LISTS_TYPE, body };
}
