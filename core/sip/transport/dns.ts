/** DNS as a port. `systemDns` asks the machine's servers, or one that is named. */
import { promises as dns } from "node:dns";

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
  /** IPv4 and IPv6 literals. */
  addresses(name: string): Promise<readonly string[]>;
}

const QUERY_TIMEOUT = 3_000;
const QUERY_TRIES = 2;
/** Names that RFC 6761 §6.3 gives to this machine: never asked of a server. */
const LOCAL_NAME = /^(?:.+\.)?localhost\.?$/i;

/** `server` is `host:port` of a DNS server to ask instead of the machine's own. */
export function systemDns(server?: string): Dns {
  const resolver = new dns.Resolver({ timeout: QUERY_TIMEOUT, tries: QUERY_TRIES });
  if (server !== undefined) resolver.setServers([server]);
  return {
    naptr: async (name) => emptyWhenAbsent(resolver.resolveNaptr(name)),
    srv: async (name) => emptyWhenAbsent(resolver.resolveSrv(name)),
    async addresses(name) {
      if (LOCAL_NAME.test(name)) return ["127.0.0.1", "::1"];
      // Without a DNS server of its own the machine's hosts file counts too.
      if (server === undefined) {
        const found = await emptyWhenAbsent(dns.lookup(name, { all: true, verbatim: true }));
        return found.map(({ address }) => address);
      }
      const [four, six] = await Promise.all([
        emptyWhenAbsent(resolver.resolve4(name)),
        emptyWhenAbsent(resolver.resolve6(name)),
      ]);
      return [...four, ...six];
    },
  };
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
