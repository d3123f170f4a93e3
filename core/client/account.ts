/** One of a person's accounts: joins the user agent with roster, presence, privacy, conversations and outbox. */
import type { Account, RegistrationState } from "../bridge/contract.ts";
import { isoTime } from "../platform/clock.ts";
import type { MessageRecord, ProfileAccount, ProfileStore } from "../store/store.ts";
import type { Fault } from "../user-agent/failure.ts";
import type { RegistrationChange } from "../user-agent/registration.ts";
import type { UserAgentPorts } from "../user-agent/user-agent.ts";
import { UserAgent } from "../user-agent/user-agent.ts";
import { Conversations } from "./conversations.ts";
import type { EventHub } from "./events.ts";
import { Outbox } from "./outbox.ts";
import { KnownPresence, OwnState } from "./presence.ts";
import { Privacy } from "./privacy.ts";
import type { ContactWish } from "./roster.ts";
import { Roster } from "./roster.ts";

export interface AccountPorts extends UserAgentPorts {
  readonly store: ProfileStore;
  readonly events: EventHub;
  /** This installation: `urn:uuid:…`. */
  readonly instance: string;
}

export class ClientAccount {
  readonly roster: Roster;
  readonly presence: KnownPresence;
  readonly own: OwnState;
  readonly privacy: Privacy;
  readonly conversations: Conversations;
  readonly outbox: Outbox;
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
        message: async (message) => {
          await this.conversations.receive(message);
          return 200;
        },
        watched: (resource, news) => this.presence.learn(resource.slice("sip:".length), news),
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
    this.conversations = new Conversations({ account, clock, random, store, events });
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
        publish: (document) => this.#agent.publish(document),
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

  async removeContact(address: string): Promise<void> {
    const removed = await this.roster.remove(address);
    this.#agent.unwatch(`sip:${removed}`);
    this.presence.forget(removed);
  }

  async sendMessage(to: string, text: string): Promise<string> {
    const { messageId } = await this.conversations.write(to, text);
    const record = this.#ports.store.history.get(this.#account, messageId);
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
    this.own.close();
    await this.#agent.stop();
  }

  get #connected(): boolean {
    return this.#state === "registered";
  }

  #registrationChanged(change: RegistrationChange): void {
    // A refresh of a binding that holds is no news for anybody.
    const news = change.state !== this.#state || change.state === "failed";
    this.#state = change.state;
    this.#fault = change.state === "failed" ? change.fault : undefined;
    if (news) {
      this.#since = isoTime(this.#ports.clock.now());
      this.#ports.events.emit("registration.changed", this.current);
    }
    if (change.state === "registered" && change.fresh) {
      this.outbox.wake();
      void this.privacy.synchronize().catch(() => undefined);
    }
    if (change.state === "registered" || change.state === "failed") {
      for (const tell of this.#waiters.splice(0)) tell(this.#fault);
    }
  }
}
