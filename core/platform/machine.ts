/** What the machine says of itself: room on a disk, how late the event loop is, memory. */
import { statfs } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";

export interface DiskSpace {
  /** Bytes that this user may still write. */
  readonly free: number;
  readonly total: number;
}

/** The disk that holds the folder; undefined where the system does not tell. */
export async function diskSpace(folder: string): Promise<DiskSpace | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return undefined;
  }
}

/** Resolution in milliseconds with which the delay of the event loop is measured. */
const LOOP_RESOLUTION = 20;

export interface LoopDelay {
  /** Seconds that the loop was late since the last look: 99 of 100 times at most, and the worst. */
  take(): { readonly p99: number; readonly max: number };
  close(): void;
}

/** Measures how long the event loop is held up. */
export function loopDelay(): LoopDelay {
  const measured = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION });
  measured.enable();
  const late = (nanoseconds: number): number => Math.max(nanoseconds / 1e9 - LOOP_RESOLUTION / 1_000, 0);
  return {
    take() {
      const taken = { p99: late(measured.percentile(99)), max: late(measured.max) };
      measured.reset();
      return taken;
    },
    close: () => void measured.disable(),
  };
}

/** Bytes of memory in use: of the whole process, and of JavaScript's heap. */
export function memoryInUse(): { readonly process: number; readonly heap: number } {
  const { rss, heapUsed } = process.memoryUsage();
  return { process: rss, heap: heapUsed };
}
