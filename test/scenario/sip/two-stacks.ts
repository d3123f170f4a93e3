/** Two whole stacks on one network in memory: one asks, the other answers and may ask back. */
import { createServer } from "node:http";
import { onTestFinished } from "vitest";
import { silentLog } from "../../../core/platform/log.ts";
import { callId, cseq } from "../../../core/sip/message/fields.ts";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { request } from "../../../core/sip/message/message.ts";
import type { Outcome } from "../../../core/sip/stack.ts";
import { Stack } from "../../../core/sip/stack.ts";
import type { ServerTransaction } from "../../../core/sip/transaction/transaction.ts";
import type { TransportName } from "../../../core/sip/transport/flow.ts";
import { carrierOf } from "../../../core/sip/transport/flow.ts";
import type { MemoryNetwork, Trouble } from "../../../core/sip/transport/memory.ts";
import { memoryNetwork } from "../../../core/sip/transport/memory.ts";
import type { Target } from "../../../core/sip/transport/transport.ts";
import { asksForWebSocket } from "../../../core/sip/transport/websocket.ts";
import { emptyDns } from "../../core/sip/stack-on-memory.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const SERVER = { address: "192.0.2.1", port: 5060 };
const CLIENT = { address: "192.0.2.2", port: 5060 };
/** One-way travel time in milliseconds on a calm day. */
const DELAY = 20;
/** Milliseconds after which every transaction has come to its end, the longest timers included. */
const EVERYTHING_IS_OVER = 70_000;

/** One of the two, and what its user saw. */
export class Side {
  readonly stack: Stack;
  /** How often each request came to the user, by Call-ID and CSeq. */
  readonly delivered = new Map<string, number>();
  /** Responses that nobody waited for. */
  strays = 0;
  /** What the user does with a request, besides answering it with 200. */
  afterwards: (transaction: ServerTransaction) => void = () => undefined;

  constructor(network: MemoryNetwork, clock: ManualClock, seed: number, transport: TransportName) {
    const http = createServer({ shouldUpgradeCallback: asksForWebSocket });
    this.stack = new Stack({
      clock,
      random: seededRandom(seed),
      log: silentLog,
      network,
      dns: emptyDns,
      product: "Test",
      transports: [transport],
      identity: { key: "", certificate: "" },
      verifyServer: () => undefined,
      onHttp: (stream) => http.emit("connection", stream),
    });
    http.on("upgrade", (asked, stream, head) => this.stack.transport.upgrade(asked, stream, head));
    onTestFinished(() => this.stack.close());
    this.stack.use({
      request: (transaction) => {
        const key = nameOf(transaction.request);
        this.delivered.set(key, (this.delivered.get(key) ?? 0) + 1);
        this.stack.respond(transaction, 200);
        this.afterwards(transaction);
      },
      stray: () => void this.strays++,
    });
  }
}

export class TwoStacks {
  readonly clock = new ManualClock();
  readonly network: MemoryNetwork;
  readonly client: Side;
  readonly server: Side;
  readonly #target: Target;

  private constructor(transport: TransportName, seed: number, trouble: Omit<Trouble, "random">) {
    const { clock } = this;
    this.network = memoryNetwork({ clock, delay: DELAY, trouble: { random: seededRandom(seed), ...trouble } });
    this.client = new Side(this.network, clock, seed + 1, transport);
    this.server = new Side(this.network, clock, seed + 2, transport);
    this.#target = { transport, ...SERVER, serverName: "office.example" };
  }

  static async open(transport: TransportName, seed: number, trouble: Omit<Trouble, "random"> = {}): Promise<TwoStacks> {
    const both = new TwoStacks(transport, seed, trouble);
    await both.server.stack.listen(carrierOf(transport), SERVER);
    if (transport === "udp") await both.client.stack.listen("udp", CLIENT);
    return both;
  }

  /** Breaks the client's stream after so many more bytes in both directions. */
  cutAfter(bytes: number): void {
    this.network.cutAfter(SERVER, bytes);
  }

  /** Sends from the client; the outcome comes when the clock has been moved far enough. */
  ask(message: SipRequest): Promise<Outcome> {
    return this.client.stack.send(message, { targets: [this.#target] });
  }

  /** Lets everything that is under way come to its end. */
  settle(): Promise<void> {
    return this.clock.advance(EVERYTHING_IS_OVER);
  }
}

/** Call-ID and CSeq: the same in every copy of a request. */
export function nameOf(message: SipRequest): string {
  return `${callId(message)} ${cseq(message)?.number} ${cseq(message)?.method}`;
}

/** A request with the headers that its method needs. */
export function asking(method: string, call: string, extra: readonly (readonly [string, string])[] = []): SipRequest {
  const body = method === "MESSAGE" ? `Hello from ${call}` : "";
  return request(
    method,
    "sip:bob@office.example",
    [
      ["Max-Forwards", "70"],
      ["From", `<sip:alice@office.example>;tag=${call}`],
      ["To", "<sip:bob@office.example>"],
      ["Call-ID", call],
      ["CSeq", `1 ${method}`],
      ...(method === "MESSAGE" ? ([["Content-Type", "text/plain"]] as const) : []),
      ...extra,
    ],
    body,
  );
}

/** The final status, or why there is none. */
export function ending(outcome: Outcome): string {
  if (outcome.kind === "response") return String(outcome.response.status);
  return outcome.kind === "timeout" ? "timeout" : outcome.code;
}
