/** Partners as an administrator writes them, and which of them a domain belongs to. Pure. */
import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import { readCertificate } from "../../certificates/read.ts";
import { StoreError } from "../../store/errors.ts";
import type { CommunityRecord } from "../../store/store.ts";

/** Domains and patterns that one community may list. */
export const MAX_PATTERNS = 100;
/** Addresses and ranges that one community may trust. */
export const MAX_TRUSTED = 100;

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const HOST_AND_PORT = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/;

/** A community as it is asked for, before anything was looked at. */
export interface NewCommunity {
  readonly name: string;
  readonly domains: readonly string[];
  readonly proxy?: string;
  readonly transport?: string;
  readonly trusted?: readonly string[];
  /** PEM. */
  readonly authority?: string;
}

/** Where a fixed next hop is: a host and, if one was named, a port. */
export interface FixedHop {
  readonly host: string;
  readonly port?: number;
}

/** Looks at what was asked for; throws `StoreError` with a sentence for the first thing that cannot be. */
export function makeCommunity(asked: NewCommunity, ownDomains: readonly string[]): CommunityRecord {
  const { name, proxy, authority, trusted = [], transport = "tls" } = asked;
  if (!NAME.test(name))
    throw refused("bad-name", `“${name}” cannot name a community. Use letters, digits, spaces, dots and hyphens.`);
  const domains = [...new Set(asked.domains.map((one) => asciiPattern(one)))];
  if (domains.length === 0 || domains.length > MAX_PATTERNS)
    throw refused("no-domains", `List from 1 to ${MAX_PATTERNS} domains, like b.example or *.c.example.`);
  const own = domains.find((pattern) => ownDomains.some((domain) => pattern === domain));
  if (own !== undefined)
    throw refused("own-domain", `${own} is this office itself. List only the domains of the other side.`);
  if (proxy !== undefined && !parseHop(proxy))
    throw refused("bad-proxy", `${proxy} is no next hop. Write it as HOST or HOST:PORT.`);
  if (transport !== "tls" && transport !== "tcp" && transport !== "udp")
    throw refused("bad-transport", `${transport} is no transport for partners. Choose tls, tcp or udp.`);
  const bad = trusted.find((range) => !isRange(range));
  if (bad !== undefined || trusted.length > MAX_TRUSTED)
    throw refused("bad-address", `${bad ?? "So many"} cannot be trusted. Write addresses or ranges like 192.0.2.0/24.`);
  if (authority !== undefined && !readCertificate(authority).ok)
    throw refused("bad-authority", "The file holds no certificate. Give the PEM file of the partner's authority.");
  const rest = { ...(proxy !== undefined && { proxy }), ...(authority !== undefined && { authority }) };
  return { name, domains, transport, trusted, enabled: true, ...rest };
}

/**
 * The community that a domain belongs to: one that lists it, else the one with the longest pattern above it, else one
 * that lists `*`. Whether it is switched on is for the caller to look at.
 */
export function communityOf(domain: string, communities: readonly CommunityRecord[]): CommunityRecord | undefined {
  let best: CommunityRecord | undefined;
  let longest = -1;
  for (const community of communities) {
    for (const pattern of community.domains) {
      const weight = weightOf(pattern, domain);
      if (weight > longest) [best, longest] = [community, weight];
    }
  }
  return best;
}

/** How closely a pattern fits: -1 when it does not. A name beats every pattern with a star. */
function weightOf(pattern: string, domain: string): number {
  if (pattern === domain) return Number.MAX_SAFE_INTEGER;
  if (pattern === "*") return 0;
  return pattern.startsWith("*.") && domain.endsWith(pattern.slice(1)) ? pattern.length : -1;
}

/** Whether an address may speak for the community without a certificate. */
export function isTrusted({ trusted }: CommunityRecord, address: string): boolean {
  if (trusted.length === 0) return false;
  const list = new BlockList();
  for (const range of trusted) {
    const [network = "", prefix] = range.split("/");
    const family = isIP(network) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(prefix), family);
  }
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Reads a fixed next hop; undefined when it is none. Brackets around IPv6 are taken off. */
export function parseHop(text: string): FixedHop | undefined {
  const [, host, port] = HOST_AND_PORT.exec(text) ?? [];
  if (host === undefined || Number(port ?? 1) > 65_535 || Number(port ?? 1) < 1) return undefined;
  const plain = host.replace(/^\[|\]$/g, "");
  if (isIP(plain) === 0 && !DOMAIN.test(domainToASCII(plain))) return undefined;
  return { host: isIP(plain) === 0 ? domainToASCII(plain) : plain, ...(port !== undefined && { port: Number(port) }) };
}

function asciiPattern(text: string): string {
  const pattern = text.trim().replace(/^@/, "").replace(/\.$/, "");
  if (pattern === "*") return pattern;
  const isWild = pattern.startsWith("*.");
  const ascii = domainToASCII(isWild ? pattern.slice(2) : pattern);
  if (!DOMAIN.test(ascii))
    throw refused("bad-domain", `${text} is no domain. Write b.example, *.c.example for all below it, or * for all.`);
  return isWild ? `*.${ascii}` : ascii;
}

function isRange(text: string): boolean {
  const [network = "", prefix, more] = text.split("/");
  const family = isIP(network);
  if (family === 0 || more !== undefined) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

function refused(code: string, sentence: string): StoreError {
  return new StoreError(code, sentence);
}
