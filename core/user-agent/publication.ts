/** Our own state at the presence agent (RFC 3903): published, refreshed, changed, taken back. */
import type { Clock, Timer } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import { expires } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { request as makeRequest } from "../sip/message/message.ts";
import type { Answered } from "./authentication.ts";

/** Seconds that a publication is to live. */
const LIFE = 600;
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
  #timer: Timer | undefined;
  #busy = false;
  #again = false;

  constructor(settings: PublicationSettings) {
    this.#settings = settings;
  }

  /** Publishes this body from now on. Changes that come quickly are told by the last one. */
  publish(body: string): void {
    this.#body = body;
    this.#settings.changed(false);
    this.#run();
  }

  /** Publishes anew on a new connection: the old publication may have ended with the old one. */
  renew(): void {
    if (this.#body !== undefined) this.#run();
  }

  /** Stops trying: there is no connection now. The entity tag is kept, it may still hold. */
  pause(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#settings.changed(false);
  }

  /** Takes the publication back. */
  async stop(): Promise<void> {
    this.pause();
    this.#body = undefined;
    const etag = this.#etag;
    this.#etag = undefined;
    if (etag !== undefined) await this.#settings.send(this.#request(0, etag, undefined));
  }

  #run(): void {
    if (this.#busy) this.#again = true;
    else void this.#publish(true);
  }

  async #publish(withBody: boolean): Promise<void> {
    this.#busy = true;
    this.#timer?.cancel();
    const body = this.#body;
    const { outcome } = await this.#settings.send(this.#request(LIFE, this.#etag, withBody ? body : undefined));
    this.#busy = false;
    if (this.#body === undefined) return;
    const status = outcome.kind === "response" ? outcome.response.status : 0;
    if (outcome.kind === "response" && status >= 200 && status < 300) {
      this.#etag = outcome.response.headers.get("sip-etag") ?? this.#etag;
      const life = Math.max(expires(outcome.response) ?? LIFE, 10);
      this.#timer = this.#settings.clock.after(life * 800, () => void this.#publish(false));
      if (!this.#again) this.#settings.changed(true);
    } else if (status === 412) {
      // The server has forgotten it: begin anew with everything (RFC 3903 §4.4).
      this.#etag = undefined;
      this.#again = true;
    } else {
      this.#timer = this.#settings.clock.after(TRY_AGAIN, () => void this.#publish(true));
    }
    if (this.#again) {
      this.#again = false;
      void this.#publish(true);
    }
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
