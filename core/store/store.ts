/** What must outlive the process, as interfaces. The server and the client know these; only `compose.ts` knows SQLite. */
import type { MessageStatus, PrivacyRule, SettableState } from "../bridge/contract.ts";

/** Groups short writes: the task runs inside a transaction and the promise resolves after it is on disk. */
export interface Durable {
  /** Resolves within a few milliseconds with what the task returned; rejects with what it threw, alone. */
  durably<T>(task: () => T): Promise<T>;
}

/** Hears of groups of writes. */
export interface CommitObserver {
  /** A group was written; how long that took in milliseconds. */
  committed(milliseconds: number): void;
  failed(error: Error): void;
}

// ---- The gateway ----

export interface AccountRecord {
  /** `sip:name@domain`, canonical. */
  readonly aor: string;
  readonly name?: string;
  readonly administrator: boolean;
  readonly disabled: boolean;
  /** Whether the person is left out of the office list. */
  readonly hidden?: boolean;
}

/** Digest secrets by algorithm, hexadecimal HA1 for the account's domain as realm. */
export type DigestSecrets = Readonly<Partial<Record<"MD5" | "SHA-256" | "SHA-512-256", string>>>;

export interface AccountTable {
  get(aor: string): AccountRecord | undefined;
  secrets(aor: string): DigestSecrets;
  list(): readonly AccountRecord[];
  /** Adds or replaces; secrets that are not given stay as they are. */
  put(account: AccountRecord, secrets?: DigestSecrets): void;
  /** Removes the account and everything that was kept for its person: messages, documents, bindings, aliases … */
  remove(aor: string): boolean;
}

/** Addresses that stand for others. */
export interface AliasTable {
  /** What the alias stands for, in the order in which it was given; nothing when there is no such alias. */
  targets(aor: string): readonly string[];
  all(): ReadonlyMap<string, readonly string[]>;
  /** Makes or replaces an alias. */
  put(aor: string, targets: readonly string[]): void;
  remove(aor: string): boolean;
}

/** An invitation: whoever knows its secret may set the account's password, once. The secret itself is kept nowhere. */
export interface InvitationRecord {
  /** SHA-256 of the secret, hexadecimal. */
  readonly secretHash: string;
  readonly aor: string;
  readonly madeAt: number;
  readonly expiresAt: number;
  readonly usedAt?: number;
}

export interface InvitationTable {
  get(secretHash: string): InvitationRecord | undefined;
  all(): readonly InvitationRecord[];
  put(invitation: InvitationRecord): void;
  /** Removes an account's invitations that nobody used; returns how many there were. */
  withdraw(aor: string): number;
  /** Removes those that ended before this time. */
  forget(before: number): void;
}

/** Registrations, by their Call-ID, that were ended from outside and must not come back by themselves. */
export interface SignedOutTable {
  has(aor: string, callId: string): boolean;
  put(aor: string, callId: string, at: number): void;
  forget(before: number): void;
}

export interface BindingRecord {
  readonly aor: string;
  /** The device: its `+sip.instance` where it registers flows (RFC 5626), else its Contact URI. */
  readonly device: string;
  /** Which of the device's flows this is; 0 where the device does not tell its flows apart. */
  readonly regId: number;
  readonly contact: string;
  readonly params: string;
  readonly q: number;
  readonly callId: string;
  readonly sequence: number;
  /** Milliseconds since 1970: when the binding began, and when its device last spoke of it. */
  readonly registeredAt: number;
  readonly renewedAt: number;
  readonly expiresAt: number;
  readonly path: readonly string[];
  /** `transport:address:port` that the REGISTER came from, and its flow. */
  readonly peer: string;
  readonly flow: string;
  /** Whether the binding ends when its flow does (RFC 5626, or found behind NAT). */
  readonly diesWithFlow: boolean;
  readonly userAgent: string;
}

export interface BindingTable {
  of(aor: string): readonly BindingRecord[];
  all(): readonly BindingRecord[];
  put(binding: BindingRecord): void;
  remove(aor: string, device: string, regId: number): void;
}

/** The time in which the temporary GRUUs of one device stay valid (RFC 5627 §5.4, appendix A). */
export interface GruuEpoch {
  readonly id: number;
  readonly aor: string;
  /** A URN. */
  readonly instance: string;
  readonly callId: string;
}

export interface GruuTable {
  get(id: number): GruuEpoch | undefined;
  of(aor: string, instance: string): GruuEpoch | undefined;
  /** Begins a new epoch, which ends the one before. Its number is never used twice. */
  begin(aor: string, instance: string, callId: string): GruuEpoch;
  end(aor: string, instance: string): void;
}

export interface PublicationRecord {
  readonly etag: string;
  readonly aor: string;
  readonly event: string;
  readonly contentType: string;
  readonly body: string;
  readonly publishedAt: number;
  readonly expiresAt: number;
  readonly flow: string;
}

export interface PublicationTable {
  all(): readonly PublicationRecord[];
  put(publication: PublicationRecord): void;
  remove(etag: string): void;
}

/** An XCAP document (RFC 4825) of one person. */
export interface DocumentRecord {
  readonly aor: string;
  readonly application: string;
  readonly name: string;
  readonly etag: string;
  readonly contentType: string;
  readonly body: string;
}

export interface DocumentTable {
  get(aor: string, application: string, name: string): DocumentRecord | undefined;
  /** All documents of a person, by application and name. */
  of(aor: string): readonly DocumentRecord[];
  put(document: DocumentRecord): void;
  remove(aor: string, application: string, name: string): boolean;
}

export interface StoredMessage {
  readonly id: number;
  readonly recipient: string;
  /** The device that still misses it; undefined for whichever registers first. */
  readonly device?: string;
  readonly sender: string;
  /** The request as it came, serialized. */
  readonly request: Buffer;
  readonly storedAt: number;
  readonly expiresAt: number;
}

export interface MessageTable {
  add(message: Omit<StoredMessage, "id">): number;
  /** Those for the device and those for any, oldest first. */
  waiting(recipient: string, device: string): readonly StoredMessage[];
  /** Whether this device is behind already, so that a new message must queue too. */
  behind(recipient: string, device: string): boolean;
  count(recipient: string): number;
  /** Those of all recipients. */
  total(): number;
  remove(id: number): void;
  expire(now: number): number;
  /** The final status that a message with this key was answered with. */
  answer(key: string): number | undefined;
  remember(key: string, status: number, at: number): void;
  forgetAnswers(before: number): void;
}

export interface WaitingWatcher {
  readonly resource: string;
  readonly watcher: string;
  readonly since: number;
}

/** People whose question was not answered before their subscription ended (RFC 3857's waiting state). */
export interface WaitingTable {
  of(resource: string): readonly WaitingWatcher[];
  put(waiting: WaitingWatcher): void;
  remove(resource: string, watcher: string): void;
}

/** Partners with whom the office talks: their domains, the way there, and what proves that they are who they say. */
export interface CommunityRecord {
  readonly name: string;
  /** `b.example`, `*.c.example` (everything below it, not itself) or `*`. */
  readonly domains: readonly string[];
  /** A fixed next hop, `host` or `host:port`; found by DNS when absent. */
  readonly proxy?: string;
  readonly transport: "tls" | "tcp" | "udp";
  /** Addresses and ranges that may speak for the domains without a certificate. */
  readonly trusted: readonly string[];
  /** PEM of the authority at which the partner's certificates must end; the machine's authorities when absent. */
  readonly authority?: string;
  readonly enabled: boolean;
}

export interface CommunityTable {
  get(name: string): CommunityRecord | undefined;
  /** All of them, by name. */
  list(): readonly CommunityRecord[];
  put(community: CommunityRecord): void;
  remove(name: string): boolean;
}

/** Subscriptions as plain data; their shape belongs to `sip/event`. */
export interface RecordTable {
  save(id: string, json: string): void;
  remove(id: string): void;
  all(): readonly string[];
}

export interface SettingTable {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  all(): Readonly<Record<string, string>>;
}

export interface GatewayStore extends Durable {
  readonly accounts: AccountTable;
  readonly aliases: AliasTable;
  readonly invitations: InvitationTable;
  readonly signedOut: SignedOutTable;
  readonly bindings: BindingTable;
  readonly gruus: GruuTable;
  readonly publications: PublicationTable;
  readonly subscriptions: RecordTable;
  readonly documents: DocumentTable;
  readonly messages: MessageTable;
  readonly waiting: WaitingTable;
  readonly communities: CommunityTable;
  readonly settings: SettingTable;
  /** Names who hears of groups of writes from now on. */
  observe(observer: CommitObserver): void;
  close(): void;
}

// ---- A person's profile ----

export interface ProfileAccount {
  readonly account: string;
  readonly server?: string;
  readonly trust?: string;
  readonly signedIn: boolean;
  readonly state: SettableState;
  /** When the state was chosen, and when it ends by itself: milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
  readonly note?: string;
}

export interface ContactRecord {
  readonly account: string;
  readonly address: string;
  readonly name?: string;
  readonly groups: readonly string[];
  readonly favourite: boolean;
  readonly note?: string;
}

export interface RuleRecord {
  readonly account: string;
  readonly target: string;
  readonly rule: PrivacyRule;
}

export interface MessageRecord {
  readonly account: string;
  readonly messageId: string;
  readonly with: string;
  readonly outgoing: boolean;
  readonly text: string;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly status?: MessageStatus;
  readonly reason?: string;
}

export interface HistoryPage {
  readonly items: readonly MessageRecord[];
  readonly older?: string;
  readonly newer?: string;
}

export interface ConversationRecord {
  readonly account: string;
  readonly with: string;
  readonly unread: number;
  readonly lastAt?: number;
  readonly lastText?: string;
  readonly draft?: string;
}

/** What the sender of a message is to be told of it. */
export type ReceiptKind = "delivered" | "displayed";

/** A receipt that has not left yet. */
export interface OwedReceipt {
  readonly messageId: string;
  /** Who wrote the message, and what they know it by. */
  readonly with: string;
  readonly theirId: string;
  readonly sentAt: number;
  readonly kind: ReceiptKind;
}

export interface HistoryTable {
  /**
   * Adds a message; false when one with this identity is there already. `key` tells repeated arrivals. `owes` says
   * which receipts its sender wants, and by what name they know it.
   */
  add(
    message: MessageRecord,
    key: string,
    owes?: { readonly theirId: string; readonly kinds: readonly ReceiptKind[] },
  ): boolean;
  get(account: string, messageId: string): MessageRecord | undefined;
  /** False when the message is gone, or when more is known of it already: a receipt may overtake the answer. */
  setStatus(account: string, messageId: string, status: MessageStatus, reason?: string): boolean;
  /** Receipts that can leave now, oldest first: those of reading only for messages that were read. */
  owed(account: string): readonly OwedReceipt[];
  settleReceipt(account: string, messageId: string, kind: ReceiptKind): void;
  /** Outgoing messages that have not left yet, oldest first. */
  queued(account: string): readonly MessageRecord[];
  page(
    account: string,
    other: string,
    cursor: string | undefined,
    direction: "older" | "newer",
    limit: number,
  ): HistoryPage;
  conversations(account: string): readonly ConversationRecord[];
  conversation(account: string, other: string): ConversationRecord;
  markRead(account: string, other: string): void;
  setDraft(account: string, other: string, text: string): void;
}

export interface ProfileStore extends Durable {
  readonly accounts: {
    list(): readonly ProfileAccount[];
    put(account: ProfileAccount): void;
    remove(account: string): void;
  };
  readonly contacts: {
    list(account: string): readonly ContactRecord[];
    put(contact: ContactRecord): void;
    remove(account: string, address: string): boolean;
  };
  readonly rules: {
    list(account: string): readonly RuleRecord[];
    put(rule: RuleRecord): void;
  };
  readonly history: HistoryTable;
  readonly settings: SettingTable;
  close(): void;
}
