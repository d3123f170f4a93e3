/** Who sent a request: digest challenges and their answers (RFC 3261 §22, RFC 8760), with a lock-out. */
import type { Clock } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import type { Credentials, DigestAlgorithm } from "../sip/digest.ts";
import { digestResponse, formatChallenge, ha1, parseCredentials, sameDigest } from "../sip/digest.ts";
import type { AccountTable } from "../store/store.ts";
import { bareAddress, canonicalAddress, domainOf } from "../sip/address.ts";
import { LockOut } from "./lock-out.ts";
import { Nonces } from "./nonces.ts";
import type { GatewaySettings } from "./settings.ts";

export interface Claim {
  readonly method: string;
  /** Who the request says it is from. */
  readonly aor: string;
  /** Values of Authorization or Proxy-Authorization. */
  readonly credentials: readonly string[];
  /** The address that the request came from. */
  readonly source: string;
}

export type Verdict =
  | { readonly kind: "proven"; readonly aor: string }
  /** Ask again with these challenges, strongest first. */
  | { readonly kind: "challenge"; readonly challenges: readonly string[] }
  | { readonly kind: "refused"; readonly status: number; readonly reason: string; readonly retryAfter?: number };

export type PasswordVerdict =
  | { readonly kind: "proven" | "wrong" }
  /** Whole seconds until the next try. */
  | { readonly kind: "locked-out"; readonly seconds: number };

export interface AuthenticationSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly accounts: AccountTable;
  readonly settings: GatewaySettings;
  /** A proof was wrong, or a claim was refused because too many were. */
  refused?(kind: "wrong" | "locked-out"): void;
}

export class Authentication {
  readonly #accounts: AccountTable;
  readonly #settings: GatewaySettings;
  readonly #nonces: Nonces;
  readonly #lockOut: LockOut;
  readonly #refused: (kind: "wrong" | "locked-out") => void;
  /** Stands in for the secret of accounts that have none; known to nobody, and as long as a real one. */
  readonly #nobodysSecret: string;

  constructor({ clock, random, accounts, settings, refused }: AuthenticationSettings) {
    this.#accounts = accounts;
    this.#settings = settings;
    this.#nonces = new Nonces(clock, random);
    this.#lockOut = new LockOut(clock);
    this.#refused = refused ?? (() => undefined);
    this.#nobodysSecret = random.bytes(32).toString("hex");
  }

  check(claim: Claim): Verdict {
    if (this.#settings.isExempt(claim.source)) return { kind: "proven", aor: claim.aor };
    const wait = this.#lockOut.remaining(claim.aor, claim.source);
    if (wait > 0) {
      this.#refused("locked-out");
      return { kind: "refused", status: 403, reason: "Too many wrong passwords, try again later", retryAfter: wait };
    }
    const realm = this.#realm(claim.aor);
    const given = claim.credentials.map(parseCredentials).find((credentials) => credentials?.realm === realm);
    if (!given) return this.#challenge(claim.aor, false);
    return this.#judge(claim, given);
  }

  /**
   * Whether the password is that of an administrator who may act, for the console. Shares the lock-out with SIP: guessing
   * at one door closes the other.
   */
  checkAdministrator(aor: string, password: string, source: string): PasswordVerdict {
    const wait = this.#lockOut.remaining(aor, source);
    if (wait > 0) {
      this.#refused("locked-out");
      return { kind: "locked-out", seconds: wait };
    }
    const account = this.#accounts.get(aor);
    const kept = Object.entries(this.#accounts.secrets(aor))[0];
    const [algorithm, secret] = (kept as [DigestAlgorithm, string] | undefined) ?? ["SHA-256", ""];
    // Also for people who do not exist: the time that an answer takes must not tell.
    const given = ha1(algorithm, bareAddress(aor).split("@")[0] ?? "", domainOf(aor), password);
    const right = sameDigest(secret, given) && account?.administrator === true && !account.disabled;
    if (right) this.#lockOut.succeeded(aor, source);
    else {
      this.#lockOut.failed(aor, source);
      this.#refused("wrong");
    }
    return { kind: right ? "proven" : "wrong" };
  }

  /** Does the same work for an account that does not exist: neither the answer nor its cost tells which there are. */
  #judge(claim: Claim, given: Credentials): Verdict {
    const account = this.#accounts.get(claim.aor);
    const algorithm = this.#offered(claim.aor).find((name) => name === (given.algorithm ?? "MD5").toUpperCase());
    if (!algorithm || !this.#names(given.username, claim.aor)) return this.#wrong(claim);
    const { nonce, qop, cnonce, nc, uri } = given;
    // Without qop nothing ties the answer to a count: only accounts kept for old phones may do that.
    if (qop === undefined && algorithm !== "MD5") return this.#wrong(claim);
    const secret = this.#accounts.secrets(claim.aor)[algorithm];
    const expected = digestResponse({
      algorithm,
      ha1: secret ?? this.#nobodysSecret,
      method: claim.method,
      uri,
      nonce,
      ...(qop !== undefined && { qop }),
      ...(nc !== undefined && { nc }),
      ...(cnonce !== undefined && { cnonce }),
    });
    const same = sameDigest(expected, given.response);
    if (!same || !account || secret === undefined) return this.#wrong(claim);
    const count = nc === undefined ? undefined : Number.parseInt(nc, 16);
    if (this.#nonces.use(nonce, count) === "stale") return this.#challenge(claim.aor, true);
    if (account.disabled) return { kind: "refused", status: 403, reason: "This account is switched off" };
    this.#lockOut.succeeded(claim.aor, claim.source);
    return { kind: "proven", aor: account.aor };
  }

  #wrong(claim: Claim): Verdict {
    this.#lockOut.failed(claim.aor, claim.source);
    this.#refused("wrong");
    return this.#challenge(claim.aor, false);
  }

  #challenge(aor: string, stale: boolean): Verdict {
    const challenges = this.#offered(aor).map((algorithm) =>
      formatChallenge({ realm: this.#realm(aor), nonce: this.#nonces.make(), algorithm, qop: ["auth"], stale }),
    );
    return { kind: "challenge", challenges };
  }

  /** MD5 is offered only to accounts that keep a secret for it. */
  #offered(aor: string): readonly DigestAlgorithm[] {
    const hasMd5 = this.#accounts.secrets(aor).MD5 !== undefined;
    return this.#settings.algorithms.filter((algorithm) => algorithm !== "MD5" || hasMd5);
  }

  /** Phones write the user part alone; some write the whole address. */
  #names(username: string, aor: string): boolean {
    return canonicalAddress(username.includes("@") ? username : `${username}@${domainOf(aor)}`) === aor;
  }

  /** The account's own domain: its secrets were made for that one. */
  #realm(aor: string): string {
    const domain = domainOf(aor);
    return this.#settings.isOwnDomain(domain) ? domain : this.#settings.domain;
  }
}
