/** The stateless proxy (RFC 3261 §16.11): forwards and forgets. Repeating is the business of the two ends. */
import { topVia, vias } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { serialize } from "../message/serialize.ts";
import type { Uri } from "../message/uri.ts";
import { isSipUri } from "../message/uri.ts";
import type { Via } from "../message/via.ts";
import type { Stack } from "../stack.ts";
import type { StatelessAnswer } from "../transaction/transaction.ts";
import type { Flow, TransportName } from "../transport/flow.ts";
import { TransportError } from "../transport/flow.ts";
import { copyFor, upstream } from "./copy.ts";
import type { ProxySettings, ProxyTarget, RouteQuestion, Routing } from "./proxy.ts";
import { preprocessRoute } from "./route.ts";
import { returnFlow, statelessBranch } from "./stateless.ts";
import type { Refusal } from "./validate.ts";
import { proxyRefusal } from "./validate.ts";

export interface StatelessProxySettings extends Pick<ProxySettings, "stack" | "extensions" | "isOwn" | "isOwnSentBy"> {
  /** Makes the branches of what leaves; the same for the same key. */
  readonly key: Buffer;
  /** The same question has to have the same answer, and at once; of several targets the first is taken. */
  route(question: RouteQuestion): Routing;
}

/** Its functions are those of `StackUser`: hand them to `Stack.use`. */
export class StatelessProxy {
  readonly #settings: StatelessProxySettings;

  constructor(settings: StatelessProxySettings) {
    this.#settings = settings;
  }

  /** Forwards a request, CANCEL too, or says how to answer it. */
  screen(request: SipRequest, flow: Flow): StatelessAnswer | "taken" {
    const refusal = this.#refusal(request);
    if (refusal) return { status: refusal.status, reason: refusal.message };
    const { question, routing } = this.#routing(request, flow);
    if ("status" in routing) return routing;
    const [target] = routing.targets;
    if (!target) return { status: 480 };
    void this.#forward(question, target);
    return "taken";
  }

  /** An ACK goes the way of its INVITE, with the branch that it had. */
  acknowledged(ack: SipRequest, flow: Flow): void {
    if (this.#refusal(ack)) return;
    const { question, routing } = this.#routing(ack, flow);
    const target = "targets" in routing ? routing.targets[0] : undefined;
    if (target) void this.#forward(question, target);
  }

  /** A response goes back by what the Vias say (§16.11). Resolves to whether it left. */
  async stray(response: SipResponse): Promise<boolean> {
    const { stack, key, isOwnSentBy } = this.#settings;
    const own = topVia(response);
    const left = upstream(response);
    const next = vias(response)[1];
    const name = returnFlow(key, response);
    if (!own || !isOwnSentBy(own.host, own.port) || !left || !next || name === undefined) return false;
    try {
      const flow = stack.transport.flow(name) ?? (await this.#flowBack(stack, next));
      await flow.send(serialize(left));
      return true;
    } catch (error) {
      if (error instanceof TransportError) return false;
      throw error;
    }
  }

  #refusal(request: SipRequest): Refusal | undefined {
    const { extensions, isOwnSentBy } = this.#settings;
    return proxyRefusal(request, { schemes: ["sip", "sips"], extensions, isOwnSentBy });
  }

  #routing(request: SipRequest, flow: Flow): { readonly question: RouteQuestion; readonly routing: Routing } {
    const isOwn = (uri: Uri): boolean => isSipUri(uri) && this.#settings.isOwn(uri);
    const { request: routed } = preprocessRoute(request, isOwn);
    const question = { request: routed, flow, isRecorded: false };
    return { question, routing: this.#settings.route(question) };
  }

  #forward({ request, flow }: RouteQuestion, target: ProxyTarget): Promise<boolean> {
    const { stack, key } = this.#settings;
    return stack.forward(copyFor(request, target), {
      branch: () => statelessBranch(key, request, flow),
      ...(target.flow && { flow: target.flow }),
      ...(target.places && { targets: target.places }),
    });
  }

  /** RFC 3261 §18.2.2, RFC 3581 §4. */
  #flowBack(stack: Stack, via: Via): Promise<Flow> {
    const transport = via.transport.toLowerCase() as TransportName;
    const address = (via.received ?? via.host).replace(/^\[|\]$/g, "");
    const port = typeof via.rport === "number" ? via.rport : (via.port ?? (transport === "tls" ? 5_061 : 5_060));
    return stack.transport.flowTo({ transport, address, port, serverName: address });
  }
}
