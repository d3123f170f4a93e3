/** Who may see us: rules kept here and on the server, and the people who ask or look. */
import type { PrivacyRule, Rule, Watcher } from "../bridge/contract.ts";
import type { Clock } from "../platform/clock.ts";
import { isoTime } from "../platform/clock.ts";
import { parseRuleset, formatRuleset, PRES_RULES_TYPE } from "../payload/pres-rules.ts";
import { rulesetFor, rulesOf } from "../payload/privacy-rules.ts";
import { parseWatcherInfo } from "../payload/watcher-info.ts";
import { bareAddress, canonicalAddress } from "../sip/address.ts";
import type { ProfileStore } from "../store/store.ts";
import type { XcapClient } from "../xcap-client/xcap-client.ts";
import type { EventHub } from "./events.ts";
import { CommandFailure } from "./failure.ts";
import { readAddress } from "./roster.ts";

/** Everybody about whom nothing else was said. */
export const EVERYBODY = "*";
const APPLICATION = "pres-rules";
const DOCUMENT = "index";
/** Times that a change is merged again because another device wrote in between. */
const MAX_MERGES = 3;

export interface PrivacySettings {
  readonly account: string;
  readonly clock: Clock;
  readonly store: ProfileStore;
  readonly events: EventHub;
  /** Our documents on the server; nothing while there is no connection. */
  documents(): Documents | undefined;
}

type Documents = Pick<XcapClient, "get" | "put">;

export class Privacy {
  readonly #settings: PrivacySettings;
  #watchers: readonly Watcher[] = [];
  #etag: string | undefined;
  /** One exchange with the server at a time, in the order in which they were asked for. */
  #work: Promise<void> = Promise.resolve();

  constructor(settings: PrivacySettings) {
    this.#settings = settings;
  }

  rules(): readonly Rule[] {
    return this.#settings.store.rules.list(this.#settings.account);
  }

  /** What holds for a person: their own rule, else their domain's, else everybody's, else what offices begin with. */
  ruleFor(address: string): PrivacyRule {
    const domain = (one: string): string => one.slice(one.indexOf("@"));
    const rules = new Map(this.rules().map(({ target, rule }) => [target, rule]));
    const inside = domain(address) === domain(this.#settings.account);
    return rules.get(address) ?? rules.get(domain(address)) ?? rules.get(EVERYBODY) ?? (inside ? "allow" : "ask");
  }

  watchers(): readonly Watcher[] {
    return this.#watchers;
  }

  /**
   * Sets the rule for a person, a domain, or everybody else. It is on disk when this resolves, and on the server too
   * where there is a connection. Throws `CommandFailure` when the server keeps no rules: then nobody would obey it.
   */
  async set(target: { readonly address?: string; readonly domain?: string }, rule: PrivacyRule): Promise<void> {
    const { account, store, events } = this.#settings;
    const name = targetName(target);
    await store.durably(() => {
      store.rules.put({ account, target: name, rule });
      store.settings.set(this.#dirty, "yes");
    });
    events.emit("privacy.changed", { account, rules: this.rules() });
    await this.synchronize();
  }

  /** Brings our changes to the server, or the server's rules to us where we changed nothing. */
  synchronize(): Promise<void> {
    const work = this.#work.then(() => this.#exchange());
    this.#work = work.catch(() => undefined);
    return work;
  }

  async #exchange(): Promise<void> {
    const documents = this.#settings.documents();
    if (!documents) return;
    if (this.#settings.store.settings.get(this.#dirty) === "yes") await this.#upload(documents);
    else await this.#download(documents);
  }

  /** Takes watcher information (RFC 3858) from the server. New questions are told one by one. */
  learn(body: Buffer): void {
    const parsed = parseWatcherInfo(body);
    if (!parsed.ok) return;
    const { account, clock, events } = this.#settings;
    const before = this.#watchers;
    const now = clock.now();
    const told = parsed.value.lists.flatMap(({ watchers }) =>
      watchers.flatMap(({ uri, status, durationSubscribed }) => {
        const address = canonicalAddress(uri);
        // Our own devices watch us too; nobody wants to read that.
        if (address === undefined || bareAddress(address) === account) return [];
        const since = durationSubscribed === undefined ? undefined : isoTime(now - durationSubscribed * 1_000);
        return [{ account, address: bareAddress(address), status, ...(since !== undefined && { since }) }];
      }),
    );
    // A partial document tells only what changed (RFC 3858 §4.2).
    const changed = new Set(told.map(({ address }) => address));
    const kept = parsed.value.state === "partial" ? before.filter(({ address }) => !changed.has(address)) : [];
    this.#watchers = [...kept, ...told];
    const asking = this.#watchers.filter(isAsking);
    events.emit("watcher.changed", { account, watchers: this.#watchers });
    for (const { address } of asking) {
      const known = before.some((old) => old.address === address && isAsking(old));
      if (!known) events.emit("watcher.pending", { account, address });
    }
  }

  get #dirty(): string {
    return `rules-unsent:${this.#settings.account}`;
  }

  async #upload(documents: Documents): Promise<void> {
    const { store } = this.#settings;
    // What the server has is not known: another device may have written while we were away.
    if (this.#etag === undefined && !(await this.#mergeFrom(documents))) return;
    for (let tries = 0; tries < MAX_MERGES; tries++) {
      const rules = this.rules();
      const body = formatRuleset(rulesetFor(rules));
      const put = await documents.put(APPLICATION, DOCUMENT, {
        contentType: PRES_RULES_TYPE,
        body,
        ...(this.#etag !== undefined && { etag: this.#etag }),
      });
      if (put.ok) {
        this.#etag = put.value;
        // A rule that was set meanwhile has its own turn.
        if (JSON.stringify(this.rules()) === JSON.stringify(rules))
          await store.durably(() => store.settings.set(this.#dirty, "no"));
        return;
      }
      if (put.error === "unreachable") return;
      if (put.error !== "changed" && put.error !== "absent")
        throw new CommandFailure(
          "rules-not-on-server",
          "Your server does not keep privacy rules, so this one is not obeyed. Ask your administrator for a server with XCAP.",
        );
      if (!(await this.#mergeFrom(documents))) return;
    }
  }

  /**
   * Another device wrote first: what it decided stays, except where we decided too. False when the server cannot be
   * asked now.
   */
  async #mergeFrom(documents: Documents): Promise<boolean> {
    const { account, store, events } = this.#settings;
    const theirs = await documents.get(APPLICATION, DOCUMENT);
    if (!theirs.ok && theirs.error === "unreachable") return false;
    this.#etag = theirs.ok ? theirs.value.etag : undefined;
    const parsed = theirs.ok ? parseRuleset(theirs.value.body) : undefined;
    if (!parsed?.ok) return true;
    const ours = new Set(this.rules().map(({ target }) => target));
    const added = rulesOf(parsed.value).filter(({ target }) => !ours.has(target));
    if (added.length === 0) return true;
    await store.durably(() => {
      for (const { target, rule } of added) store.rules.put({ account, target, rule });
    });
    events.emit("privacy.changed", { account, rules: this.rules() });
    return true;
  }

  async #download(documents: Documents): Promise<void> {
    const { account, store, events } = this.#settings;
    const found = await documents.get(APPLICATION, DOCUMENT);
    if (!found.ok) return;
    this.#etag = found.value.etag;
    const parsed = parseRuleset(found.value.body);
    if (!parsed.ok) return;
    const before = JSON.stringify(this.rules());
    await store.durably(() => {
      for (const { target, rule } of rulesOf(parsed.value)) store.rules.put({ account, target, rule });
    });
    if (JSON.stringify(this.rules()) !== before) events.emit("privacy.changed", { account, rules: this.rules() });
  }
}

function isAsking({ status }: Watcher): boolean {
  return status === "pending" || status === "waiting";
}

function targetName({ address, domain }: { readonly address?: string; readonly domain?: string }): string {
  if (address !== undefined && address !== EVERYBODY) return readAddress(address);
  if (domain === undefined) return EVERYBODY;
  const plain = domain.trim().replace(/^@/, "").toLowerCase();
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(plain))
    throw new CommandFailure("bad-domain", `“${domain}” is not a domain. Write it like globex.example.`);
  return `@${plain}`;
}
