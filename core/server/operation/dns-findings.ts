/** Whether others find the office by its domain (RFC 3263): what DNS says, what is missing, and the lines to add. */
import { isIPv6 } from "node:net";
import type { Dns } from "../../sip/transport/dns.ts";
import type { ListenerName } from "../../sip/transport/flow.ts";
import type { Finding } from "./findings.ts";
import { good, warning } from "./findings.ts";

/** Names that no server of the world knows (RFC 2606, RFC 6761, RFC 6762, and what ICANN keeps for inside). */
const INSIDE = /(?:^|[.])(?:example|test|invalid|localhost|local|internal|lan|home[.]arpa)$/;

export interface DnsQuestion {
  readonly dns: Dns;
  readonly domain: string;
  /** What the office listens on. */
  readonly listeners: readonly { readonly transport: ListenerName; readonly port: number }[];
  /** Addresses of this computer that others may reach. */
  readonly addresses: readonly string[];
}

/** Whether the domain is one that DNS can know. */
export function isPublicName(domain: string): boolean {
  return domain.includes(".") && !INSIDE.test(domain);
}

/** Services by transport, the safest first, with their names in NAPTR (RFC 3263 §4.1). */
const SERVICES = {
  tls: { srv: "_sips._tcp", naptr: "SIPS+D2T", order: 10 },
  tcp: { srv: "_sip._tcp", naptr: "SIP+D2T", order: 20 },
  udp: { srv: "_sip._udp", naptr: "SIP+D2U", order: 30 },
} as const;
const TRANSPORTS = ["tls", "tcp", "udp"] as const;
const LIFE = 3_600;

export async function dnsFindings(question: DnsQuestion): Promise<readonly Finding[]> {
  const found = await lookUp(question);
  if (found === undefined)
    return [warning("dns", "No DNS server answered, so nobody knows what others find. Name one: --dns ADDRESS:PORT.")];
  const missing = question.listeners.filter(({ transport }) => found.srv[transport].length === 0);
  const targets = [...new Set(Object.values(found.srv).flatMap((records) => records.map(({ name }) => name)))];
  return [
    ...question.listeners.flatMap((listener) => srvFindings(question, listener, found)),
    ...(await Promise.all(targets.map((target) => targetFinding(question, target)))),
    naptrFinding(question, found.naptr),
    ...(missing.length > 0 && targets.length === 0 ? [hostFinding(question, found.addresses)] : []),
  ];
}

interface Found {
  readonly naptr: readonly { readonly service: string }[];
  readonly srv: Readonly<Record<ListenerName, readonly { readonly name: string; readonly port: number }[]>>;
  readonly addresses: readonly string[];
}

async function lookUp({ dns, domain }: DnsQuestion): Promise<Found | undefined> {
  try {
    const [naptr, addresses, tls, tcp, udp] = await Promise.all([
      dns.naptr(domain),
      dns.addresses(domain),
      ...TRANSPORTS.map((transport) => dns.srv(`${SERVICES[transport].srv}.${domain}`)),
    ]);
    return { naptr, addresses, srv: { tls: tls ?? [], tcp: tcp ?? [], udp: udp ?? [] } };
  } catch {
    return undefined;
  }
}

function srvFindings(
  { domain }: DnsQuestion,
  { transport, port }: { readonly transport: ListenerName; readonly port: number },
  found: Found,
): readonly Finding[] {
  const name = `${SERVICES[transport].srv}.${domain}`;
  const line = `${name}. ${LIFE} IN SRV 10 10 ${port} ${suggestedHost(domain)}.`;
  const records = found.srv[transport];
  const there = records.map((one) => `${one.name}:${one.port}`).join(", ");
  if (records.length === 0)
    return [warning("dns", `There is no SRV record for ${transport}. Others need it to find the office. Add: ${line}`)];
  if (records.some((one) => one.port === port)) return [good("dns", `${name} leads to ${there}.`)];
  return [
    warning("dns", `${name} leads to ${there}, and the office listens on port ${port}. Mend it, or pass that port on.`),
  ];
}

async function targetFinding({ dns, addresses }: DnsQuestion, target: string): Promise<Finding> {
  const found = await dns.addresses(target).catch(() => []);
  if (found.length === 0) return warning("dns", `${target} has no address. ${addressLines(target, addresses)}`);
  if (found.some((one) => addresses.includes(one)))
    return good("dns", `${target} is this computer (${found.join(", ")}).`);
  return warning(
    "dns",
    `${target} is ${found.join(", ")}, which is not this computer. That is well only if a router there passes the ports on.`,
  );
}

function naptrFinding({ domain, listeners }: DnsQuestion, naptr: Found["naptr"]): Finding {
  const missing = listeners.filter(({ transport }) => !naptr.some(({ service }) => sameService(service, transport)));
  if (missing.length === 0) return good("dns", "NAPTR records name every transport.");
  const lines = missing.map(({ transport }) => {
    const { naptr: service, srv, order } = SERVICES[transport];
    return `${domain}. ${LIFE} IN NAPTR ${order} 10 "s" "${service}" "" ${srv}.${domain}.`;
  });
  const lead = "NAPTR records would tell others which transport to use first; most find the office without.";
  return naptr.length === 0
    ? good("dns", `${lead} To add them: ${lines.join(" ")}`)
    : warning("dns", `${lead} Add: ${lines.join(" ")}`);
}

function hostFinding({ domain, addresses }: DnsQuestion, found: readonly string[]): Finding {
  if (found.some((one) => addresses.includes(one)))
    return good("dns", `${domain} is this computer (${found.join(", ")}).`);
  return warning(
    "dns",
    `The host that the lines above name needs an address. ${addressLines(suggestedHost(domain), addresses)}`,
  );
}

function addressLines(host: string, addresses: readonly string[]): string {
  if (addresses.length === 0)
    return `Add an A record for ${host} with the address under which others reach this computer.`;
  const lines = addresses.map((one) => `${host}. ${LIFE} IN ${isIPv6(one) ? "AAAA" : "A"} ${one}`);
  return `Add, with the address under which others reach this computer: ${lines.join(" or ")}`;
}

function suggestedHost(domain: string): string {
  return `sip.${domain}`;
}

function sameService(service: string, transport: ListenerName): boolean {
  return service.toUpperCase() === SERVICES[transport].naptr;
}
