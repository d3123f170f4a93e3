/** Builds the window where it is missing or older than its sources: `npm start` on a clone needs no other command. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const CONFIGS = ["renderer/vite.config.ts", "core/web/page/vite.config.ts"];
const SOURCES = ["renderer", "core/web/page", "core/bridge", "assets"];
/** Written last, so its age is that of the whole. */
const RESULT = "out/renderer/page-bridge.js";

/** Returns the folder of the built window. Throws when the build fails. */
export function builtWindow(root: string): string {
  if (!isFresh(root)) {
    process.stderr.write("Building the window …\n");
    for (const config of CONFIGS) {
      const { status, stderr, stdout } = spawnSync("vite", ["build", "--config", config, "--logLevel", "warn"], {
        cwd: root,
        encoding: "utf8",
        shell: process.platform === "win32",
      });
      if (status !== 0) throw new Error(`The window could not be built.\n${stdout}${stderr}`);
    }
  }
  return join(root, "out", "renderer");
}

function isFresh(root: string): boolean {
  const result = join(root, RESULT);
  if (!existsSync(result)) return false;
  const built = statSync(result).mtimeMs;
  return SOURCES.every((folder) => newest(join(root, folder)) <= built);
}

function newest(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (latest, entry) => (entry.isFile() ? Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs) : latest),
    0,
  );
}
