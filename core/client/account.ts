/** One of a person's accounts: joins the user agent with roster, presence, privacy, conversations and outbox. */
import type { Account, PresenceState, RegistrationState } from "../bridge/contract.ts";
import { parseResourceLists } from "../payload/resource-lists.ts";
import { isoTime } from "../platform/clock.ts";
import { bareAddress, canonicalAddress } from "../sip/address.ts";
import type { MessageRecord, ProfileAccount, ProfileStore, ReceiptKind } from "../store/store.ts";
import type { IncomingMessage } from "../user-agent/incoming-message.ts";
import type { Fault } from "../user-agent/failure.ts";
import type { RegistrationChange } from "../user-agent/registration.ts";
import type { News, UserAgentPorts } from "../user-agent/user-agent.ts";
import { UserAgent } from "../user-agent/user-agent.ts";
import { Access } from "./access.ts";
import { Conversations } from "./conversations.ts";
import { Directory } from "./directory.ts";
import type { EventHub } from "./events.ts";
import { Outbox } from "./outbox.ts";
import { KnownPresence, OwnState } from "./presence.ts";
import { Privacy } from "./privacy.ts";
import { Receipts } from "./receipts.ts";
import type { ContactWish } from "./roster.ts";
import { Roster } from "./roster.ts";
import { readSettings } from "./settings.ts";
import { Typing } from "./typing.ts";

/** By this fault the office says that this device was signed out from elsewhere. */
const SIGNED_OUT_REMOTELY = "signed-out-remotely";

export interface AccountPorts extends UserAgentPorts {
  readonly store: ProfileStore;
  readonly events: EventHub;
  /** This installation: `urn:uuid:…`. */
  readonly instance: string;
  /** The office signed this device out: the password that is kept must not bring it back. */
  dismissed(account: string): Promise<void>;
}

export class ClientAccount {
  readonly roster: Roster;
  readonly presence: KnownPresence;
  readonly own: OwnState;
  readonly privacy: Privacy;
  readonly conversations: Conversations;
  readonly outbox: Outbox;
  readonly receipts: Receipts;
  readonly typing: Typing;
  readonly directory: Directory;
  readonly access: Access;
  readonly #ports: AccountPorts;
  readonly #account: string;
  readonly #agent: UserAgent;
  #state: RegistrationState = "signed-out";
  #fault: Fault | undefined;
  #since: string | undefined;
  #waiters: ((fault: Fault | undefined) => void)[] = [];

  constructor(ports: AccountPorts, record: ProfileAccount, password: string) {
    this.#ports = ports;
    this.#account = record.account;
    const { store, events, clock, random, instance } = ports;
    const account = record.account;
    this.#agent = new UserAgent(
      ports,
      {
        aor: `sip:${account}`,
        password,
        instance,
        ...(record.server !== undefined && { server: record.server }),
        ...(record.trust !== undefined && { trust: record.trust }),
      },
      {
        registration: (change) => this.#registrationChanged(change),
        message: (message) => this.#received(message),
        watched: (resource, news) => this.#learned(resource.slice("sip:".length), news),
        watcherInfo: (body) => this.privacy.learn(body),
        published: (published) => this.own.confirm(published),
      },
    );
    this.roster = new Roster(account, store, events);
    this.presence = new KnownPresence(account, clock, events);
    this.privacy = new Privacy({
      account,
      clock,
      store,
      events,
      documents: () => (this.#connected ? this.#agent.documents : undefined),
    });
    this.receipts = new Receipts({
      account,
      clock,
      store,
      events,
      // A receipt would give away that somebody is here who wants to look as if they were not.
      mayLeave: () => this.#connected && this.own.current.state !== "invisible",
      mayTell: (address, kind) => this.#mayTell(address, kind),
      send: ({ with: to, theirId: messageId, kind, sentAt }) =>
        this.#agent.sendReceipt({ to: `sip:${to}`, messageId, kind, sentAt, now: clock.now() }),
    });
    this.typing = new Typing({
      account,
      clock,
      random,
      events,
      mayTell: (address) => this.#mayTell(address, "typing"),
      send: (notice) => this.#agent.sendTyping(notice),
    });
    const owing = (): void => this.receipts.wake();
    this.conversations = new Conversations({ account, clock, random, store, events, owing });
    this.access = new Access({
      account,
      instance,
      office: (tried) => (this.#connected ? this.#agent.office(tried) : undefined),
    });
    this.directory = new Directory({ clock, office: () => (this.#connected ? this.#agent.office() : undefined) });
    this.outbox = new Outbox({
      account,
      clock,
      random,
      store,
      events,
      connected: () => this.#connected,
      send: ({ with: to, messageId, text, sentAt }: MessageRecord) =>
        this.#agent.send({ to: `sip:${to}`, messageId, text, sentAt }),
    });
    this.own = new OwnState(
      {
        clock,
        events,
        device: instance.slice(-12),
        save: (changed) => store.durably(() => store.accounts.put(changed)),
        publish: (document) => {
          this.#agent.publish(document);
          this.receipts.wake();
        },
      },
      record,
    );
    for (const { address } of this.roster.list()) this.#agent.watch(`sip:${address}`);
  }

  /** The account as faces see it. */
  get current(): Account {
    return {
      account: this.#account,
      state: this.#state,
      ...(this.#fault && { code: this.#fault.code, reason: this.#fault.message }),
      ...(this.#since !== undefined && { since: this.#since }),
    };
  }

  start(): void {
    this.own.publish();
    this.#agent.start();
  }

  /** Resolves when the first attempt has succeeded, or to why it has not. */
  firstAttempt(): Promise<Fault | undefined> {
    if (this.#state === "registered") return Promise.resolve(undefined);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async addContact(wish: ContactWish): Promise<ReturnType<Roster["list"]>[number]> {
    const contact = await this.roster.add(wish);
    this.#agent.watch(`sip:${contact.address}`);
    return contact;
  }

  /** Takes the contacts that the office has ready for somebody who is new. Whoever lists people already keeps to those. */
  async takeFirstContacts(): Promise<void> {
    const found = await this.#agent.documents.get("resource-lists", "index");
    const parsed = found.ok ? parseResourceLists(found.value.body) : undefined;
    if (!parsed?.ok || this.roster.list().length > 0) return;
    for (const { uri, name } of parsed.value) {
      const address = canonicalAddress(uri);
      if (address !== undefined) await this.addContact({ address, ...(name !== undefined && { name }) });
    }
  }

  async removeContact(address: string): Promise<void> {
    const removed = await this.roster.remove(address);
    this.#agent.unwatch(`sip:${removed}`);
    this.presence.forget(removed);
  }

  async sendMessage(to: string, text: string): Promise<string> {
    const { messageId } = await this.conversations.write(to, text);
    const record = this.#ports.store.history.get(this.#account, messageId);
    this.typing.sent(to);
    if (record) this.outbox.add(record);
    return messageId;
  }

  /** The network changed or the machine woke. */
  reconnect(): void {
    this.own.judge();
    this.#agent.reconnect();
  }

  /** Signs out at the server. */
  async stop(): Promise<void> {
    this.outbox.close();
    this.receipts.close();
    this.typing.close();
    this.own.close();
    await this.#agent.stop();
  }

  get #connected(): boolean {
    return this.#state === "registered";
  }

  /** Stores what has to be kept; the status is what the sender is answered. */
  async #received(message: IncomingMessage): Promise<number> {
    switch (message.kind) {
      case "text":
        this.typing.over(bareAddress(message.from));
        await this.conversations.receive(message);
        return 200;
      case "receipt":
        await this.receipts.take(message);
        return 200;
      case "typing":
        this.typing.heard(message);
        return 200;
    }
  }

  #learned(address: string, news: News): void {
    this.presence.learn(address, news);
    if (!isThere(this.presence.get(address)?.state)) this.typing.over(address);
  }

  /**
   * Whether somebody may be told of what we do with their messages. Whom we hide from learns nothing, and who may only
   * see whether we are here learns only that a message arrived.
   */
  #mayTell(address: string, what: ReceiptKind | "typing"): boolean {
    const settings = readSettings(this.#ports.store.settings);
    const rule = this.privacy.ruleFor(address);
    if (what === "delivered") return settings.sendReceipts && (rule === "allow" || rule === "basic");
    if (what === "displayed") return settings.sendReceipts && rule === "allow";
    const isFree = this.#connected && !this.outbox.isBusy(address) && isThere(this.presence.get(address)?.state);
    return settings.sendTyping && rule === "allow" && isFree && this.own.current.state !== "invisible";
  }

  #registrationChanged(change: RegistrationChange): void {
    // A refresh of a binding that holds is no news for anybody.
    const news = change.state !== this.#state || change.state === "failed";
    this.#state = change.state;
    this.#fault = change.state === "failed" ? change.fault : undefined;
    if (news) {
      this.#since = isoTime(this.#ports.clock.now());
      const tell = (): void => this.#ports.events.emit("registration.changed", this.current);
      // Whoever hears of it may end the program at once: by then nothing must bring this device back.
      if (this.#fault?.code === SIGNED_OUT_REMOTELY) void this.#ports.dismissed(this.#account).finally(tell);
      else tell();
    }
    if (change.state === "registered" && change.fresh) {
      this.outbox.wake();
      this.receipts.wake();
      void this.privacy.synchronize().catch(() => undefined);
    }
    if (change.state === "registered" || change.state === "failed") {
      for (const tell of this.#waiters.splice(0)) tell(this.#fault);
    }
  }
}

/** States of somebody who has a device that is reached now. */
const ABSENT: readonly (PresenceState | undefined)[] = [
  undefined,
  "offline",
  "connection-lost",
  "pending",
  "unreachable",
  "unknown-address",
];

function isThere(state: PresenceState | undefined): boolean {
  return !ABSENT.includes(state);
}
