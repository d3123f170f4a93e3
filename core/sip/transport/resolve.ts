/** Locating SIP servers (RFC 3263): from a URI to the targets to try, in order. */
import { isIP } from "node:net";
import type { Random } from "../../platform/random.ts";
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "../message/error.ts";
import type { SipUri } from "../message/uri.ts";
import type { Dns, NaptrRecord, SrvRecord } from "./dns.ts";
import type { TransportName } from "./flow.ts";
import { isSecure, isWebSocket } from "./flow.ts";
import type { Target } from "./target.ts";

/** Targets for one request; a zone that lists more is cut. */
export const MAX_TARGETS = 16;

const SERVICES: Record<TransportName, { readonly naptr: string; readonly srv: string; readonly port: number }> = {
  tls: { naptr: "sips+d2t", srv: "_sips._tcp.", port: 5061 },
  tcp: { naptr: "sip+d2t", srv: "_sip._tcp.", port: 5060 },
  udp: { naptr: "sip+d2u", srv: "_sip._udp.", port: 5060 },
  ws: { naptr: "sip+d2w", srv: "_sip._ws.", port: 80 },
  wss: { naptr: "sips+d2w", srv: "_sips._ws.", port: 443 },
};

export interface ResolveSettings {
  readonly dns: Dns;
  readonly random: Random;
  /** What we speak, most liked first. */
  readonly transports: readonly TransportName[];
}

/**
 * Finds the targets for a request to the URI, most wanted first, at most `MAX_TARGETS`. Fails with a code when there are
 * none: the name is unknown, DNS did not answer, or the URI asks for a transport that is not in use.
 */
export async function locate(uri: SipUri, settings: ResolveSettings): Promise<Result<readonly Target[], SipError>> {
  const name = plainHost(uri.host);
  const host = plainHost(uri.params.get("maddr") ?? uri.host);
  const transports = usableTransports(uri, settings.transports);
  if (transports.length === 0)
    return failure({
      code: "SIP_NO_TRANSPORT",
      message: `${host} asks for a transport that is not in use here.`,
      status: 503,
    });
  const lookUp = new LookUp(settings.dns);
  const targets =
    isIP(host) !== 0 || uri.port !== undefined
      ? await direct(host, uri, transports, lookUp)
      : await search(host, uri, transports, lookUp, settings.random);
  if (targets.length > 0)
    return success(targets.slice(0, MAX_TARGETS).map((target) => ({ ...target, serverName: name })));
  if (lookUp.failed)
    return failure({ code: "SIP_DNS_FAILED", message: `No DNS server answered for ${host}.`, status: 503 });
  return failure({ code: "SIP_NAME_UNKNOWN", message: `${host} does not exist in the DNS.`, status: 404 });
}

type Place = Omit<Target, "serverName">;

/** Look-ups that bring nothing when they fail: one broken record or server must not hide the others. */
class LookUp {
  failed = false;
  readonly #dns: Dns;

  constructor(dns: Dns) {
    this.#dns = dns;
  }

  naptr(name: string): Promise<readonly NaptrRecord[]> {
    return this.#try(this.#dns.naptr(name));
  }

  srv(name: string): Promise<readonly SrvRecord[]> {
    return this.#try(this.#dns.srv(name));
  }

  /** A literal is its own address. */
  async addresses(name: string): Promise<readonly string[]> {
    return isIP(name) === 0 ? this.#try(this.#dns.addresses(name)) : [name];
  }

  async #try<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
    try {
      return await answer;
    } catch {
      this.failed = true;
      return [];
    }
  }
}

/** What the URI leaves of the transports in use: one that it asks for, those over TLS alone for `sips`. */
function usableTransports(uri: SipUri, inUse: readonly TransportName[]): readonly TransportName[] {
  const allowed = uri.scheme === "sips" ? inUse.filter(isSecure) : inUse;
  const asked = uri.params.get("transport")?.toLowerCase();
  if (asked === undefined) return allowed;
  const wanted = (uri.scheme === "sips" && SECURED.get(asked)) || asked;
  return allowed.filter((name) => name === wanted);
}

/** What `transport=` of a sips URI names lies under the TLS, or over it (RFC 3261 §26.2.2, RFC 7118 §5.5). */
const SECURED: ReadonlyMap<string, TransportName> = new Map([
  ["tcp", "tls"],
  ["ws", "wss"],
]);

/** Nobody is tried on the port of web servers whose URI or DNS does not say that SIP is there. */
function worthGuessing(uri: SipUri, transports: readonly TransportName[]): readonly TransportName[] {
  return uri.params.has("transport") ? transports : transports.filter((name) => !isWebSocket(name));
}

/** RFC 3263 §4.1: without a transport named, a literal or a port means UDP for sip, where UDP is in use. */
async function direct(
  host: string,
  uri: SipUri,
  transports: readonly TransportName[],
  lookUp: LookUp,
): Promise<readonly Place[]> {
  const transport = transports.includes("udp") ? "udp" : worthGuessing(uri, transports)[0];
  if (transport === undefined) return [];
  return placesOf(await lookUp.addresses(host), transport, uri.port ?? SERVICES[transport].port);
}

/** RFC 3263 §4.1 and §4.2: NAPTR, SRV, then the name itself. */
async function search(
  host: string,
  uri: SipUri,
  transports: readonly TransportName[],
  lookUp: LookUp,
  random: Random,
): Promise<readonly Place[]> {
  const denied = new Set<TransportName>();
  const follow = async (services: readonly Service[]): Promise<readonly Place[]> => {
    const found: Place[] = [];
    for (const { transport, name } of services) {
      for (const record of inOrder(await lookUp.srv(name), random)) {
        // RFC 2782: a single dot says that the service is decidedly not there.
        if (record.name === "." || record.name === "") denied.add(transport);
        else found.push(...placesOf(await lookUp.addresses(record.name), transport, record.port));
      }
    }
    return found;
  };
  // With a transport named in the URI there is nothing left for NAPTR to choose (§4.1).
  const named = uri.params.has("transport") ? [] : await follow(await namedServices(host, transports, lookUp));
  if (named.length > 0) return named;
  const guessed = worthGuessing(uri, transports).filter((transport) => !denied.has(transport));
  const found = await follow(guessed.map((transport) => serviceOf(transport, host)));
  if (found.length > 0) return found;
  const left = guessed.filter((transport) => !denied.has(transport));
  const addresses = left.length > 0 ? await lookUp.addresses(host) : [];
  return left.flatMap((transport) => placesOf(addresses, transport, SERVICES[transport].port));
}

interface Service {
  readonly transport: TransportName;
  readonly name: string;
}

async function namedServices(
  host: string,
  transports: readonly TransportName[],
  lookUp: LookUp,
): Promise<readonly Service[]> {
  const records = [...(await lookUp.naptr(host))].sort((a, b) => a.order - b.order || a.preference - b.preference);
  return records.flatMap(({ service, flags, replacement }): readonly Service[] => {
    const transport = transports.find((name) => SERVICES[name].naptr === service.toLowerCase());
    const usable = transport !== undefined && flags.toLowerCase() === "s" && replacement !== "";
    return usable ? [{ transport, name: replacement }] : [];
  });
}

function serviceOf(transport: TransportName, host: string): Service {
  return { transport, name: SERVICES[transport].srv + host };
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

/** For streams, the addresses of both families go in pairs, of which the first to connect is taken. */
function placesOf(addresses: readonly string[], transport: TransportName, port: number): readonly Place[] {
  const family = isIP(addresses[0] ?? "");
  const others = transport === "udp" ? [] : addresses.filter((address) => isIP(address) !== family);
  const firsts = addresses.filter((address) => !others.includes(address));
  return [
    ...firsts.map((address, index) => {
      const alternative = others[index];
      return { transport, address, ...(alternative !== undefined && { alternative }), port };
    }),
    ...others.slice(firsts.length).map((address) => ({ transport, address, port })),
  ];
}

function plainHost(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}
