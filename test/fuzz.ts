/** `npm run fuzz`: the properties that hold for every message, tried with a million damaged ones, or as many as are asked for. */
import { spawnSync } from "node:child_process";

const runs = process.argv[2] ?? "1000000";
const { status } = spawnSync(
  "vitest",
  ["run", "--config", "test/vitest.config.ts", "test/conformance/message-properties.test.ts"],
  { stdio: "inherit", shell: process.platform === "win32", env: { ...process.env, FUZZ_RUNS: runs } },
);
process.exit(status ?? 1);
