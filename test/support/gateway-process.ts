/** A gateway in a process of its own, on free loopback ports, in a folder that goes with the test. */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { administer } from "../../core/cli/control.ts";
import { end, spawnHallway } from "./command.ts";
import { freePort } from "./free-ports.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export const DOMAIN = "acme.example";

export type Transport = "udp" | "tcp" | "tls";

export interface GatewayOptions {
  readonly domain?: string;
  /** A free one when absent. */
  readonly tlsPort?: number;
  /** Where the office is kept; a folder of its own that goes with the test when absent. */
  readonly folder?: string;
  /** Names of people; the password of `name` is `pw-name`. */
  readonly people?: readonly string[];
  /** Those of them that also keep an MD5 secret. */
  readonly md5?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  /** Words put before its command, as of a network namespace. */
  readonly within?: readonly string[];
  /** Words behind `gateway run`, besides the folder and the listeners. */
  readonly words?: readonly string[];
}

export class GatewayProcess {
  readonly folder: string;
  readonly domain: string;
  readonly ports: Readonly<Record<Transport, number>>;
  /** Of the office's authority; known once it has started. */
  fingerprint = "";
  /** Where the administrators' console is, as the process said when it was ready. */
  web: string | null = null;
  /** What the process wrote to its log so far. */
  log = "";
  readonly #within: readonly string[];
  #process: ChildProcess | undefined;

  readonly #words: readonly string[];

  private constructor(
    folder: string,
    ports: Readonly<Record<Transport, number>>,
    { within = [], words = [], domain = DOMAIN }: GatewayOptions,
  ) {
    this.domain = domain;
    this.folder = folder;
    this.ports = ports;
    this.#within = within;
    this.#words = words;
  }

  /** An office with its people, ready to serve. Ends with the test. */
  static async start(options: GatewayOptions = {}): Promise<GatewayProcess> {
    const { people = [], md5 = [], settings = {}, folder = join(temporaryFolder(), "office") } = options;
    const ports = { udp: await freePort(), tcp: await freePort(), tls: options.tlsPort ?? (await freePort()) };
    const gateway = new GatewayProcess(folder, ports, options);
    const { domain } = gateway;
    await administer(folder, { do: "set", assignments: { domain, ...settings } });
    await administer(folder, { do: "add", accounts: people.map((name) => person(name, md5.includes(name), domain)) });
    onTestFinished(() => gateway.kill());
    await gateway.restart();
    return gateway;
  }

  /** Of the process that runs now. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** PEM of the office's authority, which every client of it trusts. */
  get authority(): string {
    return readFileSync(join(this.folder, "authority.pem"), "utf8");
  }

  /** Where a client signs in: `tls:127.0.0.1:PORT`. */
  server(transport: Transport = "tls"): string {
    return `${transport}:127.0.0.1:${this.ports[transport]}`;
  }

  async addPerson(name: string, md5 = false): Promise<void> {
    await administer(this.folder, { do: "add", accounts: [person(name, md5)] });
  }

  /** Starts the same office on the same ports; resolves when it is ready. */
  async restart(): Promise<void> {
    const listen = (["udp", "tcp", "tls"] as const).map((transport) => this.server(transport)).join(",");
    const words = ["gateway", "run", "--data", this.folder, "--listen", listen, ...this.#words];
    const child = spawnHallway(words, this.#within);
    this.#process = child;
    child.stderr.on("data", (chunk: Buffer) => (this.log += chunk.toString("utf8")));
    const ready = await new Promise<string>((resolve, reject) => {
      let out = "";
      child.stdout.on("data", (chunk: Buffer) => {
        out += chunk.toString("utf8");
        if (out.includes("\n")) resolve(out);
      });
      child.once("exit", (status) => reject(new Error(`The gateway ended with ${status}: ${this.log}`)));
    });
    const told = JSON.parse(ready.slice("ready ".length)) as { fingerprint: string; web: string | null };
    this.fingerprint = told.fingerprint;
    this.web = told.web;
  }

  /** Ends it in good order; resolves to its exit status. */
  stop(): Promise<number | null> {
    return end(this.#process, "SIGTERM");
  }

  /** Sends it a signal and leaves the rest to it. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Resolves to its exit status when it has ended by itself. */
  async ended(): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    return new Promise((resolve) => child.once("exit", resolve));
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    await end(this.#process, "SIGKILL");
  }
}

/** The address of somebody of this office. */
export function addressOf(name: string, domain = DOMAIN): string {
  return `${name}@${domain}`;
}

export function passwordOf(name: string): string {
  return `pw-${name}`;
}

function person(name: string, md5: boolean, domain = DOMAIN) {
  return { address: addressOf(name, domain), password: passwordOf(name), md5 };
}
