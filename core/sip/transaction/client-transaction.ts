/** A request on its way out: one of the two client machines, its timers and its flow. */
import { callId, cseq } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { request as makeRequest } from "../message/message.ts";
import { serialize } from "../message/serialize.ts";
import type { Flow } from "../transport/flow.ts";
import { isReliable } from "../transport/flow.ts";
import type { InviteClientState } from "./client-invite.ts";
import { startInviteClient, stepInviteClient } from "./client-invite.ts";
import type { NonInviteClientState } from "./client-non-invite.ts";
import { startNonInviteClient, stepNonInviteClient } from "./client-non-invite.ts";
import { bytesOf, keptText, messageOf } from "./message-text.ts";
import type { ClientAction, ClientEvent, Machine, TimerName } from "./step.ts";
import type { TimerQueue } from "./timer-queue.ts";
import { TransactionTimers } from "./transaction-timers.ts";

/**
 * Who sent a request hears of its fate: exactly one of a final response, `timedOut` and `unreachable`. Only an INVITE may
 * bring several 2xx, one from each branch of a fork, and each of them again until it is acknowledged.
 */
export interface ClientUser {
  response(response: SipResponse): void;
  timedOut(): void;
  unreachable(): void;
}

/** What all client transactions of a layer share. */
export interface ClientContext {
  readonly timers: TimerQueue;
  /** Monotonic milliseconds. */
  now(): number;
  forget(key: string): void;
  /** Sends the CANCEL in a transaction of its own. */
  cancel(cancel: SipRequest, flow: Flow): void;
}

type ClientState = InviteClientState | NonInviteClientState;
type ClientMachine = Machine<ClientState, ClientEvent, ClientAction>;

const INVITE = { start: startInviteClient, step: stepInviteClient } as ClientMachine;
const NON_INVITE = { start: startNonInviteClient, step: stepNonInviteClient } as ClientMachine;

export class ClientTransaction extends TransactionTimers {
  readonly key: string;
  readonly method: string;
  readonly begunAt: number;
  readonly #context: ClientContext;
  readonly #flow: Flow;
  /** What is sent again; a failed INVITE is acknowledged from it. Nothing once it is of no use. */
  #text: string | undefined;
  #user: ClientUser | undefined;
  #state: ClientState;
  #stopWatching: (() => void) | undefined;

  constructor(key: string, request: SipRequest, flow: Flow, user: ClientUser, context: ClientContext) {
    super();
    this.key = key;
    this.method = request.method;
    this.begunAt = Math.floor(context.now());
    this.#context = context;
    this.#flow = flow;
    this.#user = user;
    this.#text = keptText(serialize(request));
    [this.#state] = this.#machine.start(isReliable(flow));
  }

  start(): void {
    const flow = this.#flow;
    this.#perform(this.#machine.start(isReliable(flow))[1]);
    // A stream that dies has lost the answer: waiting for timer F would only delay the next try.
    if (isReliable(flow)) this.#stopWatching = flow.whenClosed(() => this.handle({ type: "transport-error" }));
  }

  get state(): ClientState["name"] {
    return this.#state.name;
  }

  /** Gives an INVITE up: the CANCEL leaves as soon as it may. Nothing happens where there is no use in it (§9.1). */
  cancel(): void {
    this.handle({ type: "cancel" });
  }

  handle(event: ClientEvent): void {
    const [state, actions] = this.#machine.step(this.#state, event, isReliable(this.#flow));
    this.#state = state;
    this.#perform(actions);
  }

  stop(): void {
    this.cancelTimers();
    this.#stopWatching?.();
  }

  protected get queue(): TimerQueue {
    return this.#context.timers;
  }

  protected timerFired(timer: TimerName): void {
    this.handle({ type: "timer", timer });
  }

  get #machine(): ClientMachine {
    return this.method === "INVITE" ? INVITE : NON_INVITE;
  }

  #perform(actions: readonly ClientAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case "send":
          if (this.#text !== undefined) this.#send(bytesOf(this.#text));
          break;
        case "acknowledge":
          this.#acknowledge(action.response);
          break;
        case "cancel":
          this.#sendCancel();
          break;
        case "set-timer":
          this.setTimer(action.timer, action.delay);
          break;
        case "cancel-timer":
          this.cancelTimer(action.timer);
          break;
        case "deliver":
          this.#deliver(action.response);
          break;
        case "timed-out":
          this.#user?.timedOut();
          break;
        case "transport-failed":
          this.#user?.unreachable();
          break;
        case "terminate":
          this.stop();
          this.#context.forget(this.key);
          break;
      }
    }
  }

  #deliver(response: SipResponse): void {
    const user = this.#user;
    // Who knows the end hears no more, not even that an ACK could not leave; only 2xx of an INVITE may still come.
    const isOver = response.status >= 200 && (this.method !== "INVITE" || response.status >= 300);
    if (isOver) {
      this.#user = undefined;
      if (this.method !== "INVITE") this.#text = undefined;
    }
    user?.response(response);
  }

  #acknowledge(response: SipResponse): void {
    const invite = this.#request;
    if (invite) this.#send(serialize(acknowledgement(invite, response)));
  }

  #sendCancel(): void {
    const invite = this.#request;
    if (invite) this.#context.cancel(withinInvite("CANCEL", invite, invite.headers.get("to") ?? ""), this.#flow);
  }

  get #request(): SipRequest | undefined {
    const message = this.#text === undefined ? undefined : messageOf(this.#text);
    return message?.kind === "request" ? message : undefined;
  }

  #send(bytes: Buffer): void {
    this.#flow.send(bytes).catch(() => this.handle({ type: "transport-error" }));
  }
}

/** The ACK for a failed INVITE: the response's To (RFC 3261 §17.1.1.3). */
function acknowledgement(invite: SipRequest, response: SipResponse): SipRequest {
  return withinInvite("ACK", invite, response.headers.get("to") ?? "");
}

/** ACK and CANCEL have the branch, the route and the number of their INVITE (§9.1, §17.1.1.3). */
function withinInvite(method: "ACK" | "CANCEL", invite: SipRequest, to: string): SipRequest {
  return makeRequest(method, invite.uri, [
    ["Via", invite.headers.values("via")[0] ?? ""],
    ["Max-Forwards", "70"],
    ...invite.headers.lines("route").map((value) => ["Route", value] as const),
    ["From", invite.headers.get("from") ?? ""],
    ["To", to],
    ["Call-ID", callId(invite)],
    ["CSeq", `${cseq(invite)?.number ?? 1} ${method}`],
  ]);
}
