/**
 * Hallway's parser beside those of the packages `sip`, `jssip` and `sip.js`, on the same messages in the same process:
 *
 *     node --expose-gc --min-semi-space-size=64 test/bench/parse.ts
 *
 * Times are microseconds for one message. `times` is how many times as long the fastest package takes. Bytes are what one message allocates; they need both options.
 */
import type { Contestant } from "./parse/contestants.ts";
import { contestants } from "./parse/contestants.ts";
import { allocated, compare, lastResult, median, useHeap } from "./parse/measure.ts";
import { messages } from "./messages.ts";

/** How many different texts of each message go by in turns. */
const VARIANTS = 64;

const TASKS = [
  { name: "parse, read all headers", work: (one: Contestant) => one.readAll, bar: 2 },
  { name: "parse and serialize", work: (one: Contestant) => one.roundTrip, bar: 5 },
  { name: "forward as a proxy", work: (one: Contestant) => one.forward, bar: 5 },
] as const;

const names = contestants.map(({ name }) => name);
print(["", ...names, "times", ...names.map((name) => `${name} bytes`)]);
let kept = true;
useHeap();
for (const { name, work, bar } of TASKS) {
  process.stdout.write(`${name} (bar: ${bar} times)\n`);
  const ratios: number[] = [];
  for (const message of messages) {
    const inputs = Array.from({ length: VARIANTS }, (_, variant) => message.bytes(variant));
    const ways = contestants.map((one) => ({ run: work(one) }));
    const measured = compare(ways, inputs);
    const bytes = ways.map((way) => allocated(way, inputs));
    const ratio = Math.min(...measured.slice(1).map((one) => one.ratio));
    ratios.push(ratio);
    print([
      `  ${message.name}, ${inputs[0]?.length} B`,
      ...measured.map(({ microseconds }) => microseconds.toFixed(2)),
      ratio.toFixed(2),
      ...bytes.map((count) => count?.toFixed(0) ?? "–"),
    ]);
  }
  const lowest = Math.min(...ratios);
  kept &&= lowest >= bar;
  print(["  lowest, median", ...names.map(() => ""), `${lowest.toFixed(2)}, ${median(ratios).toFixed(2)}`]);
}
process.exitCode = kept && lastResult() !== undefined ? 0 : 1;

function print(cells: readonly string[]): void {
  const [first = "", ...rest] = cells;
  process.stdout.write(`${first.padEnd(36)}${rest.map((cell) => cell.padStart(15)).join("")}\n`.trimEnd() + "\n");
}
