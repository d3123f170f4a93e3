/** What an administrator does to an office: settings, accounts, aliases, partners. The same on a running gateway and on its folder. */
import { bareAddress, canonicalAddress, domainOf } from "../sip/address.ts";
import { StoreError } from "../store/errors.ts";
import type { AccountRecord, CommunityRecord, GatewayStore } from "../store/store.ts";
import type { AccountChange, NewAccount } from "./accounts.ts";
import { addAccount, changeAccount, removeAccount, reserveAccount, setDisabled, setPassword } from "./accounts.ts";
import { formatWay, loopOf, MAX_ALIAS_TARGETS } from "./aliases.ts";
import { firstContacts } from "./directory.ts";
import type { NewCommunity } from "./federation/community.ts";
import { makeCommunity } from "./federation/community.ts";
import { InUse } from "./look-alikes.ts";
import type { SettingName } from "./settings.ts";
import { domainsOf, isSettingName, list, settingRules, settingValue } from "./settings.ts";

/** A running gateway ends what a person who may no longer be here still has open. */
export interface RunningOffice {
  signOut(aor: string): void;
  /** Partners were added, changed or removed. */
  communitiesChanged?(): void;
  /** The password is another one: whoever is signed in with the old one has to show the new one. */
  passwordChanged?(aor: string): void;
  /** The office's domains are others: it shows a certificate that names them. */
  domainsChanged?(): Promise<void>;
}

export interface AccountLine {
  readonly address: string;
  readonly name?: string;
  readonly administrator: boolean;
  readonly disabled: boolean;
  readonly md5: boolean;
  /** Left out of the office list. */
  readonly hidden: boolean;
  /** Nobody can sign in yet: the person was invited and has not answered. */
  readonly invited: boolean;
}

export interface AliasLine {
  readonly address: string;
  readonly targets: readonly string[];
}

export interface SettingLine {
  readonly name: SettingName;
  readonly value: string;
  readonly isDefault: boolean;
  readonly meaning: string;
  /** What is wrong with the value, as a sentence. */
  readonly problem?: string;
}

/** Who was added, and what an administrator should look at, as sentences. */
export interface Added {
  readonly accounts: readonly AccountRecord[];
  readonly warnings: readonly string[];
}

export class OfficeAdministration {
  readonly #store: GatewayStore;
  readonly #running: RunningOffice | undefined;

  constructor(store: GatewayStore, running?: RunningOffice) {
    this.#store = store;
    this.#running = running;
  }

  get domain(): string {
    return settingValue(this.#store.settings, "domain");
  }

  settings(): readonly SettingLine[] {
    return (Object.keys(settingRules) as SettingName[]).map((name) => {
      const value = settingValue(this.#store.settings, name);
      const problem = settingRules[name].check(value);
      return {
        name,
        value,
        isDefault: this.#store.settings.get(name) === undefined,
        meaning: settingRules[name].meaning,
        ...(problem !== undefined && { problem }),
      };
    });
  }

  /** Sets all of them or none; throws `StoreError` with a sentence for the first that is wrong. */
  async set(assignments: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(assignments)) {
      if (!isSettingName(name))
        throw new StoreError("unknown-setting", `There is no setting ${name}. See all with: hallway gateway check.`);
      const problem = settingRules[name].check(value);
      if (problem !== undefined) throw new StoreError("bad-value", `${name} cannot be “${value}”. ${problem}`);
    }
    const { settings } = this.#store;
    const before = domainsOf(settings).join();
    const wanted = [
      assignments["domain"] ?? this.domain,
      ...list(assignments["domains"] ?? settingValue(settings, "domains")),
    ];
    this.#keepsItsPeople(wanted);
    await this.#store.durably(() => {
      for (const [name, value] of Object.entries(assignments)) settings.set(name, value);
    });
    if (domainsOf(settings).join() !== before) await this.#running?.domainsChanged?.();
  }

  accounts(): readonly AccountLine[] {
    return this.#store.accounts.list().map((record) => {
      const secrets = this.#store.accounts.secrets(record.aor);
      return {
        address: bareAddress(record.aor),
        ...(record.name !== undefined && { name: record.name }),
        administrator: record.administrator,
        disabled: record.disabled,
        md5: secrets.MD5 !== undefined,
        hidden: record.hidden ?? false,
        invited: Object.keys(secrets).length === 0,
      };
    });
  }

  /** Adds all of them or none. */
  add(accounts: readonly NewAccount[]): Promise<Added> {
    return this.#addAll(accounts, (domain, one) => addAccount(this.#store.accounts, domain, one));
  }

  /** Makes an account without a password, for somebody who will choose it. */
  reserve(account: Omit<NewAccount, "password" | "md5">): Promise<Added> {
    return this.#addAll([account], (domain, one) => reserveAccount(this.#store.accounts, domain, one));
  }

  async setPassword(address: string, password: string, md5?: boolean): Promise<void> {
    const { aor } = await this.#store.durably(() => setPassword(this.#store.accounts, address, password, md5));
    this.#running?.passwordChanged?.(aor);
  }

  /** Changes name, role, or whether the person stands in the office list; returns what to look at, as sentences. */
  async change(address: string, change: AccountChange): Promise<readonly string[]> {
    const inUse = this.#inUse();
    const { aor, name } = await this.#store.durably(() => changeAccount(this.#store.accounts, address, change));
    return change.name === undefined ? [] : namesakes(inUse, aor, name);
  }

  async disable(address: string, disabled: boolean): Promise<void> {
    const { aor } = await this.#store.durably(() => setDisabled(this.#store.accounts, address, disabled));
    if (disabled) this.#running?.signOut(aor);
  }

  async remove(address: string): Promise<void> {
    const { aor } = await this.#store.durably(() => removeAccount(this.#store.accounts, address));
    this.#running?.signOut(aor);
  }

  aliases(): readonly AliasLine[] {
    return [...this.#store.aliases.all()].map(([aor, targets]) => ({
      address: bareAddress(aor),
      targets: targets.map(bareAddress),
    }));
  }

  /** Lets an address that is no account stand for others; replaces what it stood for. Throws `StoreError`. */
  async setAlias(address: string, targets: readonly string[]): Promise<void> {
    const { accounts, aliases } = this.#store;
    const aor = this.#ownAddress(address);
    const wanted = [...new Set(targets.map((target) => this.#target(target)))];
    if (wanted.length === 0 || wanted.length > MAX_ALIAS_TARGETS)
      throw new StoreError("bad-targets", `An alias stands for 1 to ${MAX_ALIAS_TARGETS} addresses.`);
    await this.#store.durably(() => {
      if (accounts.get(aor))
        throw new StoreError(
          "address-taken",
          `${bareAddress(aor)} is the account of a person. Choose another address for the alias.`,
        );
      refuseTwin(this.#inUse(), aor);
      const missing = wanted.find((target) => !accounts.get(target) && aliases.targets(target).length === 0);
      if (missing !== undefined && missing !== aor)
        throw new StoreError(
          "no-such-account",
          `There is no account ${bareAddress(missing)}. Add it first, or write another address.`,
        );
      const loop = loopOf(aliases, aor, wanted);
      if (loop)
        throw new StoreError("alias-loop", `The alias would lead back to itself: ${formatWay(loop)}. Nothing was set.`);
      aliases.put(aor, wanted);
    });
  }

  async removeAlias(address: string): Promise<void> {
    const aor = canonicalAddress(address);
    const removed = aor !== undefined && (await this.#store.durably(() => this.#store.aliases.remove(aor)));
    if (!removed)
      throw new StoreError("no-such-alias", `There is no alias ${address}. List them with: hallway account list.`);
  }

  communities(): readonly CommunityRecord[] {
    return this.#store.communities.list();
  }

  /** Adds a partner, or replaces the one of that name; throws `StoreError` with a sentence for what cannot be. */
  async putCommunity(community: NewCommunity): Promise<CommunityRecord> {
    const record = makeCommunity(community, domainsOf(this.#store.settings));
    await this.#store.durably(() => this.#store.communities.put(record));
    this.#running?.communitiesChanged?.();
    return record;
  }

  async enableCommunity(name: string, enabled: boolean): Promise<void> {
    await this.#store.durably(() => this.#store.communities.put({ ...this.#community(name), enabled }));
    this.#running?.communitiesChanged?.();
  }

  async removeCommunity(name: string): Promise<void> {
    await this.#store.durably(() => this.#store.communities.remove(this.#community(name).name));
    this.#running?.communitiesChanged?.();
  }

  #community(name: string): CommunityRecord {
    const record = this.#store.communities.get(name);
    if (record) return record;
    throw new StoreError(
      "no-such-community",
      `There is no community “${name}”. List them with: hallway community list.`,
    );
  }

  #addAll<T extends Omit<NewAccount, "password">>(
    accounts: readonly T[],
    add: (domain: string, account: T) => AccountRecord,
  ): Promise<Added> {
    return this.#store.durably(() => {
      const inUse = this.#inUse();
      const warnings: string[] = [];
      const added = accounts.map((account) => {
        const aor = this.#ownAddress(account.address);
        refuseTwin(inUse, aor);
        if (this.#store.aliases.targets(aor).length > 0)
          throw new StoreError("address-taken", `${bareAddress(aor)} is an alias. Remove it first: account unalias.`);
        const record = add(domainOf(aor), account);
        warnings.push(...namesakes(inUse, aor, record.name));
        inUse.add(aor, record.name);
        return record;
      });
      if (settingValue(this.#store.settings, "directory.in-contacts") === "yes")
        for (const { aor } of added) this.#store.documents.put(firstContacts(this.#store.accounts, aor));
      return { accounts: added, warnings };
    });
  }

  #inUse(): InUse {
    const inUse = new InUse();
    for (const { aor, name } of this.#store.accounts.list()) inUse.add(aor, name);
    for (const aor of this.#store.aliases.all().keys()) inUse.add(aor);
    return inUse;
  }

  /** The address in canonical form, when it is one of this office. */
  #ownAddress(address: string): string {
    const domains = domainsOf(this.#store.settings);
    const [main] = domains;
    if (main === undefined)
      throw new StoreError(
        "no-domain",
        "The office has no domain yet. Set it first: hallway gateway set domain=DOMAIN --data DIR.",
      );
    const aor = canonicalAddress(address);
    if (aor === undefined)
      throw new StoreError("bad-address", `${address} is not an address. Write it like name@${main}.`);
    if (!domains.includes(domainOf(aor)))
      throw new StoreError(
        "foreign-domain",
        `This office is ${domains.join(" and ")}. Write the address as name@${main}.`,
      );
    return aor;
  }

  /** What an alias may stand for. Messages to other offices cannot be passed on, so they are no targets. */
  #target(address: string): string {
    const aor = canonicalAddress(address);
    if (aor !== undefined && domainsOf(this.#store.settings).includes(domainOf(aor))) return aor;
    if (aor === undefined)
      throw new StoreError("bad-address", `${address} is not an address. Write it like name@${this.domain}.`);
    throw new StoreError(
      "foreign-target",
      `${bareAddress(aor)} belongs to another office, to which this one cannot forward. Name an address of ${this.domain}.`,
    );
  }

  /** A domain in which somebody has an address stays: their passwords belong to it. */
  #keepsItsPeople(domains: readonly string[]): void {
    const addresses = [...this.#store.accounts.list().map(({ aor }) => aor), ...this.#store.aliases.all().keys()];
    const lost = addresses.map(domainOf).find((domain) => !domains.includes(domain));
    if (lost !== undefined)
      throw new StoreError(
        "domain-in-use",
        `${lost} has people, whose passwords belong to it. Keep it in domain or domains, or start another folder.`,
      );
  }
}

function refuseTwin(inUse: InUse, aor: string): void {
  const twin = inUse.twinOf(aor);
  if (twin !== undefined)
    throw new StoreError(
      "address-looks-taken",
      `${bareAddress(aor)} looks like ${bareAddress(twin)}, and people would mix them up. Choose another name.`,
    );
}

function namesakes(inUse: InUse, aor: string, name: string | undefined): readonly string[] {
  const other = name === undefined ? undefined : inUse.namesakeOf(aor, name);
  return other === undefined
    ? []
    : [`${bareAddress(aor)} and ${bareAddress(other)} are both called ${name}. Give one a name that tells them apart.`];
}
