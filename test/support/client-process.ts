/** A person at `hallway client`: commands in, events out, killed and started again at will. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type {
  Answer,
  CommandArgs,
  CommandName,
  CommandValues,
  EventMessage,
  EventName,
  Events,
  Message,
  Presence,
} from "../../core/bridge/contract.ts";
import { end, spawnHallway } from "./command.ts";
import { eventually } from "./eventually.ts";
import type { GatewayProcess, Transport } from "./gateway-process.ts";
import { addressOf, passwordOf } from "./gateway-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** The process ended before it answered: whether it did what it was told is not known. */
export class ClientDied extends Error {}

type Line = EventMessage | (Answer<unknown> & { readonly id: number; readonly event?: undefined });

interface PendingCall {
  resolve(answer: Answer<unknown>): void;
  reject(error: Error): void;
}

/** Where somebody signs in: an office, or a server of somebody else. */
export type Server = Pick<GatewayProcess, "server" | "fingerprint"> & Partial<Pick<GatewayProcess, "domain">>;

export class ClientProcess {
  readonly name: string;
  readonly address: string;
  readonly folder: string;
  /** Every event since the first start, through all restarts. */
  readonly events: EventMessage[] = [];
  readonly #listeners = new Set<(message: EventMessage) => void>();
  readonly #within: readonly string[];
  #process: ChildProcessWithoutNullStreams | undefined;
  /** Calls that the running process has not answered yet. */
  #calls = new Map<number, PendingCall>();
  #lastCall = 0;

  private constructor(name: string, folder: string, within: readonly string[], domain?: string) {
    this.#within = within;
    this.name = name;
    this.address = addressOf(name, domain);
    this.folder = folder;
  }

  /** An empty profile for this person; `within` is put before its command. Ends with the test. */
  static start(name: string, within: readonly string[] = [], domain?: string): ClientProcess {
    const client = new ClientProcess(name, join(temporaryFolder(), name), within, domain);
    onTestFinished(() => client.kill());
    client.restart();
    return client;
  }

  /** A profile that has signed in at the gateway, trusting its fingerprint. */
  static async signedIn(
    name: string,
    gateway: Server,
    {
      transport = "tls",
      contacts = [],
      within = [],
    }: {
      readonly transport?: Transport;
      readonly contacts?: readonly string[];
      readonly within?: readonly string[];
    } = {},
  ): Promise<ClientProcess> {
    const client = ClientProcess.start(name, within, gateway.domain);
    await client.signIn(gateway, transport);
    for (const contact of contacts) await client.do("contact.add", { address: addressOf(contact) });
    return client;
  }

  async signIn(gateway: Server, transport: Transport = "tls"): Promise<void> {
    await this.do("account.signIn", {
      address: this.address,
      password: passwordOf(this.name),
      server: gateway.server(transport),
      ...(transport === "tls" && { trust: gateway.fingerprint }),
    });
    await this.until("presence.own", ({ published }) => published);
  }

  /** Starts the process on the same profile. It is not told anything: what it does, it does by itself. */
  restart(): void {
    const child = spawnHallway(["client", "--data", this.folder], this.#within);
    const calls = new Map<number, PendingCall>();
    this.#process = child;
    this.#calls = calls;
    child.stderr.on("data", (chunk: Buffer) => process.stderr.write(`${this.name}: ${chunk.toString("utf8")}`));
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => this.#read(JSON.parse(line) as Line, calls));
    child.once("close", () => {
      for (const { reject } of calls.values()) reject(new ClientDied(`${this.name} ended`));
      calls.clear();
    });
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    await end(this.#process, "SIGKILL");
  }

  /** Ends it in good order: it signs out. */
  async stop(): Promise<void> {
    await end(this.#process, "SIGTERM");
  }

  /** The answer to a command, whatever it is. Rejects with `ClientDied` when the process ends first. */
  call<Name extends CommandName>(command: Name, args: CommandArgs[Name]): Promise<Answer<CommandValues[Name]>> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null)
      return Promise.reject(new ClientDied(`${this.name} is not running`));
    const id = ++this.#lastCall;
    const answer = new Promise<Answer<unknown>>((resolve, reject) => this.#calls.set(id, { resolve, reject }));
    child.stdin.write(`${JSON.stringify({ id, command, args })}\n`);
    return answer as Promise<Answer<CommandValues[Name]>>;
  }

  /** The value of a command that must succeed. */
  async do<Name extends CommandName>(command: Name, args: CommandArgs[Name]): Promise<CommandValues[Name]> {
    const answer = await this.call(command, args);
    if (!answer.ok) throw new Error(`${this.name} ${command}: ${answer.code}: ${answer.message}`);
    return answer.value;
  }

  /** Calls for each event from now on; returns the way to stop. */
  subscribe(listener: (message: EventMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Payloads of all events of this name so far, oldest first. */
  heard<Name extends EventName>(event: Name): readonly Events[Name][] {
    return this.events.flatMap((message) => (message.event === event ? [message.payload as Events[Name]] : []));
  }

  /** The first event, past or to come, that passes. */
  until<Name extends EventName>(event: Name, passes: (payload: Events[Name]) => boolean): Promise<Events[Name]> {
    const what = (): string =>
      `${this.name}: ${event} ${String(passes)}; last: ${JSON.stringify(this.heard(event).at(-1))}`;
    return eventually(what, () => this.heard(event).find(passes));
  }

  /** Resolves when it is registered again after the registration that it had lost since `heard` events of this kind. */
  async registeredAfter(heard: number): Promise<void> {
    const since = () => this.heard("registration.changed").slice(heard);
    await eventually(
      () => `${this.name} registers again; since then: ${JSON.stringify(since())}`,
      () => since().some(({ state }) => state === "registered"),
    );
  }

  /** Resolves when the last that is known of somebody is this state. */
  sees(name: string, state: Presence["state"]): Promise<Presence> {
    const last = (): Presence | undefined => this.#presenceOf(name).at(-1);
    return eventually(
      () => `${this.name} sees ${name} ${state}; last: ${JSON.stringify(last())}`,
      () => {
        const presence = last();
        return presence?.state === state && presence;
      },
    );
  }

  /** Every state in which somebody was seen, in order; repetitions (another note, another time) once. */
  statesOf(name: string): readonly Presence["state"][] {
    const states = this.#presenceOf(name).map(({ state }) => state);
    return states.filter((state, index) => state !== states[index - 1]);
  }

  /** The whole history with somebody, oldest first. */
  async history(name: string): Promise<readonly Message[]> {
    const pages: Message[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.do("history.page", {
        with: addressOf(name),
        limit: 500,
        ...(cursor !== undefined && { cursor }),
      });
      pages.unshift(...page.items);
      cursor = page.older;
    } while (cursor !== undefined);
    return pages;
  }

  /** Of somebody of the office, or with a whole address. */
  #presenceOf(name: string): readonly Presence[] {
    const wanted = name.includes("@") ? name : addressOf(name);
    return this.heard("presence.changed").filter(({ address }) => address === wanted);
  }

  #read(line: Line, calls: Map<number, PendingCall>): void {
    if (line.event !== undefined) {
      this.events.push(line);
      for (const listener of [...this.#listeners]) listener(line);
      return;
    }
    calls.get(line.id)?.resolve(line);
    calls.delete(line.id);
  }
}
