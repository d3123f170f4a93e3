/**
 * What transactions cost: requests answered statefully for each second of processor time, beside Debian's Kamailio
 * under the same SIPp scenario, and the memory of 100,000 live transactions:
 *
 *     node --expose-gc test/bench/transactions.ts
 *
 * Both servers are one worker; Kamailio has its fast allocator. Rates of one run can be compared, those of different
 * days cannot. The first part is left out, with the reason, where a program is missing.
 */
import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-ports.ts";
import { hasProgram } from "../support/programs.ts";
import type { Growth } from "./transactions/live.ts";
import { completedServers, waitingClients } from "./transactions/live.ts";
import { serveStatefully } from "./transactions/uas.ts";

/** Our rate for each second of processor time, in parts of Kamailio's. */
const RATIO_BAR = 0.5;
/** Bytes that 100,000 live transactions may take. */
const MEMORY_BAR = 150e6;
const PARTS = join(import.meta.dirname, "transactions");
/** A small young generation: the figure is to speak of transactions, not of the room that V8 keeps for garbage. */
const FLAGS = ["--expose-gc", "--max-semi-space-size=4"];
/** Requests a second, and their number in each round that is measured. */
const RATE = 4_000;
const MEASURED = 8_000;
/** After so many both run as they will for days: ours is compiled by then, and Kamailio has touched its memory. */
const WARM_UP = 15_000;
const ROUNDS = 4;
/** Ticks of the processor's clock in /proc, for each second. */
const TICKS = 100;

const PARTS_BY_NAME: Readonly<Record<string, () => Promise<unknown>>> = {
  uas: serveStatefully,
  servers: async () => process.stdout.write(JSON.stringify(await completedServers())),
  clients: async () => process.stdout.write(JSON.stringify(await waitingClients())),
};

const part = PARTS_BY_NAME[process.argv[2] ?? ""];
if (part) await part();
else await measureAll();

async function measureAll(): Promise<void> {
  const missing = ["sipp", "kamailio"].filter((name) => !hasProgram(name));
  if (missing.length > 0) print(`rates: skipped, because ${missing.join(" and ")} cannot be started here`);
  else if (!(await compareRates())) process.exitCode = 1;
  for (const name of ["servers", "clients"] as const) {
    const { stdout } = spawnSync(process.execPath, [...FLAGS, import.meta.filename, name], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    const { count, heap, resident } = JSON.parse(stdout) as Growth;
    const what = name === "servers" ? "answered server transactions" : "waiting client transactions";
    print(
      `${count} ${what}: ${megabytes(heap)} of heap, ${megabytes(resident)} resident (bar: ${megabytes(MEMORY_BAR)})`,
    );
    if (Math.max(heap, resident) > MEMORY_BAR) process.exitCode = 1;
  }
  // The heap keeps room for a next burst: other parts of this process have nothing to wait for.
  process.exit();
}

/** In turns, so that whatever else this machine does falls on both. */
async function compareRates(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "hallway-bench-"));
  const servers: Server[] = [];
  try {
    servers.push(await startKamailio(folder), await startOurs());
    for (const { port } of servers) await load(port, WARM_UP, folder);
    const seconds = servers.map(() => 0);
    for (let round = 0; round < ROUNDS; round++)
      for (const [index, server] of servers.entries())
        seconds[index] = (seconds[index] ?? 0) + (await secondsFor(server, folder));
    const [kamailio = 0, ours = 0] = seconds.map((sum) => (ROUNDS * MEASURED) / sum);
    const ratio = ours / kamailio;
    print("requests answered statefully for each second of processor time");
    print(
      `  Kamailio ${kamailio.toFixed(0)}, Hallway ${ours.toFixed(0)}: ${ratio.toFixed(2)} times (bar: ${RATIO_BAR})`,
    );
    return ratio >= RATIO_BAR;
  } finally {
    for (const server of servers) server.process.kill("SIGTERM");
    await Promise.all(servers.map(({ ended }) => ended));
    rmSync(folder, { recursive: true });
  }
}

/** Seconds of processor time of all its processes that a server takes for one round. */
async function secondsFor(server: Server, folder: string): Promise<number> {
  const before = processorSeconds(server.process);
  await load(server.port, MEASURED, folder);
  return processorSeconds(server.process) - before;
}

interface Server {
  readonly process: ChildProcess;
  readonly port: number;
  readonly ended: Promise<unknown>;
}

async function startKamailio(folder: string): Promise<Server> {
  const port = await freePort();
  const file = join(folder, "kamailio.cfg");
  writeFileSync(file, readFileSync(join(PARTS, "kamailio.cfg"), "utf8").replaceAll("SOCKET", `udp:127.0.0.1:${port}`));
  const args = ["-f", file, "-DD", "-E", "-Y", folder, "-w", folder, "-m", "1024", "-x", "fm", "-X", "fm"];
  const child = spawn("kamailio", args, { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  for (let count = 0; count < 100 && processesOf(child).length < 3; count++) await pause(100);
  await pause(500);
  return { process: child, port, ended };
}

async function startOurs(): Promise<Server> {
  const child = spawn(process.execPath, [import.meta.filename, "uas"], { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  return {
    process: child,
    port: Number(line),
    ended: new Promise((resolve) => child.once("close", resolve)),
  };
}

function load(port: number, count: number, folder: string): Promise<void> {
  const scenario = ["-sf", join(PARTS, "message.xml"), "-nostdin", "-t", "u1", "-i", "127.0.0.1"];
  const amount = ["-m", String(count), "-r", String(RATE), "-l", "2000", "-timeout", "20", "-timeout_error"];
  return new Promise((resolve, reject) => {
    void freePort().then((own) => {
      const args = [...scenario, ...amount, "-p", String(own), "-mp", String(own + 1), `127.0.0.1:${port}`];
      const child = spawn("sipp", args, { cwd: folder, stdio: "ignore" });
      child.once("close", (status) => (status === 0 ? resolve() : reject(new Error(`sipp ended with ${status}`))));
    }, reject);
  });
}

/** Seconds that a process and its children have run so far, in the kernel and outside. */
function processorSeconds(child: ChildProcess): number {
  return processesOf(child).reduce((sum, id) => {
    const [, , , , , , , , , , , user = 0, system = 0] = statOf(id).map(Number);
    return sum + (user + system) / TICKS;
  }, 0);
}

/** The fields of /proc/PID/stat behind the name, which may have spaces. */
function statOf(id: number): readonly string[] {
  const text = readFileSync(`/proc/${id}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function processesOf({ pid }: ChildProcess): readonly number[] {
  if (pid === undefined) return [];
  const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return [pid, ...all.filter((id) => parentOf(id) === pid)];
}

/** Undefined when the process has ended meanwhile. */
function parentOf(id: number): number | undefined {
  try {
    return Number(statOf(id)[1]);
  } catch {
    return undefined;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}
