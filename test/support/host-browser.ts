/** The browser host: its process, and a browser that goes where the process says. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Browser } from "playwright-core";
import { afterAll } from "vitest";
import { launchChromium } from "./chromium.ts";
import { COMPILED, end } from "./command.ts";
import { PATIENCE } from "./eventually.ts";
import type { Host } from "./host-page.ts";
import { complaintsOf, ROOT } from "./host-page.ts";

/** One browser for all windows of a test file; each window has its own cookies and storage. */
let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

export interface WebProcess {
  readonly process: ChildProcess;
  /** The opening address that it printed. */
  readonly address: string;
}

/** Starts `npm start -- --no-open` without npm; resolves when it has printed its address. */
export function startWebProcess(profile: string): Promise<WebProcess> {
  const child = spawn(process.execPath, ["core/web/start.ts", "--no-open", "--profile", profile], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [address] = /http:\S+/.exec(line) ?? [];
      if (address !== undefined) resolve({ process: child, address });
    });
    child.once("exit", (status) => reject(new Error(`The browser host ended with ${status}: ${said}`)));
  });
}

export async function launchBrowserHost(profile: string): Promise<Host> {
  const { process: child, address } = await startWebProcess(profile);
  const context = await (
    await (browser ??= launchChromium())
  ).newContext({
    viewport: { width: 1180, height: 760 },
    reducedMotion: "reduce",
    locale: "en-GB",
  });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const openedOutside: string[] = [];
  context.on("page", (other) => {
    openedOutside.push(other.url());
    void other.close();
  });
  const complaints = complaintsOf(page);
  await page.goto(address);
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    await context.close();
    await end(child, signal);
  };
  return {
    page,
    origin: new URL(address).origin,
    complaints,
    openedOutside,
    close: () => stop("SIGTERM"),
    kill: () => stop("SIGKILL"),
  };
}
