/** The transaction layer: finds the transaction of a message that came in, and begins new ones. */
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { toTag, topVia } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { TransportLayer, TransportUser } from "../transport/transport.ts";
import type { ClientContext, ClientUser } from "./client-transaction.ts";
import { ClientTransaction } from "./client-transaction.ts";
import { cancelledKey, clientKey, mergedKey, serverKey } from "./key.ts";
import { ownText } from "./message-text.ts";
import type { TransactionReport } from "./report.ts";
import { reportOf } from "./report.ts";
import type { ServerContext, ServerTransaction } from "./server-transaction.ts";
import { RunningServerTransaction } from "./server-transaction.ts";
import type { StatelessAnswer } from "./stateless.ts";
import { answerStatelessly } from "./stateless.ts";
import { TimerQueue } from "./timer-queue.ts";

export type { ClientTransaction, ClientUser } from "./client-transaction.ts";
export type { ServerTransaction } from "./server-transaction.ts";
export type { StatelessAnswer } from "./stateless.ts";

/**
 * Server transactions held at once; above it requests are answered 503 without state. Most of them have their answer
 * and wait for repetitions: they take about 1 kB each, so this many stay below 150 MB.
 */
export const MAX_SERVER_TRANSACTIONS = 100_000;
/** Of those, how many may still wait for their answer: they hold their whole request, about 8 kB. */
export const MAX_UNANSWERED = 20_000;

export interface TransactionSettings {
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: TransportLayer;
  /** Instead of the limits above. */
  readonly limits?: { readonly transactions: number; readonly unanswered: number };
}

export interface TransactionUser {
  request(transaction: ServerTransaction): void;
  /** An ACK for a 2xx, which belongs to a dialog and not to a transaction. */
  acknowledged(request: SipRequest, flow: Flow): void;
  /** A response that no transaction waits for. */
  stray(response: SipResponse, flow: Flow): void;
  /** Sees every new request but ACK before it costs anything; an answer here leaves no transaction behind. */
  screen?(request: SipRequest, flow: Flow): StatelessAnswer | "taken" | undefined;
  /**
   * Methods of which the same request on a second path is answered 482 (RFC 3261 §8.2.2.2). Not for a proxy, and not for
   * what has an identity of its own that says how to answer it again.
   */
  readonly refuseMerged?: ReadonlySet<string>;
}

export class TransactionLayer implements TransportUser {
  readonly #settings: TransactionSettings;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, RunningServerTransaction>();
  /** Keys of requests that could be merged. */
  readonly #mergeable = new Set<string>();
  readonly #timers: TimerQueue;
  readonly #clientContext: ClientContext;
  readonly #serverContext: ServerContext;
  #unanswered = 0;
  #user: TransactionUser = { request: () => undefined, acknowledged: () => undefined, stray: () => undefined };

  constructor(settings: TransactionSettings) {
    this.#settings = settings;
    const { clock, log, transport } = settings;
    const now = (): number => clock.monotonic();
    this.#timers = new TimerQueue(clock);
    this.#clientContext = {
      timers: this.#timers,
      now,
      forget: (key) => void this.#clients.delete(key),
      cancel: (cancel, flow) => void this.start(cancel, flow, NOBODY),
    };
    this.#serverContext = {
      timers: this.#timers,
      log,
      transport,
      now,
      acknowledged: (ack, flow) => this.#user.acknowledged(ack, flow),
      closed: () => void this.#unanswered--,
      forget: (server) => this.#forget(server),
    };
    transport.use(this);
  }

  use(user: TransactionUser): void {
    this.#user = user;
  }

  /** Live transactions, for people who look. */
  get counts(): { readonly client: number; readonly server: number } {
    return { client: this.#clients.size, server: this.#servers.size };
  }

  /** The transactions that were begun first on either side, `most` of them at the most. */
  inspect(most: number): readonly TransactionReport[] {
    const now = this.#settings.clock.monotonic();
    const found: TransactionReport[] = [];
    for (const [side, all] of [["client", this.#clients] as const, ["server", this.#servers] as const]) {
      for (const one of all.values()) {
        if (found.length >= most) return found;
        found.push(reportOf(side, one, now));
      }
    }
    return found;
  }

  /** Sends a request that carries its own topmost Via over the flow and follows it to its end. */
  start(request: SipRequest, flow: Flow, user: ClientUser): ClientTransaction {
    const key = ownText(clientKey(request));
    const client = new ClientTransaction(key, request, flow, user, this.#clientContext);
    this.#clients.set(key, client);
    client.start();
    return client;
  }

  /** What a CANCEL is about (§9.2): the INVITE while it waits for its final response, undefined when there is none. */
  cancelled(cancel: SipRequest): { readonly invite?: ServerTransaction } | undefined {
    const server = this.#servers.get(cancelledKey(cancel));
    if (!server) return undefined;
    return server.open ? { invite: server.open } : {};
  }

  request(request: SipRequest, flow: Flow): void {
    const key = serverKey(request);
    const existing = this.#servers.get(key);
    if (request.method === "ACK") {
      if (existing) existing.acknowledged(request);
      else this.#user.acknowledged(request, flow);
    } else if (existing) existing.repeated(flow);
    else this.#begin(ownText(key), request, flow);
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
    this.#mergeable.clear();
    this.#timers.clear();
    this.#unanswered = 0;
  }

  #begin(key: string, request: SipRequest, flow: Flow): void {
    const mergeKey = this.#mergeKeyOf(request);
    const answer = this.#refusal(mergeKey) ?? this.#user.screen?.(request, flow);
    if (answer === "taken") return;
    if (answer) {
      answerStatelessly(this.#settings.transport, request, flow, answer);
      return;
    }
    if (mergeKey !== undefined) this.#mergeable.add(mergeKey);
    const server = new RunningServerTransaction(key, mergeKey, request, flow, this.#serverContext);
    this.#servers.set(key, server);
    this.#unanswered++;
    if (server.open) this.#user.request(server.open);
    server.start();
  }

  #refusal(mergeKey: string | undefined): StatelessAnswer | undefined {
    const { transactions, unanswered } = this.#settings.limits ?? LIMITS;
    if (mergeKey !== undefined && this.#mergeable.has(mergeKey)) return { status: 482, reason: "Merged Request" };
    const isFull = this.#servers.size >= transactions || this.#unanswered >= unanswered;
    return isFull ? { status: 503, reason: "Too Many Transactions" } : undefined;
  }

  #mergeKeyOf(request: SipRequest): string | undefined {
    if (!this.#user.refuseMerged?.has(request.method) || toTag(request) !== undefined) return undefined;
    return topVia(request) ? ownText(mergedKey(request)) : undefined;
  }

  #forget({ key, mergeKey }: RunningServerTransaction): void {
    this.#servers.delete(key);
    if (mergeKey !== undefined) this.#mergeable.delete(mergeKey);
  }
}

const LIMITS = { transactions: MAX_SERVER_TRANSACTIONS, unanswered: MAX_UNANSWERED };

/** A CANCEL has nobody who waits: what matters is the answer of its INVITE. */
const NOBODY: ClientUser = { response: () => undefined, timedOut: () => undefined, unreachable: () => undefined };
