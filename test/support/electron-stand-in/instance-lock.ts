/** One instance for each folder of user data: the first one listens, a second one tells it that it was there. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Server } from "node:net";
import { join } from "node:path";

interface Instance {
  readonly words: readonly string[];
  readonly folder: string;
  readonly data: unknown;
}

export class InstanceLock {
  readonly #file: string;
  readonly #socket: string;
  readonly #onSecond: (second: Instance) => void;
  #server: Server | undefined;
  #told: Promise<unknown> = Promise.resolve();

  constructor(folder: string, onSecond: (second: Instance) => void) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = join(folder, "SingletonLock");
    this.#socket = join(folder, "SingletonSocket");
    this.#onSecond = onSecond;
  }

  /** Whether this instance is the first. If not, the first one is told. */
  take(instance: Instance): boolean {
    if (isAlive(this.#file)) {
      this.#told = tell(this.#socket, instance);
      return false;
    }
    writeFileSync(this.#file, String(process.pid));
    rmSync(this.#socket, { force: true });
    this.#server = createServer((connection) => {
      let text = "";
      connection.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      connection.on("end", () => this.#onSecond(JSON.parse(text) as Instance));
    }).listen(this.#socket);
    return true;
  }

  /** Resolves when the first instance has heard of us. */
  told(): Promise<unknown> {
    return this.#told;
  }

  release(): void {
    if (!this.#server) return;
    this.#server.close();
    rmSync(this.#file, { force: true });
  }
}

function isAlive(file: string): boolean {
  try {
    return process.kill(Number(readFileSync(file, "utf8")), 0);
  } catch {
    return false;
  }
}

function tell(socket: string, instance: Instance): Promise<void> {
  return new Promise((done) => {
    const connection = connect(socket, () => connection.end(JSON.stringify(instance)));
    connection.once("close", () => done());
    connection.once("error", () => done());
  });
}
