/**
 * Where requests go that do not end here: to devices of our people (RFC 3261 §16.5), to partners, or along a dialog
 * that was let through before. Answers what `sip/proxy` asks.
 */
import { domainOf } from "../sip/address.ts";
import { from, routes, to } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import type { SipUri } from "../sip/message/uri.ts";
import { addressOfRecord, isSipUri, parseUri } from "../sip/message/uri.ts";
import type { ProxyTarget, RouteQuestion, Routing } from "../sip/proxy/proxy.ts";
import { alongRoute } from "../sip/proxy/proxy.ts";
import type { Stack } from "../sip/stack.ts";
import type { Addressees } from "./addressees.ts";
import type { Federation } from "./federation/federation.ts";
import type { LocationService } from "./location-service.ts";
import type { PresenceAgent } from "./presence-agent.ts";
import { targetOf } from "./reach.ts";
import type { Senders } from "./senders.ts";
import type { GatewaySettings } from "./settings.ts";

export interface ProxyRoutingSettings {
  readonly stack: Stack;
  readonly settings: GatewaySettings;
  readonly location: LocationService;
  readonly presence: PresenceAgent;
  readonly federation: Federation;
  readonly senders: Senders;
  readonly addressees: Addressees;
}

/** Methods that make sense only where they are kept. */
const NEVER_RELAYED = new Set(["REGISTER", "PUBLISH"]);

export class ProxyRouting {
  readonly #parts: ProxyRoutingSettings;

  constructor(parts: ProxyRoutingSettings) {
    this.#parts = parts;
  }

  async route(question: RouteQuestion): Promise<Routing> {
    const { request, flow } = question;
    if (question.isRecorded) return this.#inDialog(question);
    const sender = this.#parts.senders.prove(request, flow, "from", 407);
    if ("status" in sender) return sender;
    const uri = parseUri(request.uri);
    if (!uri.ok || !isSipUri(uri.value)) return { status: 416 };
    return this.#parts.addressees.isOwn(uri.value)
      ? this.#toPeople(sender.aor, uri.value)
      : this.#outside(sender.aor, request, uri.value);
  }

  /** Each device by its newest flow. Who hides from the sender looks exactly like somebody who is not there. */
  #toPeople(sender: string, uri: SipUri): Routing {
    const { addressees, location, presence, stack } = this.#parts;
    const people = addressees.people(uri);
    if (people.length === 0) return { status: 404 };
    const device = addressees.device(uri);
    const decisions = people.map((person) => presence.decide(person, sender).kind);
    if (decisions.every((kind) => kind === "block")) return { status: 403, reason: "This person does not take this" };
    const open = people.filter((_, at) => decisions[at] !== "block" && decisions[at] !== "appear-offline");
    const targets = open.flatMap((person) =>
      location.devices(person).flatMap((flows): readonly ProxyTarget[] => {
        const [newest] = flows;
        if (!newest || (device && newest.device !== device.name)) return [];
        const target = targetOf(stack, newest);
        return target ? [target] : [];
      }),
    );
    return { targets };
  }

  /** Only our own people are let out: partners do not reach each other through us. */
  async #outside(sender: string, request: SipRequest, uri: SipUri): Promise<Routing> {
    const { settings } = this.#parts;
    if (!settings.isOwnDomain(domainOf(sender)))
      return { status: 403, reason: "This office does not relay between others" };
    if (NEVER_RELAYED.has(request.method))
      return { status: 403, reason: `${request.method} ends at the sender's own office` };
    return this.#towards(uri.host, { uri: request.uri, q: 1 }, hopOf(request) ?? uri);
  }

  /** A dialog that passed once goes on without being asked again; to a partner it goes by the partner's own way. */
  async #inDialog(question: RouteQuestion): Promise<Routing> {
    const { settings } = this.#parts;
    const target = alongRoute(question);
    if (!target) return { status: 404 };
    const domain = otherDomain(question.request);
    if (target.flow || domain === undefined || settings.isOwnDomain(domain)) return { targets: [target] };
    const uri = parseUri(question.request.uri);
    const hop = hopOf(question.request) ?? (uri.ok && isSipUri(uri.value) ? uri.value : undefined);
    return hop ? this.#towards(domain, target, hop) : { targets: [target] };
  }

  async #towards(domain: string, target: ProxyTarget, hop: SipUri): Promise<Routing> {
    const way = await this.#parts.federation.way(domain, hop);
    return "refusal" in way ? way.refusal : { targets: [{ ...target, places: way.targets }] };
  }
}

/** The first Route that is left, where it says more than the Request-URI. */
function hopOf(request: SipRequest): SipUri | undefined {
  const [first] = routes(request);
  return first && isSipUri(first.uri) ? first.uri : undefined;
}

/** The domain that a request in a dialog goes to, by its To; undefined where both ends are of one domain. */
function otherDomain(request: SipRequest): string | undefined {
  const [sender, addressee] = [from(request), to(request)].map((field) => field && addressOfRecord(field.uri));
  if (sender === undefined || addressee === undefined) return undefined;
  const domain = domainOf(addressee);
  return domain === domainOf(sender) ? undefined : domain;
}
