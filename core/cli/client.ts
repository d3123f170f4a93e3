/** `hallway client`: a person's side without a window. JSON lines of the bridge contract in and out. */
import { createInterface } from "node:readline";
import {
  composeProfile,
  fileSecrets,
  jsonLog,
  ownFolder,
  privateFiles,
  systemClock,
  systemDns,
  systemNetwork,
  systemRandom,
} from "../index.ts";
import type { Ports, ServedBridge } from "../index.ts";
import { dataFolder, readOptions } from "./options.ts";

const HELP = `hallway client: a person's side, as JSON lines

  hallway client --data DIR [--dns HOST:PORT]

  in    {"id":1,"command":"message.send","args":{"to":"bob@acme.example","text":"Hello"}}
  out   {"id":1,"ok":true,"value":{"messageId":"…"}}
        {"event":"message.updated","seq":7,"payload":{…}}

The commands and events are those of core/bridge/contract.ts. The end of the input ends the program.
`;

/** Longest line that is taken, in characters. */
const MAX_LINE = 1_000_000;

export async function client(args: readonly string[]): Promise<number> {
  const { values } = readOptions(args, { dns: { type: "string" } });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const folder = dataFolder(values.data);
  const ports: Ports = {
    clock: systemClock(),
    random: systemRandom(),
    log: jsonLog(process.stderr, "warn"),
    network: systemNetwork(),
    dns: systemDns(values.dns),
  };
  const release = ownFolder(folder);
  const host = composeProfile(ports, folder, fileSecrets(privateFiles(folder)), privateFiles);
  host.bridge.subscribe((message) => write(message));
  await readCommands(host.bridge, host.start());
  await host.stop();
  release();
  return 0;
}

/**
 * Performs the commands one after another, the first when `started` has resolved: a script can write all its lines at
 * once. Resolves when the input ends or somebody asks the process to stop, and every command has its answer.
 */
async function readCommands(bridge: ServedBridge, started: Promise<void>): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const stop = (): void => lines.close();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  let last = started;
  await new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      if (line.trim() !== "") last = last.then(() => perform(bridge, line));
    });
    lines.once("close", resolve);
  });
  await last;
}

async function perform(bridge: ServedBridge, line: string): Promise<void> {
  const call = line.length > MAX_LINE ? undefined : readCall(line);
  if (!call)
    return write({
      id: null,
      ok: false,
      code: "bad-line",
      message: "Each line is one JSON object with id and command.",
    });
  write({ id: call.id, ...(await bridge.call("owner", call.command, call.args)) });
}

function readCall(line: string): { id: unknown; command: unknown; args: unknown } | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { id = null, command, args } = parsed as Record<string, unknown>;
    return { id, command, args };
  } catch {
    return undefined;
  }
}

function write(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
