/** Who may speak for a foreign domain, and who may be spoken to (design: trust between offices). Pure. */
import type { CommunityRecord } from "../../store/store.ts";

/** What is known of the other end of a flow. */
export interface PeerFacts {
  /** Whether its address is one that the community trusts. */
  readonly isTrustedAddress: boolean;
  /** What its certificate comes to for the domain in question; absent when it showed none. */
  readonly certificate?: "proven" | { readonly refusal: string };
}

/** A status for the other side, and a phrase that says which step failed. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/** Whether a request from somebody of a foreign domain is taken. `community` is the one that lists the domain. */
export function admitPeer(
  domain: string,
  community: CommunityRecord | undefined,
  facts: PeerFacts,
): Refusal | undefined {
  const closed = refuseDomain(domain, community);
  if (closed) return closed;
  if (facts.certificate === "proven" || facts.isTrustedAddress) return undefined;
  if (facts.certificate)
    return { status: 403, reason: `Certificate refused for ${domain}: ${facts.certificate.refusal}` };
  return { status: 403, reason: `Nothing proves that this is ${domain}; a certificate or a listed address is needed` };
}

/** Why nothing is exchanged with a domain; undefined when something is. */
export function refuseDomain(domain: string, community: CommunityRecord | undefined): Refusal | undefined {
  if (!community) return { status: 403, reason: `This office does not talk to ${domain}` };
  if (!community.enabled) return { status: 403, reason: `The exchange with ${domain} is switched off` };
  return undefined;
}
