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
import { Devices } from "./server/devices.ts";
import type { Listen } from "./server/gateway.ts";
import { Gateway } from "./server/gateway.ts";
import { Invitations } from "./server/invitations.ts";
import { Operation } from "./server/operation/operation.ts";
import { addressAndPort, domainsOf, list, settingValue } from "./server/settings.ts";
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

/** Everything that an administrator does to an office. */
export interface OfficeDesk {
  readonly administration: OfficeAdministration;
  readonly invitations: Invitations;
  readonly devices: Devices;
}

export interface RunningGateway extends OfficeDesk {
  readonly gateway: Gateway;
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
  const identity = await identityOf(store, files, ports);
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
    const administration = new OfficeAdministration(store, {
      signOut: (aor) => gateway.signOut(aor),
      communitiesChanged: () => gateway.communitiesChanged(),
      passwordChanged: (aor) => gateway.devices.endAll(aor),
      async domainsChanged() {
        const { key, certificate } = await identityOf(store, files, ports);
        gateway.stack.setIdentity({ key, certificate });
      },
    });
    const door = { fingerprint: async () => identity.fingerprint, servers: () => reachableAs(listening) };
    const invitations = new Invitations({ ...ports, store, administration, door });
    const { devices } = gateway;
    const desk = { administration, invitations, devices };
    return { ...desk, gateway, identity, listening, operation, takeLeave: () => gateway.takeLeave(), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** What an administrator does to an office that nobody serves at the moment. The caller owns its folder. */
export function officeDesk(
  ports: Pick<Ports, "clock" | "random">,
  store: GatewayStore,
  files: PrivateFiles,
): OfficeDesk {
  const administration = new OfficeAdministration(store);
  const door = {
    fingerprint: async () => (await identityOf(store, files, ports)).fingerprint,
    servers: () => reachableAs(list(settingValue(store.settings, "listen"))),
  };
  const invitations = new Invitations({ ...ports, store, administration, door });
  return { administration, invitations, devices: new Devices({ clock: ports.clock, store }) };
}

function identityOf(
  store: GatewayStore,
  files: PrivateFiles,
  { clock }: Pick<Ports, "clock">,
): Promise<OfficeIdentity> {
  const [domain = "", ...furtherDomains] = domainsOf(store.settings);
  return officeIdentity({ domain, furtherDomains, hosts: ownHosts(), files, now: clock.now() });
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
