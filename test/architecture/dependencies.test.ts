import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const rules = join(root, "test/architecture/dependencies.cjs");
const made: string[] = [];

interface Outcome {
  readonly violations: readonly {
    readonly from: string;
    readonly to: string;
    readonly rule: { readonly name: string };
  }[];
  readonly modules: number;
}

function cruise(folder: string, ...parts: string[]): Outcome {
  const { stdout } = spawnSync("depcruise", ["--config", rules, "--output-type", "json", ...parts], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  const report = JSON.parse(stdout) as { summary: { violations: Outcome["violations"]; totalCruised: number } };
  return { violations: report.summary.violations, modules: report.summary.totalCruised };
}

/** A tree of two files, the first of which imports the second. */
function planted(from: string, to: string): Outcome {
  // Inside the project, so that the tool finds the compiler with which it reads TypeScript.
  const folder = mkdtempSync(join(root, "node_modules", ".planted-"));
  made.push(folder);
  for (const [file, text] of [
    [from, `import { x } from ${JSON.stringify(relative(from, to))};\nexport const y = x;\n`],
    [to, "export const x = 1;\n"],
  ] as const) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return cruise(folder, from.split("/")[0] ?? "");
}

function relative(from: string, to: string): string {
  return `${"../".repeat(from.split("/").length - 1)}${to}`;
}

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

describe("who may import whom", () => {
  test("the code keeps the rules, and the tool really looked at it", () => {
    const { violations, modules } = cruise(root, "core", "renderer", "electron");
    expect(violations.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
    expect(modules).toBeGreaterThan(150);
  });

  test.each([
    ["renderer/view.ts", "core/sip/message/parse.ts"],
    ["renderer/view.ts", "core/bridge/serve.ts"],
    ["electron/main.ts", "core/sip/stack.ts"],
    ["core/user-agent/agent.ts", "core/server/router.ts"],
    ["core/client/client.ts", "core/store/sqlite/database.ts"],
    ["core/client/client.ts", "core/server/router.ts"],
    ["core/sip/message/parse.ts", "core/sip/transport/flow.ts"],
    ["core/sip/transaction/step.ts", "core/sip/dialog/dialog.ts"],
    ["core/payload/pidf.ts", "core/sip/message/uri.ts"],
    ["core/bridge/contract.ts", "core/client/client.ts"],
    ["core/cli/main.ts", "core/server/gateway.ts"],
    ["core/server/proxy.ts", "test/support/clock.ts"],
  ])("a planted import from %s to %s is refused", (from, to) => {
    const { violations } = planted(from, to);
    expect(violations.some((one) => one.from === from && one.to === to)).toBe(true);
  });

  test("an allowed import of the same shape passes", () => {
    expect(planted("core/server/proxy.ts", "core/sip/stack.ts").violations).toEqual([]);
  });
});
