/**
 * SIPp as a scripted peer: plays the scenarios of `sipp/`.
 *
 * What is odd about it:
 * - Debian's build has neither TLS nor SHA-256: its users need MD5 secrets, and TLS is not tested with it. It reads
 *   only the first challenge of an answer, so MD5 must be the only one that is offered.
 * - `[authentication …]` must stand in the injection file, since fields do not expand inside it.
 * - In a loop it repeats its branch, so that a new request looks like the old one again (against RFC 3261 §8.1.1.7);
 *   the scenarios here add the CSeq to it.
 * - It takes media ports from 6000 up unless `-mp` moves them, and then cannot bind SIP there.
 * - It receives on the port that its Contact does not name when a scenario registers for another process: over UDP a
 *   registrar must send to the Contact, not to where the REGISTER came from.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { end } from "../support/command.ts";
import { freePort } from "../support/free-ports.ts";
import type { GatewayProcess } from "../support/gateway-process.ts";
import { DOMAIN, passwordOf } from "../support/gateway-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SCENARIOS = fileURLToPath(new URL("sipp", import.meta.url));

export interface SippOptions {
  readonly scenario: string;
  readonly gateway: GatewayProcess;
  readonly transport: "udp" | "tcp";
  /** How often the scenario is played. */
  readonly calls: number;
  /** Names that fill `[field0]`, one a call, and their credentials `[field1]`. */
  readonly users?: readonly string[];
  /** Fill `[key]`. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly words?: readonly string[];
}

export class Sipp {
  /** Resolves to the exit status: 0 when every call went as its scenario says. */
  readonly status: Promise<number | null>;
  readonly #errors: string;

  private constructor(child: ChildProcess, errors: string) {
    this.#errors = errors;
    this.status = new Promise((resolve) => child.once("close", (status) => resolve(status)));
  }

  /** Starts a scenario; the test ends it if it does not end by itself. */
  static async start({
    scenario,
    gateway,
    transport,
    calls,
    users,
    keys = {},
    port,
    words = [],
  }: SippOptions): Promise<Sipp> {
    const folder = temporaryFolder();
    const injected = join(folder, "users.csv");
    const errors = join(folder, "errors.log");
    if (users) writeFileSync(injected, ["SEQUENTIAL", ...users.map(credentials), ""].join("\n"));
    const child = spawn(
      "sipp",
      [
        ...["-sf", join(SCENARIOS, `${scenario}.xml`), "-t", transport === "udp" ? "u1" : "t1", "-nostdin"],
        ...["-i", "127.0.0.1", "-p", String(port ?? (await freePort())), "-mp", String(await freePort())],
        ...["-m", String(calls), "-r", "200", "-l", "50", "-recv_timeout", "30000", "-timeout", "60", "-timeout_error"],
        ...["-trace_err", "-error_file", errors, "-key", "domain", DOMAIN, "-auth_uri", DOMAIN],
        ...(users ? ["-inf", injected] : []),
        ...Object.entries(keys).flatMap(([name, value]) => ["-key", name, value]),
        ...words,
        `127.0.0.1:${gateway.ports[transport]}`,
      ],
      { cwd: folder, stdio: "ignore" },
    );
    const sipp = new Sipp(child, errors);
    onTestFinished(() => void end(child, "SIGKILL"));
    return sipp;
  }

  /** Plays a scenario to its end; throws with what SIPp missed when a call failed. */
  static async play(options: SippOptions): Promise<void> {
    const sipp = await Sipp.start(options);
    await sipp.succeeded();
  }

  /** Resolves when every call went well; throws with what SIPp missed otherwise. */
  async succeeded(): Promise<void> {
    const status = await this.status;
    if (status === 0) return;
    const errors = existsSync(this.#errors) ? readFileSync(this.#errors, "utf8") : "";
    throw new Error(`sipp ended with ${status}: ${errors.slice(0, 4_000)}`);
  }
}

function credentials(user: string): string {
  return `${user};[authentication username=${user} password=${passwordOf(user)}]`;
}
