/** The transaction layer: matches messages to the four machines and performs what they ask for. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { callId, cseq } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { request as makeRequest } from "../message/message.ts";
import { serialize } from "../message/serialize.ts";
import type { Flow } from "../transport/flow.ts";
import { isReliable } from "../transport/flow.ts";
import type { TransportLayer, TransportUser } from "../transport/transport.ts";
import { startInviteClient, stepInviteClient } from "./client-invite.ts";
import { startNonInviteClient, stepNonInviteClient } from "./client-non-invite.ts";
import { cancelledKey, clientKey, serverKey } from "./key.ts";
import { startInviteServer, stepInviteServer } from "./server-invite.ts";
import { startNonInviteServer, stepNonInviteServer } from "./server-non-invite.ts";
import type { ClientAction, ClientEvent, ServerAction, ServerEvent, TimerName } from "./step.ts";

/** Server transactions held at once; above it requests are answered 503 without state. */
export const MAX_SERVER_TRANSACTIONS = 20_000;

/**
 * Who sent a request hears of its fate: exactly one of a final response, `timedOut` and `unreachable`. Only an INVITE may
 * bring several 2xx, one from each branch of a fork.
 */
export interface ClientUser {
  response(response: SipResponse): void;
  timedOut(): void;
  unreachable(): void;
}

/** A request that came in, and the way to answer it. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  respond(response: SipResponse): void;
}

export interface TransactionUser {
  request(transaction: ServerTransaction): void;
  /** An ACK for a 2xx, which belongs to a dialog and not to a transaction. */
  acknowledged(request: SipRequest, flow: Flow): void;
  /** A response that no transaction waits for. */
  stray(response: SipResponse, flow: Flow): void;
}

export interface TransactionSettings {
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: TransportLayer;
}

export class TransactionLayer implements TransportUser {
  readonly #settings: TransactionSettings;
  readonly #clients = new Map<string, Client>();
  readonly #servers = new Map<string, Server>();
  #user: TransactionUser = { request: () => undefined, acknowledged: () => undefined, stray: () => undefined };

  constructor(settings: TransactionSettings) {
    this.#settings = settings;
    settings.transport.use(this);
  }

  use(user: TransactionUser): void {
    this.#user = user;
  }

  /** Live transactions, for people who look. */
  get counts(): { readonly client: number; readonly server: number } {
    return { client: this.#clients.size, server: this.#servers.size };
  }

  /** Sends a request that carries its own topmost Via over the flow and follows it to its end. */
  start(request: SipRequest, flow: Flow, user: ClientUser): void {
    const key = clientKey(request);
    const client = new Client(request, flow, user, this.#settings, () => this.#clients.delete(key));
    this.#clients.set(key, client);
    client.start();
  }

  /** The INVITE that a CANCEL is about, while it waits for its final response. */
  cancelled(cancel: SipRequest): ServerTransaction | undefined {
    return this.#servers.get(cancelledKey(cancel));
  }

  request(request: SipRequest, flow: Flow): void {
    const key = serverKey(request);
    const existing = this.#servers.get(key);
    if (request.method === "ACK") {
      if (existing) existing.handle({ type: "acknowledged", request });
      else this.#user.acknowledged(request, flow);
      return;
    }
    if (existing) {
      existing.handle({ type: "retransmission" });
      return;
    }
    if (this.#servers.size >= MAX_SERVER_TRANSACTIONS) {
      this.#settings.transport.refuse(request, flow, 503, "Too Many Transactions");
      return;
    }
    const server = new Server(request, flow, this.#settings, this.#user, () => this.#servers.delete(key));
    this.#servers.set(key, server);
    server.start();
    this.#user.request(server);
  }

  response(response: SipResponse, flow: Flow): void {
    const client = this.#clients.get(clientKey(response));
    if (client) client.handle({ type: "response", response });
    else this.#user.stray(response, flow);
  }

  /** Ends everything without a word; for stopping the process. */
  close(): void {
    for (const one of [...this.#clients.values(), ...this.#servers.values()]) one.stop();
    this.#clients.clear();
    this.#servers.clear();
  }
}

/** The timers of one transaction by name. */
class Timers {
  readonly #clock: Clock;
  readonly #running = new Map<TimerName, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(name: TimerName, delay: number, fire: () => void): void {
    this.cancel(name);
    this.#running.set(
      name,
      this.#clock.after(delay, () => {
        this.#running.delete(name);
        fire();
      }),
    );
  }

  cancel(name: TimerName): void {
    this.#running.get(name)?.cancel();
    this.#running.delete(name);
  }

  cancelAll(): void {
    for (const timer of this.#running.values()) timer.cancel();
    this.#running.clear();
  }
}

class Client {
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

  constructor(request: SipRequest, flow: Flow, user: ClientUser, settings: TransactionSettings, forget: () => void) {
    this.#request = request;
    this.#bytes = serialize(request);
    this.#flow = flow;
    this.#user = user;
    this.#timers = new Timers(settings.clock);
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

class Server implements ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly #settings: TransactionSettings;
  readonly #user: TransactionUser;
  readonly #timers: Timers;
  readonly #forget: () => void;
  readonly #step: (event: ServerEvent | undefined) => readonly ServerAction[];

  constructor(
    request: SipRequest,
    flow: Flow,
    settings: TransactionSettings,
    user: TransactionUser,
    forget: () => void,
  ) {
    this.request = request;
    this.flow = flow;
    this.#settings = settings;
    this.#user = user;
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
          this.#user.acknowledged(action.request, this.flow);
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

/** Keeps the state of a pure machine; the call without an event yields the actions of entering it. */
function machine<State, Event, Action>(
  first: readonly [State, readonly Action[]],
  step: (state: State, event: Event) => readonly [State, readonly Action[]],
): (event: Event | undefined) => readonly Action[] {
  let [state] = first;
  return (event) => {
    if (event === undefined) return first[1];
    const [next, actions] = step(state, event);
    state = next;
    return actions;
  };
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
