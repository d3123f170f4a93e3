/** `npm start`: opens Hallway on the desktop where Electron is there, else in the browser, else says where it is. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  composeProfile,
  fileSecrets,
  jsonLog,
  ownFolder,
  privateFiles,
  StoreError,
  systemClock,
  systemDns,
  systemNetwork,
  systemRandom,
} from "../index.ts";
import { builtDesktop, builtWindow } from "./build.ts";
import { startWebHost } from "./server.ts";

const HELP = `npm start -- [--profile DIR] [--port PORT] [--browser] [--no-open] [--dns HOST:PORT]

  --profile DIR    where accounts, contacts and history are kept
  --browser        open in the browser even where Electron is there
  --no-open        open nothing, print the address
`;

const root = resolve(import.meta.dirname, "..", "..");

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      profile: { type: "string" },
      port: { type: "string" },
      browser: { type: "boolean" },
      "no-open": { type: "boolean" },
      dns: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const folder = resolve(values.profile ?? join(homedir(), ".hallway"));
  const electron = values.browser || values["no-open"] ? undefined : electronBinary();
  if (electron !== undefined) return runElectron(electron, folder);
  if (!values["no-open"]) process.stdout.write("Electron is not on this computer, so Hallway opens in the browser.\n");
  return runBrowserHost(folder, { port: Number(values.port ?? 0), open: !values["no-open"], dns: values.dns });
}

/** Electron's program, where it was downloaded. Its package alone brings only types. */
function electronBinary(): string | undefined {
  const folder = join(root, "node_modules", "electron");
  const name = join(folder, "path.txt");
  if (!existsSync(name)) return undefined;
  const binary = join(folder, "dist", readFileSync(name, "utf8").trim());
  return existsSync(binary) ? binary : undefined;
}

function runElectron(binary: string, folder: string): Promise<number> {
  builtWindow(root);
  builtDesktop(root);
  const child = spawn(binary, [root, `--profile=${folder}`], { stdio: "inherit" });
  return new Promise((done) => child.once("exit", (status) => done(status ?? 1)));
}

async function runBrowserHost(
  folder: string,
  options: { readonly port: number; readonly open: boolean; readonly dns: string | undefined },
): Promise<number> {
  const pages = builtWindow(root);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const release = ownFolder(folder);
  const log = jsonLog(process.stderr, "warn");
  const ports = {
    clock: systemClock(),
    random: systemRandom(),
    log,
    network: systemNetwork(),
    dns: systemDns(options.dns),
  };
  const host = composeProfile(ports, folder, fileSecrets(privateFiles(folder)), privateFiles);
  await host.start();
  const instance = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  const web = await startWebHost({ bridge: host.bridge, folder: pages, instance, port: options.port });
  show(web.openingAddress(), folder, options.open);
  await untilStopped();
  web.close();
  await host.stop();
  release();
  return 0;
}

/** Through a file that only its owner may read: words of a command line are seen by everybody on the machine. */
function show(address: string, folder: string, open: boolean): void {
  const hasDisplay = process.platform !== "linux" || process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"];
  if (!open || !hasDisplay) {
    process.stdout.write(`Open this address within a minute: ${address}\n`);
    return;
  }
  const file = join(folder, "open.html");
  writeFileSync(file, `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${address}">`, {
    mode: 0o600,
  });
  const [program, ...args] = opener(file);
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  child.on("error", () => process.stdout.write(`Open this address within a minute: ${address}\n`));
  child.unref();
  process.stdout.write("Hallway is open in the browser. Press Ctrl+C here to end it.\n");
}

function opener(file: string): readonly [string, ...string[]] {
  if (process.platform === "darwin") return ["open", file];
  if (process.platform === "win32") return ["cmd", "/c", "start", "", file];
  return ["xdg-open", file];
}

function untilStopped(): Promise<void> {
  return new Promise((done) => {
    process.once("SIGINT", () => done());
    process.once("SIGTERM", () => done());
  });
}

try {
  const status = await main();
  process.stdout.write("", () => process.exit(status));
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
