/** Which part of the gateway takes a request: the first that says "mine". Everything is proven before it costs anything. */
import { inflateSync } from "node:zlib";
import { callId, event, expires, optionTags, routes, toTag } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import type { SipUri } from "../sip/message/uri.ts";
import { isSipUri, parseUri } from "../sip/message/uri.ts";
import type { Notifier } from "../sip/event/notifier.ts";
import type { Proxy } from "../sip/proxy/proxy.ts";
import type { RespondOptions, Stack } from "../sip/stack.ts";
import type { ServerTransaction } from "../sip/transaction/transaction.ts";
import type { Addressees, DialledDevice } from "./addressees.ts";
import type { Devices } from "./devices.ts";
import { SIGNED_OUT_HEADER } from "./devices.ts";
import type { EventState } from "./event-state.ts";
import { MIN_PUBLICATION } from "./event-state.ts";
import type { MessageRelay, RelayAnswer } from "./message-relay.ts";
import { answerForAll } from "./message-relay.ts";
import type { EventPackage } from "./event-packages.ts";
import type { SubscriptionCount } from "./operation/subscription-count.ts";
import type { PresenceAgent } from "./presence-agent.ts";
import { PRESENCE } from "./presence-agent.ts";
import type { Registrar } from "./registrar.ts";
import type { Senders } from "./senders.ts";

export const METHODS = ["REGISTER", "SUBSCRIBE", "PUBLISH", "MESSAGE", "OPTIONS"] as const;
const ALLOW: readonly [string, string] = ["Allow", [...METHODS, "NOTIFY"].join(", ")];
const EXTENSIONS = ["path", "outbound", "gruu", "eventlist", "recipient-list-subscribe"];
/** Shortest and longest life of a subscription in seconds; a poll asks for 0. */
export const MIN_SUBSCRIPTION = 30;
export const MAX_SUBSCRIPTION = 3_600;
/** Largest body after inflating, in bytes. */
const MAX_INFLATED = 256 * 1024;

export interface RouterSettings {
  readonly stack: Stack;
  readonly devices: Devices;
  readonly registrar: Registrar;
  readonly notifier: Notifier;
  readonly presence: PresenceAgent;
  readonly packages: ReadonlyMap<string, EventPackage>;
  readonly events: EventState;
  readonly relay: MessageRelay;
  readonly subscriptions: SubscriptionCount;
  readonly senders: Senders;
  readonly addressees: Addressees;
  readonly proxy: Proxy;
}

export class Router {
  readonly #parts: RouterSettings;

  constructor(parts: RouterSettings) {
    this.#parts = parts;
  }

  /** Takes a request to its answer. Faults of ours become 500, so that the sender tries again. */
  async handle(transaction: ServerTransaction): Promise<void> {
    try {
      await this.#route(transaction);
    } catch (error) {
      this.#answer(transaction, 500, {});
      throw error;
    }
  }

  async #route(transaction: ServerTransaction): Promise<void> {
    const { request } = transaction;
    const uri = parseUri(request.uri);
    if (!uri.ok) return this.#answer(transaction, 400, { reason: "The Request-URI cannot be read" });
    if (!isSipUri(uri.value)) return this.#answer(transaction, 416, {});
    if (!this.#endsHere(request, uri.value)) return this.#parts.proxy.request(transaction);
    const unknown = ["require", "proxy-require"]
      .flatMap((name) => optionTags(request, name))
      .filter((tag) => !EXTENSIONS.includes(tag));
    if (unknown.length > 0) return this.#answer(transaction, 420, { headers: [["Unsupported", unknown.join(", ")]] });
    switch (request.method) {
      case "REGISTER":
        return this.#register(transaction);
      case "OPTIONS":
        return this.#options(transaction, uri.value);
      case "SUBSCRIBE":
        return this.#subscribe(transaction, uri.value);
      case "PUBLISH":
        return this.#publish(transaction, uri.value);
      case "MESSAGE":
        return this.#message(transaction, uri.value);
      default:
        return this.#answer(transaction, 405, { headers: [ALLOW] });
    }
  }

  /**
   * Whether we are the one who answers. Routes of ours that lead here say nothing; what has others, is for somebody
   * elsewhere, or is a call to one of our people is the proxy's.
   */
  #endsHere(request: SipRequest, uri: SipUri): boolean {
    const { addressees } = this.#parts;
    const leadsOn = routes(request).some((route) => !isSipUri(route.uri) || !addressees.isOwn(route.uri));
    if (leadsOn || !addressees.isOwn(uri)) return false;
    return uri.user === undefined || (METHODS as readonly string[]).includes(request.method);
  }

  async #register(transaction: ServerTransaction): Promise<void> {
    const aor = this.#prove(transaction, "to", 401);
    if (aor === undefined) return;
    if (this.#parts.devices.isSignedOut(aor, callId(transaction.request)))
      return this.#answer(transaction, 403, {
        reason: "This device was signed out",
        headers: [[SIGNED_OUT_HEADER, "yes"]],
      });
    const { status, reason, headers } = await this.#parts.registrar.register(transaction, aor);
    const supported: readonly [string, string] = ["Supported", EXTENSIONS.filter((one) => one !== "gruu").join(", ")];
    const all = status === 200 ? [...headers, supported] : headers;
    this.#answer(transaction, status, { headers: all, ...(reason !== undefined && { reason }) });
  }

  #options(transaction: ServerTransaction, uri: SipUri): void {
    const headers: (readonly [string, string])[] = [
      ALLOW,
      ["Accept", "application/pidf+xml, text/plain"],
      ["Allow-Events", [...this.#parts.packages.keys()].join(", ")],
      ["Supported", EXTENSIONS.join(", ")],
    ];
    if (uri.user === undefined) this.#answer(transaction, 200, { headers });
    // Whether somebody exists and is there is told by presence, to those who may know it.
    else this.#answer(transaction, 480, {});
  }

  #subscribe(transaction: ServerTransaction, uri: SipUri): void {
    const { notifier, packages } = this.#parts;
    const { request } = transaction;
    const inDialog = toTag(request) !== undefined;
    const existing = inDialog ? notifier.find(request) : undefined;
    if (inDialog && !existing) return this.#answer(transaction, 481, {});
    const name = event(request)?.name ?? "";
    const handler = packages.get(name);
    if (!handler)
      return this.#answer(transaction, 489, { headers: [["Allow-Events", [...packages.keys()].join(", ")]] });
    const watcher = this.#prove(transaction, "from", 401);
    if (watcher === undefined) return;
    const asked = expires(request) ?? MAX_SUBSCRIPTION;
    const seconds = Math.min(asked, MAX_SUBSCRIPTION);
    if (seconds > 0 && seconds < MIN_SUBSCRIPTION)
      return this.#answer(transaction, 423, { headers: [["Min-Expires", String(MIN_SUBSCRIPTION)]] });
    if (existing) {
      if (existing.watcher !== watcher) return this.#answer(transaction, 403, {});
      const etag = request.headers.get("suppress-if-match");
      const known = etag !== undefined && handler.isKnown?.(existing, etag) === true;
      const detail = handler.refreshed?.(existing, request);
      return notifier.refresh(transaction, existing.id, seconds, { detail, known });
    }
    const resource = handler.resourceOf?.(request.uri, watcher) ?? this.#person(transaction, uri);
    if (resource === undefined) return;
    // A device may be asked for its presence only by a name that says whose it is.
    if (this.#parts.addressees.device(uri)?.kind === "temporary") return this.#answer(transaction, 480, {});
    const admission = handler.admit(name, resource, watcher, request);
    if ("status" in admission) return this.#answer(transaction, admission.status, admission);
    const full = this.#parts.subscriptions.isFull(resource, watcher);
    if (full) return this.#answer(transaction, full.status, full);
    const subscription = notifier.accept(transaction, { resource, watcher, ...admission }, seconds);
    if (!subscription) return this.#answer(transaction, 400, { reason: "SUBSCRIBE needs a Contact" });
    this.#parts.subscriptions.began(subscription);
    if (seconds > 0) handler.subscribed?.(subscription);
  }

  async #publish(transaction: ServerTransaction, uri: SipUri): Promise<void> {
    const { request, flow } = transaction;
    const name = event(request)?.name;
    if (name !== PRESENCE) return this.#answer(transaction, 489, { headers: [["Allow-Events", PRESENCE]] });
    const publisher = this.#prove(transaction, "from", 401);
    if (publisher === undefined) return;
    const resource = this.#person(transaction, uri);
    if (resource === undefined) return;
    if (resource !== publisher)
      return this.#answer(transaction, 403, { reason: "Only your own state can be published" });
    const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (request.body.length > 0 && type !== "application/pidf+xml")
      return this.#answer(transaction, 415, { headers: [["Accept", "application/pidf+xml"]] });
    const body = plainBody(request);
    if (body === undefined)
      return this.#answer(transaction, 415, { headers: [["Accept-Encoding", "identity, deflate"]] });
    const ifMatch = request.headers.get("sip-if-match");
    const answer = await this.#parts.events.publish({
      aor: resource,
      event: name,
      ...(ifMatch !== undefined && { ifMatch }),
      seconds: expires(request) ?? MAX_SUBSCRIPTION,
      ...(body.length > 0 && { contentType: "application/pidf+xml" }),
      body: body.toString("utf8"),
      flow: flow.id,
    });
    if (answer.status === 200)
      this.#answer(transaction, 200, {
        headers: [
          ["SIP-ETag", answer.etag],
          ["Expires", String(answer.seconds)],
        ],
      });
    else if (answer.status === 423)
      this.#answer(transaction, 423, { headers: [["Min-Expires", String(MIN_PUBLICATION)]] });
    else this.#answer(transaction, answer.status, { ...(answer.reason !== undefined && { reason: answer.reason }) });
  }

  async #message(transaction: ServerTransaction, uri: SipUri): Promise<void> {
    const sender = this.#prove(transaction, "from", 407);
    if (sender === undefined) return;
    const recipients = this.#people(transaction, uri);
    if (recipients === undefined) return;
    const device = this.#parts.addressees.device(uri);
    // Who writes to a group that they are in knows already what they wrote.
    const others = recipients.length === 1 ? recipients : recipients.filter((recipient) => recipient !== sender);
    const answers = await Promise.all(others.map((recipient) => this.#relay(transaction, sender, recipient, device)));
    const { status, reason } = answerForAll(answers);
    this.#answer(transaction, status, { ...(reason !== undefined && status >= 300 && { reason }) });
  }

  async #relay(
    { request }: ServerTransaction,
    sender: string,
    recipient: string,
    device: DialledDevice | undefined,
  ): Promise<RelayAnswer> {
    const decision = this.#parts.presence.decide(recipient, sender);
    if (decision.kind === "block") return { status: 403, reason: "This person does not take your messages" };
    const quietly = decision.kind === "appear-offline";
    // The temporary address of somebody who is offline holds no more, so it must not for those who see nothing.
    if (device?.kind === "temporary" && quietly) return { status: 404 };
    return this.#parts.relay.relay(request, sender, recipient, quietly, device?.name);
  }

  /** The one person of ours that the Request-URI names; answers the request itself when there is none, or several. */
  #person(transaction: ServerTransaction, uri: SipUri): string | undefined {
    const people = this.#people(transaction, uri);
    if (people === undefined || people.length === 1) return people?.[0];
    this.#answer(transaction, 403, { reason: "This address stands for several people" });
    return undefined;
  }

  /** The existing people of ours that the Request-URI names; answers the request itself when there are none. */
  #people(transaction: ServerTransaction, uri: SipUri): readonly string[] | undefined {
    const people = this.#parts.addressees.people(uri);
    if (people.length > 0) return people;
    this.#answer(transaction, 404, {});
    return undefined;
  }

  /** Who sent this; answers the request itself when nothing proves it. */
  #prove(transaction: ServerTransaction, field: "from" | "to", status: 401 | 407): string | undefined {
    const sender = this.#parts.senders.prove(transaction.request, transaction.flow, field, status);
    if ("aor" in sender) return sender.aor;
    this.#answer(transaction, sender.status, sender);
    return undefined;
  }

  #answer(transaction: ServerTransaction, status: number, options: RespondOptions): void {
    this.#parts.stack.respond(transaction, status, options);
  }
}

/** The body without its Content-Encoding; undefined when the encoding is not ours or the body does not hold to it. */
function plainBody(request: SipRequest): Buffer | undefined {
  const encoding = request.headers.get("content-encoding")?.toLowerCase();
  if (encoding === undefined || encoding === "identity") return request.body;
  if (encoding !== "deflate") return undefined;
  try {
    return inflateSync(request.body, { maxOutputLength: MAX_INFLATED });
  } catch {
    return undefined;
  }
}
