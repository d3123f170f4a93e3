/** Answers the Binding requests of clients that keep their way through a NAT open (RFC 5626 §5.4 and §8). */
import type { Clock } from "../../platform/clock.ts";
import type { Endpoint } from "./network.ts";
import { Places } from "./places.ts";
import type { StunMessage } from "./stun.ts";
import { bindingRefusal, bindingSuccess } from "./stun.ts";

/** Requests of one address that are answered within a second: an office behind one NAT asks less. */
export const MAX_STUN_PER_SOURCE = 50;
/** Addresses that are answered within a second; it bounds what is remembered when senders are forged. */
export const MAX_STUN_SOURCES = 2_000;
/** Milliseconds for which the two limits are counted. */
const WINDOW = 1_000;

export class StunServer {
  readonly #clock: Clock;
  readonly #answer: (bytes: Buffer, to: Endpoint) => void;
  #sources = new Places(MAX_STUN_PER_SOURCE, MAX_STUN_SOURCES);
  #windowEnds = 0;
  #answered = 0;
  #ignored = 0;

  constructor(clock: Clock, answer: (bytes: Buffer, to: Endpoint) => void) {
    this.#clock = clock;
    this.#answer = answer;
  }

  request(request: StunMessage, from: Endpoint): void {
    const now = this.#clock.monotonic();
    if (now >= this.#windowEnds) {
      this.#sources = new Places(MAX_STUN_PER_SOURCE, MAX_STUN_SOURCES);
      this.#windowEnds = now + WINDOW;
    }
    if (!this.#sources.enter(from.address)) {
      this.#ignored++;
      return;
    }
    this.#answered++;
    this.#answer(request.unknown.length > 0 ? bindingRefusal(request) : bindingSuccess(request, from), from);
  }

  /** Requests since the socket was bound. */
  report(): { readonly answered: number; readonly ignored: number } {
    return { answered: this.#answered, ignored: this.#ignored };
  }
}
