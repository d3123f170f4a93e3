import type {
  Answer,
  Bridge,
  CommandArgs,
  CommandName,
  CommandValues,
  Contact,
  EventMessage,
  EventName,
  Events,
  Message,
  Rule,
  Snapshot,
} from "../../core/bridge/contract.ts";
import {
  crowdSnapshot,
  emptySnapshot,
  hostileMessages,
  hostileSnapshot,
  lostSnapshot,
  ME,
  officeSnapshot,
  sampleMessages,
} from "./sample-office.ts";

export type Scenario = "office" | "empty" | "lost" | "hostile" | "crowd";

export interface FakeOptions {
  readonly scenario?: Scenario;
  readonly settings?: Partial<Snapshot["settings"]>;
  /** How many contacts a crowd has. */
  readonly count?: number;
}

type Handlers = {
  readonly [Name in CommandName]: (args: CommandArgs[Name]) => Answer<CommandValues[Name]>;
};

/** A core within the page: it answers every command from sample data and tells what changed, as the real one does. */
export interface FakeBridge extends Bridge {
  /** Says something as the core would, with the next number. */
  emit<Name extends EventName>(event: Name, payload: Events[Name]): void;
  /** Leaves out a number, as if an event had been lost. */
  skip(): void;
  /** Every command that came, in order. */
  readonly calls: readonly { readonly name: CommandName; readonly args: unknown }[];
}

const FINGERPRINT = "sha256:9f310c5b77e248d1a603bc5914ee82603df7952ac8417eb3066dd950af18e42b";

const scenarios: Readonly<Record<Scenario, (options: FakeOptions) => Snapshot>> = {
  office: officeSnapshot,
  empty: emptySnapshot,
  lost: lostSnapshot,
  hostile: hostileSnapshot,
  crowd: (options) => crowdSnapshot(options.count ?? 1_000),
};

export function createFakeBridge(options: FakeOptions = {}): FakeBridge {
  const scenario = options.scenario ?? "office";
  const base = scenarios[scenario](options);
  let state: Snapshot = { ...base, settings: { ...base.settings, ...options.settings } };
  let messages: readonly Message[] =
    scenario === "hostile" ? hostileMessages() : [...sampleMessages, ...lostMessages(scenario)];
  let seq = 0;
  let number = 0;
  const listeners = new Set<(message: EventMessage) => void>();
  const calls: { name: CommandName; args: unknown }[] = [];

  const emit: FakeBridge["emit"] = (event, payload) => {
    seq += 1;
    const message = { event, seq, payload } as EventMessage;
    for (const listener of listeners) listener(message);
  };
  const done = <T>(value: T): Answer<T> => ({ ok: true, value });
  const refuse = (code: string, message: string, details: Record<string, string> = {}): Answer<never> => ({
    ok: false,
    code,
    message,
    details,
  });

  function setContact(contact: Contact): Answer<Contact> {
    const others = state.contacts.filter((other) => other.address !== contact.address);
    state = { ...state, contacts: [...others, contact] };
    emit("contact.changed", contact);
    return done(contact);
  }

  function contactFrom(args: CommandArgs["contact.add"]): Contact {
    const { account = ME, address, name, groups = [], favourite = false, note } = args;
    return {
      account,
      address,
      groups,
      favourite,
      ...(name === undefined ? {} : { name }),
      ...(note === undefined ? {} : { note }),
    };
  }

  function setStatus(messageId: string, status: NonNullable<Message["status"]>): void {
    const found = messages.find((message) => message.messageId === messageId);
    if (found === undefined) return;
    messages = messages.map((message) => (message === found ? { ...message, status } : message));
    emit("message.updated", { account: found.account, messageId, with: found.with, status });
  }

  function signIn(args: CommandArgs["account.signIn"]): Answer<{ account: string }> {
    if (args.password === "wrong") return refuse("wrong-password", "acme.example refuses the password.");
    if (args.address.endsWith("@nowhere.example"))
      return refuse("server-not-found", "nowhere.example names no server.");
    const needsTrust = args.trust !== FINGERPRINT && !state.gateway.running;
    if (needsTrust)
      return refuse("certificate-not-trusted", "The certificate is not known.", { fingerprint: FINGERPRINT });
    const account = { account: args.address, state: "registered" as const, since: new Date().toISOString() };
    state = { ...state, accounts: [...state.accounts.filter((other) => other.account !== args.address), account] };
    emit("registration.changed", account);
    emit("presence.own", { account: args.address, state: "available", published: true });
    return done({ account: args.address });
  }

  const handlers: Handlers = {
    "session.open": () => done({ snapshot: state, seq }),
    "account.signIn": signIn,
    "account.signOut": ({ account = ME }) => {
      emit("registration.changed", { account, state: "signed-out" });
      return done(null);
    },
    "account.list": () => done(state.accounts),
    "account.password": ({ old }) =>
      old === "wrong" ? refuse("wrong-password", "The old password is not right. Type it again.") : done(null),
    "account.devices": () => done([]),
    "account.signOutDevice": () => done(null),
    "directory.search": ({ text }) =>
      done({ items: state.contacts.filter(({ address, name = "" }) => `${name} ${address}`.includes(text)) }),
    "invite.accept": ({ link, password }) => {
      const address = /address=([^&\s]+)/.exec(link)?.[1];
      if (address === undefined) return refuse("invitation-unreadable", "This is no whole invitation.");
      if (link.includes("secret=used")) return refuse("invitation-used", "This invitation was used already.");
      return signIn({ address, password, trust: FINGERPRINT });
    },
    "presence.set": ({ account = ME, ...told }) => {
      const { state: chosen, note, until } = told;
      emit("presence.own", {
        account,
        state: chosen,
        published: true,
        ...(note === undefined ? {} : { note }),
        ...(until === undefined ? {} : { until }),
      });
      return done(null);
    },
    "contact.add": (args) => {
      const answer = setContact(contactFrom(args));
      emit("presence.changed", {
        account: args.account ?? ME,
        address: args.address,
        state: "pending",
        source: "subscription",
      });
      return answer;
    },
    "contact.update": (args) => setContact(contactFrom(args)),
    "contact.remove": ({ account = ME, address }) => {
      state = { ...state, contacts: state.contacts.filter((contact) => contact.address !== address) };
      emit("contact.removed", { account, address });
      return done(null);
    },
    "message.typing": () => done(null),
    "contact.list": () => done(state.contacts),
    "privacy.set": ({ account = ME, address, domain, rule }) => {
      const target = address ?? (domain === undefined ? "*" : `@${domain}`);
      const rules: Rule[] = [...state.rules.filter((other) => other.target !== target), { account, target, rule }];
      const watchers = state.watchers.map((watcher) =>
        watcher.address === address && watcher.status === "pending"
          ? { ...watcher, status: "active" as const }
          : watcher,
      );
      state = { ...state, rules, watchers };
      emit("privacy.changed", { account, rules });
      emit("watcher.changed", { account, watchers });
      return done(null);
    },
    "privacy.list": () => done(state.rules),
    "watcher.list": () => done(state.watchers),
    "conversation.list": () => done(state.conversations),
    "conversation.read": ({ account = ME, with: address }) => {
      const read = state.conversations.find((conversation) => conversation.with === address);
      if (read !== undefined && read.unread > 0) {
        const after = { ...read, account, unread: 0 };
        state = { ...state, conversations: state.conversations.map((item) => (item === read ? after : item)) };
        emit("conversation.changed", after);
      }
      return done(null);
    },
    "conversation.draft": () => done(null),
    "message.send": ({ account = ME, to, text }) => {
      if (text === "refuse me") return refuse("too-many-waiting", "Too many messages wait already.");
      number += 1;
      const now = new Date().toISOString();
      const message: Message = {
        account,
        messageId: `new/${number}`,
        with: to,
        from: account,
        text,
        sentAt: now,
        receivedAt: now,
        outgoing: true,
        status: "queued",
      };
      messages = [...messages, message];
      emit("message.added", message);
      queueMicrotask(() => setStatus(message.messageId, "sent"));
      return done({ messageId: message.messageId });
    },
    "message.retry": ({ messageId }) => {
      setStatus(messageId, "queued");
      queueMicrotask(() => setStatus(messageId, "delivered"));
      return done({ messageId });
    },
    "history.page": ({ with: address, cursor, limit = 50 }) => {
      const all = messages.filter((message) => message.with === address);
      const end = cursor === undefined ? all.length : Number(cursor);
      const start = Math.max(0, end - limit);
      return done({ items: all.slice(start, end), ...(start > 0 ? { older: String(start) } : {}) });
    },
    "settings.set": (change) => {
      const settings = { ...state.settings, ...defined(change) };
      state = { ...state, settings };
      emit("settings.changed", settings);
      return done(settings);
    },
    "gateway.status": () => done(state.gateway),
    "gateway.start": ({ domain, people = [] }) => {
      const gateway = {
        ...officeSnapshot().gateway,
        domain,
        people: people.map(({ address, name }) => ({
          address,
          online: false,
          ...(name === undefined ? {} : { name }),
        })),
      };
      state = { ...state, gateway };
      emit("gateway.changed", gateway);
      return done(gateway);
    },
    "gateway.stop": () => {
      state = { ...state, gateway: { running: false } };
      emit("gateway.changed", state.gateway);
      return done(state.gateway);
    },
    "gateway.invite": ({ address, name }) => {
      const person = { address, online: false, invited: true, ...(name === undefined ? {} : { name }) };
      state = { ...state, gateway: { ...state.gateway, people: [...(state.gateway.people ?? []), person] } };
      emit("gateway.changed", state.gateway);
      const link = `hallway:invite?address=${address}&server=tls:192.0.2.10:5061&trust=${FINGERPRINT}&secret=0123456789abcdef`;
      const qr = { size: 3, path: "M0 0h1v1h-1zM2 2h1v1h-1z" };
      return done({ address, link, text: link, expiresAt: "2026-11-26T14:06:30.000Z", qr, warnings: [] });
    },
    "gateway.uninvite": () => done(state.gateway),
    "gateway.addPerson": ({ address, name }) => {
      const person = { address, online: false, ...(name === undefined ? {} : { name }) };
      state = { ...state, gateway: { ...state.gateway, people: [...(state.gateway.people ?? []), person] } };
      emit("gateway.changed", state.gateway);
      return done(state.gateway);
    },
  };

  return {
    calls,
    emit,
    skip: () => {
      seq += 1;
    },
    invoke: async (name, args) => {
      calls.push({ name, args });
      return handlers[name](args);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** While the server is away two messages wait. */
function lostMessages(scenario: Scenario): Message[] {
  if (scenario !== "lost") return [];
  const last = sampleMessages.find((message) => message.status === "failed");
  if (last === undefined) return [];
  return ["Please print the names larger than last year.", "And bring the blue tape."].map((text, index) => ({
    ...last,
    messageId: `waiting/${index}`,
    text,
    status: "queued",
    receivedAt: `2026-11-19T14:06:${String(10 + index)}.000Z`,
  }));
}

function defined<T extends object>(change: T): Partial<{ [Key in keyof T]: Exclude<T[Key], undefined> }> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<{
    [Key in keyof T]: Exclude<T[Key], undefined>;
  }>;
}
