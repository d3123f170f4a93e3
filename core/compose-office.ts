/** Joins the parts of an office's server on its folder. Only entry points and the embedded gateway call this. */
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { OfficeIdentity } from "./certificates/office.ts";
import { officeIdentity } from "./certificates/office.ts";
import type { Clock } from "./platform/clock.ts";
import type { PrivateFiles } from "./platform/files.ts";
import type { Log } from "./platform/log.ts";
import { diskSpace } from "./platform/machine.ts";
import type { Random } from "./platform/random.ts";
import { PRODUCT } from "./product.ts";
import { OfficeAdministration } from "./server/administration.ts";
import type { Listen } from "./server/gateway.ts";
import { Gateway } from "./server/gateway.ts";
import { Operation } from "./server/operation/operation.ts";
import { addressAndPort, list, settingValue } from "./server/settings.ts";
import type { Dns } from "./sip/transport/dns.ts";
import { formatListening, parseListening } from "./sip/transport/flow.ts";
import type { Network } from "./sip/transport/network.ts";
import { StoreError } from "./store/errors.ts";
import { lockFolder } from "./store/sqlite/database.ts";
import { openGatewayStore } from "./store/sqlite/gateway-store.ts";
import type { GatewayStore } from "./store/store.ts";

/** What every host brings. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly network: Network;
  readonly dns: Dns;
}

export interface RunningGateway {
  readonly gateway: Gateway;
  readonly administration: OfficeAdministration;
  readonly identity: OfficeIdentity;
  readonly listening: readonly string[];
  readonly operation: Operation;
  /** Answers what is under way and tells watchers; then it is time for `stop`. */
  takeLeave(): Promise<void>;
  stop(): void;
}

/** Takes a folder for one process; throws `StoreError` when another one has it. */
export function ownFolder(folder: string): () => void {
  const release = lockFolder(folder);
  if (!release)
    throw new StoreError("folder-in-use", `Another Hallway uses ${folder}. End it first, or choose another folder.`);
  return release;
}

/** Opens an office's store in its folder. The caller owns the folder. */
export function openOffice(folder: string, ports: Pick<Ports, "clock">): GatewayStore {
  return openGatewayStore(folder === ":memory:" ? folder : join(folder, "gateway.sqlite"), ports.clock);
}

/**
 * Starts a gateway on an open store. `listen` overrides the setting, `folder` is where the disk is looked at; throws when
 * a listener cannot be bound.
 */
export async function startGateway(
  ports: Ports,
  store: GatewayStore,
  files: PrivateFiles,
  listen?: readonly Listen[],
  folder?: string,
): Promise<RunningGateway> {
  const domain = settingValue(store.settings, "domain");
  if (domain === "")
    throw new StoreError("no-domain", "The office has no domain yet. Give it one with --domain DOMAIN.");
  const identity = await officeIdentity({ domain, hosts: ownHosts(), files, now: ports.clock.now() });
  const gateway = new Gateway({ ...ports, store, identity, product: PRODUCT });
  const disk = async () => (folder === undefined ? undefined : diskSpace(folder));
  const operation = new Operation({ ...ports, store, gateway, identity, disk });
  const stop = (): void => {
    operation.close();
    gateway.stop();
  };
  try {
    const listening = await gateway.start(listen ?? configuredListeners(store));
    const figures = addressAndPort(settingValue(store.settings, "metrics.listen"));
    if (figures) await operation.serve(figures);
    const administration = new OfficeAdministration(store, gateway);
    return { gateway, administration, identity, listening, operation, takeLeave: () => gateway.takeLeave(), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

function configuredListeners(store: GatewayStore): readonly Listen[] {
  return parseListeners(settingValue(store.settings, "listen"));
}

/** Listeners as settings and `--listen` write them. Throws `StoreError` when one cannot be read. */
export function parseListeners(text: string): readonly Listen[] {
  return list(text).map((one) => {
    const parsed = parseListening(one);
    if (!parsed)
      throw new StoreError(
        "bad-listener",
        `${one} is no listener. Write it as udp:ADDRESS:PORT, tcp:ADDRESS:PORT or tls:ADDRESS:PORT.`,
      );
    return { transport: parsed.transport, endpoint: { address: parsed.host, port: parsed.port } };
  });
}

/** How other computers on the network reach listeners: TLS before TCP before UDP, real addresses for “any”. */
export function reachableAs(listening: readonly string[]): readonly string[] {
  const order = ["tls", "tcp", "udp"];
  const parsed = listening.map(parseListening).filter((one) => one !== undefined);
  parsed.sort((a, b) => order.indexOf(a.transport) - order.indexOf(b.transport));
  return parsed.flatMap(({ transport, host, port }) => {
    const hosts = host === "0.0.0.0" ? outsideAddresses("IPv4") : host === "::" ? outsideAddresses("IPv6") : [host];
    return hosts.map((one) => formatListening(transport, { address: one, port }));
  });
}

/** Addresses that other computers may know, without those that need a zone. */
export function outsideAddresses(family: "IPv4" | "IPv6"): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return all
    .filter((one) => one.family === family && !one.internal && !one.address.startsWith("fe80"))
    .map(({ address }) => address);
}

/** Names under which this machine is reached, for its certificate. */
function ownHosts(): readonly string[] {
  return [
    ...new Set(["localhost", "127.0.0.1", "::1", hostname(), ...outsideAddresses("IPv4"), ...outsideAddresses("IPv6")]),
  ];
}
