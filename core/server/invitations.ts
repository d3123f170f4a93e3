/** Invitations: an account that waits for its person, and a secret for one use by which they set its password. */
import { formatInvitationLink } from "../payload/invitation-link.ts";
import type { Clock } from "../platform/clock.ts";
import { isoTime } from "../platform/clock.ts";
import { sha256Hex } from "../platform/hash.ts";
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import { bareAddress, canonicalAddress } from "../sip/address.ts";
import { parseListening } from "../sip/transport/flow.ts";
import { StoreError } from "../store/errors.ts";
import type { DigestSecrets, GatewayStore } from "../store/store.ts";
import { existing, setSecrets } from "./accounts.ts";
import type { OfficeAdministration } from "./administration.ts";
import { settingValue } from "./settings.ts";

/** Bytes of a secret: more than anybody can guess. */
const SECRET_BYTES = 20;
/** Milliseconds for which it is remembered that an invitation was used or ended. */
const REMEMBERED = 90 * 86_400_000;
const DAY = 86_400_000;

/** How the office is found and known from outside. */
export interface OfficeDoor {
  /** Of the office authority's key. */
  fingerprint(): Promise<string>;
  /** `transport:host:port`, most useful first. */
  servers(): readonly string[];
}

export interface InvitationsSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: GatewayStore;
  readonly administration: Pick<OfficeAdministration, "reserve">;
  readonly door: OfficeDoor;
}

export interface InvitationWish {
  readonly address: string;
  readonly name?: string;
  readonly administrator?: boolean;
}

export interface Invitation {
  readonly address: string;
  readonly link: string;
  /** The same for people, to be put into a mail. */
  readonly text: string;
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
  /** What the administrator should look at, as sentences. */
  readonly warnings: readonly string[];
}

export interface InvitationLine {
  readonly address: string;
  readonly state: "open" | "used" | "expired";
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
}

/** What became of an attempt to use an invitation. */
export type Redemption = "accepted" | "unknown" | "used" | "expired";

export class Invitations {
  readonly #settings: InvitationsSettings;

  constructor(settings: InvitationsSettings) {
    this.#settings = settings;
  }

  /**
   * Invites somebody: makes the account when there is none yet. Whoever has one already gets a new password by it, and
   * the old one holds until then. An older invitation of the same person ends. Throws `StoreError`.
   */
  async invite({ address, ...person }: InvitationWish): Promise<Invitation> {
    const { store, clock, random, administration, door } = this.#settings;
    const server = this.#server();
    const aor = canonicalAddress(address);
    const known = aor === undefined ? undefined : store.accounts.get(aor);
    const warnings = known ? [] : (await administration.reserve({ address, ...person })).warnings;
    const account = existing(store.accounts, address);
    if (account.disabled)
      throw new StoreError(
        "account-disabled",
        `${bareAddress(account.aor)} is switched off. Switch it on first: hallway account enable.`,
      );
    const secret = token(random, SECRET_BYTES);
    const now = clock.now();
    const expiresAt = now + Number(settingValue(store.settings, "invite.days")) * DAY;
    await store.durably(() => {
      store.invitations.forget(now - REMEMBERED);
      store.invitations.withdraw(account.aor);
      store.invitations.put({ secretHash: sha256Hex(secret), aor: account.aor, madeAt: now, expiresAt });
    });
    const trust = await door.fingerprint();
    const link = formatInvitationLink({ address: bareAddress(account.aor), server, trust, secret });
    return {
      address: bareAddress(account.aor),
      link,
      text: letter(account.name ?? bareAddress(account.aor), link, new Date(expiresAt)),
      expiresAt: isoTime(expiresAt),
      warnings: [...warnings, ...(isLoopback(server) ? [LOOPBACK_WARNING] : [])],
    };
  }

  /** Ends the invitation of a person that was not used yet; the account stays. Throws `StoreError` when there is none. */
  async withdraw(address: string): Promise<void> {
    const { store } = this.#settings;
    const { aor } = existing(store.accounts, address);
    if ((await store.durably(() => store.invitations.withdraw(aor))) === 0)
      throw new StoreError("no-invitation", `${bareAddress(aor)} has no open invitation.`);
  }

  list(): readonly InvitationLine[] {
    const now = this.#settings.clock.now();
    return this.#settings.store.invitations.all().map(({ aor, expiresAt, usedAt }) => ({
      address: bareAddress(aor),
      state: usedAt !== undefined ? "used" : expiresAt <= now ? "expired" : "open",
      expiresAt: isoTime(expiresAt),
    }));
  }

  #server(): string {
    const chosen = settingValue(this.#settings.store.settings, "invite.server");
    const found = chosen === "" ? this.#settings.door.servers().find(canBeNamed) : chosen;
    if (found === undefined)
      throw new StoreError(
        "no-tls",
        "Invitations need a TLS listener with a known port. Add one to listen, or name the server: hallway gateway set invite.server=tls:HOST:PORT.",
      );
    return found;
  }
}

/** Uses an invitation: from now on the account has the password that these secrets were made of. */
export function redeemInvitation(
  { store, clock }: Pick<InvitationsSettings, "store" | "clock">,
  address: string,
  secret: string,
  secrets: DigestSecrets,
): Promise<Redemption> {
  const aor = canonicalAddress(address);
  const secretHash = sha256Hex(secret);
  return store.durably(() => {
    const invitation = store.invitations.get(secretHash);
    if (!invitation || invitation.aor !== aor) return "unknown";
    if (invitation.usedAt !== undefined) return "used";
    const now = clock.now();
    if (invitation.expiresAt <= now) return "expired";
    if (store.accounts.get(aor)?.disabled) return "unknown";
    setSecrets(store.accounts, aor, secrets);
    store.invitations.put({ ...invitation, usedAt: now });
    return "accepted";
  });
}

const LOOPBACK_WARNING =
  "The invitation names an address that only this computer knows. Let the office listen on the network, or set invite.server.";

function canBeNamed(server: string): boolean {
  const parsed = parseListening(server);
  return parsed?.transport === "tls" && parsed.port !== 0;
}

function isLoopback(server: string): boolean {
  return /^tls:(127\.|\[?::1\]?:|localhost:)/.test(server);
}

/** What an administrator can paste into a mail. The link stands alone in its line, so that it survives being quoted. */
function letter(name: string, link: string, end: Date): string {
  return [
    `${name}, you are invited.`,
    "",
    "Start Hallway, choose “I have an invitation”, and paste this line:",
    "",
    link,
    "",
    `It works once, until ${end.toISOString().slice(0, 10)}. Give it to nobody else: whoever uses it first chooses your password.`,
    "",
  ].join("\n");
}
