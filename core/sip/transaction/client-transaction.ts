/** A request on its way out: one of the two client machines, its timers and its flow. */
import type { Clock } from "../../platform/clock.ts";
import { callId, cseq } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { request as makeRequest } from "../message/message.ts";
import { serialize } from "../message/serialize.ts";
import type { Flow } from "../transport/flow.ts";
import { isReliable } from "../transport/flow.ts";
import { startInviteClient, stepInviteClient } from "./client-invite.ts";
import { startNonInviteClient, stepNonInviteClient } from "./client-non-invite.ts";
import { machine, Timers } from "./driver.ts";
import type { ClientAction, ClientEvent } from "./step.ts";

/**
 * Who sent a request hears of its fate: exactly one of a final response, `timedOut` and `unreachable`. Only an INVITE may
 * bring several 2xx, one from each branch of a fork.
 */
export interface ClientUser {
  response(response: SipResponse): void;
  timedOut(): void;
  unreachable(): void;
}

export class ClientTransaction {
  readonly #request: SipRequest;
  readonly #bytes: Buffer;
  readonly #flow: Flow;
  readonly #user: ClientUser;
  readonly #timers: Timers;
  readonly #forget: () => void;
  #stopWatching: () => void = () => undefined;
  /** The user knows how it ended. */
  #settled = false;
  readonly #step: (event: ClientEvent | undefined) => readonly ClientAction[];

  constructor(request: SipRequest, flow: Flow, user: ClientUser, clock: Clock, forget: () => void) {
    this.#request = request;
    this.#bytes = serialize(request);
    this.#flow = flow;
    this.#user = user;
    this.#timers = new Timers(clock);
    this.#forget = forget;
    const reliable = isReliable(flow);
    this.#step =
      request.method === "INVITE"
        ? machine(startInviteClient(reliable), (state, event) => stepInviteClient(state, event, reliable))
        : machine(startNonInviteClient(reliable), (state, event) => stepNonInviteClient(state, event, reliable));
  }

  start(): void {
    this.#perform(this.#step(undefined));
    // A stream that dies has lost the answer: waiting for timer F would only delay the next try.
    this.#stopWatching = this.#flow.whenClosed(() => this.handle({ type: "transport-error" }));
  }

  handle(event: ClientEvent): void {
    this.#perform(this.#step(event));
  }

  stop(): void {
    this.#timers.cancelAll();
    this.#stopWatching();
  }

  #perform(actions: readonly ClientAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case "send":
          this.#send(this.#bytes);
          break;
        case "acknowledge":
          this.#send(serialize(acknowledgement(this.#request, action.response)));
          break;
        case "set-timer":
          this.#timers.set(action.timer, action.delay, () => this.handle({ type: "timer", timer: action.timer }));
          break;
        case "cancel-timer":
          this.#timers.cancel(action.timer);
          break;
        case "deliver":
          this.#settled ||= action.response.status >= 200;
          this.#user.response(action.response);
          break;
        case "timed-out":
          this.#user.timedOut();
          break;
        case "transport-failed":
          // The ACK of a failure that cannot leave is no news: its user has the failure.
          if (!this.#settled) this.#user.unreachable();
          break;
        case "terminate":
          this.stop();
          this.#forget();
          break;
      }
    }
  }

  #send(bytes: Buffer): void {
    this.#flow.send(bytes).catch(() => this.handle({ type: "transport-error" }));
  }
}

/** The ACK for a failed INVITE: same branch, the response's To (RFC 3261 §17.1.1.3). */
function acknowledgement(invite: SipRequest, response: SipResponse): SipRequest {
  const sequence = cseq(invite)?.number ?? 1;
  return makeRequest("ACK", invite.uri, [
    ["Via", invite.headers.values("via")[0] ?? ""],
    ["Max-Forwards", "70"],
    ...invite.headers.lines("route").map((value) => ["Route", value] as const),
    ["From", invite.headers.get("from") ?? ""],
    ["To", response.headers.get("to") ?? ""],
    ["Call-ID", callId(invite)],
    ["CSeq", `${sequence} ACK`],
  ]);
}
