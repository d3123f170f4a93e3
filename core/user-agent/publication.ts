/** Our own state at the presence agent (RFC 3903): published, refreshed, changed, taken back. */
import type { Clock, Timer } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import { expires } from "../sip/message/fields.ts";
import type { SipRequest, SipResponse } from "../sip/message/message.ts";
import { request as makeRequest } from "../sip/message/message.ts";
import type { Outcome } from "../sip/stack.ts";
import type { Answered } from "./authentication.ts";

/** Seconds that a publication is to live. */
const LIFE = 600;
/** Seconds below which a server's answer is not believed, and above which its wish is not followed. */
const SHORTEST_LIFE = 10;
const LONGEST_LIFE = 86_400;
/** Milliseconds before a publication that failed is tried again. */
const TRY_AGAIN = 15_000;

export interface PublicationSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly aor: string;
  readonly event: string;
  readonly contentType: string;
  send(request: SipRequest): Promise<Answered>;
  /** Whether the server holds what was last asked to be published. */
  changed(published: boolean): void;
}

export class Publication {
  readonly #settings: PublicationSettings;
  #etag: string | undefined;
  #body: string | undefined;
  #life = LIFE;
  #timer: Timer | undefined;
  /** Nothing leaves before `renew` says that there is a connection. */
  #paused = true;
  /** The exchange under way; resolves when no other follows it at once. */
  #work: Promise<void> | undefined;
  #again = false;

  constructor(settings: PublicationSettings) {
    this.#settings = settings;
  }

  /** Publishes this body from now on, at once or with the next connection. Quick changes are told by the last one. */
  publish(body: string): void {
    this.#body = body;
    this.#settings.changed(false);
    this.#run(true);
  }

  /** There is a new connection: the old publication may have ended with the old one, so everything is told again. */
  renew(): void {
    this.#paused = false;
    this.#run(true);
  }

  /** There is no connection now. The entity tag is kept, it may still hold. */
  pause(): void {
    this.#paused = true;
    this.#timer?.cancel();
    this.#settings.changed(false);
  }

  /** Takes the publication back, also one that is just being made. */
  async stop(): Promise<void> {
    this.pause();
    this.#body = undefined;
    await this.#work;
    const etag = this.#etag;
    this.#etag = undefined;
    if (etag !== undefined) await this.#settings.send(this.#request(0, etag, undefined));
  }

  #run(withBody: boolean): void {
    if (this.#paused || this.#body === undefined) return;
    if (this.#work) {
      this.#again ||= withBody;
      return;
    }
    this.#work = this.#exchange(withBody).finally(() => {
      this.#work = undefined;
    });
  }

  /** Publishes until what the server holds is what was asked for last, or a failure wants a pause. */
  async #exchange(withBody: boolean): Promise<void> {
    let whole = withBody;
    do {
      this.#again = false;
      this.#timer?.cancel();
      // Only what the server knows by its tag can be refreshed without being told again (RFC 3903 §4.1).
      const body = whole || this.#etag === undefined ? this.#body : undefined;
      const { outcome } = await this.#settings.send(this.#request(this.#life, this.#etag, body));
      this.#take(outcome);
      whole = true;
    } while (this.#again && !this.#paused && this.#body !== undefined);
  }

  #take(outcome: Outcome): void {
    const response = outcome.kind === "response" ? outcome.response : undefined;
    if (response && response.status >= 200 && response.status < 300) {
      this.#etag = response.headers.get("sip-etag") ?? this.#etag;
      const life = Math.min(Math.max(expires(response) ?? this.#life, SHORTEST_LIFE), this.#life);
      this.#later(life * 800, false);
      if (!this.#again && !this.#paused) this.#settings.changed(true);
    } else if (response?.status === 412 && this.#etag !== undefined) {
      // The server has forgotten it: begin anew with everything (RFC 3903 §4.4).
      this.#etag = undefined;
      this.#again = true;
    } else if (response?.status === 423 && this.#prolong(response)) this.#again = true;
    else this.#later(TRY_AGAIN, true);
  }

  /** Whether the server wants longer publications than it was asked for, and we can do that. */
  #prolong(response: SipResponse): boolean {
    const least = Number.parseInt(response.headers.get("min-expires") ?? "", 10);
    if (!(least > this.#life) || least > LONGEST_LIFE) return false;
    this.#life = least;
    return true;
  }

  #later(delay: number, withBody: boolean): void {
    if (this.#paused || this.#body === undefined) return;
    this.#timer = this.#settings.clock.after(delay, () => this.#run(withBody));
  }

  #request(seconds: number, etag: string | undefined, body: string | undefined): SipRequest {
    const { aor, event, contentType, random } = this.#settings;
    return makeRequest(
      "PUBLISH",
      aor,
      [
        ["Max-Forwards", "70"],
        ["From", `<${aor}>;tag=${token(random)}`],
        ["To", `<${aor}>`],
        ["Call-ID", token(random, 16)],
        ["CSeq", "1 PUBLISH"],
        ["Event", event],
        ["Expires", String(seconds)],
        ...(etag === undefined ? [] : [["SIP-If-Match", etag] as const]),
        ...(body === undefined ? [] : [["Content-Type", contentType] as const]),
      ],
      body,
    );
  }
}
