/** `npm run check`: everything that can be said about the code without running it. Runs all checks, then reports. */
import { spawnSync } from "node:child_process";

const CHECKS: readonly (readonly [string, string, readonly string[]])[] = [
  ["format", "oxfmt", ["--check", "."]],
  ["lint", "oxlint", ["--type-aware", "--deny-warnings"]],
  ["types: core", "tsc", ["-p", "core/tsconfig.json"]],
  ["types: browser page", "tsc", ["-p", "core/web/page/tsconfig.json"]],
  ["types: renderer", "tsc", ["-p", "renderer/tsconfig.json"]],
  ["types: electron", "tsc", ["-p", "electron/tsconfig.json"]],
  ["types: test", "tsc", ["-p", "test/tsconfig.json"]],
  ["dependency rules", "depcruise", ["--config", "test/architecture/dependencies.cjs", "core", "renderer", "electron"]],
  ["dead code", "knip", ["--no-progress"]],
];

const failed: string[] = [];
for (const [name, program, args] of CHECKS) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(`${status === 0 ? "ok    " : "FAILED"}  ${name} (${seconds} s)\n`);
  if (status === 0) continue;
  failed.push(name);
  process.stdout.write(`${stdout}${stderr}\n`);
}
process.stdout.write(failed.length === 0 ? "Everything is in order.\n" : `Mend these: ${failed.join(", ")}.\n`);
process.exit(failed.length === 0 ? 0 : 1);
