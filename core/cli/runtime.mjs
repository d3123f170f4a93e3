/**
 * Starts an entry point under the runtime that Hallway needs, whatever Node the machine has, and installs what is
 * missing first. Plain JavaScript, because it runs before anything else is there.
 *
 *     node core/cli/runtime.mjs ENTRY [ARGUMENT …]
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const [entry = "", ...rest] = process.argv.slice(2);
/** Node-API 10 came with Node 22.14; the SQLite driver crashes without it. TypeScript runs as it stands from Node 24 on. */
const isRightNode = Number(process.versions.napi) >= 10 && Number(process.versions.node.split(".")[0]) >= 24;

install();
if (isRightNode) {
  process.argv.splice(1, 2, join(root, entry));
  await import(pathToFileURL(join(root, entry)).href);
} else {
  const node = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
  if (!existsSync(node))
    fail("Hallway needs Node 24, and npm could not bring it for this system. Install Node 24, then try again.");
  const path = `${dirname(node)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH ?? ""}`;
  const done = spawnSync(node, [join(root, entry), ...rest], { stdio: "inherit", env: { ...process.env, PATH: path } });
  process.exit(done.status ?? 1);
}

function install() {
  const wanted = join(root, "node_modules", ".package-lock.json");
  if (existsSync(wanted)) return;
  process.stderr.write("Installing what Hallway needs; this takes about a minute …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const done = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    // Whoever started us may read our output as data.
    stdio: ["ignore", process.stderr, process.stderr],
    shell: process.platform === "win32",
  });
  if (done.status !== 0) fail("npm could not install what Hallway needs. Check the network, then try again.");
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
