/** A request that came in: one of the two server machines, its timers and the way back. */
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import { isReliable } from "../transport/flow.ts";
import type { TransportLayer } from "../transport/transport.ts";
import { machine, Timers } from "./driver.ts";
import { startInviteServer, stepInviteServer } from "./server-invite.ts";
import { startNonInviteServer, stepNonInviteServer } from "./server-non-invite.ts";
import type { ServerAction, ServerEvent } from "./step.ts";

/** A request that came in, and the way to answer it. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  respond(response: SipResponse): void;
}

export interface TransactionSettings {
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: TransportLayer;
}

export class RunningServerTransaction implements ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #settings: TransactionSettings;
  readonly #acknowledged: (ack: SipRequest, flow: Flow) => void;
  readonly #timers: Timers;
  readonly #forget: () => void;
  readonly #step: (event: ServerEvent | undefined) => readonly ServerAction[];

  constructor(
    request: SipRequest,
    flow: Flow,
    settings: TransactionSettings,
    acknowledged: (ack: SipRequest, flow: Flow) => void,
    forget: () => void,
  ) {
    this.request = request;
    this.flow = flow;
    this.#settings = settings;
    this.#acknowledged = acknowledged;
    this.#timers = new Timers(settings.clock);
    this.#forget = forget;
    const reliable = isReliable(flow);
    this.#step =
      request.method === "INVITE"
        ? machine(startInviteServer(), (state, event) => stepInviteServer(state, event, reliable, request))
        : machine(startNonInviteServer(), (state, event) => stepNonInviteServer(state, event, reliable));
  }

  start(): void {
    this.#perform(this.#step(undefined));
  }

  respond(response: SipResponse): void {
    this.handle({ type: "respond", response });
  }

  handle(event: ServerEvent): void {
    this.#perform(this.#step(event));
  }

  stop(): void {
    this.#timers.cancelAll();
  }

  #perform(actions: readonly ServerAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case "send":
          this.#send(action.response);
          break;
        case "set-timer":
          this.#timers.set(action.timer, action.delay, () => this.handle({ type: "timer", timer: action.timer }));
          break;
        case "cancel-timer":
          this.#timers.cancel(action.timer);
          break;
        case "deliver-ack":
          this.#acknowledged(action.request, this.flow);
          break;
        case "timed-out":
        case "transport-failed":
          // Nobody above waits for this: the peer repeats its request or gives up on its own.
          break;
        case "terminate":
          this.#timers.cancelAll();
          this.#forget();
          break;
      }
    }
  }

  #send(response: SipResponse): void {
    this.#settings.transport.sendResponse(response, this.flow).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : "";
      this.#settings.log.debug("A response could not be sent.", { method: this.request.method, reason });
      this.handle({ type: "transport-error" });
    });
  }
}
