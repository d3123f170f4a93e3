/** What an administrator does to an office: settings and accounts. The same on a running gateway and on its folder alone. */
import type { AccountRecord, CommunityRecord, GatewayStore } from "../store/store.ts";
import { StoreError } from "../store/errors.ts";
import { bareAddress } from "../sip/address.ts";
import type { NewAccount } from "./accounts.ts";
import { addAccount, removeAccount, setDisabled, setPassword } from "./accounts.ts";
import type { NewCommunity } from "./federation/community.ts";
import { makeCommunity } from "./federation/community.ts";
import type { SettingName } from "./settings.ts";
import { isSettingName, settingRules, settingValue } from "./settings.ts";

/** A running gateway ends what a person who may no longer be here still has open. */
export interface RunningOffice {
  signOut(aor: string): void;
  /** Partners were added, changed or removed. */
  communitiesChanged(): void;
}

export interface AccountLine {
  readonly address: string;
  readonly name?: string;
  readonly administrator: boolean;
  readonly disabled: boolean;
  readonly md5: boolean;
}

export interface SettingLine {
  readonly name: SettingName;
  readonly value: string;
  readonly isDefault: boolean;
  readonly meaning: string;
  /** What is wrong with the value, as a sentence. */
  readonly problem?: string;
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
    const domain = assignments["domain"];
    if (domain !== undefined && domain !== this.domain && this.#store.accounts.list().length > 0)
      throw new StoreError(
        "domain-in-use",
        `The office is ${this.domain} and has people; their passwords belong to that domain. Start another folder for ${domain}.`,
      );
    await this.#store.durably(() => {
      for (const [name, value] of Object.entries(assignments)) this.#store.settings.set(name, value);
    });
  }

  accounts(): readonly AccountLine[] {
    return this.#store.accounts.list().map((record) => ({
      address: bareAddress(record.aor),
      ...(record.name !== undefined && { name: record.name }),
      administrator: record.administrator,
      disabled: record.disabled,
      md5: this.#store.accounts.secrets(record.aor).MD5 !== undefined,
    }));
  }

  /** Adds all of them or none. */
  async add(accounts: readonly NewAccount[]): Promise<readonly AccountRecord[]> {
    if (this.domain === "")
      throw new StoreError(
        "no-domain",
        "The office has no domain yet. Set it first: hallway gateway set domain=DOMAIN --data DIR.",
      );
    return this.#store.durably(() => accounts.map((one) => addAccount(this.#store.accounts, this.domain, one)));
  }

  async setPassword(address: string, password: string, md5?: boolean): Promise<void> {
    await this.#store.durably(() => setPassword(this.#store.accounts, address, password, md5));
  }

  async disable(address: string, disabled: boolean): Promise<void> {
    const { aor } = await this.#store.durably(() => setDisabled(this.#store.accounts, address, disabled));
    if (disabled) this.#running?.signOut(aor);
  }

  async remove(address: string): Promise<void> {
    const { aor } = await this.#store.durably(() => removeAccount(this.#store.accounts, address));
    this.#running?.signOut(aor);
  }

  communities(): readonly CommunityRecord[] {
    return this.#store.communities.list();
  }

  /** Adds a partner, or replaces the one of that name; throws `StoreError` with a sentence for what cannot be. */
  async putCommunity(community: NewCommunity): Promise<CommunityRecord> {
    const record = makeCommunity(community, [this.domain]);
    await this.#store.durably(() => this.#store.communities.put(record));
    this.#running?.communitiesChanged();
    return record;
  }

  async enableCommunity(name: string, enabled: boolean): Promise<void> {
    await this.#store.durably(() => this.#store.communities.put({ ...this.#community(name), enabled }));
    this.#running?.communitiesChanged();
  }

  async removeCommunity(name: string): Promise<void> {
    await this.#store.durably(() => this.#store.communities.remove(this.#community(name).name));
    this.#running?.communitiesChanged();
  }

  #community(name: string): CommunityRecord {
    const record = this.#store.communities.get(name);
    if (record) return record;
    throw new StoreError(
      "no-such-community",
      `There is no community “${name}”. List them with: hallway community list.`,
    );
  }
}
