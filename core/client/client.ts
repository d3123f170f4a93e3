/** What a person does with Hallway, without a screen: accounts and the commands on them. */
import type {
  Account,
  CheckedArgs,
  OwnPresence,
  Presence,
  Rule,
  Settings,
  Snapshot,
  Watcher,
} from "../bridge/contract.ts";
import type { Secrets } from "../platform/secrets.ts";
import { uuid } from "../platform/random.ts";
import type { ProfileAccount } from "../store/store.ts";
import type { Fault } from "../user-agent/failure.ts";
import { redeemInvitation } from "../user-agent/invitation.ts";
import { domainOf } from "../sip/address.ts";
import { accessFailure, readInvitation, refuseWeak } from "./access.ts";
import type { AccountPorts } from "./account.ts";
import { ClientAccount } from "./account.ts";
import { EventHub } from "./events.ts";
import { CommandFailure } from "./failure.ts";
import { readAddress } from "./roster.ts";
import { readSettings, writeSettings } from "./settings.ts";

export interface ClientPorts extends Omit<AccountPorts, "events" | "instance" | "dismissed"> {
  readonly secrets: Secrets;
}

/** The profile's part of the snapshot; hosts add what they know besides. */
export type ProfileSnapshot = Omit<Snapshot, "gateway">;

export class Client {
  readonly events = new EventHub();
  readonly #ports: ClientPorts;
  readonly #instance: string;
  readonly #accounts = new Map<string, ClientAccount>();

  constructor(ports: ClientPorts) {
    this.#ports = ports;
    this.#instance = installation(ports);
  }

  /** Connects every account that was signed in when the profile was last open. */
  async start(): Promise<void> {
    for (const record of this.#ports.store.accounts.list()) {
      if (record.signedIn) await this.#resume(record);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map((account) => account.stop()));
    this.#accounts.clear();
  }

  /** The network changed or the machine woke: every connection is made anew. */
  reconnect(): void {
    for (const account of this.#accounts.values()) account.reconnect();
  }

  accounts(): readonly Account[] {
    return this.#ports.store.accounts
      .list()
      .map(({ account }): Account => this.#accounts.get(account)?.current ?? { account, state: "signed-out" });
  }

  snapshot(): ProfileSnapshot {
    const open = [...this.#accounts.values()];
    const { store } = this.#ports;
    return {
      accounts: this.accounts(),
      contacts: open.flatMap(({ roster }) => roster.list()),
      presence: open.flatMap(({ presence }): readonly Presence[] => presence.list()),
      own: open.map(({ own }): OwnPresence => own.current),
      rules: open.flatMap(({ privacy }): readonly Rule[] => privacy.rules()),
      watchers: open.flatMap(({ privacy }): readonly Watcher[] => privacy.watchers()),
      conversations: open.flatMap(({ conversations }) => conversations.list()),
      settings: readSettings(store.settings),
    };
  }

  /** The account that a command is for: the one it names, or the only one there is. */
  account(name: string | undefined): ClientAccount {
    const [only] = this.#accounts.values();
    if (name === undefined && this.#accounts.size === 1 && only) return only;
    if (name === undefined && this.#accounts.size === 0)
      throw new CommandFailure("not-signed-in", "Nobody is signed in. Sign in with your address and password first.");
    const found = name === undefined ? undefined : this.#accounts.get(readAddress(name));
    if (!found) throw new CommandFailure("which-account", "Say which of your accounts this is for.");
    return found;
  }

  /**
   * Signs in and keeps the account. Throws `CommandFailure` when the server cannot be reached or refuses: then all is
   * as it was before, and who was signed in still is.
   */
  async signIn({ address, password, server, trust }: CheckedArgs["account.signIn"]): Promise<string> {
    const account = readAddress(address);
    const before = this.#ports.store.accounts.list().find((one) => one.account === account);
    if (server !== undefined && !/^(udp|tcp|tls):.+:\d+$/.test(server))
      throw new CommandFailure("bad-server", "Write the server as tls:HOST:PORT, tcp:HOST:PORT or udp:HOST:PORT.");
    await this.#accounts.get(account)?.stop();
    this.#accounts.delete(account);
    const wished: ProfileAccount = {
      account,
      ...(server !== undefined ? { server } : before?.server !== undefined && { server: before.server }),
      ...(trust !== undefined ? { trust } : before?.trust !== undefined && { trust: before.trust }),
      signedIn: true,
      state: before?.state ?? "available",
      ...(before?.since !== undefined && { since: before.since }),
      ...(before?.until !== undefined && { until: before.until }),
      ...(before?.note !== undefined && { note: before.note }),
    };
    const opened = this.#open(wished, password);
    const attempt = opened.firstAttempt();
    opened.start();
    const fault = await attempt;
    if (fault) {
      await opened.stop();
      this.#accounts.delete(account);
      if (before?.signedIn) await this.#resume(before);
      throw failureOf(fault);
    }
    await this.#ports.secrets.set(secretName(account), password);
    // As it is now: a state that ended or was chosen meanwhile counts.
    await this.#ports.store.durably(() => this.#ports.store.accounts.put(opened.own.record));
    // Nobody waits for a list of colleagues; whoever cannot get it now adds people by hand.
    if (!before) void opened.takeFirstContacts().catch(() => undefined);
    return account;
  }

  /**
   * Sets another password at the office, keeps it, and signs in with it. Other devices have to be given it. Throws
   * `CommandFailure`; then the old password holds.
   */
  async changePassword(name: string | undefined, old: string, wanted: string): Promise<void> {
    const open = this.account(name);
    await open.access.setPassword(old, wanted);
    await this.#ports.secrets.set(secretName(open.current.account), wanted);
    await this.signIn({ address: open.current.account, password: wanted });
  }

  /** Takes an invitation: sets the password at the office that made it, then signs in. Throws `CommandFailure`. */
  async acceptInvitation(text: string, password: string): Promise<string> {
    const link = readInvitation(text);
    refuseWeak(password);
    const redeemed = await redeemInvitation(this.#ports, link, password);
    const { address, server, trust } = link;
    if (redeemed.ok) return this.signIn({ address, password, server, trust });
    // Perhaps it was ours, and only the answer got lost: then the password holds.
    if (redeemed.error === "invitation-used")
      return this.signIn({ address, password, server, trust }).catch(() => {
        throw accessFailure(redeemed.error, domainOf(address));
      });
    throw accessFailure(redeemed.error, domainOf(address));
  }

  /** Signs out; history and contacts stay for the next time. */
  async signOut(name: string | undefined): Promise<void> {
    const open = this.account(name);
    const { account } = open.current;
    await open.stop();
    this.#accounts.delete(account);
    await this.#forgetPassword(account);
  }

  async #forgetPassword(account: string): Promise<void> {
    const record = this.#ports.store.accounts.list().find((one) => one.account === account);
    await this.#ports.store.durably(() => {
      if (record) this.#ports.store.accounts.put({ ...record, signedIn: false });
    });
    await this.#ports.secrets.delete(secretName(account));
  }

  async setSettings(wish: CheckedArgs["settings.set"]): Promise<Settings> {
    const { store } = this.#ports;
    await store.durably(() => writeSettings(store.settings, wish));
    const settings = readSettings(store.settings);
    this.events.emit("settings.changed", settings);
    return settings;
  }

  async #resume(record: ProfileAccount): Promise<void> {
    const password = await this.#ports.secrets.get(secretName(record.account));
    if (password !== undefined) this.#open(record, password).start();
  }

  #open(record: ProfileAccount, password: string): ClientAccount {
    const ports: AccountPorts = {
      ...this.#ports,
      events: this.events,
      instance: this.#instance,
      dismissed: (account) => this.#forgetPassword(account),
    };
    const opened = new ClientAccount(ports, record, password);
    this.#accounts.set(record.account, opened);
    return opened;
  }
}

function failureOf({ code, message, details }: Fault): CommandFailure {
  return new CommandFailure(code, message, details);
}

function secretName(account: string): string {
  return `password:${account}`;
}

/** Names this installation to registrars (RFC 5626 §4.1), the same through every restart. */
function installation({ store, random }: ClientPorts): string {
  const kept = store.settings.get("instance");
  if (kept !== undefined) return kept;
  const made = `urn:uuid:${uuid(random)}`;
  store.settings.set("instance", made);
  return made;
}
