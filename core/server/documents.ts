/** XCAP documents of the office's people (RFC 4825), with the privacy rules at hand in parsed form. */
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import type { PresenceDocument } from "../payload/pidf.ts";
import { parsePidf } from "../payload/pidf.ts";
import { NAMESPACE } from "../payload/namespaces.ts";
import { readNode } from "../payload/xcap-edit.ts";
import { parseNodeSelector } from "../payload/xcap-selector.ts";
import type { Conflict } from "../payload/xcap-edit.ts";
import type { Ruleset } from "../payload/pres-rules.ts";
import { parseRuleset } from "../payload/pres-rules.ts";
import type { ListMember } from "../payload/resource-lists.ts";
import { parseResourceLists } from "../payload/resource-lists.ts";
import { canonicalAddress } from "../sip/address.ts";
import type { UsageConflict } from "./application-usages.ts";
import type { DocumentRecord, GatewayStore } from "../store/store.ts";

/** The document that presence authorization reads (RFC 5025 §9.3). */
const RULES = { application: "pres-rules", name: "index" };
/** What somebody says of themselves for good (RFC 4827 §4). */
const LASTING = { application: "pidf-manipulation", name: "index" };

const LISTS = { application: "resource-lists", namespace: NAMESPACE.resourceLists };
/** An XCAP URI of a list: whose, in which document, and which. */
const REFERENCE = /\/resource-lists\/users\/([^/]+)\/([^/]+)(?:\/~~\/(.*))?$/;

export interface DocumentSettings {
  readonly random: Random;
  readonly store: GatewayStore;
  /** A person's privacy rules are not what they were. */
  rulesChanged(aor: string): void;
  /** What a person says for good is not what it was. */
  lastingChanged(aor: string): void;
  /** Any document changed, came or went. */
  documentChanged?(change: DocumentChange): void;
}

/** What a change makes of a document, or why it makes nothing. */
export type Change =
  | { readonly body: string; readonly created: boolean }
  | { readonly refused: Refusal | "precondition" | "absent" };

/** Why a document cannot be stored, by the names of RFC 4825 §11. */
export type Refusal = Conflict | UsageConflict | { readonly kind: "not-utf-8" };

export interface DocumentChange {
  readonly aor: string;
  readonly application: string;
  readonly name: string;
  /** The entity tags before and after; absent where there was or is no document. */
  readonly previous?: string | undefined;
  readonly etag?: string;
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

  /** All documents of a person. */
  of(aor: string): readonly DocumentRecord[] {
    return this.#settings.store.documents.of(aor);
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
    const selected = REFERENCE.exec(uri.replaceAll(/\s+/g, ""));
    const whose = canonicalAddress(decoded(selected?.[1] ?? "")) ?? "";
    const document = whose === owner ? this.get(owner, LISTS.application, selected?.[2] ?? "") : undefined;
    if (!document) return [];
    const path = selected?.[3];
    const selector = path === undefined ? undefined : parseNodeSelector(decoded(path), "", LISTS.namespace);
    const node = selector && readNode(document.body, selector)?.body;
    if (path !== undefined && !node) return [];
    const members = parseResourceLists(
      node === undefined ? document.body : `<resource-lists xmlns="${LISTS.namespace}">${node}</resource-lists>`,
    );
    return members.ok ? members.value : [];
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
   * Changes a document to what `decide` makes of the one that is there at the moment of writing. Resolves when it is on
   * disk, to its new tag; or, with nothing changed, to why not.
   */
  async change(
    document: Omit<DocumentRecord, "etag" | "body">,
    decide: (old: DocumentRecord | undefined) => Change,
  ): Promise<{ readonly etag: string; readonly created: boolean } | Extract<Change, { refused: unknown }>> {
    const { documents } = this.#settings.store;
    const { aor, application, name } = document;
    const etag = token(this.#settings.random);
    let previous: string | undefined;
    const outcome = await this.#settings.store.durably(() => {
      const old = documents.get(aor, application, name);
      previous = old?.etag;
      const change = decide(old);
      if ("refused" in change) return change;
      documents.put({ ...document, body: change.body, etag });
      return { etag, created: change.created };
    });
    if ("etag" in outcome) this.#changed({ aor, application, name, previous, etag });
    return outcome;
  }

  /** Removes a document unless `mayReplace` objects to its entity tag. */
  async remove(
    aor: string,
    application: string,
    name: string,
    mayReplace: (etag: string) => boolean,
  ): Promise<"removed" | "absent" | "changed"> {
    const { documents } = this.#settings.store;
    let previous: string | undefined;
    const outcome = await this.#settings.store.durably(() => {
      const old = documents.get(aor, application, name);
      previous = old?.etag;
      if (!old) return "absent";
      if (!mayReplace(old.etag)) return "changed";
      documents.remove(aor, application, name);
      return "removed";
    });
    if (outcome === "removed") this.#changed({ aor, application, name, previous });
    return outcome;
  }

  #changed(change: DocumentChange): void {
    const { aor, application } = change;
    this.forget(aor);
    if (application === RULES.application) this.#settings.rulesChanged(aor);
    if (application === LASTING.application) this.#settings.lastingChanged(aor);
    this.#settings.documentChanged?.(change);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
