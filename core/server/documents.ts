/** XCAP documents of the office's people (RFC 4825), with the privacy rules at hand in parsed form. */
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import type { PresenceDocument } from "../payload/pidf.ts";
import { parsePidf } from "../payload/pidf.ts";
import type { Ruleset } from "../payload/pres-rules.ts";
import { parseRuleset } from "../payload/pres-rules.ts";
import type { ListMember } from "../payload/resource-lists.ts";
import { parseResourceLists } from "../payload/resource-lists.ts";
import { canonicalAddress } from "../sip/address.ts";
import type { DocumentRecord, GatewayStore } from "../store/store.ts";

/** Application usages (AUIDs) that are served, with the media type of their documents. */
export const APPLICATIONS: Readonly<Record<string, string>> = {
  "pres-rules": "application/auth-policy+xml",
  "resource-lists": "application/resource-lists+xml",
  "rls-services": "application/rls-services+xml",
  "pidf-manipulation": "application/pidf+xml",
};
/** The document that presence authorization reads (RFC 5025 §9.3). */
const RULES = { application: "pres-rules", name: "index" };
/** What somebody says of themselves for good (RFC 4827 §4). */
const LASTING = { application: "pidf-manipulation", name: "index" };

export interface DocumentSettings {
  readonly random: Random;
  readonly store: GatewayStore;
  /** A person's privacy rules are not what they were. */
  rulesChanged(aor: string): void;
  /** What a person says for good is not what it was. */
  lastingChanged(aor: string): void;
}

export class Documents {
  readonly #settings: DocumentSettings;
  readonly #rules = new Map<string, Ruleset | undefined>();
  readonly #lasting = new Map<string, PresenceDocument | undefined>();

  constructor(settings: DocumentSettings) {
    this.#settings = settings;
  }

  get(aor: string, application: string, name: string): DocumentRecord | undefined {
    return this.#settings.store.documents.get(aor, application, name);
  }

  /** Drops what is remembered of a person's rules: they are read again, if there are any. */
  forget(aor: string): void {
    this.#rules.delete(aor);
    this.#lasting.delete(aor);
  }

  rulesOf(aor: string): Ruleset | undefined {
    if (!this.#rules.has(aor)) {
      const document = this.get(aor, RULES.application, RULES.name);
      const parsed = document && parseRuleset(document.body);
      this.#rules.set(aor, parsed?.ok ? parsed.value : undefined);
    }
    return this.#rules.get(aor);
  }

  /**
   * The members of a list of the owner's own that an XCAP URI selects; of all lists of a document where it selects none,
   * and empty where there is no such document.
   */
  listAt(uri: string, owner: string): readonly ListMember[] {
    const selected = /\/resource-lists\/users\/([^/]+)\/([^/]+)(?:\/~~(\/.*))?$/.exec(uri.replaceAll(/\s+/g, ""));
    const name = selected?.[2] ?? "";
    const whose = canonicalAddress(decoded(selected?.[1] ?? "")) ?? "";
    const document = whose === owner ? this.get(owner, "resource-lists", name) : undefined;
    const members = document && parseResourceLists(document.body);
    return members?.ok ? members.value : [];
  }

  /** What a person says for good; nothing where there is no such document. */
  lastingOf(aor: string): PresenceDocument | undefined {
    if (!this.#lasting.has(aor)) {
      const document = this.get(aor, LASTING.application, LASTING.name);
      const parsed = document && parsePidf(document.body);
      this.#lasting.set(aor, parsed?.ok ? parsed.value : undefined);
    }
    return this.#lasting.get(aor);
  }

  /**
   * Stores a whole document unless `mayReplace` objects to the entity tag of the one that is there at the moment of
   * writing. Resolves when it is on disk, to its new tag and whether it replaced another.
   */
  async put(
    document: Omit<DocumentRecord, "etag">,
    mayReplace: (etag: string | undefined) => boolean,
  ): Promise<{ readonly etag: string; readonly replaced: boolean } | undefined> {
    const { documents } = this.#settings.store;
    const { aor, application, name } = document;
    const etag = token(this.#settings.random);
    const stored = await this.#settings.store.durably(() => {
      const old = documents.get(aor, application, name);
      if (!mayReplace(old?.etag)) return undefined;
      documents.put({ ...document, etag });
      return { etag, replaced: old !== undefined };
    });
    if (stored) this.#changed(aor, application);
    return stored;
  }

  /** Removes a document unless `mayReplace` objects to its entity tag. */
  async remove(
    aor: string,
    application: string,
    name: string,
    mayReplace: (etag: string) => boolean,
  ): Promise<"removed" | "absent" | "changed"> {
    const { documents } = this.#settings.store;
    const outcome = await this.#settings.store.durably(() => {
      const old = documents.get(aor, application, name);
      if (!old) return "absent";
      if (!mayReplace(old.etag)) return "changed";
      documents.remove(aor, application, name);
      return "removed";
    });
    if (outcome === "removed") this.#changed(aor, application);
    return outcome;
  }

  #changed(aor: string, application: string): void {
    this.forget(aor);
    if (application === RULES.application) this.#settings.rulesChanged(aor);
    if (application === LASTING.application) this.#settings.lastingChanged(aor);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
