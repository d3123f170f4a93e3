/** Addresses that stand for lists (RFC 4826 §4): each person's own, found by the URI of a SUBSCRIBE. */
import type { ListMember } from "../payload/resource-lists.ts";
import { parseListServices } from "../payload/resource-lists.ts";
import { parseUri, uriEquals } from "../sip/message/uri.ts";
import type { Documents } from "./documents.ts";

export interface FoundService {
  readonly members: readonly ListMember[];
}

export class ListServices {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** The list that this URI stands for among those of its owner, who alone may subscribe to it. */
  find(uri: string, owner: string): FoundService | undefined {
    const document = this.#documents.get(owner, "rls-services", "index");
    const services = document && parseListServices(document.body);
    const wanted = parseUri(uri);
    if (!services?.ok || !wanted.ok) return undefined;
    const found = services.value.find((service) => {
      const own = parseUri(service.uri);
      const packages = service.packages.length === 0 || service.packages.includes("presence");
      return packages && own.ok && uriEquals(own.value, wanted.value);
    });
    if (!found) return undefined;
    const { members } = found;
    return { members: "reference" in members ? this.#documents.listAt(members.reference, owner) : members };
  }
}
