/**
 * Kamailio as somebody else's server, with the configuration in `kamailio/`.
 *
 * What is odd about it:
 * - It offers the one digest algorithm that its configuration names.
 * - With presence in memory alone (`publ_cache` 2) a worker falls over when a publication ends that somebody watches by
 *   watcher information; with SQLite's tables it does not.
 * - The Contact of its NOTIFY names the port that `server_address` names, whatever the transport: UDP and TCP share one.
 * - A client that is given a gruu is notified there over UDP, whatever transport its Contact had.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { onTestFinished } from "vitest";
import { readCertificate } from "../../core/certificates/read.ts";
import { end } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-ports.ts";
import type { Transport } from "../support/gateway-process.ts";
import { DOMAIN } from "../support/gateway-process.ts";
import { hasProgram } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { loopbackIdentity } from "./loopback-identity.ts";

const CONFIGURATION = fileURLToPath(new URL("kamailio/kamailio.cfg", import.meta.url));
const TABLES = "/usr/share/kamailio/db_sqlite";

export type KamailioAlgorithm = "MD5" | "SHA-256";

const MODULES = ["presence_xml.so", "tls.so", "db_sqlite.so"];

/** Why Kamailio cannot be started here; undefined when it can. */
export function kamailioIsMissing(): string | undefined {
  if (!hasProgram("kamailio")) return "kamailio is not installed";
  const folders = readdirSync("/usr/lib").map((name) => join("/usr/lib", name, "kamailio/modules"));
  const lacking = MODULES.filter((module) => !folders.some((folder) => existsSync(join(folder, module))));
  return lacking.length === 0 ? undefined : `kamailio's modules ${lacking.join(", ")} are not installed`;
}

export class Kamailio {
  readonly ports: Readonly<Record<Transport, number>>;
  /** PEM of the authority that its TLS certificate comes from. */
  readonly authority: string;
  /** Of that authority's key: what a client is told to trust. */
  readonly fingerprint: string;
  readonly #folder: string;

  private constructor(folder: string, ports: Record<Transport, number>, authority: string) {
    this.#folder = folder;
    this.ports = ports;
    this.authority = authority;
    const facts = readCertificate(authority);
    this.fingerprint = facts.ok ? facts.value.keyFingerprint : "";
  }

  /** Serves the domain of the tests on 127.0.0.1 over UDP, TCP and TLS. Ends with the test. */
  static async start(algorithm: KamailioAlgorithm): Promise<Kamailio> {
    const folder = temporaryFolder();
    const identity = await loopbackIdentity();
    // Its Contact in NOTIFY names one port for both.
    const port = await freePort();
    const ports = { udp: port, tcp: port, tls: await freePort() };
    const filled: Readonly<Record<string, string>> = {
      ...{ ADDRESS: "127.0.0.1", PORT: String(port) },
      ...{ TLS_PORT: String(ports.tls), DOMAIN, FOLDER: folder, ALGORITHM: algorithm },
    };
    const written = readFileSync(CONFIGURATION, "utf8");
    const configuration = written.replaceAll(/\b[A-Z_]+\b/g, (word) => filled[word] ?? word);
    writeFileSync(join(folder, "kamailio.cfg"), configuration);
    writeFileSync(join(folder, "server.pem"), identity.certificate);
    writeFileSync(join(folder, "server.key"), identity.key, { mode: 0o600 });
    makeTables(join(folder, "presence.sqlite"));
    const kamailio = new Kamailio(folder, ports, identity.authority);
    await kamailio.#run();
    return kamailio;
  }

  /** Where a client signs in. */
  server(transport: Transport): string {
    return `${transport}:127.0.0.1:${this.ports[transport]}`;
  }

  async #run(): Promise<void> {
    const words = ["-f", join(this.#folder, "kamailio.cfg"), "-Y", this.#folder, "-w", this.#folder];
    const child = spawn("kamailio", [...words, "-m", "64", "-M", "8", "-E", "-DD"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    onTestFinished(() => stop(child));
    await eventually(
      () => `kamailio serves; it said:\n${said.slice(-2_000)}`,
      () => child.exitCode === null && answers(this.ports.udp),
    );
  }
}

function makeTables(path: string): void {
  const database = new Database(path);
  for (const name of ["standard", "presence"]) database.exec(readFileSync(join(TABLES, `${name}-create.sql`), "utf8"));
  database.close();
}

/** Its main process ends the others when it is asked to, and cannot when it is killed. */
async function stop(child: ChildProcess): Promise<void> {
  const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await end(child, "SIGTERM");
  clearTimeout(late);
}

/** Whether a SIP server answers there: it is asked for its OPTIONS. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const done = (answered: boolean): void => {
      clearTimeout(late);
      socket.close();
      resolve(answered);
    };
    const late = setTimeout(() => done(false), 200);
    socket.once("message", () => done(true));
    socket.once("error", () => done(false));
    socket.bind(0, "127.0.0.1", () => socket.send(question(socket.address().port), port, "127.0.0.1"));
  });
}

function question(port: number): string {
  return [
    `OPTIONS sip:${DOMAIN} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${port};rport`,
    ...["From: <sip:test@127.0.0.1>;tag=a", `To: <sip:${DOMAIN}>`, `Call-ID: ${port}`, "CSeq: 1 OPTIONS"],
    ...["Max-Forwards: 70", "Content-Length: 0", "", ""],
  ].join("\r\n");
}
