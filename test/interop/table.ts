/**
 * Runs the interop tests and writes what they saw into the table of README.md: `npm test` installs the programs, then
 * `node test/interop/table.ts`. Oddities come from the head of each program's helper.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Seen } from "./seen.ts";
import { DEEDS, SEEN_FILE } from "./seen.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const README = join(HERE, "README.md");
const BEGIN = "<!-- from the run -->";
const END = "<!-- end of the run -->";
const OVER = ["udp", "tcp", "tls"];

/** Helper with the oddities, and the Debian package whose version is told. */
const PROGRAMS: readonly (readonly [program: string, helper: string, pack: string])[] = [
  ["SIPp", "sipp.ts", "sip-tester"],
  ["sipsak", "sipsak.ts", "sipsak"],
  ["Linphone", "linphone.ts", "linphone-cli"],
  ["baresip", "baresip.ts", "baresip-core"],
  ["Kamailio", "kamailio.ts", "kamailio"],
];

const folder = mkdtempSync(join(tmpdir(), "hallway-seen-"));
const file = join(folder, "seen.jsonl");
const { status } = spawnSync("vitest", ["run", "--config", "test/vitest.config.ts", "test/interop"], {
  cwd: join(HERE, "../.."),
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, [SEEN_FILE]: file },
});
const notes = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
rmSync(folder, { recursive: true });
if (status === 0) {
  const text = [...table(notes.map((line) => JSON.parse(line) as Seen)), ...oddities()].join("\n");
  const [head = "", tail = ""] = readFileSync(README, "utf8").split(new RegExp(`(?<=${BEGIN}\n)[^]*(?=${END})`));
  writeFileSync(README, `${head}\n${text}\n\n${tail}`);
}
process.exit(status ?? 1);

function table(seen: readonly Seen[]): readonly string[] {
  const rows = [...new Set(seen.map((one) => `${one.program} with ${one.with}`))].sort();
  const cells = rows.map((row) => {
    const mine = seen.filter((one) => `${one.program} with ${one.with}` === row);
    const deeds = DEEDS.map((deed) => inOrder(mine.filter(({ did }) => did.includes(deed)).map(({ over }) => over)));
    const digests = [...new Set(mine.flatMap(({ digest }) => digest ?? []))].sort();
    return `| ${[row, ...deeds, digests.join(", ")].join(" | ")} |`;
  });
  const columns = ["", ...DEEDS, "digest"];
  return [`| ${columns.join(" | ")} |`, `|${columns.map(() => " --- |").join("")}`, ...cells];
}

/** `udp tcp tls`, each at most once. */
function inOrder(transports: readonly string[]): string {
  return [...new Set(transports)].sort((a, b) => OVER.indexOf(a) - OVER.indexOf(b)).join(" ");
}

function oddities(): readonly string[] {
  return PROGRAMS.flatMap(([program, helper, pack]) => {
    const { stdout } = spawnSync("dpkg-query", ["-W", "-f", "${Version}", pack], { encoding: "utf8" });
    const head = readFileSync(join(HERE, helper), "utf8").split("*/")[0] ?? "";
    const lines = head.slice(head.indexOf("odd about it:")).split("\n").slice(1);
    const told = lines.map((line) => line.replace(/^ \* ?/, "")).filter((line) => line.trim() !== "");
    return ["", `**${program}** ${stdout}`, "", ...told];
  });
}
