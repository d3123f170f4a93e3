/** DNS as a port. `systemDns` asks the machine's servers, or one that is named. */
import { promises as dns } from "node:dns";
import type { Clock } from "../../platform/clock.ts";
import { systemClock } from "../../platform/clock.ts";
import type { DnsEntry } from "./dns-cache.ts";
import { CachedDns } from "./dns-cache.ts";

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly service: string;
  readonly flags: string;
  readonly replacement: string;
}

/** Every look-up resolves to an empty list where the name has no such record, and rejects when nobody answered. */
export interface Dns {
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** IPv4 and IPv6 literals, the more wanted first. */
  addresses(name: string): Promise<readonly string[]>;
  /** What is remembered of earlier look-ups, as plain data. */
  inspect?(): readonly DnsEntry[];
}

/** Who is asked when nothing is remembered. */
export interface DnsSource {
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  addresses(name: string): Promise<TimedAddresses>;
}

export interface TimedAddresses {
  readonly addresses: readonly string[];
  /** Seconds that they may be kept; absent where nobody says so. */
  readonly seconds?: number;
}

const QUERY_TIMEOUT = 3_000;
const QUERY_TRIES = 2;
/** Names that RFC 6761 §6.3 gives to this machine: never asked of a server. */
const LOCAL_NAME = /^(?:.+\.)?localhost\.?$/i;

/** `server` is `host:port` of a DNS server to ask instead of the machine's own. Answers are kept as long as they may be. */
export function systemDns(server?: string, clock: Clock = systemClock()): Dns {
  return new CachedDns(dnsSource(server), clock);
}

function dnsSource(server: string | undefined): DnsSource {
  const resolver = new dns.Resolver({ timeout: QUERY_TIMEOUT, tries: QUERY_TRIES });
  if (server !== undefined) resolver.setServers([server]);
  return {
    naptr: async (name) => emptyWhenAbsent(resolver.resolveNaptr(name)),
    srv: async (name) => emptyWhenAbsent(resolver.resolveSrv(name)),
    async addresses(name) {
      if (LOCAL_NAME.test(name)) return { addresses: ["127.0.0.1", "::1"] };
      // Without a DNS server of its own the machine's hosts file counts too, which knows no time to live.
      if (server === undefined) {
        const found = await emptyWhenAbsent(dns.lookup(name, { all: true, verbatim: true }));
        return { addresses: found.map(({ address }) => address) };
      }
      return bothFamilies(resolver.resolve4(name, { ttl: true }), resolver.resolve6(name, { ttl: true }));
    },
  };
}

type Timed = { readonly address: string; readonly ttl: number };

/** One family that cannot be had does not hide the other. */
async function bothFamilies(four: Promise<Timed[]>, six: Promise<Timed[]>): Promise<TimedAddresses> {
  const answers = await Promise.allSettled([emptyWhenAbsent(four), emptyWhenAbsent(six)]);
  const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const failed = answers.find((answer) => answer.status === "rejected");
  if (found.length === 0 && failed) throw failed.reason;
  const seconds = Math.min(...found.map(({ ttl }) => ttl));
  return { addresses: found.map(({ address }) => address), ...(found.length > 0 && { seconds }) };
}

async function emptyWhenAbsent<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOTFOUND" || code === "ENODATA" || code === "EAI_NONAME" || code === "EAI_NODATA") return [];
    throw error;
  }
}
