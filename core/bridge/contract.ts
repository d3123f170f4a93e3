/**
 * The contract between the core and every face that it has: window, browser page, command line, tests.
 * Plain data and argument schemas; imports nothing but the validator. The renderer imports the types alone.
 */
import { z } from "zod";

/** The longest text that one `message.send` takes, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 20_000;
const MAX_ADDRESS_LENGTH = 320;
const MAX_NAME_LENGTH = 200;
const MAX_NOTE_LENGTH = 500;
const MAX_GROUPS = 50;
const MAX_PAGE = 500;
/** A whole mail may be pasted instead of the link in it. */
const MAX_LINK_TEXT = 20_000;

const address = z.string().trim().min(1).max(MAX_ADDRESS_LENGTH);
const accountId = address.optional();
const time = z.iso.datetime({ offset: true });
const name = z.string().trim().max(MAX_NAME_LENGTH);
const groupName = z.string().trim().min(1).max(MAX_NAME_LENGTH);
const password = z.string().min(1).max(1_000);

/** States that a person can choose (RFC 4480 activities and two private ones); `invisible` is never read back from others. */
export const settableStates = [
  "available",
  "busy",
  "do-not-disturb",
  "away",
  "be-right-back",
  "in-a-meeting",
  "on-the-phone",
  "invisible",
] as const;
export type SettableState = (typeof settableStates)[number];
/** Every state that a contact can be seen in. The last three are the watcher's own knowledge. */
export type PresenceState =
  | Exclude<SettableState, "invisible">
  | "offline"
  | "connection-lost"
  | "pending"
  | "unreachable"
  | "unknown-address";

export const privacyRules = ["allow", "basic", "appear-offline", "block", "ask"] as const;
/** `allow` shows everything, `basic` only online or not, `ask` waits for an answer. */
export type PrivacyRule = (typeof privacyRules)[number];

export const messageStatuses = ["queued", "sent", "stored", "delivered", "displayed", "failed"] as const;
export type MessageStatus = (typeof messageStatuses)[number];

export type RegistrationState = "registering" | "registered" | "failed" | "signed-out";

/** One of our own accounts. */
export interface Account {
  /** The address, which is also the account's name in every command. */
  readonly account: string;
  readonly state: RegistrationState;
  /** A stable word for the failure, such as `wrong-password` or `certificate-not-trusted`. */
  readonly code?: string;
  /** One whole sentence with the next thing to do. */
  readonly reason?: string;
  /** When the connection was last known to work, ISO 8601 UTC. */
  readonly since?: string;
}

export interface Contact {
  readonly account: string;
  readonly address: string;
  readonly name?: string;
  readonly groups: readonly string[];
  readonly favourite: boolean;
  readonly note?: string;
}

export interface Presence {
  readonly account: string;
  readonly address: string;
  readonly state: PresenceState;
  readonly note?: string;
  /** ISO 8601 UTC: since when the state is as it is, as far as known. */
  readonly since?: string;
  readonly until?: string;
  /** Where the knowledge comes from. */
  readonly source: "published" | "registration" | "subscription" | "none";
  readonly devices?: readonly string[];
  readonly media?: { readonly message?: boolean; readonly call?: boolean };
  readonly reason?: string;
}

/** What we tell others about ourselves. */
export interface OwnPresence {
  readonly account: string;
  readonly state: SettableState;
  readonly note?: string;
  readonly until?: string;
  /** Whether the server has acknowledged it: what a person sees is what watchers get. */
  readonly published: boolean;
}

export interface Rule {
  readonly account: string;
  /** An address, a domain written as `@b.example`, or `*` for everybody else. */
  readonly target: string;
  readonly rule: PrivacyRule;
}

export interface Watcher {
  readonly account: string;
  readonly address: string;
  readonly status: "active" | "pending" | "waiting" | "terminated";
  readonly since?: string;
}

export interface Message {
  readonly account: string;
  readonly messageId: string;
  /** The other person of the conversation. */
  readonly with: string;
  readonly from: string;
  readonly text: string;
  readonly sentAt: string;
  readonly receivedAt: string;
  readonly outgoing: boolean;
  readonly status?: MessageStatus;
  readonly reason?: string;
}

export interface Conversation {
  readonly account: string;
  readonly with: string;
  readonly unread: number;
  readonly lastAt?: string;
  readonly lastText?: string;
  readonly draft?: string;
}

/** Somebody in the embedded office. */
export interface OfficePerson {
  readonly address: string;
  readonly name?: string;
  readonly online: boolean;
  /** Was invited and has not chosen a password yet. */
  readonly invited?: boolean;
}

export interface GatewayStatus {
  readonly running: boolean;
  readonly domain?: string;
  readonly listening?: readonly string[];
  /** How other computers reach it, as `account.signIn` takes a server; most useful first. */
  readonly reachableAs?: readonly string[];
  /** Of the office authority's key: what people compare before they trust it. */
  readonly fingerprint?: string;
  readonly people?: readonly OfficePerson[];
  readonly reason?: string;
}

/** A device that is signed in to one of our accounts. */
export interface Device {
  readonly account: string;
  /** Names the device in `account.signOutDevice`. */
  readonly device: string;
  /** What it calls itself, such as a name and version. */
  readonly program: string;
  /** `transport:address:port` that it came from. */
  readonly from: string;
  /** When its registration ends unless it renews it, ISO 8601 UTC. */
  readonly until: string;
  /** Whether it is this one. */
  readonly isThis: boolean;
}

/** Somebody in the office list. */
export interface DirectoryEntry {
  readonly address: string;
  readonly name?: string;
}

/** An invitation into the embedded office. */
export interface Invitation {
  readonly address: string;
  /** What the invited person pastes into their Hallway. It holds a secret: whoever has it can use it, once. */
  readonly link: string;
  /** A letter in English around the link. */
  readonly text: string;
  readonly expiresAt: string;
  /** The link as a QR code: the modules along each side, and the dark ones as the `d` of an SVG path. */
  readonly qr: { readonly size: number; readonly path: string };
  /** What the administrator should look at, as sentences. */
  readonly warnings: readonly string[];
}

export interface Settings {
  readonly theme: "system" | "light" | "dark";
  readonly language: "system" | "en" | "de";
  readonly density: "comfortable" | "compact";
  readonly enterSends: boolean;
  /** Whether people whose messages we have, or have read, are told so. */
  readonly sendReceipts: boolean;
  /** Whether people are told that we are writing to them. */
  readonly sendTyping: boolean;
}

/** Everything a window needs to draw itself; afterwards it follows the numbered events. */
export interface Snapshot {
  readonly accounts: readonly Account[];
  readonly contacts: readonly Contact[];
  readonly presence: readonly Presence[];
  readonly own: readonly OwnPresence[];
  readonly rules: readonly Rule[];
  readonly watchers: readonly Watcher[];
  readonly conversations: readonly Conversation[];
  readonly settings: Settings;
  readonly gateway: GatewayStatus;
}

/** Who may call a command: the person at the window, the owner of the profile, an administrator of the gateway. */
export type Caller = "user" | "owner" | "administrator";

const personSchema = z.strictObject({
  address,
  password,
  name: name.optional(),
  administrator: z.boolean().optional(),
});

/** Argument schema and caller of every command. `check.ts` applies them at the receiving side. */
export const commands = {
  "session.open": { caller: "user", args: z.strictObject({}) },
  "account.signIn": {
    caller: "owner",
    args: z.strictObject({
      address,
      password,
      server: z.string().trim().max(300).optional(),
      trust: z.string().max(100_000).optional(),
    }),
  },
  "account.signOut": { caller: "owner", args: z.strictObject({ account: accountId }) },
  "account.list": { caller: "user", args: z.strictObject({}) },
  "account.password": { caller: "owner", args: z.strictObject({ account: accountId, old: password, new: password }) },
  "account.devices": { caller: "user", args: z.strictObject({ account: accountId }) },
  "account.signOutDevice": {
    caller: "owner",
    args: z.strictObject({ account: accountId, device: z.string().trim().min(1).max(64) }),
  },
  "invite.accept": {
    caller: "owner",
    args: z.strictObject({ link: z.string().min(1).max(MAX_LINK_TEXT), password }),
  },
  "directory.search": {
    caller: "user",
    args: z.strictObject({
      account: accountId,
      text: z.string().max(MAX_NAME_LENGTH),
      limit: z.int().min(1).max(MAX_PAGE).default(20),
    }),
  },
  "presence.set": {
    caller: "user",
    args: z.strictObject({
      account: accountId,
      state: z.enum(settableStates),
      note: z.string().max(MAX_NOTE_LENGTH).optional(),
      until: time.optional(),
    }),
  },
  "contact.add": {
    caller: "user",
    args: z.strictObject({
      account: accountId,
      address,
      name: name.optional(),
      groups: z.array(groupName).max(MAX_GROUPS).optional(),
      favourite: z.boolean().optional(),
      note: z.string().max(MAX_NOTE_LENGTH).optional(),
    }),
  },
  "contact.update": {
    caller: "user",
    args: z.strictObject({
      account: accountId,
      address,
      name: name.optional(),
      groups: z.array(groupName).max(MAX_GROUPS).optional(),
      favourite: z.boolean().optional(),
      note: z.string().max(MAX_NOTE_LENGTH).optional(),
    }),
  },
  "contact.remove": { caller: "user", args: z.strictObject({ account: accountId, address }) },
  "contact.list": { caller: "user", args: z.strictObject({ account: accountId }) },
  "privacy.set": {
    caller: "user",
    args: z.strictObject({
      account: accountId,
      address: address.optional(),
      domain: z.string().trim().min(1).max(255).optional(),
      rule: z.enum(privacyRules),
    }),
  },
  "privacy.list": { caller: "user", args: z.strictObject({ account: accountId }) },
  "watcher.list": { caller: "user", args: z.strictObject({ account: accountId }) },
  "conversation.list": { caller: "user", args: z.strictObject({ account: accountId }) },
  "conversation.read": { caller: "user", args: z.strictObject({ account: accountId, with: address }) },
  "conversation.draft": {
    caller: "user",
    args: z.strictObject({ account: accountId, with: address, text: z.string().max(MAX_TEXT_LENGTH) }),
  },
  "message.send": {
    caller: "user",
    args: z.strictObject({ account: accountId, to: address, text: z.string().min(1).max(MAX_TEXT_LENGTH) }),
  },
  "message.retry": { caller: "user", args: z.strictObject({ account: accountId, messageId: z.string().max(100) }) },
  "message.typing": { caller: "user", args: z.strictObject({ account: accountId, to: address, active: z.boolean() }) },
  "history.page": {
    caller: "user",
    args: z.strictObject({
      account: accountId,
      with: address,
      cursor: z.string().max(100).optional(),
      direction: z.enum(["older", "newer"]).default("older"),
      limit: z.int().min(1).max(MAX_PAGE).default(50),
    }),
  },
  "settings.set": {
    caller: "user",
    args: z.strictObject({
      theme: z.enum(["system", "light", "dark"]).optional(),
      language: z.enum(["system", "en", "de"]).optional(),
      density: z.enum(["comfortable", "compact"]).optional(),
      enterSends: z.boolean().optional(),
      sendReceipts: z.boolean().optional(),
      sendTyping: z.boolean().optional(),
    }),
  },
  "gateway.status": { caller: "owner", args: z.strictObject({}) },
  "gateway.start": {
    caller: "owner",
    args: z.strictObject({
      domain: z.string().trim().min(1).max(255),
      people: z.array(personSchema).max(1_000).optional(),
    }),
  },
  "gateway.stop": { caller: "owner", args: z.strictObject({}) },
  "gateway.addPerson": { caller: "administrator", args: personSchema },
  "gateway.invite": { caller: "administrator", args: personSchema.omit({ password: true }) },
  "gateway.uninvite": { caller: "administrator", args: z.strictObject({ address }) },
} as const satisfies Record<string, { readonly caller: Caller; readonly args: z.ZodType }>;

export type CommandName = keyof typeof commands;

/** What each command takes, as a caller writes it. */
export type CommandArgs = { [Name in CommandName]: z.input<(typeof commands)[Name]["args"]> };
/** What each command takes, as checked: defaults filled in. */
export type CheckedArgs = { [Name in CommandName]: z.output<(typeof commands)[Name]["args"]> };

/** What each command answers when it succeeds. */
export interface CommandValues {
  "session.open": { readonly snapshot: Snapshot; readonly seq: number };
  "account.signIn": { readonly account: string };
  "account.signOut": null;
  "account.list": readonly Account[];
  "account.password": null;
  "account.devices": readonly Device[];
  "account.signOutDevice": null;
  "invite.accept": { readonly account: string };
  "directory.search": { readonly items: readonly DirectoryEntry[] };
  "presence.set": null;
  "contact.add": Contact;
  "contact.update": Contact;
  "contact.remove": null;
  "contact.list": readonly (Contact & { readonly presence?: Presence })[];
  "privacy.set": null;
  "privacy.list": readonly Rule[];
  "watcher.list": readonly Watcher[];
  "conversation.list": readonly Conversation[];
  "conversation.read": null;
  "conversation.draft": null;
  "message.send": { readonly messageId: string };
  "message.retry": { readonly messageId: string };
  "message.typing": null;
  "history.page": { readonly items: readonly Message[]; readonly older?: string; readonly newer?: string };
  "settings.set": Settings;
  "gateway.status": GatewayStatus;
  "gateway.start": GatewayStatus;
  "gateway.stop": GatewayStatus;
  "gateway.addPerson": GatewayStatus;
  "gateway.invite": Invitation;
  "gateway.uninvite": GatewayStatus;
}

/** What the core says without being asked. Each event also carries `seq`, one more than the event before it. */
export interface Events {
  "registration.changed": Account;
  "presence.changed": Presence;
  "presence.own": OwnPresence;
  "contact.changed": Contact;
  "contact.removed": { readonly account: string; readonly address: string };
  "privacy.changed": { readonly account: string; readonly rules: readonly Rule[] };
  "message.received": Message;
  /** A message of our own was stored; its later fate comes as `message.updated`. */
  "message.added": Message;
  "message.updated": {
    readonly account: string;
    readonly messageId: string;
    readonly with: string;
    readonly status: MessageStatus;
    readonly reason?: string;
  };
  /** Somebody began to write to us, or stopped. */
  "typing.changed": { readonly account: string; readonly address: string; readonly active: boolean };
  "conversation.changed": Conversation;
  "watcher.pending": { readonly account: string; readonly address: string };
  "watcher.changed": { readonly account: string; readonly watchers: readonly Watcher[] };
  "settings.changed": Settings;
  "gateway.changed": GatewayStatus;
}

export type EventName = keyof Events;
export type EventMessage = {
  [Name in EventName]: { readonly event: Name; readonly seq: number; readonly payload: Events[Name] };
}[EventName];

/** Why a command did not succeed: a stable code and one whole sentence. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, string>>;
}
export type Answer<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Failure);

/** What a host offers to a face: one way in, one way out. */
export interface Bridge {
  invoke<Name extends CommandName>(name: Name, args: CommandArgs[Name]): Promise<Answer<CommandValues[Name]>>;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (message: EventMessage) => void): () => void;
}
