/** Measuring several ways to do the same on a machine that is never quite calm. */

/** Milliseconds for which each way runs in every round. */
const SLICE = 12;
const ROUNDS = 15;
const WARM_UP = 100;
const LOOKS = 7;

export interface Way<Input> {
  readonly run: (input: Input) => unknown;
}

export interface Measured {
  /** Microseconds for each run, the median of the rounds. */
  readonly microseconds: number;
  /** How many times as long as the first way, the median of what each round said. */
  readonly ratio: number;
}

/** Small objects that fill the young generation several times, as `--min-semi-space-size=64` has it. */
const USED = 8_000_000;

/** Uses the heap as a process has that is not new: memory that was never used costs time, and whoever comes first pays. */
export function useHeap(): void {
  for (let at = 0; at < USED; at++) sink = { at, even: at % 2 === 0, half: at / 2 };
}

/** Where results go, so that no work can be seen to be useless. */
let sink: unknown;

/**
 * Runs all ways in turns, round by round and every second round backwards, so that what disturbs the machine disturbs
 * all alike; ratios are taken within a round.
 */
export function compare<Input>(ways: readonly Way<Input>[], inputs: readonly Input[]): readonly Measured[] {
  const counts = ways.map((way) => runsIn(way, inputs, SLICE));
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const times = Array.from(ways, () => 0);
    const order = ways.map((_, at) => (round % 2 === 0 ? at : ways.length - 1 - at));
    for (const at of order) {
      const [way, count] = [ways[at], counts[at]];
      if (way && count !== undefined) times[at] = (time(way, inputs, count) / count) * 1_000;
    }
    return times;
  });
  return ways.map((_, at) => ({
    microseconds: median(rounds.map((times) => times[at] ?? Number.NaN)),
    ratio: median(rounds.map((times) => (times[at] ?? Number.NaN) / (times[0] ?? Number.NaN))),
  }));
}

/** How many runs fit into so many milliseconds once the code is hot. */
function runsIn<Input>(way: Way<Input>, inputs: readonly Input[], milliseconds: number): number {
  let count = 1;
  for (let spent = 0; spent < WARM_UP; spent += time(way, inputs, count)) count = Math.min(count * 2, 4_096);
  return Math.max(1, Math.round((count * milliseconds) / time(way, inputs, count)));
}

function time<Input>(way: Way<Input>, inputs: readonly Input[], count: number): number {
  const started = performance.now();
  run(way, inputs, count);
  return performance.now() - started;
}

function run<Input>(way: Way<Input>, inputs: readonly Input[], count: number): void {
  for (let at = 0; at < count; at++) {
    const input = inputs[at % inputs.length];
    if (input !== undefined) sink = way.run(input);
  }
}

/** Runs between two looks at the heap: few, so that no collection falls between them. */
const COUNTED_RUNS = 20;

/** Bytes that a run allocates on the heap and for buffers; undefined without `node --expose-gc`. */
export function allocated<Input>(way: Way<Input>, inputs: readonly Input[]): number | undefined {
  const { gc } = globalThis;
  if (!gc) return undefined;
  const grown = (count: number): number => {
    gc();
    const before = bytesInUse();
    run(way, inputs, count);
    return bytesInUse() - before;
  };
  // Looking takes some bytes itself.
  return median(Array.from({ length: LOOKS }, () => (grown(COUNTED_RUNS) - grown(0)) / COUNTED_RUNS));
}

function bytesInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** What came last; reading it keeps the work alive. */
export function lastResult(): unknown {
  return sink;
}
