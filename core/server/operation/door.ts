/** The door of an office: what a request meets before a transaction, a password or a row is spent on it. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { SipRequest } from "../../sip/message/message.ts";
import type { StatelessAnswer } from "../../sip/transaction/stateless.ts";
import { answerStatelessly } from "../../sip/transaction/stateless.ts";
import type { Flow } from "../../sip/transport/flow.ts";
import type { TransportLayer } from "../../sip/transport/transport.ts";
import type { GatewaySettings } from "../settings.ts";
import { RepeatedRefusals } from "./repeated-refusals.ts";
import { SourceLimit } from "./source-limit.ts";

/** Seconds after which who comes while we stop is asked to come again. */
export const BACK_SOON = 10;
/** Answers that wait at once; those beyond are given without a wait. */
export const MAX_WAITING = 2_000;

type DoorReason = "stopping" | "too-many-requests" | "repeated";

export interface DoorSettings {
  readonly clock: Clock;
  readonly transport: TransportLayer;
  readonly settings: GatewaySettings;
  refused(reason: DoorReason): void;
}

export class Door {
  readonly #settings: DoorSettings;
  readonly #sources = new SourceLimit();
  readonly #refusals = new RepeatedRefusals();
  readonly #waiting = new Set<Timer>();
  #closing = false;

  constructor(settings: DoorSettings) {
    this.#settings = settings;
  }

  /** What is held in memory because of strangers. */
  get held(): { readonly sources: number; readonly refusals: number; readonly waiting: number } {
    return { sources: this.#sources.size, refusals: this.#refusals.size, waiting: this.#waiting.size };
  }

  /** The answer for a request that may not come in; `taken` when it gets it in a while. */
  screen(request: SipRequest, flow: Flow): StatelessAnswer | "taken" | undefined {
    const { clock, settings } = this.#settings;
    if (this.#closing) return this.#refusal("stopping", BACK_SOON, "The office stops, come again soon");
    const source = flow.remote.address;
    if (settings.isUnlimited(source)) return undefined;
    const seconds = this.#sources.take(source, settings.sourceRate, clock.monotonic());
    if (seconds > 0) return this.#refusal("too-many-requests", seconds, "Too many requests");
    return this.#answerRepeated(request, flow);
  }

  /** Takes one request of another protocol into account: 0 when it is served, else seconds after which to come again. */
  secondsToWait(address: string): number {
    const { clock, settings, refused } = this.#settings;
    if (this.#closing) return BACK_SOON;
    if (settings.isUnlimited(address)) return 0;
    const seconds = this.#sources.take(address, settings.sourceRate, clock.monotonic());
    if (seconds > 0) refused("too-many-requests");
    return seconds;
  }

  /** Hears how a request that came in was answered. */
  answered(request: SipRequest, flow: Flow, answer: Parameters<RepeatedRefusals["answered"]>[2]): void {
    this.#refusals.answered(request, flow.remote.address, answer, this.#settings.clock.monotonic());
  }

  /** From now on everybody is asked to come again soon. */
  close(): void {
    this.#closing = true;
    for (const timer of this.#waiting) timer.cancel();
    this.#waiting.clear();
  }

  #answerRepeated(request: SipRequest, flow: Flow): StatelessAnswer | "taken" | undefined {
    const { clock, transport, refused } = this.#settings;
    const source = flow.remote.address;
    const answer = this.#refusals.answerFor(request, source, clock.monotonic());
    if (!answer) return undefined;
    refused("repeated");
    if (answer === "waits") return "taken";
    if (answer.wait === undefined || this.#waiting.size >= MAX_WAITING) return answer;
    const timer = clock.after(answer.wait, () => {
      this.#waiting.delete(timer);
      this.#refusals.given(request, source);
      answerStatelessly(transport, request, flow, answer);
    });
    this.#waiting.add(timer);
    return "taken";
  }

  #refusal(why: DoorReason, seconds: number, reason: string): StatelessAnswer {
    this.#settings.refused(why);
    return { status: 503, reason, headers: [["Retry-After", String(seconds)]] };
  }
}
