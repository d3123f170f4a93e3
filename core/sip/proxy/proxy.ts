/**
 * The proxy core (RFC 3261 §16): joins the parts of this folder over a stack. Whoever uses it says where requests go;
 * the rest is here: what is refused, which way a request takes, who answered best, and who is told to stop ringing.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import { token } from "../../platform/random.ts";
import { callId } from "../message/fields.ts";
import type { SipRequest } from "../message/message.ts";
import { responseTo } from "../message/message.ts";
import type { SipUri, Uri } from "../message/uri.ts";
import { isSipUri, parseUri } from "../message/uri.ts";
import { parseCredentials } from "../digest.ts";
import type { SendOptions, Stack } from "../stack.ts";
import type { ServerTransaction } from "../transaction/transaction.ts";
import type { Flow } from "../transport/flow.ts";
import { breadthOf } from "./breadth.ts";
import type { ProxyTarget } from "./copy.ts";
import { copyFor } from "./copy.ts";
import { Forwarding } from "./forwarding.ts";
import { loopMark, markedBranch } from "./loop.ts";
import type { RecordRoutePolicy, RecordRouteSettings } from "./record-route.ts";
import { recordRoute } from "./record-route.ts";
import { redirection } from "./redirection.ts";
import { preprocessRoute } from "./route.ts";
import type { RouteTokens } from "./route-token.ts";
import type { Refusal } from "./validate.ts";
import { proxyRefusal } from "./validate.ts";

export type { ProxyTarget } from "./copy.ts";

/** What is asked of whoever knows where people are. */
export interface RouteQuestion {
  /** As it came, but for our own Routes, which were taken off. */
  readonly request: SipRequest;
  readonly flow: Flow;
  /** It came along a route that we recorded: inside a dialog that was once let through. */
  readonly isRecorded: boolean;
  /** The connection that our Route names, while it lives: where the other side of the dialog sits. */
  readonly along?: Flow;
}

/** Where a request goes; or how it is answered instead, by a final response. */
export type Routing =
  | { readonly targets: readonly ProxyTarget[] }
  | {
      readonly status: number;
      readonly reason?: string;
      readonly headers?: readonly (readonly [string, string])[];
    };

export interface ProxySettings {
  readonly stack: Stack;
  readonly clock: Clock;
  readonly random: Random;
  readonly tokens: RouteTokens;
  /** Option tags of Proxy-Require that are known here. */
  readonly extensions: readonly string[];
  readonly recordRoute: RecordRoutePolicy;
  /** Realms whose credentials were meant for us: they go no further (§22.3). */
  readonly realms?: readonly string[];
  /** `redirect` answers with the targets instead of trying them (§8.3). */
  readonly mode: "forward" | "redirect";
  /** Whether Contacts of a 3xx are tried, or handed back (§16.7 step 4). */
  readonly followRedirects: boolean;
  /** Whether a URI names this server, as in a Route or a Request-URI. */
  isOwn(uri: SipUri): boolean;
  /** Whether a Via's host and port are ours. */
  isOwnSentBy(host: string, port: number | undefined): boolean;
  route(question: RouteQuestion): Routing | Promise<Routing>;
}

/** The stateful proxy; `stateless-proxy.ts` has the other one. Hand its functions to `Stack.use`. */
export class Proxy {
  readonly #settings: ProxySettings;
  /** INVITEs on their way; undefined while it is asked where they go. */
  readonly #forwardings = new Map<ServerTransaction, Forwarding | undefined>();

  constructor(settings: ProxySettings) {
    this.#settings = settings;
  }

  /** Requests under way. */
  get count(): number {
    return this.#forwardings.size;
  }

  /** Takes a request to its answer. Resolves when it is on its way; rejects when `route` does, after 500 was sent. */
  async request(transaction: ServerTransaction): Promise<void> {
    const { request, flow } = transaction;
    const refusal = this.#refusal(request);
    if (refusal) return this.#refuse(transaction, refusal);
    const question = this.#question(request, flow);
    if (question === "flow failed") return this.#answer(transaction, { status: 430 });
    this.#forwardings.set(transaction, undefined);
    let routing: Routing;
    try {
      routing = await this.#settings.route(question);
    } catch (error) {
      this.#forwardings.delete(transaction);
      this.#answer(transaction, { status: 500 });
      throw error;
    }
    // Given up meanwhile.
    if (!this.#forwardings.delete(transaction)) return;
    if ("status" in routing) return this.#answer(transaction, routing);
    if (routing.targets.length === 0) return this.#answer(transaction, { status: 480 });
    if (this.#settings.mode === "redirect") return this.#answer(transaction, redirection(routing.targets));
    this.#forward(transaction, withoutProofs(question.request, this.#settings.realms ?? []), routing.targets);
  }

  /** The caller gave an INVITE up (§16.10): every branch is cancelled, and the INVITE's own answer follows from that. */
  cancelled(invite: ServerTransaction): void {
    const forwarding = this.#forwardings.get(invite);
    if (forwarding) return forwarding.cancel();
    if (!this.#forwardings.delete(invite)) return;
    this.#answer(invite, { status: 487 });
  }

  /**
   * An ACK for a 2xx goes along the route that we recorded, without a transaction. Any other is nobody's, and dropped:
   * false.
   */
  async acknowledged(ack: SipRequest, flow: Flow): Promise<boolean> {
    if (this.#refusal(ack)) return false;
    const question = this.#question(ack, flow);
    if (question === "flow failed" || !question.isRecorded) return false;
    const target = alongRoute(question);
    return target !== undefined && this.#settings.stack.forward(copyFor(question.request, target), optionsOf(target));
  }

  #refusal(request: SipRequest): Refusal | undefined {
    const { extensions, isOwnSentBy } = this.#settings;
    const refusal = proxyRefusal(request, { schemes: ["sip", "sips"], extensions, isOwnSentBy });
    if (refusal || request.method === "ACK" || breadthOf(request) > 0) return refusal;
    return { code: "SIP_NO_BREADTH", status: 440, message: "Max-Breadth Exceeded" };
  }

  #question(request: SipRequest, flow: Flow): RouteQuestion | "flow failed" {
    const { stack, tokens, isOwn } = this.#settings;
    const isOwnUri = (uri: Uri): boolean => isSipUri(uri) && isOwn(uri);
    const { request: routed, taken } = preprocessRoute(request, isOwnUri);
    // Where both sides are recorded, the last one taken off is the side that the request goes to.
    const name = tokens.read(taken.at(-1)?.user, callId(request));
    const isRecorded = name !== undefined;
    if (!name || name === flow.id) return { request: routed, flow, isRecorded };
    const along = stack.transport.flow(name);
    return along ? { request: routed, flow, isRecorded, along } : "flow failed";
  }

  #forward(transaction: ServerTransaction, request: SipRequest, targets: readonly ProxyTarget[]): void {
    const { stack, clock, random, followRedirects } = this.#settings;
    const { request: received, flow } = transaction;
    const mark = loopMark(received);
    const forwarding = new Forwarding({
      clock,
      targets,
      request,
      followRedirects,
      send: (copy, target, options) =>
        stack.start(copy, {
          ...optionsOf(target),
          ...options,
          branch: () => markedBranch(token(random), mark),
          finish: (left, by) => recordRoute(left, flow, by, this.#recording),
        }),
      standIn: (status) => responseTo(received, status, { toTag: token(random) }),
      respond: (response) => transaction.respond(response),
      done: () => void this.#forwardings.delete(transaction),
    });
    // Its branches may all have ended before they began.
    if (forwarding.isOpen) this.#forwardings.set(transaction, forwarding);
  }

  /** Read anew each time: settings may change while dialogs go on. */
  get #recording(): RecordRouteSettings {
    const { stack, tokens, recordRoute: policy } = this.#settings;
    return { policy, tokens, sentBy: (flow) => stack.transport.sentBy(flow) };
  }

  #refuse(transaction: ServerTransaction, { status, message, unsupported }: Refusal): void {
    const headers = unsupported && ([["Unsupported", unsupported.join(", ")]] as const);
    this.#answer(transaction, { status, reason: message, ...(headers && { headers }) });
  }

  #answer(transaction: ServerTransaction, answer: Exclude<Routing, { targets: unknown }>): void {
    const { status, ...options } = answer;
    this.#settings.stack.respond(transaction, status, options);
  }
}

/**
 * The target of a request that came along our recorded route: what its next Route or its Request-URI says, over the
 * connection that our Route named. For `ProxySettings.route`; undefined when the request names us and nobody else.
 */
export function alongRoute(question: RouteQuestion): ProxyTarget | undefined {
  const { request, along } = question;
  const uri = parseUri(request.uri);
  if (!uri.ok || !isSipUri(uri.value)) return undefined;
  return { uri: request.uri, q: 1, ...(along && { flow: along }) };
}

/** Without the credentials for these realms; those that others further on have asked for stay. */
function withoutProofs(request: SipRequest, realms: readonly string[]): SipRequest {
  const proofs = request.headers.lines("proxy-authorization");
  const others = proofs.filter((value) => !realms.includes(parseCredentials(value)?.realm ?? ""));
  if (others.length === proofs.length) return request;
  let headers = request.headers.without("proxy-authorization");
  for (const value of others) headers = headers.append("Proxy-Authorization", value);
  return { ...request, headers };
}

function optionsOf({ flow, places }: ProxyTarget): SendOptions {
  return { ...(flow && { flow }), ...(places && { targets: places }) };
}
