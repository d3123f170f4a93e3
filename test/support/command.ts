/** The `hallway` command as a person starts it: a process of its own. */
import { spawn } from "node:child_process";
import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(new URL("../../core/cli/main.ts", import.meta.url));
/** Tests start many processes: what Node has compiled once it need not compile again. */
export const COMPILED = fileURLToPath(new URL("../../node_modules/.cache/hallway-tests", import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `hallway` with these words, `within` put before the command. Whoever starts it ends it. */
export function spawnHallway(words: readonly string[], within: readonly string[] = []): ChildProcessWithoutNullStreams {
  const [program = process.execPath, ...rest] = [...within, process.execPath, ENTRY, ...words];
  return spawn(program, rest, {
    stdio: "pipe",
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
  });
}

/** Runs `hallway` to its end, with `input` as its whole standard input. */
export async function hallway(words: readonly string[], input = ""): Promise<Finished> {
  const child = spawnHallway(words);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  // A command that refuses at once does not read what it is told.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, stdout, stderr };
}

/** Sends the signal to a process of ours and resolves when it is gone, to its exit status. */
export async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
  if (!child) return null;
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill(signal);
  return gone;
}
