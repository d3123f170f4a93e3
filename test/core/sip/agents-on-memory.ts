/** Several stacks on one network in memory, and user agents that can call each other over them. */
import { request } from "../../../core/sip/message/message.ts";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import type { EndReason, SessionSettings } from "../../../core/sip/session/settings.ts";
import type { IncomingCall } from "../../../core/sip/session/incoming-call.ts";
import type { OutgoingCall, OutgoingCallOptions } from "../../../core/sip/session/outgoing-call.ts";
import type { Session } from "../../../core/sip/session/session.ts";
import { Sessions } from "../../../core/sip/session/sessions.ts";
import type { Stack, StackSettings } from "../../../core/sip/stack.ts";
import type { ServerTransaction } from "../../../core/sip/transaction/transaction.ts";
import type { TransportName } from "../../../core/sip/transport/flow.ts";
import type { MemoryNetwork, MemoryNetworkOptions } from "../../../core/sip/transport/memory.ts";
import { memoryNetwork } from "../../../core/sip/transport/memory.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { stackOnMemory } from "./stack-on-memory.ts";

type ListenerName = "udp" | "tcp" | "tls";

export class World {
  readonly clock = new ManualClock();
  readonly network: MemoryNetwork;
  #seed = 1;

  constructor(options: Partial<MemoryNetworkOptions> = {}) {
    this.network = memoryNetwork({ clock: this.clock, ...options });
  }

  /** A stack that listens at an address by these transports: TLS on 5061, the others on 5060. */
  async stack(
    address: string,
    transports: readonly ListenerName[],
    settings: Partial<StackSettings> = {},
  ): Promise<Stack> {
    const { stack } = stackOnMemory(
      {},
      {
        network: this.network,
        clock: this.clock,
        random: seededRandom(this.#seed++),
        verifyServer: () => undefined,
        ...settings,
      },
    );
    for (const transport of transports) await stack.listen(transport, { address, port: portOf(transport) });
    return stack;
  }

  async agent(
    name: string,
    address: string,
    transport: ListenerName = "udp",
    more: Partial<SessionSettings> = {},
  ): Promise<Agent> {
    const stack = await this.stack(address, transport === "udp" ? ["udp", "tcp"] : [transport]);
    return new Agent(name, address, transport, stack, this.clock, seededRandom(100 + this.#seed++), more);
  }
}

function portOf(transport: TransportName): number {
  return transport === "tls" ? 5_061 : 5_060;
}

export class Agent {
  readonly stack: Stack;
  readonly sessions: Sessions;
  readonly uri: string;
  /** Calls that came in. */
  readonly calls: IncomingCall[] = [];
  /** What happened, in words. */
  readonly heard: string[] = [];
  readonly answered: Session[] = [];
  /** Requests that belong to no session. */
  readonly requests: ServerTransaction[] = [];
  /** Sent instead of looking the first Request-URI up. */
  outbound: { readonly transport: TransportName; readonly address: string; readonly port: number } | undefined;
  readonly #name: string;
  #calls = 0;

  constructor(
    name: string,
    address: string,
    transport: ListenerName,
    stack: Stack,
    clock: ManualClock,
    random: SessionSettings["random"],
    more: Partial<SessionSettings>,
  ) {
    this.#name = name;
    this.stack = stack;
    this.uri = `sip:${name}@${address}:${portOf(transport)}${transport === "udp" ? "" : `;transport=${transport}`}`;
    this.sessions = new Sessions({
      stack,
      clock,
      random,
      contact: () => `<${this.uri}>`,
      way: (one) => {
        const isFirst = !one.headers.get("to")?.includes("tag=");
        return this.outbound && isFirst ? { targets: [{ ...this.outbound, serverName: "proxy" }] } : {};
      },
      incoming: (call) => (this.heard.push("call"), void this.calls.push(call)),
      ended: (_session, reason: EndReason) => void this.heard.push(`ended ${reason}`),
      ...more,
    });
    stack.use({
      request: (transaction) => void (this.sessions.request(transaction) || this.requests.push(transaction)),
      acknowledged: (ack) => void this.sessions.acknowledged(ack),
      cancelled: (invite) => void this.sessions.cancelled(invite),
    });
  }

  /** The call that came last. */
  get call(): IncomingCall {
    const call = this.calls.at(-1);
    if (!call) throw new Error(`nobody called ${this.#name}`);
    return call;
  }

  /** The session that was answered first. */
  get session(): Session {
    const [session] = this.answered;
    if (!session) throw new Error(`nobody answered ${this.#name}`);
    return session;
  }

  invite(
    uri: string,
    options: OutgoingCallOptions = {},
    headers: readonly (readonly [string, string])[] = [],
  ): OutgoingCall {
    const sdp = { ...this.first("INVITE", uri, headers), body: Buffer.from("offer") };
    return this.sessions.invite(
      { ...sdp, headers: sdp.headers.append("Content-Type", "application/sdp") },
      {
        ringing: ({ status }) => void this.heard.push(String(status)),
        answered: (session, response) => {
          this.heard.push(`answered ${response.body.toString()}`);
          this.answered.push(session);
        },
        failed: (outcome) =>
          void this.heard.push(
            outcome.kind === "response" ? `failed ${outcome.response.status}` : `failed ${outcome.kind}`,
          ),
      },
      options,
    );
  }

  /** A request outside any session. */
  first(method: string, uri: string, headers: readonly (readonly [string, string])[] = []): SipRequest {
    const count = ++this.#calls;
    return request(method, uri, [
      ["Max-Forwards", "70"],
      ["From", `<sip:${this.#name}@${this.#name}.example>;tag=${this.#name}${count}`],
      ["To", `<${uri}>`],
      ["Call-ID", `${this.#name}-${count}`],
      ["CSeq", `1 ${method}`],
      ...headers,
    ]);
  }
}
