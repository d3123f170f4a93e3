/** Who is signed in at the console: a session for each browser, and a secret for each page that may change something. */
import { createHash } from "node:crypto";

/** Milliseconds without a request after which a session ends, and its longest life. */
export const IDLE_LIFE = 15 * 60_000;
export const LONGEST_LIFE = 8 * 3_600_000;
/** Sessions at once; the one used least recently ends first. */
export const MAX_SESSIONS = 50;
/** Pages of one session that may still change something; the oldest is forgotten first. */
export const MAX_PAGES = 100;

export interface SessionPorts {
  /** A random text that nobody can guess. */
  random(): string;
  /** Milliseconds that only grow. */
  now(): number;
}

export interface Session {
  /** The administrator's address-of-record. */
  readonly aor: string;
  readonly begun: number;
  used: number;
  readonly pages: Set<string>;
}

export class Sessions {
  readonly #ports: SessionPorts;
  /** By the hash of the cookie: what lies in memory opens nothing. */
  readonly #sessions = new Map<string, Session>();

  constructor(ports: SessionPorts) {
    this.#ports = ports;
  }

  /** Begins a session; returns what its cookie says. */
  begin(aor: string): string {
    const cookie = this.#ports.random();
    const now = this.#ports.now();
    this.#sessions.set(hashOf(cookie), { aor, begun: now, used: now, pages: new Set() });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    return cookie;
  }

  /** The live session of a cookie, whose idle time begins anew. */
  find(cookie: string): Session | undefined {
    const key = hashOf(cookie);
    const session = this.#sessions.get(key);
    if (!session) return undefined;
    const now = this.#ports.now();
    this.#sessions.delete(key);
    if (now - session.used > IDLE_LIFE || now - session.begun > LONGEST_LIFE) return undefined;
    session.used = now;
    this.#sessions.set(key, session);
    return session;
  }

  /** A secret for one page: what the page sends counts only with it. */
  openPage(session: Session): string {
    const secret = this.#ports.random();
    session.pages.add(secret);
    const [oldest] = session.pages;
    if (session.pages.size > MAX_PAGES && oldest !== undefined) session.pages.delete(oldest);
    return secret;
  }

  end(cookie: string): void {
    this.#sessions.delete(hashOf(cookie));
  }
}

function hashOf(cookie: string): string {
  return createHash("sha256").update(cookie).digest("base64");
}
