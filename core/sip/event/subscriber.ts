/** One subscription from the side that asks (RFC 6665 §4.1): kept alive, taken up again, ended. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import { token } from "../../platform/random.ts";
import type { Dialog } from "../dialog/dialog.ts";
import {
  dialogId,
  dialogOfClient,
  dialogOfServer,
  receiveAnswer,
  receiveInDialog,
  requestInDialog,
} from "../dialog/dialog.ts";
import { callId, contentType, cseq, event, expires, fromTag, subscriptionState, toTag } from "../message/fields.ts";
import type { Params } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { request as makeRequest, responseTo } from "../message/message.ts";
import type { ServerTransaction } from "../transaction/transaction.ts";
import type { Retry } from "./retry.ts";
import { afterFailure, afterTermination, FIRST_RETRY } from "./retry.ts";

/** A subscription is renewed when this part of its life is over. */
const REFRESH_AT = 0.8;
/** A NOTIFY is due this many milliseconds after the SUBSCRIBE was accepted (timer N, RFC 6665 §4.1.2.4). */
export const TIMER_N = 32_000;
/** Seconds below which a notifier's answer is not believed: a zero would make us ask without end. */
const SHORTEST_LIFE = 5;
/** The longest Min-Expires that is followed, in seconds. */
const LONGEST_LIFE = 86_400;

export interface Notification {
  readonly state: string;
  readonly contentType?: string;
  readonly contentParams?: Params;
  readonly body: Buffer;
}

/** The request as it finally left (credentials raise its CSeq) and the final response, if one came. */
export interface Sent {
  readonly request: SipRequest;
  readonly response?: SipResponse;
}

export interface SubscriberSettings {
  readonly clock: Clock;
  readonly random: Random;
  /** What is watched: the Request-URI and To. */
  readonly resource: string;
  /** Who watches: a URI. */
  readonly watcher: string;
  readonly event: string;
  readonly accept: string;
  /** Seconds to ask for; 0 for one look at the state, which `notified` or `failed` brings, and nothing more. */
  readonly expires: number;
  /** Headers that every SUBSCRIBE carries besides. */
  readonly extra?: readonly (readonly [string, string])[];
  /** What only the first SUBSCRIBE of a dialog carries. */
  readonly first?: { readonly headers: readonly (readonly [string, string])[]; readonly body: string };
  /** Headers that every SUBSCRIBE carries: Contact, and Route where there is one. */
  headers(): readonly (readonly [string, string])[];
  /** Sends a request with whatever credentials it needs. */
  send(request: SipRequest): Promise<Sent>;
  notified(notification: Notification): void;
  /** The subscription does not stand. With a delay it is tried again by itself. */
  failed(retry: Retry): void;
}

export class Subscriber {
  readonly #settings: SubscriberSettings;
  #callId: string;
  #localTag: string;
  #dialog: Dialog | undefined;
  #timer: Timer | undefined;
  #waitingForNotify: Timer | undefined;
  #failures = 0;
  /** Monotonic: when the subscription ends unless it is renewed, and when the last new one was asked for. */
  #endsAt = 0;
  #begunAt = Number.NEGATIVE_INFINITY;
  #sequence = 0;
  #seconds: number;
  #wanted = false;
  /** Whether a NOTIFY came since the last SUBSCRIBE left. */
  #heard = false;
  /** What the last NOTIFY said of the subscription itself. */
  #heardState = "none";

  constructor(settings: SubscriberSettings) {
    this.#settings = settings;
    this.#callId = token(settings.random, 16);
    this.#localTag = token(settings.random);
    this.#seconds = settings.expires;
  }

  /** Asks for the subscription and keeps it until `stop`. */
  start(): void {
    this.#wanted = true;
    void this.#subscribe();
  }

  /** Ends the subscription on both sides; resolves when the notifier has answered or cannot. */
  async stop(): Promise<void> {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#cancelTimers();
    const dialog = this.#dialog;
    if (dialog) await this.#settings.send(this.#nextRequest(0));
    // Started again meanwhile: what stands now is another subscription.
    if (!this.#wanted) this.#forget();
  }

  /** Forgets the dialog without a word and begins a new one: the way to the notifier has changed. */
  restart(): void {
    this.#cancelTimers();
    this.#forget();
    this.#wanted = true;
    void this.#subscribe();
  }

  /** There is no way to the notifier now: no tries until `restart`. */
  pause(): void {
    this.#cancelTimers();
    this.#forget();
  }

  /** Takes a NOTIFY that belongs to this subscription and answers it. False when it does not. */
  handle(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    if (callId(request) !== this.#callId || toTag(request) !== this.#localTag) return false;
    if (event(request)?.name !== this.#settings.event) return false;
    // After `stop` a notifier that has not heard of it is told by the 481 of whoever asks us.
    if (!this.#wanted && !this.#dialog) return false;
    const dialog = this.#dialog ?? this.#adopt(request);
    // A second notifier after a fork of the SUBSCRIBE: one is enough (RFC 6665 §4.1.4 lets the watcher choose).
    if (!dialog || dialog.remoteTag !== fromTag(request)) return false;
    const advanced = receiveInDialog(dialog, request);
    if (!advanced) {
      transaction.respond(responseTo(request, 500, { reason: "Out Of Order" }));
      return true;
    }
    this.#dialog = advanced;
    transaction.respond(responseTo(request, 200));
    this.#take(request);
    return true;
  }

  /** The dialog's identity, for people who look. */
  get id(): string {
    return dialogId(this.#dialog ?? { callId: this.#callId, localTag: this.#localTag, remoteTag: "" });
  }

  /** For people who look: `seconds` until it ends unless it is renewed. */
  inspect(): { readonly event: string; readonly resource: string; readonly state: string; readonly seconds: number } {
    const { event: name, resource, clock } = this.#settings;
    const left = this.#dialog ? Math.ceil((this.#endsAt - clock.monotonic()) / 1_000) : 0;
    return { event: name, resource, state: this.#dialog ? this.#heardState : "none", seconds: Math.max(left, 0) };
  }

  async #subscribe(): Promise<void> {
    const sentWith = this.#callId;
    this.#heard = false;
    const { request, response } = await this.#settings.send(this.#nextRequest(this.#seconds));
    // Stopped or started anew while we waited: this answer speaks of a subscription that is no more.
    if (!this.#wanted || sentWith !== this.#callId) return;
    this.#advance(cseq(request)?.number ?? 0);
    if (response && response.status >= 200 && response.status < 300) this.#accepted(request, response);
    else this.#refused(response);
  }

  #accepted(request: SipRequest, response: SipResponse): void {
    this.#failures = 0;
    // After a fork the answer may be of another notifier than the NOTIFY that was first (RFC 6665 §4.1.4): we keep that.
    if (!this.#dialog) this.#dialog = dialogOfClient(request, response);
    else if (this.#dialog.remoteTag === toTag(response)) this.#dialog = receiveAnswer(this.#dialog, response);
    if (!this.#isPoll) this.#refreshIn(expires(response) ?? this.#seconds);
    this.#waitingForNotify?.cancel();
    if (this.#heard) return;
    this.#waitingForNotify = this.#settings.clock.after(TIMER_N, () =>
      this.#retry(afterFailure(undefined, undefined, 0)),
    );
  }

  #refused(response: SipResponse | undefined): void {
    const least = Number.parseInt(response?.headers.get("min-expires") ?? "", 10);
    if (response?.status === 423 && least > this.#seconds && least <= LONGEST_LIFE) {
      this.#seconds = least;
      return this.#retry({ delay: this.#failures++ === 0 ? 0 : FIRST_RETRY, meaning: "again" });
    }
    const retryAfter = Number.parseInt(response?.headers.get("retry-after") ?? "", 10);
    const asked = Number.isNaN(retryAfter) ? undefined : retryAfter;
    const retry = afterFailure(response?.status, asked, this.#failures++);
    const { delay = 0, meaning } = retry;
    // A refresh that failed leaves the subscription as it is until its end (RFC 6665 §4.1.2.2).
    const stands = this.#dialog && this.#settings.clock.monotonic() + delay < this.#endsAt;
    if (stands && meaning === "unreachable") this.#subscribeIn(delay);
    else this.#retry(this.#patient(retry));
  }

  #take(request: SipRequest): void {
    this.#heard = true;
    this.#waitingForNotify?.cancel();
    const state = subscriptionState(request);
    const content = contentType(request);
    const said = { ...(content && { contentType: content.type, contentParams: content.params }), body: request.body };
    if (state?.state === "terminated") {
      this.#settings.notified({ state: "terminated", ...said });
      this.#heardState = "terminated";
      if (this.#wanted && this.#isPoll) this.#finish();
      else if (this.#wanted) this.#retry(this.#patient(afterTermination(state.reason, state.retryAfter)));
      return;
    }
    if (state?.expires !== undefined && !this.#isPoll) this.#refreshIn(state.expires);
    const name = state?.state ?? "active";
    this.#heardState = name;
    this.#settings.notified({ state: name, ...said });
  }

  #retry(retry: Retry): void {
    this.#cancelTimers();
    this.#forget();
    if (this.#isPoll) {
      this.#finish();
      return this.#settings.failed({ meaning: retry.meaning });
    }
    this.#settings.failed(retry);
    if (retry.delay === undefined) return;
    this.#subscribeIn(retry.delay * (0.9 + 0.2 * this.#settings.random.fraction()));
  }

  /** One look, and nothing is kept (RFC 6665 §4.4.3). */
  get #isPoll(): boolean {
    return this.#settings.expires === 0;
  }

  #finish(): void {
    this.#wanted = false;
    this.#cancelTimers();
    this.#forget();
  }

  /** A notifier that ends every subscription as soon as it is made must not keep us busy. */
  #patient(retry: Retry): Retry {
    const young = this.#settings.clock.monotonic() - this.#begunAt < FIRST_RETRY;
    return young && retry.delay !== undefined ? { ...retry, delay: Math.max(retry.delay, FIRST_RETRY) } : retry;
  }

  #subscribeIn(delay: number): void {
    this.#timer?.cancel();
    this.#timer = this.#settings.clock.after(delay, () => void this.#subscribe());
  }

  /** The NOTIFY may overtake the answer to our SUBSCRIBE: then it makes the dialog (RFC 6665 §4.4.1). */
  #adopt(notify: SipRequest): Dialog | undefined {
    const dialog = dialogOfServer(notify, this.#localTag, this.#sequence);
    if (!dialog) return undefined;
    const { remoteSequence: _seen, ...unseen } = dialog;
    return unseen;
  }

  /** A notifier may shorten what we asked for, not lengthen it (RFC 6665 §4.1.2.1). */
  #refreshIn(seconds: number): void {
    const life = Math.max(Math.min(seconds, this.#seconds), SHORTEST_LIFE) * 1_000;
    this.#endsAt = this.#settings.clock.monotonic() + life;
    this.#subscribeIn(life * REFRESH_AT);
  }

  #firstRequest(seconds: number): SipRequest {
    const { resource, watcher, first } = this.#settings;
    this.#sequence = 1;
    this.#begunAt = this.#settings.clock.monotonic();
    const headers: (readonly [string, string])[] = [
      ["Max-Forwards", "70"],
      ["From", `<${watcher}>;tag=${this.#localTag}`],
      ["To", `<${resource}>`],
      ["Call-ID", this.#callId],
      ["CSeq", `${this.#sequence} SUBSCRIBE`],
      ...this.#headers(seconds),
      ...(first?.headers ?? []),
    ];
    return makeRequest("SUBSCRIBE", resource, headers, first?.body);
  }

  #nextRequest(seconds: number): SipRequest {
    if (!this.#dialog) return this.#firstRequest(seconds);
    const [dialog, request] = requestInDialog(this.#dialog, "SUBSCRIBE", this.#headers(seconds));
    this.#dialog = dialog;
    this.#sequence = cseq(request)?.number ?? this.#sequence;
    return request;
  }

  #headers(seconds: number): readonly (readonly [string, string])[] {
    const { event: name, accept, extra = [] } = this.#settings;
    // Inside the dialog the route set decides; outside it the account's own route does.
    const own = this.#settings.headers().filter(([header]) => !this.#dialog || header.toLowerCase() !== "route");
    return [...own, ["Event", name], ["Accept", accept], ["Expires", String(seconds)], ...extra];
  }

  /** Credentials raise CSeq on their way out; the dialog follows. */
  #advance(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
    if (this.#dialog && this.#dialog.localSequence < sequence)
      this.#dialog = { ...this.#dialog, localSequence: sequence };
  }

  #forget(): void {
    this.#dialog = undefined;
    this.#callId = token(this.#settings.random, 16);
    this.#localTag = token(this.#settings.random);
  }

  #cancelTimers(): void {
    this.#timer?.cancel();
    this.#waitingForNotify?.cancel();
    this.#timer = undefined;
    this.#waitingForNotify = undefined;
  }
}
