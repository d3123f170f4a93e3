/** `hallway gateway run`: serves an office until somebody asks it to stop. */
import {
  openOffice,
  OfficeAdministration,
  ownFolder,
  parseListeners,
  privateFiles,
  startGateway,
  systemClock,
  systemDns,
  systemNetwork,
  systemRandom,
} from "../index.ts";
import type { Ports } from "../index.ts";
import { serveControl } from "./control.ts";
import { parseWeb, startOfficeConsole } from "./office-console.ts";
import { openLog } from "./office-log.ts";
import { levelOf } from "./options.ts";

export interface RunOptions {
  readonly domain?: string | undefined;
  readonly listen?: string | undefined;
  readonly dns?: string | undefined;
  readonly log?: string | undefined;
  readonly web?: string | undefined;
}

/** Exit status after a second signal, as of a process that a signal ended. */
const ENDED_BY_SIGNAL = 128 + 15;

export async function run(folder: string, options: RunOptions): Promise<number> {
  const level = options.log === undefined ? undefined : levelOf(options.log);
  const endpoint = options.web === undefined ? undefined : parseWeb(options.web);
  const clock = systemClock();
  const listen = options.listen === undefined ? undefined : parseListeners(options.listen);
  const release = ownFolder(folder);
  const store = openOffice(folder, { clock });
  if (options.domain !== undefined) await new OfficeAdministration(store).set({ domain: options.domain.toLowerCase() });
  const officeLog = openLog(clock, folder, store.settings, level);
  const { log, levels, lines } = officeLog;
  const network = systemNetwork();
  const ports: Ports = { clock, random: systemRandom(), log, network, dns: systemDns(options.dns) };
  const running = await startGateway(ports, store, privateFiles(folder), listen, folder);
  const { administration, invitations, devices, listening, identity, operation } = running;
  const stopControl = await serveControl(folder, {
    administration,
    invitations,
    devices,
    levels,
    lines,
    listening,
    problems: () => operation.problems(),
  });
  const web = endpoint && (await startOfficeConsole({ endpoint, folder, clock, running, officeLog }));
  // Whoever reads that we are ready may ask us to stop in the same moment.
  const stopped = untilStopped();
  process.stdout.write(
    `ready ${JSON.stringify({ listening, web: web?.origin ?? null, fingerprint: identity.fingerprint })}\n`,
  );
  await stopped;
  log.info("The office stops.");
  web?.close();
  await running.takeLeave();
  stopControl();
  running.stop();
  store.close();
  officeLog.close();
  release();
  return 0;
}

/** Resolves at the first signal that asks for an orderly end; the second one ends the process at once. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = (): void => {
      if (asked) process.exit(ENDED_BY_SIGNAL);
      asked = true;
      resolve();
    };
    process.on("SIGINT", ask);
    process.on("SIGTERM", ask);
  });
}
