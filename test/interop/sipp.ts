/**
 * SIPp as a scripted peer: plays the scenarios of `sipp/`.
 *
 * What is odd about it:
 * - Debian's build has neither TLS nor SHA-256: stunnel stands in front of it for TLS, and its users need MD5 secrets. It
 *   reads only the first challenge of an answer, so MD5 must be the only one that is offered.
 * - `[authentication …]` must stand in the injection file, since fields do not expand inside it.
 * - In a loop it repeats its branch, so that a new request looks like the old one again (against RFC 3261 §8.1.1.7);
 *   the scenarios here add the CSeq to it.
 * - It takes media ports from 6000 up unless `-mp` moves them, and then cannot bind SIP there.
 * - It receives on the port that its Contact does not name when a scenario registers for another process: over UDP a
 *   registrar must send to the Contact, not to where the REGISTER came from.
 * - It does not know that a CANCEL has to repeat the INVITE's branch: `[branch-N]` counts N steps of the scenario back.
 * - It knows a repeated request again only until it has sent something of its own: a busy server that repeats a NOTIFY
 *   would spoil the call, unless SIPp is told to pass over what it does not expect.
 * - It takes a repeated 200 for its INVITE as the answer to its BYE, and nothing once its scenario is over.
 * - `-lost` throws away what it sends and what it receives.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { end } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-ports.ts";
import type { Transport } from "../support/gateway-process.ts";
import { DOMAIN, passwordOf } from "../support/gateway-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { LoopbackIdentity } from "./loopback-identity.ts";
import { stunnelBefore, stunnelTowards } from "./stunnel.ts";

const SCENARIOS = fileURLToPath(new URL("sipp", import.meta.url));

/** Whom SIPp calls. */
export interface SippTarget {
  readonly ports: Readonly<Record<Transport, number>>;
  /** PEM of the authority that its TLS certificate comes from. */
  readonly authority: string;
}

interface SippShared {
  readonly scenario: string;
  readonly transport: Transport;
  /** How often the scenario is played. */
  readonly calls: number;
  /** New calls a second; 200 when absent. */
  readonly rate?: number;
  /** Names that fill `[field0]`, one a call, and their credentials `[field1]`. */
  readonly users?: readonly string[];
  /** Fill `[key]`. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly words?: readonly string[];
}

export interface SippOptions extends SippShared {
  readonly target: SippTarget;
}

/** SIPp on the side that is called. */
export interface SippServerOptions extends SippShared {
  /** What stunnel shows in front of it. */
  readonly identity: LoopbackIdentity;
}

/** What SIPp counted, from the last line of its statistics. */
export interface SippCounts {
  readonly successful: number;
  readonly failed: number;
  readonly retransmissions: number;
}

export class Sipp {
  /** Resolves to the exit status: 0 when every call went as its scenario says. */
  readonly status: Promise<number | null>;
  /** Where it is reached, behind stunnel where TLS is asked for; a client is not reached there. */
  readonly port: number;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
    this.status = new Promise((resolve) => child.once("close", (status) => resolve(status)));
  }

  /** Starts a scenario that calls; the test ends it if it does not end by itself. */
  static async start(options: SippOptions): Promise<Sipp> {
    const { target, transport } = options;
    const to = transport === "tls" ? await stunnelTowards(target.ports.tls, target.authority) : target.ports[transport];
    const port = options.port ?? (await freePort());
    return Sipp.#spawn(options, port, [`127.0.0.1:${to}`], port);
  }

  /** Starts a scenario that is called; resolves when it can be. */
  static async serve(options: SippServerOptions): Promise<Sipp> {
    const port = options.port ?? (await freePort());
    const reached = options.transport === "tls" ? await stunnelBefore(port, options.identity) : port;
    const sipp = await Sipp.#spawn(options, port, [], reached);
    await eventually("sipp listens", () => isBound(options.transport, port));
    return sipp;
  }

  /** Plays a scenario that calls to its end; throws with what SIPp missed when a call failed. */
  static async play(options: SippOptions): Promise<SippCounts> {
    const sipp = await Sipp.start(options);
    return sipp.succeeded();
  }

  /** Resolves when every call went well; throws with what SIPp missed otherwise. */
  async succeeded(): Promise<SippCounts> {
    const status = await this.status;
    if (status === 0) return this.#counts();
    const errors = join(this.#folder, "errors.log");
    const said = existsSync(errors) ? readFileSync(errors, "utf8") : "";
    throw new Error(`sipp ended with ${status}: ${said.slice(0, 4_000)}`);
  }

  static async #spawn(options: SippShared, port: number, words: readonly string[], reached: number): Promise<Sipp> {
    const { transport, calls, rate = 200, users, keys = {} } = options;
    const folder = temporaryFolder();
    const injected = join(folder, "users.csv");
    if (users) writeFileSync(injected, ["SEQUENTIAL", ...users.map(credentials), ""].join("\n"));
    const script = join(folder, "scenario.xml");
    writeFileSync(script, scenarioOver(transport, options.scenario));
    const filled = { domain: DOMAIN, reached: String(reached), ...keys };
    const media = await freePort();
    const child = spawn(
      "sipp",
      [
        ...["-sf", script, "-t", transport === "udp" ? "u1" : "t1", "-nostdin", "-i", "127.0.0.1", "-p", String(port)],
        ...["-mp", String(media), "-m", String(calls), "-r", String(rate), "-l", "50"],
        ...["-recv_timeout", "30000", "-timeout", "60", "-timeout_error"],
        // Over UDP busy programs repeat themselves: what is not expected is passed over, and only what is missing counts.
        ...(transport === "udp" ? ["-default_behaviors", "all,-abortunexp"] : []),
        ...["-trace_err", "-error_file", join(folder, "errors.log"), "-auth_uri", DOMAIN],
        ...["-trace_stat", "-stf", join(folder, "statistics.csv"), "-fd", "1"],
        ...(users ? ["-inf", injected] : []),
        ...Object.entries(filled).flatMap(([name, value]) => ["-key", name, value]),
        ...(options.words ?? []),
        ...words,
      ],
      { cwd: folder, stdio: "ignore" },
    );
    onTestFinished(() => void end(child, "SIGKILL"));
    return new Sipp(child, folder, reached);
  }

  #counts(): SippCounts {
    const [head = "", ...lines] = readFileSync(join(this.#folder, "statistics.csv"), "utf8").trim().split("\n");
    const names = head.split(";");
    const last = lines.at(-1)?.split(";") ?? [];
    const count = (name: string): number => Number(last[names.indexOf(name)]);
    return {
      successful: count("SuccessfulCall(C)"),
      failed: count("FailedCall(C)"),
      retransmissions: count("Retransmissions(C)"),
    };
  }
}

/** SIPp behind stunnel believes that it speaks TCP; what it writes has to name what is on the wire. */
function scenarioOver(transport: Transport, scenario: string): string {
  const written = readFileSync(join(SCENARIOS, `${scenario}.xml`), "utf8");
  return transport === "tls" ? written.replaceAll("[transport]", "TLS") : written;
}

function credentials(user: string): string {
  return `${user};[authentication username=${user} password=${passwordOf(user)}]`;
}

/** Whether a process listens there; asking the port itself would be a first call. */
function isBound(transport: Transport, port: number): boolean {
  const table = readFileSync(`/proc/net/${transport === "udp" ? "udp" : "tcp"}`, "utf8");
  return table.includes(`0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000`);
}
