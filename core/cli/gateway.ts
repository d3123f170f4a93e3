/** `hallway gateway`: serve an office, look at its settings, change them. */
import {
  jsonLog,
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
import type { LogLevel, Ports } from "../index.ts";
import { administer, serveControl } from "./control.ts";
import { dataFolder, readOptions, table, UsageError } from "./options.ts";

const HELP = `hallway gateway: an office's registrar, presence agent and message store

  hallway gateway run --data DIR [--domain DOMAIN] [--listen LIST] [--dns HOST:PORT] [--log LEVEL]
      serves the office in DIR until it is stopped. Prints one line when every listener is bound:
      ready {"listening":[…],"fingerprint":…}
      LIST is udp:ADDRESS:PORT,tcp:ADDRESS:PORT,tls:ADDRESS:PORT; port 0 takes a free one.
      LEVEL is error, warn, info or debug; the log goes to standard error.
  hallway gateway check --data DIR [--json]
      every setting with its value and meaning, and what is wrong
  hallway gateway set NAME=VALUE … --data DIR
      changes settings; a running gateway obeys at once (listen: at its next start)
`;

interface SettingRow {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
  readonly meaning: string;
  readonly problem?: string;
}

export async function gateway(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    domain: { type: "string" },
    listen: { type: "string" },
    dns: { type: "string" },
    log: { type: "string" },
    json: { type: "boolean" },
  });
  const [action, ...rest] = positionals;
  if (values.help || action === undefined) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  switch (action) {
    case "run":
      return run(dataFolder(values.data), values);
    case "check":
      return check(dataFolder(values.data), values.json ?? false);
    case "set":
      return set(dataFolder(values.data), rest);
    default:
      throw new UsageError(`There is no command gateway ${action}. See: hallway gateway --help.`);
  }
}

interface RunOptions {
  readonly domain?: string | undefined;
  readonly listen?: string | undefined;
  readonly dns?: string | undefined;
  readonly log?: string | undefined;
}

async function run(folder: string, options: RunOptions): Promise<number> {
  const ports: Ports = {
    clock: systemClock(),
    random: systemRandom(),
    log: jsonLog(process.stderr, logLevel(options.log)),
    network: systemNetwork(),
    dns: systemDns(options.dns),
  };
  const listen = options.listen === undefined ? undefined : parseListeners(options.listen);
  const release = ownFolder(folder);
  const store = openOffice(folder, ports);
  if (options.domain !== undefined) await new OfficeAdministration(store).set({ domain: options.domain.toLowerCase() });
  const running = await startGateway(ports, store, privateFiles(folder), listen);
  const stopControl = await serveControl(folder, running);
  const { listening, identity } = running;
  // Whoever reads that we are ready may ask us to stop in the same moment.
  const stopped = untilStopped();
  process.stdout.write(`ready ${JSON.stringify({ listening, web: null, fingerprint: identity.fingerprint })}\n`);
  await stopped;
  stopControl();
  running.stop();
  store.close();
  release();
  return 0;
}

async function check(folder: string, json: boolean): Promise<number> {
  const rows = (await administer(folder, { do: "settings" })) as readonly SettingRow[];
  const wrong = rows.filter(({ problem }) => problem !== undefined);
  if (json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  else {
    process.stdout.write(
      table(
        rows.map(({ name, value, isDefault, meaning }) => [
          name,
          value === "" ? "(none)" : value,
          isDefault ? "default" : "set",
          meaning,
        ]),
      ),
    );
    for (const { name, problem } of wrong) process.stdout.write(`wrong: ${name}: ${problem}\n`);
    if (wrong.length === 0) process.stdout.write("Everything is in order.\n");
  }
  return wrong.length === 0 ? 0 : 1;
}

async function set(folder: string, words: readonly string[]): Promise<number> {
  const assignments: Record<string, string> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) throw new UsageError(`Write each setting as NAME=VALUE; “${word}” is not of that form.`);
    assignments[word.slice(0, at)] = word.slice(at + 1);
  }
  if (words.length === 0) throw new UsageError("Say what to set: NAME=VALUE.");
  await administer(folder, { do: "set", assignments });
  return 0;
}

function logLevel(text = "info"): LogLevel {
  if (text === "error" || text === "warn" || text === "info" || text === "debug" || text === "silent") return text;
  throw new UsageError("The log level is error, warn, info, debug or silent.");
}

/** Resolves at the first signal that asks for an orderly end. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
