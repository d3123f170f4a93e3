/** One account as a user agent: its connection, its subscriptions, its publication, its messages. */
import type { Duplex } from "node:stream";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Random } from "../platform/random.ts";
import { PIDF_TYPE } from "../payload/pidf.ts";
import { WATCHER_INFO_TYPE } from "../payload/watcher-info.ts";
import { bareAddress } from "../sip/address.ts";
import type { Retry } from "../sip/event/retry.ts";
import type { Notification } from "../sip/event/subscriber.ts";
import type { SubscriberSettings } from "../sip/event/subscriber.ts";
import { Subscriber } from "../sip/event/subscriber.ts";
import { cseq } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { parseUri, isSipUri } from "../sip/message/uri.ts";
import { Stack } from "../sip/stack.ts";
import type { ServerTransaction } from "../sip/transaction/transaction.ts";
import type { Dns } from "../sip/transport/dns.ts";
import type { Flow, TransportName } from "../sip/transport/flow.ts";
import { parseListening, TransportError } from "../sip/transport/flow.ts";
import type { Network } from "../sip/transport/network.ts";
import { locate } from "../sip/transport/resolve.ts";
import type { Target } from "../sip/transport/transport.ts";
import type { Answered } from "./authentication.ts";
import { AuthenticatedSender } from "./authentication.ts";
import type { Fault } from "./failure.ts";
import { connectionFault } from "./failure.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import { incomingMessage } from "./incoming-message.ts";
import type { OutgoingMessage, SendResult } from "./messaging.ts";
import { messageRequest, sendResult } from "./messaging.ts";
import type { OutgoingReceipt, OutgoingTyping } from "./notices.ts";
import { receiptRequest, typingRequest } from "./notices.ts";
import { Publication } from "./publication.ts";
import type { RegistrationChange } from "./registration.ts";
import { Registration } from "./registration.ts";
import { serverTrust } from "./server-trust.ts";
import { Watching } from "./watching.ts";
import { OfficeClient } from "../xcap-client/office-client.ts";
import { XcapClient } from "../xcap-client/xcap-client.ts";

/** Seconds that a subscription is to live. */
const SUBSCRIPTION_LIFE = 600;
/** Milliseconds that signing out may take before the connection is simply closed. */
const GOODBYE_WITHIN = 2_000;
const ACCEPTED = "text/plain, text/html, message/cpim, application/im-iscomposing+xml, message/imdn+xml";
const ALLOW: readonly [string, string] = ["Allow", "MESSAGE, NOTIFY, OPTIONS"];

export interface UserAgentPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly network: Network;
  readonly dns: Dns;
  readonly product: string;
}

export interface AccountSettings {
  /** `sip:name@domain`. */
  readonly aor: string;
  readonly password: string;
  /** `tls:host:port`, `tcp:…` or `udp:…`; found by DNS when absent. */
  readonly server?: string;
  readonly trust?: string;
  readonly instance: string;
}

/** What a subscription brings: a NOTIFY, or why there is none. */
export type News = Notification | Retry;

export interface UserAgentUser {
  registration(change: RegistrationChange): void;
  /** Stores the message and says with which status it is answered; nothing is answered before this resolves. */
  message(message: IncomingMessage): Promise<number>;
  /** What is known of a watched person changed, or why nothing is known. */
  watched(resource: string, news: News): void;
  watcherInfo(body: Buffer): void;
  published(published: boolean): void;
}

export class UserAgent {
  readonly #ports: UserAgentPorts;
  readonly #account: AccountSettings;
  readonly #user: UserAgentUser;
  readonly #stack: Stack;
  readonly #registration: Registration;
  readonly #sender: AuthenticatedSender;
  readonly #publication: Publication;
  /** Documents that our server keeps for us, privacy rules first. */
  readonly documents: XcapClient;
  readonly #watching: Watching;
  #watcherInfo: Subscriber | undefined;
  #target: Target | undefined;
  #untrusted: string | undefined;
  /** Addresses of ours with a UDP socket. */
  readonly #listening = new Set<string>();
  /** The flow under registration: the only one that may be used before the account counts as registered. */
  #registering: Flow | undefined;

  constructor(ports: UserAgentPorts, account: AccountSettings, user: UserAgentUser) {
    this.#ports = ports;
    this.#account = account;
    this.#user = user;
    const verifyServer = serverTrust({
      clock: ports.clock,
      domain: this.domain,
      trust: account.trust,
      untrusted: (fingerprint) => {
        this.#untrusted = fingerprint;
      },
    });
    this.#stack = new Stack({ ...ports, transports: ["tls"], verifyServer });
    this.#stack.use({ request: (transaction) => this.#receive(transaction) });
    const username = account.aor.slice("sip:".length, account.aor.indexOf("@"));
    this.#sender = new AuthenticatedSender(
      { domain: this.domain, username, password: account.password },
      ports.random,
      (request) => this.#sendOnFlow(request),
    );
    this.#registration = new Registration({
      ...ports,
      aor: account.aor,
      domain: this.domain,
      instance: account.instance,
      connect: () => this.#connect(),
      send: (request, flow) => this.#register(request, flow),
      changed: (change) => this.#registrationChanged(change),
    });
    this.#watching = new Watching({
      clock: ports.clock,
      aor: account.aor,
      subscriber: (settings) => this.#subscriber({ ...settings, event: "presence" }),
      watched: (resource, news) => user.watched(resource, news),
    });
    this.#publication = new Publication({
      ...ports,
      aor: account.aor,
      event: "presence",
      contentType: PIDF_TYPE,
      send: (request) => this.#sender.send(request),
      changed: (published) => user.published(published),
    });
    this.documents = this.#httpClient(account.password);
  }

  /** What our office does for us beside SIP, asked with the account's password or with one that is to be tried. */
  office(password = this.#account.password): OfficeClient {
    return new OfficeClient(bareAddress(this.#account.aor), this.#httpClient(password));
  }

  #httpClient(password: string): XcapClient {
    const { clock, random } = this.#ports;
    const user = bareAddress(this.#account.aor);
    return new XcapClient({ clock, random, user, password, open: () => this.#openStream() });
  }

  /** A second stream to the server that we are connected to. XCAP stands on streams: over UDP there is none. */
  async #openStream(): Promise<Duplex> {
    const target = this.#target;
    if (!target || target.transport === "udp")
      throw new TransportError("SIP_NO_TARGET", "There is no stream to the server.");
    return this.#stack.transport.openRaw(target);
  }

  get domain(): string {
    return this.#account.aor.slice(this.#account.aor.indexOf("@") + 1);
  }

  /** The open connection to our server, for what speaks another protocol to the same host. */
  get flow(): Flow | undefined {
    return this.#registration.flow;
  }

  start(): void {
    this.#registration.start();
  }

  /** The network changed, or the machine woke. */
  reconnect(): void {
    this.#registration.restart();
  }

  /**
   * Says goodbye to the server within a few seconds; the user agent cannot be used afterwards. The binding goes first:
   * a device that is registered without a publication would look available for a moment.
   */
  async stop(): Promise<void> {
    const goodbye = this.#registration.stop(async () => {
      await Promise.all([this.#publication.stop(), this.#watching.stop(), this.#watcherInfo?.stop()]);
    });
    await within(this.#ports.clock, GOODBYE_WITHIN, goodbye);
    this.#stack.close();
  }

  /** Ends at once and tells nobody, as a crash would. */
  close(): void {
    this.#stack.close();
  }

  watch(resource: string): void {
    this.#watching.watch(resource);
  }

  unwatch(resource: string): void {
    this.#watching.unwatch(resource);
  }

  /** Publishes a presence document for this device. */
  publish(document: string): void {
    this.#publication.publish(document);
  }

  async send(message: Omit<OutgoingMessage, "from">): Promise<SendResult> {
    return sendResult(await this.#sender.send(messageRequest({ ...message, from: this.#account.aor })));
  }

  async sendReceipt(receipt: Omit<OutgoingReceipt, "from">): Promise<SendResult> {
    return sendResult(await this.#sender.send(receiptRequest({ ...receipt, from: this.#account.aor })));
  }

  async sendTyping(typing: Omit<OutgoingTyping, "from">): Promise<SendResult> {
    return sendResult(await this.#sender.send(typingRequest({ ...typing, from: this.#account.aor })));
  }

  async #connect(): Promise<Flow | Fault> {
    this.#untrusted = undefined;
    const targets = await this.#targets();
    if ("code" in targets) return targets;
    let fault: Fault = connectionFault("SIP_CONNECT_FAILED", "", this.domain);
    for (const target of targets) {
      try {
        if (target.transport === "udp") await this.#listenUdp(target);
        const flow = await this.#stack.transport.flowTo(target);
        this.#target = target;
        return flow;
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        fault = connectionFault(error.code, error.message, this.domain);
        // A certificate that is refused is a decision: the next server must not be tried behind the person's back.
        if (this.#untrusted !== undefined) return { ...fault, details: { fingerprint: this.#untrusted } };
        if (!fault.passing) return fault;
      }
    }
    return fault;
  }

  async #targets(): Promise<readonly Target[] | Fault> {
    const targets = await serverTargets(this.#ports, this.#account.server, this.domain);
    return "code" in targets ? targets : this.#stack.transport.failedLast(targets);
  }

  async #listenUdp(target: Target): Promise<void> {
    // Our Contact names this socket, so it is bound to an address at which the server can find it.
    try {
      const address = await this.#ports.network.addressTowards(target);
      if (this.#listening.has(address)) return;
      await this.#stack.listen("udp", { address, port: 0 });
      this.#listening.add(address);
    } catch (cause) {
      throw new TransportError("SIP_CONNECT_FAILED", "There is no way to the server.", { cause });
    }
  }

  async #register(request: SipRequest, flow: Flow): Promise<Answered> {
    this.#registering = flow;
    const answered = await this.#sender.send(request);
    this.#registration.advance(cseq(answered.request)?.number ?? 0);
    return answered;
  }

  #sendOnFlow(request: SipRequest): ReturnType<Stack["send"]> {
    const flow = this.#registration.flow ?? this.#registering;
    if (!flow?.open)
      return Promise.resolve({ kind: "unreachable", code: "SIP_FLOW_CLOSED", message: "There is no connection." });
    return this.#stack.send(request, { flow });
  }

  #registrationChanged(change: RegistrationChange): void {
    if (change.state === "registered" && change.fresh) {
      this.#watching.begin(change.lists);
      this.#watchWatchers();
      this.#publication.renew();
    } else if (change.state !== "registered") {
      this.#sender.reset();
      this.#publication.pause();
      this.#watching.pause();
      this.#watcherInfo?.pause();
    }
    this.#user.registration(change);
  }

  #watchWatchers(): void {
    this.#watcherInfo ??= this.#subscriber({
      resource: this.#account.aor,
      event: "presence.winfo",
      accept: WATCHER_INFO_TYPE,
      notified: ({ body }) => {
        if (body.length > 0) this.#user.watcherInfo(body);
      },
      failed: () => undefined,
    });
    this.#watcherInfo.restart();
  }

  #subscriber(
    wish: Pick<SubscriberSettings, "resource" | "event" | "accept" | "notified" | "failed" | "extra" | "first">,
  ): Subscriber {
    return new Subscriber({
      ...this.#ports,
      ...wish,
      watcher: this.#account.aor,
      expires: SUBSCRIPTION_LIFE,
      headers: () => [["Contact", `<${this.#registration.contact}>`]],
      send: async (request) => {
        const { outcome, request: sent } = await this.#sender.send(request);
        return { request: sent, ...(outcome.kind === "response" && { response: outcome.response }) };
      },
    });
  }

  /** Mine or not mine: a subscription's NOTIFY, a message, a question what we can do; nothing else. */
  #receive(transaction: ServerTransaction): void {
    const { method } = transaction.request;
    // Only our own server speaks to us: anything else on our socket is a stranger.
    if (transaction.flow.id !== (this.#registration.flow ?? this.#registering)?.id)
      return this.#stack.respond(transaction, 403);
    if (method === "NOTIFY") return this.#notify(transaction);
    if (method === "MESSAGE") return void this.#message(transaction);
    if (method === "OPTIONS") return this.#stack.respond(transaction, 200, { headers: [ALLOW] });
    this.#stack.respond(transaction, method === "CANCEL" ? 481 : 405, { headers: [ALLOW] });
  }

  #notify(transaction: ServerTransaction): void {
    if (this.#watching.handle(transaction)) return;
    if (this.#watcherInfo?.handle(transaction)) return;
    this.#stack.respond(transaction, 481);
  }

  async #message(transaction: ServerTransaction): Promise<void> {
    const message = incomingMessage(transaction.request);
    if (!message) {
      this.#stack.respond(transaction, 415, { headers: [["Accept", ACCEPTED]] });
      return;
    }
    const status = await this.#user.message(message).catch(() => 500);
    this.#stack.respond(transaction, status);
  }
}

/** Where a domain's server is: given by hand as `transport:host:port`, else by DNS. */
export async function serverTargets(
  ports: Pick<UserAgentPorts, "dns" | "random">,
  server: string | undefined,
  domain: string,
): Promise<readonly Target[] | Fault> {
  const given = server === undefined ? undefined : parseListening(server);
  const text = given
    ? `sip:${given.host.includes(":") ? `[${given.host}]` : given.host}:${given.port};transport=${given.transport}`
    : `sip:${domain}`;
  const uri = parseUri(text);
  if (!uri.ok || !isSipUri(uri.value)) return connectionFault("SIP_NAME_UNKNOWN", "", domain);
  // Without a server given by hand only TLS is looked for: a password must not fall back to an open line.
  const transports: readonly TransportName[] = given ? [given.transport] : ["tls"];
  const found = await locate(uri.value, { ...ports, transports });
  return found.ok ? found.value : connectionFault(found.error.code, found.error.message, domain);
}

/** Waits for the work, but no longer than that. */
function within(clock: Clock, milliseconds: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = clock.after(milliseconds, resolve);
    void work.then(resolve, reject).finally(() => deadline.cancel());
  });
}
