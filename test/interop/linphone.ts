/**
 * Linphone's console client (`linphonec`) as a scripted peer.
 *
 * What is odd about it:
 * - It crashes on `chat` unless `~/.local/share/linphone` exists.
 * - `reg_route` with an address keeps its own resolver out; without it the domain is looked up in the DNS.
 * - Over TLS it takes our offer to look at a client certificate for a question and asks for a password on standard
 *   input before it goes on; any line will do.
 * - It knows MD5 and SHA-256, takes the one that its configuration names, and logs an error for SHA-512-256.
 * - It repeats a friend's state whenever a NOTIFY comes, and calls states "Online", "Busy", "Away", "Offline".
 * - The bodies of its PUBLISH and of its receipts come deflated.
 */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { end } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-ports.ts";
import type { GatewayProcess, Transport } from "../support/gateway-process.ts";
import { DOMAIN, passwordOf } from "../support/gateway-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

export interface LinphoneOptions {
  readonly name: string;
  /** Whom it watches. */
  readonly friend: string;
  readonly gateway: Pick<GatewayProcess, "ports">;
  readonly transport: Transport;
  readonly algorithm: "MD5" | "SHA-256";
}

export class Linphone {
  /** Everything that it wrote on its console. */
  console = "";
  readonly #folder: string;
  #process: ChildProcessWithoutNullStreams | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** A configured Linphone that registers, publishes and watches its friend. Ends with the test. */
  static async start(options: LinphoneOptions): Promise<Linphone> {
    const folder = temporaryFolder();
    for (const path of [".local/share/linphone", ".config/linphone"])
      mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, "rc"), configuration(options, await freePort()));
    const linphone = new Linphone(folder);
    onTestFinished(() => linphone.kill());
    linphone.restart();
    return linphone;
  }

  restart(): void {
    const words = ["-c", join(this.#folder, "rc"), "-d", "6", "-l", this.#logFile];
    const child = spawn("linphonec", words, { stdio: "pipe", env: { ...process.env, HOME: this.#folder } });
    this.#process = child;
    child.stdin.on("error", () => undefined);
    child.stdout.on("data", (chunk: Buffer) => {
      const text = chunk.toString("utf8");
      this.console += text;
      if (text.includes("Password for (null)")) this.type("none");
    });
  }

  /** Types a line at its prompt. */
  type(line: string): void {
    this.#process?.stdin.write(`${line}\n`);
  }

  /** Ends it in good order: it takes back its registration and its publication. */
  async quit(): Promise<void> {
    this.type("quit");
    const child = this.#process;
    await eventually("linphonec ends", () => child?.exitCode !== null);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    await end(this.#process, "SIGKILL");
  }

  /** Resolves when the console shows something that matches. */
  async shows(pattern: RegExp): Promise<void> {
    await eventually(
      () => `linphonec shows ${String(pattern)}; its console:\n${this.console}`,
      () => pattern.test(this.console),
    );
  }

  /** The messages that it sent and received, as its log holds them. */
  get wire(): string {
    return readFileSync(this.#logFile, "utf8");
  }

  get #logFile(): string {
    return join(this.#folder, "log");
  }
}

function configuration({ name, friend, gateway, transport, algorithm }: LinphoneOptions, port: number): string {
  const server = `sip:127.0.0.1:${gateway.ports[transport]};transport=${transport}`;
  return `[sip]
sip_port=${port}
sip_tcp_port=${port}
sip_tls_port=${port}
verify_server_certs=0
verify_server_cn=0
default_proxy=0
guess_hostname=1
contact="${name}" <sip:${name}@${DOMAIN}>
[proxy_0]
reg_proxy=<${server}>
reg_route=<${server};lr>
reg_identity=sip:${name}@${DOMAIN}
reg_expires=600
reg_sendregister=1
publish=1
publish_expires=300
[auth_info_0]
username=${name}
userid=${name}
passwd=${passwordOf(name)}
realm=${DOMAIN}
algorithm=${algorithm}
[friend_0]
url=<sip:${friend}@${DOMAIN}>
pol=accept
subscribe=1
`;
}
