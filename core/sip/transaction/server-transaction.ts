/**
 * A request that came in: one of the two server machines, its timers and the way back. The trick of this file: there
 * are two objects. The user holds the request and the way to answer it; the layer holds what has to be remembered, and
 * once the answer is final that is its text.
 */
import type { Log } from "../../platform/log.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { responseTo } from "../message/message.ts";
import { serialize } from "../message/serialize.ts";
import type { Flow } from "../transport/flow.ts";
import { isReliable } from "../transport/flow.ts";
import type { TransportLayer } from "../transport/transport.ts";
import { bytesOf, keptText, messageOf } from "./message-text.ts";
import type { InviteServerState } from "./server-invite.ts";
import { startInviteServer, stepInviteServer } from "./server-invite.ts";
import type { NonInviteServerState } from "./server-non-invite.ts";
import { startNonInviteServer, stepNonInviteServer } from "./server-non-invite.ts";
import type { Machine, ServerAction, ServerEvent, TimerName } from "./step.ts";
import type { TimerQueue } from "./timer-queue.ts";
import { TransactionTimers } from "./transaction-timers.ts";

/** A request that came in, and the way to answer it. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  respond(response: SipResponse): void;
}

/** What all server transactions of a layer share. */
export interface ServerContext {
  readonly log: Log;
  readonly transport: TransportLayer;
  readonly timers: TimerQueue;
  /** Monotonic milliseconds. */
  now(): number;
  acknowledged(ack: SipRequest, flow: Flow): void;
  /** It has its final answer, or none will come. */
  closed(): void;
  forget(server: RunningServerTransaction): void;
}

type ServerState = InviteServerState | NonInviteServerState;
type ServerMachine = Machine<ServerState, ServerEvent, ServerAction>;

const INVITE = { start: startInviteServer, step: stepInviteServer } as ServerMachine;
const NON_INVITE = { start: startNonInviteServer, step: stepNonInviteServer } as ServerMachine;

/** What the user sees of it. */
class OpenTransaction implements ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #running: RunningServerTransaction;

  constructor(request: SipRequest, flow: Flow, running: RunningServerTransaction) {
    this.request = request;
    this.flow = flow;
    this.#running = running;
  }

  respond(response: SipResponse): void {
    this.#running.respond(response);
  }
}

export class RunningServerTransaction extends TransactionTimers {
  readonly key: string;
  readonly begunAt: number;
  /** Under which a merged request is found, where that is wanted (§8.2.2.2). */
  readonly mergeKey: string | undefined;
  readonly isInvite: boolean;
  readonly #context: ServerContext;
  readonly #isReliable: boolean;
  #state: ServerState;
  #open: OpenTransaction | undefined;
  /** Where an INVITE's answer is repeated to; other answers go where the request is repeated from. */
  #flow: Flow | undefined;
  /** The response sent last, see `message-text.ts`. */
  #last: string | undefined;

  constructor(key: string, mergeKey: string | undefined, request: SipRequest, flow: Flow, context: ServerContext) {
    super();
    this.key = key;
    this.mergeKey = mergeKey;
    this.begunAt = Math.floor(context.now());
    this.isInvite = request.method === "INVITE";
    this.#isReliable = isReliable(flow);
    this.#context = context;
    this.#flow = flow;
    this.#open = new OpenTransaction(request, flow, this);
    [this.#state] = this.#machine.start(this.#isReliable);
  }

  /** Waits for its user, who has had the request by now: most answer at once, and then there is nothing to wait for. */
  start(): void {
    const isRinging = this.isInvite && this.#last !== undefined;
    if (this.#open && !isRinging) this.#perform(this.#machine.start(this.#isReliable)[1]);
  }

  /** For the user, while there is no final answer. */
  get open(): ServerTransaction | undefined {
    return this.#open;
  }

  get state(): ServerState["name"] {
    return this.#state.name;
  }

  respond(response: SipResponse): void {
    this.#handle({ type: "respond", response });
  }

  /** The request came again, perhaps from another port of the same sender. */
  repeated(flow: Flow): void {
    const [state, actions] = this.#machine.step(this.#state, { type: "retransmission" }, this.#isReliable);
    this.#state = state;
    if (actions.length > 0) this.#repeat(flow);
  }

  acknowledged(request: SipRequest): void {
    this.#handle({ type: "acknowledged", request });
  }

  stop(): void {
    this.cancelTimers();
  }

  protected get queue(): TimerQueue {
    return this.#context.timers;
  }

  protected timerFired(timer: TimerName): void {
    this.#handle({ type: "timer", timer });
  }

  get #machine(): ServerMachine {
    return this.isInvite ? INVITE : NON_INVITE;
  }

  #handle(event: ServerEvent): void {
    const [state, actions] = this.#machine.step(this.#state, event, this.#isReliable);
    this.#state = state;
    this.#perform(actions);
  }

  #perform(actions: readonly ServerAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case "send":
          this.#send(action.response);
          break;
        case "send-trying":
          if (this.#open) this.#send(responseTo(this.#open.request, 100));
          break;
        case "repeat":
          if (this.#flow) this.#repeat(this.#flow);
          break;
        case "set-timer":
          this.setTimer(action.timer, action.delay);
          break;
        case "cancel-timer":
          this.cancelTimer(action.timer);
          break;
        case "deliver-ack":
          if (this.#flow) this.#context.acknowledged(action.request, this.#flow);
          break;
        case "timed-out":
        case "transport-failed":
          // Nobody above waits for this: the peer repeats its request or gives up on its own.
          break;
        case "terminate":
          this.cancelTimers();
          this.#close();
          this.#context.forget(this);
          break;
      }
    }
  }

  #send(response: SipResponse): void {
    const flow = this.#flow;
    if (!flow) return;
    const bytes = serialize(response);
    if (!this.#isReliable || this.isInvite) this.#last = keptText(bytes);
    this.#transmit(response, flow, bytes);
    if (response.status >= 200) this.#close();
  }

  /** From here on the request is the user's alone. */
  #close(): void {
    if (this.#open) this.#context.closed();
    this.#open = undefined;
    if (!this.isInvite) this.#flow = undefined;
  }

  #repeat(flow: Flow): void {
    if (this.#last === undefined) return;
    const message = messageOf(this.#last);
    if (message.kind === "response") this.#transmit(message, flow, bytesOf(this.#last));
  }

  #transmit(response: SipResponse, flow: Flow, bytes: Buffer): void {
    this.#context.transport.sendResponse(response, flow, bytes).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : "";
      this.#context.log.debug("A response could not be sent.", { status: response.status, reason });
      this.#handle({ type: "transport-error" });
    });
  }
}
