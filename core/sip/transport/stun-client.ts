/** Binding requests of our own on a UDP socket: repeated by their own rules until they are answered (RFC 8489 §6.2.1). */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { Endpoint } from "./network.ts";
import { formatEndpoint } from "./network.ts";
import type { StunMessage } from "./stun.ts";
import { bindingRequest } from "./stun.ts";

/** Milliseconds to the first repetition; each further wait is twice as long. RFC 8489 calls it RTO. */
export const STUN_FIRST_WAIT = 500;
/** How often a request is sent (Rc). */
export const STUN_MAX_SENT = 7;
/** Milliseconds for which an answer to the last one is still awaited (Rm times RTO). */
export const STUN_LAST_WAIT = 16 * STUN_FIRST_WAIT;
/** Requests that wait for their answers on one socket; further ones are not sent. */
export const MAX_STUN_WAITING = 1_000;

interface Waiting {
  readonly remote: string;
  readonly answered: (mapped: Endpoint | undefined) => void;
  timer: Timer | undefined;
}

export class StunClient {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #send: (bytes: Buffer, to: Endpoint) => void;
  readonly #waiting = new Map<string, Waiting>();
  #asked = 0;
  #heard = 0;

  constructor(clock: Clock, random: Random, send: (bytes: Buffer, to: Endpoint) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#send = send;
  }

  /** Asks where we are seen from. Calls `answered` once when the answer comes, and never when none does or it is an error. */
  ask(remote: Endpoint, answered: (mapped: Endpoint | undefined) => void): void {
    if (this.#waiting.size >= MAX_STUN_WAITING) return;
    this.#asked++;
    const transaction = this.#random.bytes(12);
    const key = transaction.toString("hex");
    const request = bindingRequest(transaction);
    const waiting: Waiting = { remote: formatEndpoint(remote), answered, timer: undefined };
    this.#waiting.set(key, waiting);
    const round = (sent: number): void => {
      if (sent === STUN_MAX_SENT) {
        this.#waiting.delete(key);
        return;
      }
      const wait = sent === STUN_MAX_SENT - 1 ? STUN_LAST_WAIT : STUN_FIRST_WAIT * 2 ** sent;
      waiting.timer = this.#clock.after(wait, () => round(sent + 1));
      this.#send(request, remote);
    };
    round(0);
  }

  /** Takes a response; one that nobody asked for, or that comes from elsewhere, says nothing. */
  response({ kind, transaction, mapped }: StunMessage, from: Endpoint): void {
    const key = transaction.toString("hex");
    const waiting = this.#waiting.get(key);
    if (!waiting || waiting.remote !== formatEndpoint(from)) return;
    waiting.timer?.cancel();
    this.#waiting.delete(key);
    if (kind !== "success") return;
    this.#heard++;
    waiting.answered(mapped);
  }

  /** Requests since the socket was bound, and how many wait now. */
  report(): { readonly asked: number; readonly heard: number; readonly waiting: number } {
    return { asked: this.#asked, heard: this.#heard, waiting: this.#waiting.size };
  }

  close(): void {
    for (const { timer } of this.#waiting.values()) timer?.cancel();
    this.#waiting.clear();
  }
}
