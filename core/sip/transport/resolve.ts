/** Locating SIP servers (RFC 3263): from a URI to the targets to try, in order. */
import { isIP } from "node:net";
import type { Random } from "../../platform/random.ts";
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "../message/error.ts";
import type { SipUri } from "../message/uri.ts";
import type { Dns, SrvRecord } from "./dns.ts";
import type { TransportName } from "./flow.ts";
import type { Target } from "./transport.ts";

/** Targets for one request; a zone that lists more is cut. */
export const MAX_TARGETS = 16;

const SERVICES: Record<TransportName, { readonly naptr: string; readonly srv: string; readonly port: number }> = {
  tls: { naptr: "sips+d2t", srv: "_sips._tcp.", port: 5061 },
  tcp: { naptr: "sip+d2t", srv: "_sip._tcp.", port: 5060 },
  udp: { naptr: "sip+d2u", srv: "_sip._udp.", port: 5060 },
};

export interface ResolveSettings {
  readonly dns: Dns;
  readonly random: Random;
  /** What we speak, most liked first. */
  readonly transports: readonly TransportName[];
}

/** Finds the targets for a request to the URI. Fails with a code when there are none or DNS did not answer. */
export async function locate(uri: SipUri, settings: ResolveSettings): Promise<Result<readonly Target[], SipError>> {
  const host = (uri.params.get("maddr") ?? uri.host).replace(/^\[|\]$/g, "");
  const allowed = uri.scheme === "sips" ? settings.transports.filter((name) => name === "tls") : settings.transports;
  const asked = askedTransport(uri);
  if (asked !== undefined && !allowed.includes(asked))
    return failure({ code: "SIP_NO_TRANSPORT", message: `${host} asks for ${asked}, which is not in use here.`, status: 503 });
  try {
    const targets = await search(host, uri, asked === undefined ? allowed : [asked], settings);
    if (targets.length > 0) return success(targets.slice(0, MAX_TARGETS));
    return failure({ code: "SIP_NAME_UNKNOWN", message: `${host} does not exist in the DNS.`, status: 404 });
  } catch {
    return failure({ code: "SIP_DNS_FAILED", message: `No DNS server answered for ${host}.`, status: 503 });
  }
}

function askedTransport(uri: SipUri): TransportName | undefined {
  const param = uri.params.get("transport")?.toLowerCase();
  if (param === "tls" || (uri.scheme === "sips" && (param === undefined || param === "tcp"))) return "tls";
  return param === "udp" || param === "tcp" ? param : undefined;
}

/** RFC 3263 §4.1 and §4.2: literal, explicit port, NAPTR, SRV, then the name itself. */
async function search(
  host: string,
  uri: SipUri,
  transports: readonly TransportName[],
  settings: ResolveSettings,
): Promise<Target[]> {
  if (isIP(host) !== 0 || uri.port !== undefined) {
    // Without a transport named, a literal or a port means UDP for sip (§4.1), where UDP is in use.
    const transport = transports.includes("udp") && uri.scheme === "sip" ? "udp" : transports[0];
    if (transport === undefined) return [];
    const port = uri.port ?? SERVICES[transport].port;
    return toTargets(isIP(host) === 0 ? await settings.dns.addresses(host) : [host], transport, port, host);
  }
  const found: Target[] = [];
  for (const { transport, name } of await services(host, transports, settings.dns)) {
    for (const record of inOrder(await settings.dns.srv(name), settings.random)) {
      // RFC 2782: a single dot says that the service is decidedly not there.
      if (record.name === "." || record.name === "") continue;
      const addresses = isIP(record.name) === 0 ? await settings.dns.addresses(record.name) : [record.name];
      found.push(...toTargets(addresses, transport, record.port, host));
    }
  }
  if (found.length > 0) return found;
  const addresses = await settings.dns.addresses(host);
  return transports.flatMap((transport) => toTargets(addresses, transport, SERVICES[transport].port, host));
}

async function services(
  host: string,
  transports: readonly TransportName[],
  dns: Dns,
): Promise<{ transport: TransportName; name: string }[]> {
  const records = [...(await dns.naptr(host))].sort((a, b) => a.order - b.order || a.preference - b.preference);
  const named: { transport: TransportName; name: string }[] = [];
  for (const record of records) {
    const transport = transports.find((name) => SERVICES[name].naptr === record.service.toLowerCase());
    if (transport !== undefined && record.flags.toLowerCase() === "s" && record.replacement !== "")
      named.push({ transport, name: record.replacement });
  }
  if (named.length > 0) return named;
  return transports.map((transport) => ({ transport, name: SERVICES[transport].srv + host }));
}

/** RFC 2782: lowest priority first; inside one priority a draw in proportion to the weights. */
export function inOrder(records: readonly SrvRecord[], random: Random): SrvRecord[] {
  const left = [...records].sort((a, b) => a.priority - b.priority || a.weight - b.weight);
  const ordered: SrvRecord[] = [];
  while (left.length > 0) {
    const first = left[0];
    const group = left.filter(({ priority }) => priority === first?.priority);
    const total = group.reduce((sum, { weight }) => sum + weight, 0);
    let draw = Math.floor(random.fraction() * (total + 1));
    const chosen = group.find(({ weight }) => (draw -= weight) <= 0) ?? group[0];
    if (!chosen) break;
    ordered.push(chosen);
    left.splice(left.indexOf(chosen), 1);
  }
  return ordered;
}

function toTargets(addresses: readonly string[], transport: TransportName, port: number, serverName: string): Target[] {
  return addresses.map((address) => ({ transport, address, port, serverName }));
}
