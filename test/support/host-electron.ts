/** The desktop program: by Electron itself where its binary is there, else by the stand-in for it. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { _electron, chromium } from "playwright-core";
import { builtDesktop, builtWindow } from "../../core/web/build.ts";
import { COMPILED, end } from "./command.ts";
import type { Report } from "./electron-stand-in/control.ts";
import { eventually, PATIENCE } from "./eventually.ts";
import type { Host } from "./host-page.ts";
import { complaintsOf, ROOT } from "./host-page.ts";

const REGISTER = fileURLToPath(new URL("./electron-stand-in/register.ts", import.meta.url));

/** Electron's program, where it was downloaded: its package alone brings only types. */
export function electronBinary(): string | undefined {
  const folder = join(ROOT, "node_modules", "electron");
  const name = join(folder, "path.txt");
  if (!existsSync(name)) return undefined;
  const binary = join(folder, "dist", readFileSync(name, "utf8").trim());
  return existsSync(binary) ? binary : undefined;
}

/** A main process under the stand-in, and what it has reported so far. */
export class StandInProcess {
  readonly process: ChildProcess;
  readonly reports: Report[] = [];
  log = "";

  /** Starts `entry`, a main process as source or as built, on the profile. */
  constructor(profile: string, entry = join(ROOT, "electron", "main.ts")) {
    this.process = spawn(process.execPath, ["--import", REGISTER, entry, `--profile=${profile}`], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
    });
    this.process.on("message", (report) => this.reports.push(report as Report));
    this.process.stderr?.on("data", (chunk: Buffer) => (this.log += chunk.toString("utf8")));
  }

  /** The first report of this kind, past or to come. */
  told<Kind extends Report["kind"]>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    return eventually(
      () => `${kind} of the stand-in; it said ${JSON.stringify(this.reports)} ${this.log}`,
      () => {
        const found = this.reports.find((report) => report.kind === kind);
        if (!found && this.process.exitCode !== null) throw new Error(`The stand-in has ended: ${this.log}`);
        return found as Extract<Report, { kind: Kind }> | undefined;
      },
    );
  }

  async kill(): Promise<void> {
    await end(this.process, "SIGKILL");
  }

  all<Kind extends Report["kind"]>(kind: Kind): readonly Extract<Report, { kind: Kind }>[] {
    return this.reports.filter((report): report is Extract<Report, { kind: Kind }> => report.kind === kind);
  }
}

export interface StandInHost extends Host {
  readonly program: StandInProcess;
}

export async function launchStandIn(profile: string, entry?: string): Promise<StandInHost> {
  builtWindow(ROOT);
  builtDesktop(ROOT);
  const program = new StandInProcess(profile, entry);
  try {
    const { endpoint } = await program.told("window");
    const driver = await chromium.connectOverCDP(endpoint);
    const page = driver
      .contexts()
      .flatMap((context) => context.pages())
      .find((one) => one.url().includes(".localhost"));
    if (!page) throw new Error("The stand-in shows no window");
    page.setDefaultTimeout(PATIENCE);
    return {
      page,
      program,
      origin: new URL(page.url()).origin,
      complaints: complaintsOf(page),
      get openedOutside() {
        return program.all("opened-outside").map(({ address }) => address);
      },
      async close() {
        const gone = new Promise((done) => program.process.once("exit", done));
        await page.close();
        await gone;
      },
      async kill() {
        await program.kill();
        await driver.close();
      },
    };
  } catch (error) {
    await program.kill();
    throw error;
  }
}

export async function launchElectron(profile: string): Promise<Host> {
  builtWindow(ROOT);
  builtDesktop(ROOT);
  const program = await _electron.launch({
    executablePath: electronBinary() ?? "",
    args: [ROOT, `--profile=${profile}`, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
  });
  const page: Page = await program.firstWindow();
  page.setDefaultTimeout(PATIENCE);
  return {
    page,
    origin: "app://hallway",
    complaints: complaintsOf(page),
    openedOutside: [],
    close: () => program.close(),
    kill: async () => void (await end(program.process(), "SIGKILL")),
  };
}
