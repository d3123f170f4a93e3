/** Looks at an office from outside, whether it runs or not: its folder, database, certificate, listeners, DNS and clock. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { outsideAddresses, parseListeners } from "./compose-office.ts";
import type { Clock } from "./platform/clock.ts";
import { openForOthers, privateFiles } from "./platform/files.ts";
import { diskSpace } from "./platform/machine.ts";
import { readCertificate } from "./certificates/read.ts";
import { dnsFindings, isPublicName } from "./server/operation/dns-findings.ts";
import type { Finding } from "./server/operation/findings.ts";
import {
  certificateFinding,
  clockFinding,
  databaseFinding,
  good,
  healthFindings,
  warning,
  wrong,
} from "./server/operation/findings.ts";
import type { Problem } from "./server/operation/health.ts";
import { problemsOf } from "./server/operation/health.ts";
import type { Listen } from "./server/gateway.ts";
import type { Dns } from "./sip/transport/dns.ts";
import { formatListening } from "./sip/transport/flow.ts";
import type { Network } from "./sip/transport/network.ts";
import { DATABASE_FILE, UNFINISHED_BACKUP } from "./store/office-backup.ts";
import { DATABASE_VERSION, inspectDatabase } from "./store/sqlite/backup.ts";

/** Milliseconds in which DNS must answer. */
const DNS_WITHIN = 5_000;

export interface CheckPorts {
  readonly clock: Clock;
  readonly network: Network;
  readonly dns: Dns;
  /** Ask DNS also about a domain that no public server can know. */
  readonly dnsWasNamed: boolean;
  /** What the process says that serves the office; undefined when none does. */
  readonly running?: { readonly listening: readonly string[]; readonly problems: readonly Problem[] } | undefined;
}

/** `domain` and `listen` are the settings of that name; without a domain only the folder is looked at. */
export async function checkOffice(
  folder: string,
  { domain, listen }: { readonly domain: string; readonly listen: string },
  ports: CheckPorts,
): Promise<readonly Finding[]> {
  const listeners = parseListeners(listen);
  return [
    ...folderFindings(folder),
    databaseFinding(inspectDatabase(join(folder, DATABASE_FILE)), DATABASE_VERSION),
    certificateFinding(privateFiles(folder).read("server.pem"), domain),
    ...(await serviceFindings(folder, listeners, ports)),
    clockFinding(ports.clock.now()),
    ...(domain === "" ? [] : await outsideFindings(domain, listeners, ports)),
  ];
}

function folderFindings(folder: string): readonly Finding[] {
  const name = "folder";
  const open = openForOthers(folder).map(({ path, mode, wanted, holdsSecrets }) => {
    const text = `Others on this computer may look into ${path} (mode ${mode.toString(8)}). Run: chmod ${wanted.toString(8)} ${path}.`;
    return holdsSecrets ? wrong(name, text) : warning(name, text);
  });
  const unfinished = existsSync(join(folder, UNFINISHED_BACKUP))
    ? [
        warning(
          "backup",
          `A backup was begun and not finished, or is being made. If none is, remove ${join(folder, UNFINISHED_BACKUP)}.`,
        ),
      ]
    : [];
  return [...(open.length === 0 ? [good(name, "Only its owner may look into it.")] : open), ...unfinished];
}

async function serviceFindings(
  folder: string,
  listeners: readonly Listen[],
  { clock, network, running }: CheckPorts,
): Promise<readonly Finding[]> {
  if (running) {
    const bound = good("listener", `The gateway runs and listens on ${running.listening.join(", ")}.`);
    return [bound, ...healthFindings(running.problems, ["certificate", "disk", "store"])];
  }
  const certificate = readCertificate(privateFiles(folder).read("server.pem") ?? "");
  const now = clock.now();
  // One that ends soon is replaced by the next start, and one that is not there is made by it.
  const certificateEnds = certificate.ok ? certificate.value.notAfter : Number.POSITIVE_INFINITY;
  const problems = problemsOf({ now, certificateEnds, disk: await diskSpace(folder), lostListeners: [] });
  return [
    ...(await Promise.all(listeners.map((listener) => listenerFinding(listener, network)))),
    ...healthFindings(problems, ["disk"]),
  ];
}

/** Tries to take the place, and gives it back at once. */
async function listenerFinding({ transport, endpoint }: Listen, network: Network): Promise<Finding> {
  const where = formatListening(transport, endpoint);
  try {
    const taken =
      transport === "udp"
        ? await network.bindDatagram(endpoint, () => undefined)
        : await network.listenStream(endpoint, { connected: (connection) => connection.close() });
    taken.close();
    return good("listener", `${where} is free for the gateway.`);
  } catch (error) {
    return wrong("listener", unboundText(where, error));
  }
}

function unboundText(where: string, error: unknown): string {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "EADDRINUSE":
      return `Another program uses ${where}. End it, or set listen to another port.`;
    case "EACCES":
      return `This user may not listen on ${where}. Set listen to a port above 1023.`;
    case "EADDRNOTAVAIL":
      return `This computer does not have the address of ${where}. Set listen to one that it has.`;
    default:
      return `Nothing can listen on ${where}: ${error instanceof Error ? error.message : String(error)}. Change listen.`;
  }
}

async function outsideFindings(
  domain: string,
  listeners: readonly Listen[],
  ports: CheckPorts,
): Promise<readonly Finding[]> {
  if (!ports.dnsWasNamed && !isPublicName(domain))
    return [good("dns", `${domain} is a name for inside, which DNS does not know. People type the server's address.`)];
  const asked = dnsFindings({
    dns: ports.dns,
    domain,
    listeners: listeners.map(({ transport, endpoint }) => ({ transport, port: endpoint.port })),
    addresses: [...outsideAddresses("IPv4"), ...outsideAddresses("IPv6")],
  });
  const late = new Promise<readonly Finding[]>((resolve) => {
    ports.clock.after(DNS_WITHIN, () =>
      resolve([warning("dns", "DNS took too long to answer. Try again, or name a server: --dns ADDRESS:PORT.")]),
    );
  });
  return Promise.race([asked, late]);
}
