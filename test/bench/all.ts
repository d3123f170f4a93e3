/** `npm run bench`: every bench of this folder, one after another, each in a process of its own. */
import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";

/** What each measures, in the order in which they run. */
const BENCHES: readonly (readonly [string, string])[] = [
  ["parse.ts", "reading and writing SIP messages, beside other parsers"],
  ["transactions.ts", "transactions: rate beside Kamailio, memory of many"],
  ["renderer.ts", "the window under 1,000 contacts and 200 presence changes a second"],
  ["start.ts", "from the start command to the painted window"],
];

let failed = false;
for (const [file, what] of BENCHES) {
  process.stdout.write(`\n== ${basename(file, ".ts")}: ${what}\n`);
  const { status } = spawnSync(
    process.execPath,
    ["--expose-gc", "--min-semi-space-size=64", join(import.meta.dirname, file)],
    {
      stdio: "inherit",
    },
  );
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
