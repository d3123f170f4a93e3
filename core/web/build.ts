/** Builds what is missing or older than its sources: `npm start` on a clone needs no other command. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

interface Step {
  readonly config: string;
  readonly environment?: Readonly<Record<string, string>>;
}

interface Target {
  readonly what: string;
  readonly folder: string;
  readonly sources: readonly string[];
  /** All write into the folder of the target. */
  readonly steps: readonly Step[];
  /** The file that the last step writes; its age is that of the whole. */
  readonly last: string;
}

const WINDOW: Target = {
  what: "the window",
  folder: "out/renderer",
  sources: ["renderer", "core/web/page", "core/bridge", "assets"],
  steps: [{ config: "renderer/vite.config.ts" }, { config: "core/web/page/vite.config.ts" }],
  last: "page-bridge.js",
};

const DESKTOP: Target = {
  what: "the desktop program",
  folder: "out/electron",
  sources: ["electron", "core"],
  steps: [
    { config: "electron/vite.config.ts" },
    { config: "electron/vite.config.ts", environment: { HALLWAY_PART: "preload" } },
  ],
  last: "preload.cjs",
};

/** Returns the folder of the built window. Throws when the build fails. */
export function builtWindow(root: string): string {
  return built(root, WINDOW);
}

/** Returns the folder of the built main process and preload script. Throws when the build fails. */
export function builtDesktop(root: string): string {
  return built(root, DESKTOP);
}

function built(root: string, target: Target): string {
  const folder = join(root, target.folder);
  if (isFresh(root, target)) return folder;
  process.stderr.write(`Building ${target.what} …\n`);
  const started = new Date();
  // Beside the old one, and then in its place: another Hallway may be showing it, or building it as well.
  const fresh = `${folder}-${process.pid}`;
  try {
    for (const step of target.steps) run(root, step, fresh);
    // What was changed during the build is newer than its result.
    utimesSync(join(fresh, target.last), started, started);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return folder;
}

function run(root: string, { config, environment }: Step, folder: string): void {
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const args = [vite, "build", "--config", config, "--outDir", folder, "--emptyOutDir", "false", "--logLevel", "warn"];
  const { status, stderr, stdout } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`Hallway could not be built.\n${stdout}${stderr}`);
}

function isFresh(root: string, { folder, sources, last }: Target): boolean {
  const result = join(root, folder, last);
  if (!existsSync(result)) return false;
  const age = statSync(result).mtimeMs;
  return sources.every((source) => newest(join(root, source)) <= age);
}

/** When the folder was last changed: a file written, added or removed. */
function newest(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs),
    statSync(folder).mtimeMs,
  );
}
