/** The console of a served office: what it shows comes from the office that runs, what it takes goes to its command line. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import type { Clock, RunningGateway } from "../index.ts";
import { addressAndPort, PRODUCT, StoreError } from "../index.ts";
import type { Console } from "../web/console/console.ts";
import { startConsole } from "../web/console/console.ts";
import type { OfficeLog } from "./office-log.ts";
import { UsageError } from "./options.ts";

/** Milliseconds for which the console asks for more in the log. */
const SAY_MORE_FOR = 600_000;
/** Where a backup lies while it is sent. */
const DOWNLOAD = "backup-download";

/** `--web HOST:PORT` read; throws `UsageError`. */
export function parseWeb(text: string): { readonly address: string; readonly port: number } {
  const endpoint = addressAndPort(text);
  if (endpoint) return endpoint;
  throw new UsageError("Write --web as ADDRESS:PORT, such as 127.0.0.1:8443, with an IP address.");
}

export interface OfficeConsoleSettings {
  readonly endpoint: { readonly address: string; readonly port: number };
  readonly folder: string;
  readonly clock: Clock;
  readonly running: RunningGateway;
  readonly officeLog: OfficeLog;
}

export function startOfficeConsole(settings: OfficeConsoleSettings): Promise<Console> {
  const { endpoint, folder, clock, running, officeLog } = settings;
  const { gateway, administration, identity, listening, operation } = running;
  const log = officeLog.log.tagged("web");
  return startConsole({
    ...endpoint,
    key: identity.key,
    certificate: identity.certificate,
    hosts: hostsOf(endpoint.address, administration.domain),
    instance: createHash("sha256").update(resolve(folder)).digest("hex").slice(0, 12),
    now: () => clock.monotonic(),
    office: {
      administration,
      product: PRODUCT,
      fingerprint: identity.fingerprint,
      listening,
      runningSince: new Date(clock.now()).toISOString(),
      people: () => gateway.people(),
      messagesWaiting: () => gateway.messagesWaiting,
      problems: () => operation.problems(),
      lines: (filter) => officeLog.lines.select(filter),
      sayMore: () => officeLog.levels.set("sip", "debug", SAY_MORE_FOR),
      check(aor, password, source) {
        // Tries count towards the share of their source too: else one could try every address in turn.
        const seconds = gateway.door.secondsToWait(source);
        if (seconds > 0) return { kind: "locked-out", seconds };
        return gateway.checkAdministrator(aor, password, source);
      },
      backup: () => backupInOwnProcess(folder),
      note: (text, fields) => log.info(text, fields),
    },
  });
}

/** What browsers may call the console: what it is bound to, or everything that leads to this computer. */
function hostsOf(address: string, domain: string): readonly string[] {
  const names = [domain, hostname()];
  if (address !== "0.0.0.0" && address !== "::") return [address, ...names, ...loopbackNames(address)];
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address));
  return ["localhost", ...addresses, ...names];
}

function loopbackNames(address: string): readonly string[] {
  return address === "::1" || address.startsWith("127.") ? ["localhost"] : [];
}

/** The command line's own backup, in a process of its own: the office goes on serving while pages are copied. */
async function backupInOwnProcess(folder: string): Promise<string> {
  const file = join(folder, DOWNLOAD);
  rmSync(file, { force: true });
  const entry = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [entry, "gateway", "backup", file, "--data", folder], { stdio: "ignore" });
  const status = await new Promise<number | null>((done) => {
    child.once("error", () => done(null));
    child.once("close", done);
  });
  if (status === 0) return file;
  throw new StoreError("backup-failed", "The backup could not be made. Look into the log.");
}
