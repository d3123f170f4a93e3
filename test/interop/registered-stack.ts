/** A loopback stack that is registered at somebody else's server and sends everything through it, with credentials. */
import { systemRandom } from "../../core/platform/random.ts";
import type { SipRequest } from "../../core/sip/message/message.ts";
import type { Flow } from "../../core/sip/transport/flow.ts";
import type { Answered } from "../../core/user-agent/authentication.ts";
import { AuthenticatedSender } from "../../core/user-agent/authentication.ts";
import type { Transport } from "../support/gateway-process.ts";
import { DOMAIN, passwordOf } from "../support/gateway-process.ts";
import type { Attempt } from "./calls.ts";
import { DESCRIPTION } from "./calls.ts";
import { loopback, LoopbackStack } from "./loopback-stack.ts";

/** An INVITE on its way: asked for a password it leaves again, and `attempt` is then another one. */
export interface Dialling {
  readonly answered: Promise<Answered>;
  attempt(): Attempt | undefined;
}

export class RegisteredStack {
  readonly here: LoopbackStack;
  readonly name: string;
  readonly #flow: Flow;

  private constructor(name: string, here: LoopbackStack, flow: Flow) {
    this.name = name;
    this.here = here;
    this.#flow = flow;
  }

  /** Registers `name` at the server. Ends with the test. */
  static async start(
    name: string,
    server: { readonly ports: Readonly<Record<Transport, number>> },
    transport: Transport,
  ): Promise<RegisteredStack> {
    const here = await LoopbackStack.start(name);
    const flow = await here.stack.transport.flowTo(loopback(transport, server.ports[transport]));
    const stack = new RegisteredStack(name, here, flow);
    const contact = ["Contact", `<${here.calls.contact(flow)}>`] as const;
    const { outcome } = await stack.send(here.request("REGISTER", `sip:${DOMAIN}`, [contact, ["Expires", "600"]]));
    if (outcome.kind !== "response" || outcome.response.status !== 200)
      throw new Error(
        `${name} is not registered: ${outcome.kind === "response" ? outcome.response.status : outcome.kind}`,
      );
    return stack;
  }

  /** Sends a request through the server and answers its challenges. */
  send(request: SipRequest): Promise<Answered> {
    return this.#sender((attempt) => this.here.stack.send(attempt, { flow: this.#flow })).send(request);
  }

  message(to: string, text: string): Promise<Answered> {
    const headers = [["Content-Type", "text/plain;charset=UTF-8"]] as const;
    return this.send(this.here.request("MESSAGE", `sip:${to}@${DOMAIN}`, headers, text));
  }

  /** Calls somebody of the domain. */
  dial(to: string): Dialling {
    let last: Attempt | undefined;
    const headers = [["Content-Type", "application/sdp"]] as const;
    const request = this.here.request("INVITE", `sip:${to}@${DOMAIN}`, headers, DESCRIPTION);
    const sender = this.#sender((attempt) => (last = this.here.calls.invite(attempt, this.#flow)).answer);
    return { answered: sender.send(request), attempt: () => last };
  }

  #sender(send: ConstructorParameters<typeof AuthenticatedSender>[2]): AuthenticatedSender {
    const identity = { domain: DOMAIN, username: this.name, password: passwordOf(this.name) };
    return new AuthenticatedSender(identity, systemRandom(), send);
  }
}
