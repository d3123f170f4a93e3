/** An office in memory with phones around it: a real gateway, a clock that stands, and a network inside the process. */
import { onTestFinished } from "vitest";
import { silentLog } from "../../../core/platform/log.ts";
import { addAccount } from "../../../core/server/accounts.ts";
import { Gateway } from "../../../core/server/gateway.ts";
import type { PublishedState } from "../../../core/payload/presence-state.ts";
import { pidfToState, stateToPidf } from "../../../core/payload/presence-state.ts";
import { formatPidf, parsePidf } from "../../../core/payload/pidf.ts";
import { fromTag, toTag, topVia } from "../../../core/sip/message/fields.ts";
import type { SipMessage, SipRequest, SipResponse } from "../../../core/sip/message/message.ts";
import type { MemoryNetwork } from "../../../core/sip/transport/memory.ts";
import { memoryNetwork } from "../../../core/sip/transport/memory.ts";
import type { Endpoint } from "../../../core/sip/transport/network.ts";
import { openGatewayStore } from "../../../core/store/sqlite/gateway-store.ts";
import type { GatewayStore } from "../../../core/store/store.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { ScriptedPeer } from "../../support/scripted-peer.ts";
import { seededRandom } from "../../support/seeded-random.ts";

export const DOMAIN = "acme.example";
const GATEWAY: Endpoint = { address: "192.0.2.1", port: 5060 };
/** Milliseconds in which a request without hindrance is stored and answered. */
const A_MOMENT = 20;

export interface OfficeOptions {
  readonly people?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether phones must prove who they are. */
  readonly challenged?: boolean;
}

export class Office {
  readonly clock = new ManualClock();
  readonly network: MemoryNetwork = memoryNetwork({ clock: this.clock });
  readonly store: GatewayStore = openGatewayStore(":memory:", this.clock);
  /** What the gateway logged as a fault of its own. */
  readonly faults: string[] = [];
  gateway: Gateway;
  #seed = 1;

  private constructor({ people = ["alice", "bob", "carol"], settings = {}, challenged = false }: OfficeOptions) {
    const exempt = Array.from({ length: 20 }, (_, index) => `192.0.2.${index + 10}`).join(",");
    this.store.settings.set("domain", DOMAIN);
    if (!challenged) this.store.settings.set("auth.exempt", `127.0.0.1,${exempt}`);
    // A phone of a test answers what it is told to; nobody asks it in between unless the test is about that.
    this.store.settings.set("presence.probe", "off");
    for (const [name, value] of Object.entries(settings)) this.store.settings.set(name, value);
    for (const name of people)
      addAccount(this.store.accounts, DOMAIN, { address: `${name}@${DOMAIN}`, password: `pw-${name}`, md5: true });
    this.gateway = this.#makeGateway();
  }

  static async open(options: OfficeOptions = {}): Promise<Office> {
    const office = new Office(options);
    onTestFinished(() => office.stop());
    await office.#listen();
    return office;
  }

  /** Ends the gateway and closes its store in the same moment, as the command line does. */
  stop(): void {
    this.gateway.stop();
    this.store.close();
  }

  /** Ends the gateway and starts another one on what is stored. Streams break. */
  async restart(downFor = 0): Promise<void> {
    this.gateway.stop();
    await this.clock.advance(downFor);
    this.gateway = this.#makeGateway();
    await this.#listen();
  }

  /** Lets everything that is under way come to its end. */
  async settle(): Promise<void> {
    await this.clock.advance(A_MOMENT);
  }

  /** A phone on UDP at an address of its own. */
  async phone(name: string, address: string, port = 5060): Promise<Phone> {
    return new Phone(this, name, await ScriptedPeer.datagram(this.network, { address, port }, GATEWAY), "UDP");
  }

  /** A phone with a connection. */
  async streamPhone(name: string): Promise<Phone> {
    return new Phone(this, name, await ScriptedPeer.connect(this.network, GATEWAY), "TCP");
  }

  async #listen(): Promise<void> {
    const started = this.gateway.start([
      { transport: "udp", endpoint: GATEWAY },
      { transport: "tcp", endpoint: GATEWAY },
    ]);
    await this.settle();
    await started;
  }

  #makeGateway(): Gateway {
    return new Gateway({
      clock: this.clock,
      random: seededRandom(this.#seed++),
      log: { ...silentLog, error: (text) => void this.faults.push(text) },
      network: this.network,
      dns: { naptr: async () => [], srv: async () => [], addresses: async () => [] },
      store: this.store,
      identity: { certificate: "", key: "", authority: "", fingerprint: "" },
      product: "Hallway",
    });
  }
}

export interface Wish {
  readonly to?: string;
  readonly from?: string;
  readonly uri?: string;
  /** The domain of sender and receiver; the office's main one when absent. */
  readonly domain?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly toTag?: string;
  readonly branch?: string;
}

/** A device of somebody: sends what it is told and answers what it gets as it is told. */
export class Phone {
  readonly peer: ScriptedPeer;
  readonly name: string;
  readonly #office: Office;
  readonly #transport: "UDP" | "TCP";
  #sent = 0;
  #sequence = 0;
  #taken = 0;

  constructor(office: Office, name: string, peer: ScriptedPeer, transport: "UDP" | "TCP") {
    this.#office = office;
    this.name = name;
    this.peer = peer;
    this.#transport = transport;
  }

  /** Host and port of its end, as a Contact names them. */
  get at(): string {
    return `${this.peer.local.address}:${this.peer.local.port}`;
  }

  /** Sends a request and lets it have its effect; returns what finds its final answer, if there is one by then. */
  async send(method: string, wish: Wish = {}): Promise<() => SipResponse | undefined> {
    const { to = this.name, from = this.name, body = "", callId = `call-${this.at}`, domain = DOMAIN } = wish;
    const branch = wish.branch ?? `z9hG4bK-${this.at}-${++this.#sent}`;
    await this.peer.send([
      `${method} ${wish.uri ?? (method === "REGISTER" ? `sip:${domain}` : `sip:${to}@${domain}`)} SIP/2.0`,
      `Via: SIP/2.0/${this.#transport} ${this.at};branch=${branch};rport`,
      "Max-Forwards: 70",
      `From: <sip:${from}@${domain}>;tag=${from}`,
      `To: <sip:${to}@${domain}>${wish.toTag === undefined ? "" : `;tag=${wish.toTag}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${wish.sequence ?? ++this.#sequence} ${method}`,
      ...(wish.headers ?? []),
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ]);
    await this.#office.settle();
    return () => this.responses().findLast((response) => topVia(response)?.branch === branch);
  }

  /** Sends a request and returns its final answer. */
  async ask(method: string, wish: Wish = {}): Promise<SipResponse> {
    const response = (await this.send(method, wish))();
    if (!response) throw new Error(`${method} was not answered`);
    return response;
  }

  register(
    contact = `<sip:${this.name}@${this.at}>`,
    wish: Wish & { readonly expires?: number } = {},
  ): Promise<SipResponse> {
    return this.ask("REGISTER", {
      ...wish,
      headers: [`Contact: ${contact}`, `Expires: ${wish.expires ?? 600}`, ...(wish.headers ?? [])],
    });
  }

  publish(
    state: PublishedState,
    { tuple = "t1", ifMatch }: { readonly tuple?: string; readonly ifMatch?: string } = {},
  ): Promise<SipResponse> {
    const since = this.#office.clock.now();
    const document = stateToPidf({ entity: `sip:${this.name}@${DOMAIN}`, tupleId: tuple, state, since });
    return this.ask("PUBLISH", {
      headers: [
        "Event: presence",
        "Expires: 600",
        "Content-Type: application/pidf+xml",
        ...(ifMatch === undefined ? [] : [`SIP-If-Match: ${ifMatch}`]),
      ],
      body: formatPidf(document),
    });
  }

  watch(whom: string, wish: Wish = {}): Promise<SipResponse> {
    const headers = [
      "Event: presence",
      "Expires: 600",
      `Contact: <sip:${this.name}@${this.at}>`,
      ...(wish.headers ?? []),
    ];
    return this.ask("SUBSCRIBE", { callId: `watch-${whom}-${this.at}`, ...wish, to: whom, headers });
  }

  /** Sends a text; returns what tells the status of its answer, or nothing while there is none. */
  async message(to: string, text: string, wish: Wish = {}): Promise<() => number | undefined> {
    const own = wish.headers ?? [];
    const headers = own.some((line) => line.startsWith("Content-Type")) ? own : ["Content-Type: text/plain", ...own];
    const answer = await this.send("MESSAGE", {
      callId: `message-${encodeURIComponent(text)}-${this.at}`,
      ...wish,
      to,
      headers,
      body: text,
    });
    return () => answer()?.status;
  }

  /** Every response that came so far. */
  responses(): readonly SipResponse[] {
    return this.peer.messages.filter((message: SipMessage): message is SipResponse => message.kind === "response");
  }

  /** Every request of this method that came so far, retransmissions once. */
  requests(method: string): readonly SipRequest[] {
    const seen = new Map<string, SipRequest>();
    for (const message of this.peer.messages)
      if (message.kind === "request" && message.method === method) {
        const via = message.headers.get("via") ?? "";
        if (!seen.has(via)) seen.set(via, message);
      }
    return [...seen.values()];
  }

  texts(): readonly string[] {
    return this.requests("MESSAGE").map(({ body }) => body.toString("utf8"));
  }

  /** Answers the first MESSAGE that came with 200, and leaves what follows from it to the test. */
  async takeMessage(): Promise<void> {
    const [message] = this.requests("MESSAGE");
    if (message) await this.peer.answer(message, 200);
  }

  /** Answers every request that came since the last time. */
  async answerAll(status = 200): Promise<void> {
    const fresh = this.peer.messages.slice(this.#taken);
    this.#taken = this.peer.messages.length;
    for (const message of fresh) if (message.kind === "request") await this.peer.answer(message, status);
    await this.#office.settle();
    if (this.peer.messages.slice(this.#taken).some(({ kind }) => kind === "request")) await this.answerAll(status);
  }

  /** What it was told of presence, in order: the state, or the Subscription-State where there was no document. */
  async told(): Promise<readonly string[]> {
    await this.answerAll();
    return this.requests("NOTIFY").map((notify) => {
      const subscription = notify.headers.get("subscription-state")?.split(";expires")[0] ?? "";
      const parsed = notify.body.length > 0 ? parsePidf(notify.body) : undefined;
      if (!subscription.startsWith("active") || !parsed?.ok) return subscription;
      return pidfToState(parsed.value, this.#office.clock.now()).state;
    });
  }
}

/** The tags of a dialog that a SUBSCRIBE began. */
export function dialogOf(response: SipResponse): { readonly local: string; readonly remote: string } {
  return { local: fromTag(response) ?? "", remote: toTag(response) ?? "" };
}
