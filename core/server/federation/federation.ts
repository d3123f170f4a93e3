/**
 * The federation edge: which foreign domains the office talks to, who may speak for them, and the way there.
 * Decisions are in `policy/peers.ts`; here is what they need to know.
 */
import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import type { Trust } from "../../certificates/trust.ts";
import { checkChain } from "../../certificates/trust.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { SipError } from "../../sip/message/error.ts";
import { routes } from "../../sip/message/fields.ts";
import type { SipRequest } from "../../sip/message/message.ts";
import type { SipUri } from "../../sip/message/uri.ts";
import { isSipUri, parseUri } from "../../sip/message/uri.ts";
import type { Outcome, Stack } from "../../sip/stack.ts";
import type { Dns } from "../../sip/transport/dns.ts";
import type { Flow } from "../../sip/transport/flow.ts";
import type { Target } from "../../sip/transport/transport.ts";
import { locate } from "../../sip/transport/resolve.ts";
import type { CommunityRecord, CommunityTable } from "../../store/store.ts";
import type { PeerFacts, Refusal } from "../policy/peers.ts";
import { admitPeer, refuseDomain } from "../policy/peers.ts";
import { communityOf, isTrusted, parseHop } from "./community.ts";

export interface FederationSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly dns: Dns;
  readonly communities: CommunityTable;
}

/** The way to another domain. */
export type Way = { readonly targets: readonly Target[] } | { readonly refusal: Refusal };

const DEFAULT_PORT = { tls: 5061, tcp: 5060, udp: 5060 } as const;

export class Federation {
  readonly #settings: FederationSettings;
  #communities: readonly CommunityRecord[];
  /** What flows proved already, by domain; judged anew when a community changes. */
  #proofs = new WeakMap<Flow, Map<string, PeerFacts["certificate"]>>();
  /** Flows that have spoken for another domain. */
  #peers = new WeakSet<Flow>();

  constructor(settings: FederationSettings) {
    this.#settings = settings;
    this.#communities = settings.communities.list();
  }

  /** Reads the communities anew: a change is in force from the next request on. */
  changed(): void {
    this.#communities = this.#settings.communities.list();
    this.#proofs = new WeakMap();
    this.#peers = new WeakSet();
  }

  /** The community that a domain belongs to, switched on or not. */
  of(domain: string): CommunityRecord | undefined {
    return communityOf(domain, this.#communities);
  }

  /** Why a request from somebody of this foreign domain, come over this flow, is refused; undefined when it is not. */
  admit(domain: string, flow: Flow): Refusal | undefined {
    const community = this.of(domain);
    const refusal = admitPeer(domain, community, community ? this.#facts(domain, community, flow) : NOTHING_KNOWN);
    if (!refusal) this.#peers.add(flow);
    return refusal;
  }

  /** Whether the other end of a flow is another office: nobody there can be of ours. */
  isPeer(flow: Flow): boolean {
    return this.#peers.has(flow) || this.#communities.some((one) => one.enabled && isTrusted(one, flow.remote.address));
  }

  /**
   * Where a request to somebody of a foreign domain goes: the community's fixed next hop, else where RFC 3263 finds
   * `hop`, the request's own next hop. Whatever it is, its certificate has to speak for the domain.
   */
  async way(domain: string, hop: SipUri): Promise<Way> {
    const community = this.of(domain);
    const closed = refuseDomain(domain, community);
    if (closed || !community) return { refusal: closed ?? NO_WAY };
    const found = await locate(fixedHop(community) ?? hop, { ...this.#settings, transports: [community.transport] });
    if (!found.ok) return { refusal: { status: found.error.status === 404 ? 404 : 503, reason: found.error.message } };
    return { targets: found.value.map((target) => ({ ...target, serverName: domain })) };
  }

  /** Sends a request of our own to somebody of a foreign domain, by the way that `way` finds. */
  async send(stack: Pick<Stack, "send">, request: SipRequest, domain: string): Promise<Outcome> {
    const hop = nextHop(request);
    if (!hop) return { kind: "unreachable", code: "SIP_BAD_URI", message: "The next hop is not a SIP address." };
    const way = await this.way(domain, hop);
    if ("refusal" in way) return { kind: "unreachable", code: "SIP_NO_WAY", message: way.refusal.reason };
    return stack.send(request, { targets: way.targets });
  }

  /** Judges the certificate of a server that we dialled for a domain: `TransportSettings.verifyServer`. */
  verifyServer(chain: readonly Buffer[], domain: string): SipError | undefined {
    const community = this.of(domain);
    if (!community) return { code: "SIP_NO_TRUST", message: `This office does not talk to ${domain}.` };
    const judged = this.#judge(chain, domain, community);
    if (judged === "proven") return undefined;
    return { code: "SIP_NO_TRUST", message: judged.refusal };
  }

  #facts(domain: string, community: CommunityRecord, flow: Flow): PeerFacts {
    const isTrustedAddress = isTrusted(community, flow.remote.address);
    const chain = flow.peer?.chain ?? [];
    if (chain.length === 0) return { isTrustedAddress };
    const proofs = this.#proofs.get(flow) ?? new Map<string, PeerFacts["certificate"]>();
    this.#proofs.set(flow, proofs);
    const certificate = proofs.get(domain) ?? this.#judge(chain, domain, community);
    // Who tries domain after domain over one connection gets no memory of ours for it.
    if (proofs.size < MAX_PROOFS) proofs.set(domain, certificate);
    return { isTrustedAddress, certificate };
  }

  /** RFC 5922 §7: the chain ends at the community's own anchor, and the name is the domain or the fixed next hop. */
  #judge(
    chain: readonly Buffer[],
    domain: string,
    community: CommunityRecord,
  ): "proven" | { readonly refusal: string } {
    const trust: Trust =
      community.authority === undefined ? { system: true, roots: rootCertificates } : { pem: community.authority };
    const shared = { chain, trust, now: this.#settings.clock.now() };
    const judged = checkChain({ ...shared, expected: domain });
    if (judged.ok) return "proven";
    const host = community.proxy === undefined ? undefined : parseHop(community.proxy)?.host;
    if (
      host !== undefined &&
      judged.error.code === "certificate-wrong-name" &&
      checkChain({ ...shared, expected: host }).ok
    )
      return "proven";
    return { refusal: judged.error.message };
  }
}

/** Domains for which one flow's certificate is remembered. */
const MAX_PROOFS = 64;
const NOTHING_KNOWN: PeerFacts = { isTrustedAddress: false };
const NO_WAY: Refusal = { status: 403, reason: "This office does not talk to that domain" };

/** Where a request would go by itself: its first Route, else its Request-URI. */
function nextHop(request: SipRequest): SipUri | undefined {
  const route = routes(request)[0]?.uri;
  if (route) return isSipUri(route) ? route : undefined;
  const uri = parseUri(request.uri);
  return uri.ok && isSipUri(uri.value) ? uri.value : undefined;
}

function fixedHop({ proxy, transport }: CommunityRecord): SipUri | undefined {
  const hop = proxy === undefined ? undefined : parseHop(proxy);
  if (!hop) return undefined;
  const { host } = hop;
  // A name without a port is looked up like a domain; an address has the usual port.
  const port = hop.port ?? (isIP(host) === 0 ? undefined : DEFAULT_PORT[transport]);
  const place = `${isIP(host) === 6 ? `[${host}]` : host}${port === undefined ? "" : `:${port}`}`;
  const uri = parseUri(`sip:${place};transport=${transport}`);
  return uri.ok && isSipUri(uri.value) ? uri.value : undefined;
}
