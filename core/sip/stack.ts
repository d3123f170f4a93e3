/**
 * The door of the SIP stack: listen, send a request to its end, answer what comes in.
 * Below it are transport, transaction and dialog; above it nothing is known of sockets and timers.
 */
import { token } from "../platform/random.ts";
import type { SipRequest, SipResponse } from "./message/message.ts";
import { responseTo } from "./message/message.ts";
import { routes } from "./message/fields.ts";
import { serialize } from "./message/serialize.ts";
import { isSipUri, parseUri } from "./message/uri.ts";
import type { SipUri } from "./message/uri.ts";
import { MAGIC_COOKIE } from "./transaction/key.ts";
import type { ServerTransaction } from "./transaction/transaction.ts";
import { TransactionLayer } from "./transaction/transaction.ts";
import { fitsDatagram, overStream } from "./transport/datagram-fit.ts";
import type { Dns } from "./transport/dns.ts";
import type { DnsEntry } from "./transport/dns-cache.ts";
import type { Flow, ListenerName, TransportName } from "./transport/flow.ts";
import { TransportError } from "./transport/flow.ts";
import type { Endpoint, TlsIdentity } from "./transport/network.ts";
import { formatEndpoint } from "./transport/network.ts";
import { locate } from "./transport/resolve.ts";
import type { Target, TransportReport, TransportSettings } from "./transport/transport.ts";
import { TransportLayer } from "./transport/transport.ts";

/** As long as the longest branch that anybody here makes: how long a request is has to be known before it has one. */
const SOME_BRANCH = MAGIC_COOKIE.padEnd(39, "0");

export interface StackSettings extends TransportSettings {
  readonly dns: Dns;
  /** What requests may leave by, most liked first. */
  readonly transports: readonly TransportName[];
  /** Named in User-Agent and Server. */
  readonly product: string;
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
  provisional?(response: SipResponse): void;
}

export interface RespondOptions {
  readonly reason?: string;
  readonly headers?: Iterable<readonly [string, string]>;
  readonly body?: Buffer | string;
  readonly toTag?: string;
  readonly copyRecordRoute?: boolean;
}

const SEND_FAILED: Outcome = {
  kind: "unreachable",
  code: "SIP_SEND_FAILED",
  message: "The request could not be sent.",
};
const FLOW_CLOSED: Outcome = { kind: "unreachable", code: "SIP_FLOW_CLOSED", message: "The connection broke." };

export interface StackReport extends TransportReport {
  /** How many are alive on each side. */
  readonly transactions: { readonly client: number; readonly server: number };
  readonly dns: readonly DnsEntry[];
}

export interface StackUser {
  request(transaction: ServerTransaction): void;
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
      request: (transaction) => user.request(transaction),
      acknowledged: (request, flow) => user.acknowledged?.(request, flow),
      stray: (response, flow) => user.stray?.(response, flow),
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
  async send(request: SipRequest, options: SendOptions = {}): Promise<Outcome> {
    const { flow } = options;
    const isTooLong = flow && request.method === "MESSAGE" && !this.#fits(request, flow);
    if (flow && !isTooLong) return this.#sendOver(request, flow, options);
    const around = flow && [{ transport: flow.transport, ...flow.remote, serverName: flow.remote.address }];
    const targets = around ?? options.targets ?? (await this.#locate(request));
    if ("kind" in targets) return targets;
    let last: Outcome = {
      kind: "unreachable",
      code: "SIP_NO_TARGET",
      message: "There is nowhere to send the request.",
    };
    for (const target of this.#fitting(request, targets)) {
      last = await this.#sendTo(request, target, options);
      if (last.kind === "response" && last.response.status !== 503) return last;
    }
    return last;
  }

  /** Answers a request; a To tag is added to everything but 100 (RFC 3261 §8.2.6). */
  respond(transaction: ServerTransaction, status: number, options: RespondOptions = {}): void {
    const headers: (readonly [string, string])[] = [...(options.headers ?? []), ["Server", this.#settings.product]];
    const tag = status === 100 ? {} : { toTag: options.toTag ?? token(this.#settings.random) };
    transaction.respond(responseTo(transaction.request, status, { ...options, ...tag, headers }));
  }

  /** What is open and under way, as plain data for people who look. */
  inspect(): StackReport {
    const dns = this.#settings.dns.inspect?.() ?? [];
    return { ...this.transport.inspect(), transactions: this.transactions.counts, dns };
  }

  /** Ends all transactions, flows and listeners. */
  close(): void {
    this.transactions.close();
    this.transport.close();
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

  #fits(request: SipRequest, flow: Flow): boolean {
    if (flow.transport !== "udp") return true;
    const { length } = serialize(this.#withVia(request, flow, { branch: () => SOME_BRANCH }));
    return fitsDatagram(length, this.#settings.pathMtu);
  }

  async #sendTo(request: SipRequest, target: Target, options: SendOptions): Promise<Outcome> {
    try {
      return await this.#sendOver(request, await this.transport.flowTo(target), options);
    } catch (error) {
      if (error instanceof TransportError) return { kind: "unreachable", code: error.code, message: error.message };
      throw error;
    }
  }

  #sendOver(request: SipRequest, flow: Flow, options: SendOptions): Promise<Outcome> {
    const sent = this.#withVia(request, flow, options);
    return new Promise((resolve) => {
      this.transactions.start(sent, flow, {
        response: (response) => {
          if (response.status < 200) options.provisional?.(response);
          else resolve({ kind: "response", response, flow });
        },
        timedOut: () => {
          this.transport.noteSilence(flow);
          resolve({ kind: "timeout" });
        },
        unreachable: () => resolve(flow.open ? SEND_FAILED : FLOW_CLOSED),
      });
    });
  }

  #withVia(request: SipRequest, flow: Flow, options: SendOptions): SipRequest {
    const peer = `${flow.transport}:${formatEndpoint(flow.remote)}`;
    const branch = options.branch?.(peer) ?? MAGIC_COOKIE + token(this.#settings.random, 12);
    const via = `SIP/2.0/${flow.transport.toUpperCase()} ${this.transport.sentBy(flow)};branch=${branch};rport`;
    const headers = request.headers.prepend("Via", via);
    const isOurs = !headers.has("user-agent") && request.headers.count("via") === 0;
    return { ...request, headers: isOurs ? headers.append("User-Agent", this.#settings.product) : headers };
  }
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
