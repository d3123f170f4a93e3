/**
 * The door of the SIP stack: listen, send a request to its end, answer what comes in.
 * Below it are transport, transaction and dialog; above it nothing is known of sockets and timers.
 */
import { token } from "../platform/random.ts";
import type { SipRequest, SipResponse } from "./message/message.ts";
import { responseTo } from "./message/message.ts";
import { callId, routes } from "./message/fields.ts";
import { serialize } from "./message/serialize.ts";
import { isSipUri, parseUri } from "./message/uri.ts";
import type { SipUri } from "./message/uri.ts";
import { MAGIC_COOKIE } from "./transaction/key.ts";
import { ownText } from "./transaction/message-text.ts";
import type { TransactionReport } from "./transaction/report.ts";
import type {
  ClientTransaction,
  ClientUser,
  ServerTransaction,
  StatelessAnswer,
  TransactionSettings,
} from "./transaction/transaction.ts";
import { TransactionLayer } from "./transaction/transaction.ts";
import { fitsDatagram, overStream } from "./transport/datagram-fit.ts";
import type { Dns } from "./transport/dns.ts";
import type { DnsEntry } from "./transport/dns-cache.ts";
import type { Flow, ListenerName, TransportName } from "./transport/flow.ts";
import { TransportError } from "./transport/flow.ts";
import type { Endpoint, TlsIdentity } from "./transport/network.ts";
import { formatEndpoint } from "./transport/network.ts";
import { locate } from "./transport/resolve.ts";
import type { Target, TransportObserver, TransportReport, TransportSettings } from "./transport/transport.ts";
import { TransportLayer } from "./transport/transport.ts";

/** As long as the longest branch that anybody here makes: how long a request is has to be known before it has one. */
const SOME_BRANCH = MAGIC_COOKIE.padEnd(39, "0");

/** Transactions that `inspect` lists. */
export const MAX_INSPECTED = 200;

export interface StackSettings extends TransportSettings, Pick<TransactionSettings, "limits"> {
  readonly dns: Dns;
  /** What requests may leave by, most liked first. */
  readonly transports: readonly TransportName[];
  /** Named in User-Agent and Server. */
  readonly product: string;
  /** Hears of requests that we send; returns soon and never throws. */
  readonly observer?: StackObserver;
}

/** What is kept of a request that was sent: not the request, since thousands may wait for their answers. */
export interface SentRequest {
  readonly method: string;
  readonly callId: string;
}

export interface StackObserver extends TransportObserver {
  /** A request leaves, with our Via on it. */
  sent?(request: SipRequest, flow: Flow): void;
  /** It ended. A request that tries several targets ends once for each. */
  ended?(sent: SentRequest, outcome: Outcome): void;
}

/** How a request ended. */
export type Outcome =
  | { readonly kind: "response"; readonly response: SipResponse; readonly flow: Flow }
  | { readonly kind: "timeout" }
  | { readonly kind: "unreachable"; readonly code: string; readonly message: string };

export interface SendOptions {
  /** Send over this flow and no other. */
  readonly flow?: Flow;
  /** Try these and do not look the name up. */
  readonly targets?: readonly Target[];
  /** The Via branch for a target; random when absent. Must begin with the magic cookie. */
  readonly branch?: (target: string) => string;
  /** Last touches for each try, when its flow is known: what a proxy writes into Record-Route depends on it. */
  readonly finish?: (request: SipRequest, flow: Flow) => SipRequest;
  readonly provisional?: (response: SipResponse, flow: Flow) => void;
  /** A 2xx of an INVITE after the first: from another branch of a fork, or the same again (RFC 3261 §13.2.2.4). */
  readonly accepted?: (response: SipResponse, flow: Flow) => void;
}

/** A request under way that can be given up. */
export interface Sending {
  readonly outcome: Promise<Outcome>;
  /**
   * Gives an INVITE up (§9.1): the CANCEL leaves when something has answered, no further target is tried, and the outcome
   * is the INVITE's own, as a rule 487. What was accepted meanwhile stays accepted. Other requests go on.
   */
  cancel(): void;
}

export interface RespondOptions {
  readonly reason?: string;
  readonly headers?: Iterable<readonly [string, string]>;
  readonly body?: Buffer | string;
  readonly toTag?: string;
  readonly copyRecordRoute?: boolean;
}

const NO_TARGET: Outcome = {
  kind: "unreachable",
  code: "SIP_NO_TARGET",
  message: "There is nowhere to send the request.",
};
const SEND_FAILED: Outcome = {
  kind: "unreachable",
  code: "SIP_SEND_FAILED",
  message: "The request could not be sent.",
};
const CANCELLED: Outcome = { kind: "unreachable", code: "SIP_CANCELLED", message: "The request was given up." };
const FLOW_CLOSED: Outcome = { kind: "unreachable", code: "SIP_FLOW_CLOSED", message: "The connection broke." };

export interface StackReport extends TransportReport {
  /** How many are alive on each side. */
  readonly transactions: { readonly client: number; readonly server: number };
  /** The eldest of them, `MAX_INSPECTED` at most. */
  readonly live: readonly TransactionReport[];
  readonly dns: readonly DnsEntry[];
}

/** How far a request under way has come; for who may give it up. */
interface Progress {
  transaction?: ClientTransaction;
  isCancelled: boolean;
}

export interface StackUser {
  request(transaction: ServerTransaction): void;
  /**
   * The caller gave up an INVITE that has no final answer yet: answer it 487. The CANCEL itself was answered, as are those
   * that match nothing (§9.2). Where this is absent every CANCEL comes to `request`.
   */
  cancelled?(invite: ServerTransaction, cancel: SipRequest): void;
  /**
   * Sees each new request before it costs anything. What it returns is sent without a transaction: the place for
   * challenges, refusals and overload of a server that strangers can reach. A repetition is asked about anew. `taken`:
   * it was seen to already, as a stateless proxy does.
   */
  screen?(request: SipRequest, flow: Flow): StatelessAnswer | "taken" | undefined;
  /** Methods whose second copy by another path is answered 482 (§8.2.2.2). Not for proxies, and not for MESSAGE here. */
  readonly refuseMerged?: ReadonlySet<string>;
  acknowledged?(request: SipRequest, flow: Flow): void;
  stray?(response: SipResponse, flow: Flow): void;
}

export class Stack {
  readonly transport: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly #settings: StackSettings;

  constructor(settings: StackSettings) {
    this.#settings = settings;
    this.transport = new TransportLayer(settings);
    this.transactions = new TransactionLayer({ ...settings, transport: this.transport });
  }

  /** Names who takes requests. There is one; who has several parts chains them. */
  use(user: StackUser): void {
    this.transactions.use({
      request: (transaction) =>
        transaction.request.method === "CANCEL" && user.cancelled
          ? this.#cancel(transaction, user)
          : user.request(transaction),
      acknowledged: (request, flow) => user.acknowledged?.(request, flow),
      stray: (response, flow) => user.stray?.(response, flow),
      ...(user.screen && { screen: (request: SipRequest, flow: Flow) => user.screen?.(request, flow) }),
      ...(user.refuseMerged && { refuseMerged: user.refuseMerged }),
    });
  }

  listen(transport: ListenerName, local: Endpoint): Promise<Endpoint> {
    return this.transport.listen(transport, local);
  }

  setIdentity(identity: TlsIdentity, name?: string): void {
    this.transport.setIdentity(identity, name);
  }

  /**
   * Sends a request (without our Via) to its final response. Tries the next target after a 503, a timeout or a broken
   * transport (RFC 3263 §4.3), each with a branch of its own. Never rejects.
   */
  send(request: SipRequest, options: SendOptions = {}): Promise<Outcome> {
    return this.#begin(request, options);
  }

  /** The same for who may want to give up: an INVITE. */
  start(request: SipRequest, options: SendOptions = {}): Sending {
    const progress: Progress = { isCancelled: false };
    return {
      outcome: this.#begin(request, options, progress),
      cancel: () => {
        progress.isCancelled = true;
        progress.transaction?.cancel();
      },
    };
  }

  /**
   * Sends a request with our Via and without a transaction: an ACK for a 2xx (§13.2.2.4), or what a stateless proxy
   * forwards. Resolves to whether it left; `branch` should be given where a repetition must have the same.
   */
  async forward(request: SipRequest, options: SendOptions = {}): Promise<boolean> {
    const targets = options.flow ? [] : (options.targets ?? (await this.#locate(request)));
    if ("kind" in targets) return false;
    const [target] = this.#fitting(request, targets);
    try {
      const flow = options.flow ?? (target && (await this.transport.flowTo(target)));
      if (!flow) return false;
      await flow.send(serialize(this.#withVia(request, flow, options)));
      return true;
    } catch (error) {
      if (error instanceof TransportError) return false;
      throw error;
    }
  }

  /** Answers a request; a To tag is added to everything but 100 (RFC 3261 §8.2.6). */
  respond(transaction: ServerTransaction, status: number, options: RespondOptions = {}): void {
    const headers: (readonly [string, string])[] = [...(options.headers ?? []), ["Server", this.#settings.product]];
    const tag = status === 100 ? {} : { toTag: options.toTag ?? token(this.#settings.random) };
    transaction.respond(responseTo(transaction.request, status, { ...options, ...tag, headers }));
  }

  /** What is open and under way, as plain data for people who look. */
  inspect(): StackReport {
    return {
      ...this.transport.inspect(),
      transactions: this.transactions.counts,
      live: this.transactions.inspect(MAX_INSPECTED),
      dns: this.#settings.dns.inspect?.() ?? [],
    };
  }

  /** Ends all transactions, flows and listeners. */
  close(): void {
    this.transactions.close();
    this.transport.close();
  }

  /** §9.2: a CANCEL is answered for itself. */
  #cancel(cancel: ServerTransaction, user: StackUser): void {
    const found = this.transactions.cancelled(cancel.request);
    this.respond(cancel, found ? 200 : 481);
    if (found?.invite) user.cancelled?.(found.invite, cancel.request);
  }

  #begin(request: SipRequest, options: SendOptions, progress?: Progress): Promise<Outcome> {
    const { flow, targets } = options;
    if (flow && this.#mayLeaveBy(flow, request))
      return new Promise((resolve) => this.#sendOver(request, flow, options, resolve, progress));
    if (flow) return this.#sendToOneOf(request, [targetOf(flow)], options, progress);
    if (targets) return this.#sendToOneOf(request, targets, options, progress);
    return this.#search(request, options, progress);
  }

  async #search(request: SipRequest, options: SendOptions, progress?: Progress): Promise<Outcome> {
    const targets = await this.#locate(request);
    return "kind" in targets ? targets : this.#sendToOneOf(request, targets, options, progress);
  }

  /** Whoever waits for the one target that is left holds on to nothing: thousands of requests may wait at once. */
  #sendToOneOf(
    request: SipRequest,
    targets: readonly Target[],
    options: SendOptions,
    progress?: Progress,
  ): Promise<Outcome> {
    const fitting = this.#fitting(request, targets);
    const [only] = fitting;
    if (!only) return Promise.resolve(NO_TARGET);
    return fitting.length === 1
      ? this.#sendTo(request, only, options, progress)
      : this.#sendToEach(request, fitting, options, progress);
  }

  async #sendToEach(
    request: SipRequest,
    targets: readonly Target[],
    options: SendOptions,
    progress?: Progress,
  ): Promise<Outcome> {
    let last = NO_TARGET;
    for (const target of targets) {
      last = await this.#sendTo(request, target, options, progress);
      if (progress?.isCancelled || (last.kind === "response" && last.response.status !== 503)) return last;
    }
    return last;
  }

  async #locate(request: SipRequest): Promise<readonly Target[] | Outcome> {
    const hop = nextHop(request);
    if (!hop) return { kind: "unreachable", code: "SIP_BAD_URI", message: "The next hop is not a SIP address." };
    const found = await locate(hop, this.#settings);
    return found.ok
      ? this.transport.failedLast(found.value)
      : { kind: "unreachable", code: found.error.code, message: found.error.message };
  }

  /** RFC 3261 §18.1.1: what is too long for a datagram tries TCP first. */
  #fitting(request: SipRequest, targets: readonly Target[]): readonly Target[] {
    return targets.map((target) => {
      const flow = target.transport === "udp" ? this.transport.datagramFlow(target) : undefined;
      return flow && !this.#fits(request, flow) ? overStream(target, request.method) : target;
    });
  }

  /** Inside a flow only a MESSAGE has to fit: for it nothing slows down when the network is full (RFC 3428 §8). */
  #mayLeaveBy(flow: Flow, request: SipRequest): boolean {
    return request.method !== "MESSAGE" || this.#fits(request, flow);
  }

  #fits(request: SipRequest, flow: Flow): boolean {
    if (flow.transport !== "udp") return true;
    const { length } = serialize(this.#withVia(request, flow, { branch: () => SOME_BRANCH }));
    return fitsDatagram(length, this.#settings.pathMtu);
  }

  #sendTo(request: SipRequest, target: Target, options: SendOptions, progress?: Progress): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.transport.flowTo(target).then(
        (flow) => this.#sendOver(request, flow, options, resolve, progress),
        (error: unknown) => {
          if (error instanceof TransportError)
            resolve({ kind: "unreachable", code: error.code, message: error.message });
          else reject(error);
        },
      );
    });
  }

  #sendOver(request: SipRequest, flow: Flow, options: SendOptions, resolve: Resolve, progress?: Progress): void {
    if (progress?.isCancelled) return resolve(CANCELLED);
    const sent = this.#withVia(request, flow, options);
    const waiting = new Waiting(this.transport, flow, options, this.#observed(sent, flow, resolve));
    const transaction = this.transactions.start(sent, flow, waiting);
    if (progress) progress.transaction = transaction;
  }

  #observed(request: SipRequest, flow: Flow, resolve: Resolve): Resolve {
    const { observer } = this.#settings;
    if (!observer) return resolve;
    observer.sent?.(request, flow);
    const sent = { method: request.method, callId: ownText(callId(request)) };
    return (outcome) => {
      observer.ended?.(sent, outcome);
      resolve(outcome);
    };
  }

  #withVia(unfinished: SipRequest, flow: Flow, options: SendOptions): SipRequest {
    const request = options.finish?.(unfinished, flow) ?? unfinished;
    const peer = `${flow.transport}:${formatEndpoint(flow.remote)}`;
    const branch = options.branch?.(peer) ?? MAGIC_COOKIE + token(this.#settings.random, 12);
    const via = `SIP/2.0/${flow.transport.toUpperCase()} ${this.transport.sentBy(flow)};branch=${branch};rport`;
    const headers = request.headers.prepend("Via", via);
    const isOurs = !headers.has("user-agent") && request.headers.count("via") === 0;
    return { ...request, headers: isOurs ? headers.append("User-Agent", this.#settings.product) : headers };
  }
}

type Resolve = (outcome: Outcome) => void;

/** Who waits for the end of one try. */
class Waiting implements ClientUser {
  readonly #transport: TransportLayer;
  readonly #flow: Flow;
  /** Not the options themselves, which name the targets and may hold on to more. */
  readonly #provisional: SendOptions["provisional"];
  readonly #accepted: SendOptions["accepted"];
  #resolve: Resolve | undefined;

  constructor(transport: TransportLayer, flow: Flow, { provisional, accepted }: SendOptions, resolve: Resolve) {
    this.#transport = transport;
    this.#flow = flow;
    this.#provisional = provisional;
    this.#accepted = accepted;
    this.#resolve = resolve;
  }

  response(response: SipResponse): void {
    const flow = this.#flow;
    if (response.status < 200) this.#provisional?.(response, flow);
    else if (this.#resolve) this.#end({ kind: "response", response, flow });
    else this.#accepted?.(response, flow);
  }

  timedOut(): void {
    this.#transport.noteSilence(this.#flow);
    this.#end({ kind: "timeout" });
  }

  unreachable(): void {
    this.#end(this.#flow.open ? SEND_FAILED : FLOW_CLOSED);
  }

  #end(outcome: Outcome): void {
    this.#resolve?.(outcome);
    this.#resolve = undefined;
  }
}

/** Who is at the other end of a flow, to be dialled another way. */
function targetOf({ transport, remote }: Flow): Target {
  return { transport, ...remote, serverName: remote.address };
}

/**
 * Where a request goes (RFC 3261 §8.1.2): to its first Route, unless that is no loose router. Then the request was
 * rewritten for a strict one (§12.2.1.1, §16.6), which stands in the Request-URI.
 */
function nextHop(request: SipRequest): SipUri | undefined {
  const route = routes(request)[0]?.uri;
  if (route && isSipUri(route) && route.params.has("lr")) return route;
  const uri = parseUri(request.uri);
  return uri.ok && isSipUri(uri.value) ? uri.value : undefined;
}
