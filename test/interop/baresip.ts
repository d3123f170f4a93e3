/**
 * baresip as a scripted peer, in a network namespace.
 *
 * What is odd about it:
 * - It does not use loopback: it has to be shown an interface with another address.
 * - It is told what to do in JSON over TCP, each message a netstring; who is outside its namespace needs a bridge.
 * - It reads only the first challenge of an answer and knows MD5 alone, so MD5 must be the only one that is offered.
 * - Its MESSAGE goes to the current contact of its list.
 * - It names a state that it has not chosen yet `<basic>unknown</basic>` and publishes twice while it starts.
 */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { end } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import type { GatewayProcess, Transport } from "../support/gateway-process.ts";
import { addressOf, passwordOf } from "../support/gateway-process.ts";
import { hasProgram } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { ADDRESS, INTERFACE, namespaceIsMissing } from "./network-namespace.ts";

const MODULES = ["stdio", "uuid", "account", "contact", "presence", "menu", "ctrl_tcp"];
const COMMAND_PORT = 4444;
const SIP_PORT = 5070;
/** Joins our standard streams with a port inside the namespace, as soon as somebody listens there. */
const BRIDGE = `const net = require("node:net");
const open = () => { const s = net.connect(${COMMAND_PORT}, "127.0.0.1");
s.on("error", () => setTimeout(open, 50)); s.on("connect", () => { process.stdin.pipe(s); s.pipe(process.stdout); }); };
open();`;

function moduleFolder(): string | undefined {
  return ["", ...readdirSync("/usr/lib")]
    .map((name) => join("/usr/lib", name, "baresip/modules"))
    .find((folder) => existsSync(folder));
}

/** Why baresip cannot be used here; undefined when it can. */
export function baresipIsMissing(): string | undefined {
  if (!hasProgram("baresip") || moduleFolder() === undefined) return "baresip is not installed";
  return namespaceIsMissing();
}

export interface BaresipOptions {
  readonly name: string;
  /** Whom it watches and writes to. */
  readonly friend: string;
  readonly gateway: GatewayProcess;
  readonly transport: Transport;
  /** The words that run a command in the namespace of the gateway. */
  readonly within: readonly string[];
}

export class Baresip {
  /** What it wrote: its events and, in its trace, every SIP message. */
  output = "";
  /** What it said over its port for commands. */
  events = "";
  readonly #bridge: ChildProcessWithoutNullStreams;

  private constructor(child: ChildProcessWithoutNullStreams, bridge: ChildProcessWithoutNullStreams) {
    this.#bridge = bridge;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (this.output += chunk.toString("utf8")));
    bridge.stdout.on("data", (chunk: Buffer) => (this.events += chunk.toString("utf8")));
    bridge.stdin.on("error", () => undefined);
  }

  /** A configured baresip that registers and watches its friend. Ends with the test. */
  static start(options: BaresipOptions): Baresip {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(configuration(options, folder))) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, "authority.pem"), options.gateway.authority);
    const [run = "", ...words] = options.within;
    const child = spawn(run, [...words, "baresip", "-f", folder, "-s", "-v"], { stdio: "pipe" });
    const bridge = spawn(run, [...words, process.execPath, "-e", BRIDGE], { stdio: "pipe" });
    onTestFinished(async () => {
      await end(bridge, "SIGKILL");
      await end(child, "SIGKILL");
    });
    return new Baresip(child, bridge);
  }

  /** One of its commands, as its menu names them. */
  command(command: string, params = ""): void {
    const text = JSON.stringify({ command, params, token: "1" });
    this.#bridge.stdin.write(`${Buffer.byteLength(text)}:${text},`);
  }

  /** Resolves when its list of contacts shows the friend like this. */
  async sees(pattern: RegExp): Promise<void> {
    const since = this.events.length;
    await eventually(
      () => `baresip sees ${String(pattern)}; it said:\n${this.events.slice(since)}`,
      () => {
        this.command("contacts");
        return pattern.test(this.events.slice(since));
      },
    );
  }

  /** Resolves when its output or what it said over its port matches. */
  async shows(pattern: RegExp): Promise<void> {
    await eventually(
      () => `baresip shows ${String(pattern)}; it said:\n${this.events.slice(-2_000)}\n${this.output.slice(-4_000)}`,
      () => pattern.test(this.output) || pattern.test(this.events),
    );
  }
}

function configuration(
  { name, friend, gateway, transport }: BaresipOptions,
  folder: string,
): Readonly<Record<string, string>> {
  const server = `sip:127.0.0.1:${gateway.ports[transport]};transport=${transport}`;
  return {
    accounts: `<sip:${addressOf(name)};transport=${transport}>;auth_user=${name};auth_pass=${passwordOf(name)};outbound="${server}";regint=300;pubint=60\n`,
    contacts: `"${friend}" <sip:${addressOf(friend)}>;presence=p2p\n`,
    config: [
      ...[`sip_listen ${ADDRESS}:${SIP_PORT}`, `net_interface ${INTERFACE}`, `module_path ${moduleFolder() ?? ""}`],
      ...["sip_verify_server yes", `sip_cafile ${join(folder, "authority.pem")}`],
      ...MODULES.map((module) => `module ${module}.so`),
      `ctrl_tcp_listen 127.0.0.1:${COMMAND_PORT}`,
      "",
    ].join("\n"),
  };
}
