/** The transaction layer: finds the transaction of a message that came in, and begins new ones. */
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { TransportUser } from "../transport/transport.ts";
import type { ClientUser } from "./client-transaction.ts";
import { ClientTransaction } from "./client-transaction.ts";
import { cancelledKey, clientKey, serverKey } from "./key.ts";
import type { ServerTransaction, TransactionSettings } from "./server-transaction.ts";
import { RunningServerTransaction } from "./server-transaction.ts";

export type { ClientUser } from "./client-transaction.ts";
export type { ServerTransaction, TransactionSettings } from "./server-transaction.ts";

/** Server transactions held at once; above it requests are answered 503 without state. */
export const MAX_SERVER_TRANSACTIONS = 20_000;

export interface TransactionUser {
  request(transaction: ServerTransaction): void;
  /** An ACK for a 2xx, which belongs to a dialog and not to a transaction. */
  acknowledged(request: SipRequest, flow: Flow): void;
  /** A response that no transaction waits for. */
  stray(response: SipResponse, flow: Flow): void;
}

export class TransactionLayer implements TransportUser {
  readonly #settings: TransactionSettings;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, RunningServerTransaction>();
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
    const client = new ClientTransaction(request, flow, user, this.#settings.clock, () => this.#clients.delete(key));
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
    const acknowledged = (ack: SipRequest): void => this.#user.acknowledged(ack, flow);
    const forget = (): void => void this.#servers.delete(key);
    const server = new RunningServerTransaction(request, flow, this.#settings, acknowledged, forget);
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
