/**
 * Being reachable (RFC 3261 §10.2, RFC 5626): one connection to the server, a binding on it, keep-alives,
 * and the way back when either is lost.
 */
import type { Clock, Timer } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import { contacts, expires, optionTags } from "../sip/message/fields.ts";
import type { SipRequest, SipResponse } from "../sip/message/message.ts";
import { request as makeRequest } from "../sip/message/message.ts";
import type { Flow } from "../sip/transport/flow.ts";
import { formatEndpoint } from "../sip/transport/network.ts";
import type { Answered } from "./authentication.ts";
import type { Fault } from "./failure.ts";
import { connectionFault, registrationFault } from "./failure.ts";

/** Seconds that we ask to be registered for. */
const LIFE = 600;
/** Seconds between keep-alives where the server says nothing (RFC 5626 §4.4.1 allows 95 to 120; we notice sooner). */
const KEEP_ALIVE = 20;
/** The longest Min-Expires that is followed, in seconds. */
const LONGEST_LIFE = 86_400;
/** The longest Retry-After that is followed, in seconds: a person waits in front of the screen. */
const LONGEST_RETRY_AFTER = 300;
/** Milliseconds in which the answer to a keep-alive is due. */
const PONG_WITHIN = 10_000;
/** What keeps a way through a NAT open where nobody answers. */
const CRLF = Buffer.from("\r\n\r\n");
/** First and longest wait before connecting again, in milliseconds. */
export const FIRST_WAIT = 500;
export const LONGEST_WAIT = 60_000;

export type RegistrationChange =
  | { readonly state: "registering" }
  | {
      readonly state: "registered";
      readonly flow: Flow;
      readonly fresh: boolean;
      /** Whether the server takes subscriptions to lists that they bring along (RFC 5367). */
      readonly lists: boolean;
    }
  | { readonly state: "failed"; readonly fault: Fault }
  | { readonly state: "signed-out" };

export interface RegistrationSettings {
  readonly clock: Clock;
  readonly random: Random;
  /** `sip:name@domain`. */
  readonly aor: string;
  readonly domain: string;
  /** Stays the same for this installation: `urn:uuid:…`. */
  readonly instance: string;
  /** Opens a connection to the server; a fault when none can be had. */
  connect(): Promise<Flow | Fault>;
  send(request: SipRequest, flow: Flow): Promise<Answered>;
  changed(change: RegistrationChange): void;
}

export class Registration {
  readonly #settings: RegistrationSettings;
  readonly #callId: string;
  readonly #tag: string;
  #sequence = 0;
  #flow: Flow | undefined;
  #timer: Timer | undefined;
  #keepAlive: Timer | undefined;
  #pongDeadline: Timer | undefined;
  #failures = 0;
  #life = LIFE;
  #wanted = false;
  #registered = false;
  /** Counts connections, so that what an older one still says is not believed. */
  #generation = 0;

  constructor(settings: RegistrationSettings) {
    this.#settings = settings;
    this.#callId = token(settings.random, 16);
    this.#tag = token(settings.random);
  }

  /** The flow that requests of this account leave by, while registered. */
  get flow(): Flow | undefined {
    return this.#flow?.open ? this.#flow : undefined;
  }

  /** Our Contact on that flow. */
  get contact(): string {
    return this.#flow ? contactOn(this.#flow, this.#settings.aor) : this.#settings.aor;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#connect();
  }

  /** The network changed or the machine woke: what we had cannot be trusted, begin anew at once. */
  restart(): void {
    if (!this.#wanted) return;
    this.#failures = 0;
    this.#drop();
    void this.#connect();
  }

  /** Takes the binding back; `farewell` still has the connection, then it is closed. */
  async stop(farewell: () => Promise<void>): Promise<void> {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#cancelTimers();
    const { flow } = this;
    if (flow) {
      await this.#settings.send(this.#register(flow, 0), flow);
      await farewell();
    }
    this.#drop();
    this.#settings.changed({ state: "signed-out" });
  }

  async #connect(): Promise<void> {
    const generation = ++this.#generation;
    this.#settings.changed({ state: "registering" });
    const opened = await this.#settings.connect();
    if (generation !== this.#generation || !this.#wanted) {
      if (!("code" in opened)) opened.close();
      return;
    }
    if ("code" in opened) return this.#failed(opened);
    this.#flow = opened;
    opened.whenClosed(() => {
      if (generation === this.#generation && this.#wanted) this.#lost();
    });
    await this.#refresh(opened, generation, true);
  }

  async #refresh(flow: Flow, generation: number, fresh: boolean): Promise<void> {
    const { outcome, rejected } = await this.#settings.send(this.#register(flow, this.#life), flow);
    if (generation !== this.#generation || !this.#wanted) return;
    if (outcome.kind === "response" && outcome.response.status < 300) {
      this.#failures = 0;
      this.#registered = true;
      const life = this.#granted(outcome.response);
      this.#timer?.cancel();
      // Half its life is left when it is renewed: one lost answer does no harm (RFC 3261 §10.2.4).
      this.#timer = this.#settings.clock.after(life * 500, () => void this.#refresh(flow, generation, false));
      if (fresh) this.#keepAliveOn(flow, outcome.response);
      this.#settings.changed({ state: "registered", flow, fresh, lists: takesLists(outcome.response) });
      return;
    }
    if (outcome.kind === "response" && this.#prolong(outcome.response)) return this.#refresh(flow, generation, fresh);
    this.#failed(registrationFault(outcome, this.#settings.domain, rejected));
  }

  /** After 423: whether the server wants longer registrations than it was asked for, and we can do that. */
  #prolong(response: SipResponse): boolean {
    const least = Number.parseInt(response.headers.get("min-expires") ?? "", 10);
    if (response.status !== 423 || !(least > this.#life) || least > LONGEST_LIFE) return false;
    this.#life = least;
    return true;
  }

  #failed(fault: Fault): void {
    this.#drop();
    this.#settings.changed({ state: "failed", fault });
    if (fault.passing) this.#tryLater(fault.retryAfter);
  }

  #lost(): void {
    // A connection that never carried a registration is a failure that somebody may be waiting to hear of.
    if (!this.#registered) return this.#failed(connectionFault("SIP_FLOW_CLOSED", "", this.#settings.domain));
    this.#drop();
    this.#settings.changed({ state: "registering" });
    this.#tryLater();
  }

  /** Back-off with jitter: a whole office must not come back in the same second (RFC 5626 §4.5). */
  #tryLater(retryAfter = 0): void {
    const longest = Math.min(FIRST_WAIT * 2 ** Math.min(this.#failures++, 12), LONGEST_WAIT);
    const spread = longest * (0.5 + 0.5 * this.#settings.random.fraction());
    const wait = Math.max(spread, Math.min(retryAfter, LONGEST_RETRY_AFTER) * 1_000);
    this.#timer = this.#settings.clock.after(wait, () => void this.#connect());
  }

  #drop(): void {
    this.#generation++;
    this.#registered = false;
    this.#cancelTimers();
    const flow = this.#flow;
    this.#flow = undefined;
    flow?.close();
  }

  #cancelTimers(): void {
    this.#timer?.cancel();
    this.#keepAlive?.cancel();
    this.#pongDeadline?.cancel();
    this.#pongDeadline = undefined;
  }

  #register(flow: Flow, seconds: number): SipRequest {
    const { aor, domain, instance } = this.#settings;
    const contact = `<${contactOn(flow, aor)}>;+sip.instance="<${instance}>";reg-id=1;expires=${seconds}`;
    return makeRequest("REGISTER", `sip:${domain}`, [
      ["Max-Forwards", "70"],
      ["From", `<${aor}>;tag=${this.#tag}`],
      ["To", `<${aor}>`],
      ["Call-ID", this.#callId],
      ["CSeq", `${++this.#sequence} REGISTER`],
      ["Contact", contact],
      ["Supported", "path, outbound"],
      ["Allow", "MESSAGE, NOTIFY, OPTIONS"],
    ]);
  }

  /** CSeq numbers that credentials used up are ours too. */
  advance(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
  }

  #granted(response: SipResponse): number {
    const list = contacts(response);
    const own =
      list === "*"
        ? undefined
        : list.find(({ params }) => params.get("+sip.instance")?.includes(this.#settings.instance));
    const seconds = Number(own?.params.get("expires") ?? expires(response) ?? this.#life);
    return Number.isInteger(seconds) && seconds > 0 ? Math.min(seconds, this.#life) : this.#life;
  }

  #keepAliveOn(flow: Flow, response: SipResponse): void {
    if (!flow.ping) return;
    const asked = Number.parseInt(response.headers.get("flow-timer") ?? "", 10);
    const longest = asked > 0 ? Math.min(asked, KEEP_ALIVE * 6) : KEEP_ALIVE;
    // A server that knows nothing of RFC 5626 may let pings pass in silence: its silence says nothing.
    let answers = asked > 0 || optionTags(response, "require").includes("outbound");
    const { clock, random } = this.#settings;
    // RFC 5626 §4.4.1: at a random moment in the last fifth before it is due.
    const schedule = (): void => {
      this.#keepAlive = clock.after(longest * 1_000 * (0.8 + 0.2 * random.fraction()), ping);
    };
    // A datagram flow never ends by itself.
    const giveUp = (): void => {
      if (flow.transport !== "udp") flow.close();
      else if (this.#flow === flow) this.#lost();
    };
    const ping = (): void => {
      if (!flow.open) return;
      schedule();
      // STUN goes to nobody who does not claim to know it (RFC 5626 §8); a CRLF keeps the way open all the same.
      if (flow.transport === "udp" && !answers) return void flow.send(CRLF).catch(() => undefined);
      if (answers) this.#pongDeadline ??= clock.after(PONG_WITHIN, giveUp);
      flow.ping?.((moved) => {
        answers = true;
        this.#pongDeadline?.cancel();
        this.#pongDeadline = undefined;
        if (moved) giveUp();
      });
    };
    schedule();
  }
}

function takesLists(response: SipResponse): boolean {
  const supported = optionTags(response, "supported");
  return supported.includes("eventlist") && supported.includes("recipient-list-subscribe");
}

function contactOn(flow: Flow, aor: string): string {
  const user = aor.slice("sip:".length, aor.indexOf("@"));
  return `sip:${user}@${formatEndpoint(flow.local)};transport=${flow.transport};ob`;
}
