/** Measuring several ways to do the same on a machine that is never quite calm. */

/** Milliseconds for which each way runs in every round. */
const SLICE = 4;
const ROUNDS = 40;
/** Runs until the code is hot, or milliseconds that are enough whatever else the machine does. */
const WARM_UP_RUNS = 20_000;
const WARM_UP = 1_000;
const LOOKS = 7;

export interface Way<Input> {
  readonly run: (input: Input) => unknown;
}

export interface Measured {
  /** Microseconds for each run in the round that was disturbed least. */
  readonly microseconds: number;
  /** How many times as long as the first way. */
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
 * Runs all ways in turns, round by round and every second round backwards. Whatever else runs on the machine only ever
 * makes a round longer, so the shortest one tells most, if rounds are short and many.
 */
export function compare<Input>(ways: readonly Way<Input>[], inputs: readonly Input[]): readonly Measured[] {
  const counts = ways.map((way) => runsIn(way, inputs, SLICE));
  const shortest = ways.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    const order = ways.map((_, at) => (round % 2 === 0 ? at : ways.length - 1 - at));
    for (const at of order) {
      const [way, count] = [ways[at], counts[at]];
      if (!way || count === undefined) continue;
      shortest[at] = Math.min(shortest[at] ?? Number.NaN, (time(way, inputs, count) / count) * 1_000);
    }
  }
  return shortest.map((microseconds) => ({ microseconds, ratio: microseconds / (shortest[0] ?? Number.NaN) }));
}

/** How many runs fit into so many milliseconds once the code is hot. */
function runsIn<Input>(way: Way<Input>, inputs: readonly Input[], milliseconds: number): number {
  let count = 1;
  let runs = 0;
  for (let spent = 0; spent < WARM_UP && runs < WARM_UP_RUNS; runs += count) {
    count = Math.min(count * 2, 4_096);
    spent += time(way, inputs, count);
  }
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
