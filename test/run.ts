/**
 * `npm test`: brings the system programs that tests need, runs vitest, and ends with one line of counts.
 * Words behind `npm test --` go to vitest: `npm test -- test/core/sip`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bringPrograms } from "./support/programs.ts";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

bringPrograms();
const folder = mkdtempSync(join(tmpdir(), "hallway-test-"));
const report = join(folder, "report.json");
const { status } = spawnSync(
  "vitest",
  [
    "run",
    "--config",
    "test/vitest.config.ts",
    "--reporter=default",
    "--reporter=json",
    `--outputFile=${report}`,
    ...process.argv.slice(2),
  ],
  { stdio: "inherit", shell: process.platform === "win32" },
);
const counts = readCounts(report);
rmSync(folder, { recursive: true });
// A suite that could not even be loaded counts as a failure too.
const failures = Math.max(counts.numFailedTests, counts.numFailedTestSuites > 0 || status !== 0 ? 1 : 0);
process.stdout.write(`${counts.numPassedTests} passed, ${failures} failed, ${counts.numPendingTests} skipped\n`);
process.exit(status === 0 && failures === 0 ? 0 : 1);

function readCounts(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numFailedTestSuites: 0 };
  }
}
