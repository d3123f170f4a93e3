/** Folders that go when the test that asked for them has finished, also when it failed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new empty folder for the running test. Its path is short enough for a socket in it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "hallway-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
