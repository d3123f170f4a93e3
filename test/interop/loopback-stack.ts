/** A user agent on our stack and real loopback sockets: takes what comes, and sends what a test asks for. */
import { onTestFinished } from "vitest";
import { checkChain } from "../../core/certificates/trust.ts";
import { systemClock } from "../../core/platform/clock.ts";
import { silentLog } from "../../core/platform/log.ts";
import { systemRandom, token } from "../../core/platform/random.ts";
import type { SipRequest } from "../../core/sip/message/message.ts";
import { request as makeRequest } from "../../core/sip/message/message.ts";
import { isSipUri, parseUri } from "../../core/sip/message/uri.ts";
import type { Outcome } from "../../core/sip/stack.ts";
import { Stack } from "../../core/sip/stack.ts";
import type { ServerTransaction } from "../../core/sip/transaction/transaction.ts";
import type { Dns } from "../../core/sip/transport/dns.ts";
import { systemNetwork } from "../../core/sip/transport/system-network.ts";
import type { Target } from "../../core/sip/transport/transport.ts";
import type { Transport } from "../support/gateway-process.ts";
import { DOMAIN } from "../support/gateway-process.ts";
import { Calls } from "./calls.ts";
import type { LoopbackIdentity } from "./loopback-identity.ts";
import { loopbackIdentity } from "./loopback-identity.ts";

const ALLOW: readonly [string, string] = ["Allow", "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, REGISTER, NOTIFY"];
const noDns: Dns = { naptr: async () => [], srv: async () => [], addresses: async () => [] };

/** Takes a request that is not of a call; false leaves it to the stack's own answers. */
export type Taker = (transaction: ServerTransaction) => boolean;

export class LoopbackStack {
  readonly stack: Stack;
  readonly calls: Calls;
  readonly ports: Readonly<Record<Transport, number>>;
  readonly identity: LoopbackIdentity;
  /** Every request outside transactions seen before, oldest first; an ACK for a 2xx counts each time. */
  readonly received: SipRequest[] = [];
  /** Asked first about requests that are not of a call. */
  readonly takers: Taker[] = [];
  readonly #name: string;

  private constructor(name: string, stack: Stack, ports: Record<Transport, number>, identity: LoopbackIdentity) {
    this.#name = name;
    this.stack = stack;
    this.ports = ports;
    this.identity = identity;
    this.calls = new Calls(stack, systemClock(), name);
    stack.use({
      request: (transaction) => this.#take(transaction),
      acknowledged: (ack) => {
        this.received.push(ack);
        this.calls.acknowledged(ack);
      },
    });
  }

  /** Listens on UDP, TCP and TLS. Ends with the test. */
  static async start(name = "hallway"): Promise<LoopbackStack> {
    const [clock, identity] = [systemClock(), await loopbackIdentity()];
    const stack = new Stack({
      ...{ clock, random: systemRandom(), log: silentLog, network: systemNetwork(clock), dns: noDns },
      ...{ transports: ["udp", "tcp", "tls"], product: "Hallway", identity },
      verifyServer: (chain, expected) => {
        const judged = checkChain({ chain, expected, trust: { pem: identity.authority }, now: clock.now() });
        return judged.ok ? undefined : judged.error;
      },
    });
    onTestFinished(() => stack.close());
    const bound = { udp: 0, tcp: 0, tls: 0 };
    for (const transport of ["udp", "tcp", "tls"] as const)
      bound[transport] = (await stack.listen(transport, { address: "127.0.0.1", port: 0 })).port;
    return new LoopbackStack(name, stack, bound, identity);
  }

  /** PEM of the authority that our TLS certificate comes from. */
  get authority(): string {
    return this.identity.authority;
  }

  /** Our address-of-record. */
  get aor(): string {
    return `sip:${this.#name}@${DOMAIN}`;
  }

  /** Requests with this method that came in. */
  heard(method: string): readonly SipRequest[] {
    return this.received.filter((request) => request.method === method);
  }

  /** A request outside any dialog, from us to the URI. */
  request(
    method: string,
    uri: string,
    headers: readonly (readonly [string, string])[] = [],
    body: string | Buffer = "",
  ): SipRequest {
    const random = systemRandom();
    return makeRequest(
      method,
      uri,
      [
        ["Max-Forwards", "70"],
        ["From", `<${this.aor}>;tag=${token(random)}`],
        ["To", `<${method === "REGISTER" ? this.aor : uri}>`],
        ["Call-ID", token(random, 16)],
        ["CSeq", `1 ${method}`],
        ...headers,
      ],
      body,
    );
  }

  /** Sends such a request straight to a loopback port and resolves to how it ended. */
  send(transport: Transport, port: number, ...request: Parameters<LoopbackStack["request"]>): Promise<Outcome> {
    return this.stack.send(this.request(...request), { targets: [loopback(transport, port)] });
  }

  #take(transaction: ServerTransaction): void {
    const { request } = transaction;
    this.received.push(request);
    if (this.calls.take(transaction) || this.takers.some((takes) => takes(transaction))) return;
    switch (request.method) {
      case "OPTIONS":
        return this.stack.respond(transaction, 200, { headers: [ALLOW] });
      case "REGISTER":
        return this.stack.respond(transaction, 200, {
          headers: request.headers.lines("contact").map((value) => ["Contact", value] as const),
        });
      case "MESSAGE":
        return this.stack.respond(transaction, userOf(request) === "nobody" ? 404 : 200);
      default:
        return this.stack.respond(transaction, 405, { headers: [ALLOW] });
    }
  }
}

/** A server on this machine. */
export function loopback(transport: Transport, port: number): Target {
  return { transport, address: "127.0.0.1", port, serverName: "127.0.0.1" };
}

function userOf(request: SipRequest): string | undefined {
  const uri = parseUri(request.uri);
  return uri.ok && isSipUri(uri.value) ? uri.value.user : undefined;
}
