/**
 * How long `npm start` takes to the first painted window on the browser host: the process, its first line, the page, the
 * paint. The window is built beforehand, the profile is new, and Chromium runs already, as a person's browser does.
 *
 *     node test/bench/start.ts [TIMES]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Browser } from "playwright-core";
import { builtWindow } from "../../core/web/build.ts";
import { launchChromium } from "../support/chromium.ts";
import { end } from "../support/command.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TIMES = Number(process.argv[2] ?? 5);

interface Timing {
  readonly listening: number;
  readonly painted: number;
}

async function once(browser: Browser): Promise<Timing> {
  const profile = mkdtempSync(join(tmpdir(), "hallway-bench-"));
  const context = await browser.newContext();
  const page = await context.newPage();
  const started = performance.now();
  const words = ["core/cli/runtime.mjs", "core/web/start.ts", "--no-open", "--profile", profile];
  const child = spawn(process.execPath, words, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).on("line", (line) => resolve(/http:\S+/u.exec(line)?.[0] ?? ""));
      child.once("exit", () => reject(new Error("Hallway ended before its window was open")));
    });
    const listening = performance.now() - started;
    await page.goto(address);
    await page.locator("main h1").waitFor();
    // Two frames later the picture that shows it is on the screen.
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    return { listening, painted: performance.now() - started };
  } finally {
    await context.close();
    await end(child, "SIGTERM");
    rmSync(profile, { recursive: true, force: true });
  }
}

builtWindow(ROOT);
const browser = await launchChromium();
const timings: Timing[] = [];
for (let run = 0; run < TIMES; run++) timings.push(await once(browser));
await browser.close();
const median = (pick: (timing: Timing) => number): string => {
  const sorted = timings.map(pick).sort((a, b) => a - b);
  return `${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms`;
};
process.stdout.write(
  `npm start, browser host, median of ${TIMES}: listening after ${median(({ listening }) => listening)}, ` +
    `window painted after ${median(({ painted }) => painted)}\n`,
);
