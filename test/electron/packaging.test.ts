/**
 * The program as people get it. Electron's binary cannot be had everywhere, so a stub stands in its place: what is packed
 * around it, and that it is enough to run the main process, is the same.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createPackage, extractAll, listPackage } from "@electron/asar";
import { expect, onTestFinished, test } from "vitest";
import { builtDesktop, builtWindow } from "../../core/web/build.ts";
import { hasChromium } from "../support/chromium.ts";
import { launchStandIn } from "../support/host-electron.ts";
import { ROOT } from "../support/host-page.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TIMEOUT = 120_000;
/** Megabytes that the packed program may have at most, without Electron. */
const MOST = { archive: 6, native: 4 };
const reason =
  process.platform === "linux" && process.arch === "x64" ? "" : " (skipped: the stub is one for linux-x64)";

/** As much of Electron's distribution as electron-builder looks at. */
async function stubElectron(folder: string): Promise<string> {
  const [dist, empty] = [join(folder, "electron"), join(folder, "empty")];
  mkdirSync(join(dist, "locales"), { recursive: true });
  mkdirSync(join(dist, "resources"));
  mkdirSync(empty);
  writeFileSync(join(empty, "package.json"), "{}");
  writeFileSync(join(dist, "electron"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(dist, "version"), "45.4.1");
  for (const locale of ["en-US", "de", "fr"]) writeFileSync(join(dist, "locales", `${locale}.pak`), "");
  await createPackage(empty, join(dist, "resources", "default_app.asar"));
  return dist;
}

async function packaged(folder: string): Promise<string> {
  const builder = join(ROOT, "node_modules", "electron-builder", "cli.js");
  const args = ["--linux", "dir", "--config", "electron/builder.json"];
  const overrides = [`-c.electronDist=${await stubElectron(folder)}`, `-c.directories.output=${join(folder, "dist")}`];
  const child = spawn(process.execPath, [builder, ...args, ...overrides], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  const status = await new Promise((resolve) => child.once("close", resolve));
  if (status !== 0) throw new Error(`electron-builder ended with ${String(status)}: ${said}`);
  return join(folder, "dist", "linux-unpacked", "resources");
}

test.skipIf(reason !== "" || !hasChromium)(
  `the package holds the program and nothing else, and is enough to run it${reason}`,
  { timeout: TIMEOUT },
  async () => {
    builtWindow(ROOT);
    builtDesktop(ROOT);
    const folder = temporaryFolder();
    const resources = await packaged(folder);
    const archive = join(resources, "app.asar");
    const entries = listPackage(archive, { isPack: false }).map((entry) => entry.slice(1));

    expect(entries).toContain("package.json");
    for (const file of ["out/electron/main.js", "out/electron/preload.cjs", "out/renderer/index.html"])
      expect(entries).toContain(file);
    expect(new Set(entries.map((entry) => entry.split("/")[0]))).toEqual(
      new Set(["node_modules", "out", "package.json"]),
    );
    expect(new Set(entries.flatMap((entry) => /^node_modules\/([^/]+)/u.exec(entry)?.[1] ?? []))).toEqual(
      new Set(["better-sqlite3"]),
    );
    const native = entries.filter((entry) => entry.endsWith(".node"));
    expect(native).toEqual(["node_modules/better-sqlite3/prebuilds/linux-x64.node"]);

    const unpacked = join(resources, "app.asar.unpacked");
    const files = readdirSync(unpacked, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toEqual(["linux-x64.node"]);
    const megabytes = {
      archive: statSync(archive).size / 1e6,
      native: statSync(join(unpacked, native[0] ?? "")).size / 1e6,
    };
    console.info(
      `the archive has ${megabytes.archive.toFixed(2)} MB, the native file ${megabytes.native.toFixed(2)} MB`,
    );
    expect(megabytes.archive).toBeLessThan(MOST.archive);
    expect(megabytes.native).toBeLessThan(MOST.native);

    // What Electron does inside the archive, the file system does here.
    const program = join(folder, "program");
    extractAll(archive, program);
    cpSync(unpacked, program, { recursive: true });
    const window = await launchStandIn(join(folder, "profile"), join(program, "out", "electron", "main.js"));
    onTestFinished(() => window.kill());
    await window.page.getByRole("heading", { name: "Which door is yours?" }).waitFor();
    expect(window.complaints).toEqual([]);
    await window.close();
  },
);
