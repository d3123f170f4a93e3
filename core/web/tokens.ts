/** Who may speak to the browser host: one opening that works once, a cookie for the browser, a secret for each tab. */
import { timingSafeEqual } from "node:crypto";

/** Milliseconds in which an opening address must be used. */
export const OPENING_LIFE = 60_000;
/** Tabs that may be open at once; the oldest secret is forgotten first. */
export const MAX_TABS = 50;

interface TokenPorts {
  /** A random text that nobody can guess. */
  random(): string;
  /** Milliseconds that only grow. */
  now(): number;
}

export class Tokens {
  readonly #ports: TokenPorts;
  readonly #openings = new Map<string, number>();
  readonly #tabs = new Set<string>();
  /** What the browser's cookie must say. */
  readonly cookie: string;

  constructor(ports: TokenPorts) {
    this.#ports = ports;
    this.cookie = ports.random();
  }

  /** A token for one opening address. */
  opening(): string {
    for (const [token, issued] of this.#openings) if (this.#isTooOld(issued)) this.#openings.delete(token);
    const token = this.#ports.random();
    this.#openings.set(token, this.#ports.now());
    return token;
  }

  /** Takes an opening: a secret for the new tab, or nothing when it is unknown, used or too old. */
  redeem(token: string): string | undefined {
    const issued = this.#openings.get(token);
    this.#openings.delete(token);
    if (issued === undefined || this.#isTooOld(issued)) return undefined;
    const secret = this.#ports.random();
    this.#tabs.add(secret);
    const [oldest] = this.#tabs;
    if (this.#tabs.size > MAX_TABS && oldest !== undefined) this.#tabs.delete(oldest);
    return secret;
  }

  #isTooOld(issued: number): boolean {
    return this.#ports.now() - issued > OPENING_LIFE;
  }

  isTab(secret: string): boolean {
    return this.#tabs.has(secret);
  }

  isCookie(value: string): boolean {
    const [given, wanted] = [Buffer.from(value), Buffer.from(this.cookie)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}
