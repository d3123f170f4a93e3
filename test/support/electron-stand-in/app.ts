/** `app`: life from the first instance to the last window, in Electron's order. */
import { EventEmitter } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { App } from "electron";
import type { Chromium } from "./chromium.ts";
import { InstanceLock } from "./instance-lock.ts";

type Used =
  | "getAppPath"
  | "getPath"
  | "setPath"
  | "enableSandbox"
  | "requestSingleInstanceLock"
  | "whenReady"
  | "isReady"
  | "quit"
  | "exit";

export class StandInApp extends EventEmitter implements Pick<App, Used> {
  engine: Chromium | undefined;
  sandboxed = false;
  readonly #windows = new Set<{ close(): Promise<void> }>();
  #userData = join(homedir(), ".config", "Hallway");
  #ready: Promise<void> | undefined;
  #isReady = false;
  #quitting = false;
  #lock: InstanceLock | undefined;

  constructor() {
    super();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => this.quit());
  }

  /** The folder of the package that the program belongs to. */
  getAppPath(): string {
    let folder = dirname(process.argv[1] ?? "");
    while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
    return folder;
  }

  getPath(name: string): string {
    if (name !== "userData") throw new Error(`The stand-in knows no path ${name}`);
    return this.#userData;
  }

  setPath(name: string, path: string): void {
    if (name !== "userData") throw new Error(`The stand-in knows no path ${name}`);
    this.#userData = path;
  }

  enableSandbox(): void {
    if (this.#isReady) throw new Error("app.enableSandbox() can only be called before app is ready");
    this.sandboxed = true;
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    this.#lock = new InstanceLock(this.#userData, (second) => {
      void this.whenReady().then(() => this.emit("second-instance", {}, second.words, second.folder, second.data));
    });
    return this.#lock.take({ words: process.argv, folder: process.cwd(), data: additionalData });
  }

  whenReady(): Promise<void> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  isReady(): boolean {
    return this.#isReady;
  }

  /** Asks everybody (`before-quit`), closes the windows, then ends. */
  quit(): void {
    if (this.#quitting || this.#isPrevented("before-quit")) return;
    this.#quitting = true;
    void Promise.all([...this.#windows].map((window) => window.close())).then(() => this.#end(0));
  }

  exit(status = 0): void {
    this.#quitting = true;
    void this.#end(status);
  }

  /** A window was made; it tells when it is gone. */
  opened(window: { close(): Promise<void> }): () => void {
    this.#windows.add(window);
    return () => {
      this.#windows.delete(window);
      if (this.#windows.size === 0 && !this.#quitting) this.emit("window-all-closed");
    };
  }

  async #start(): Promise<void> {
    mkdirSync(this.#userData, { recursive: true, mode: 0o700 });
    await this.engine?.launch(join(this.#userData, "chromium"));
    this.#isReady = true;
    this.emit("ready");
  }

  #isPrevented(event: string): boolean {
    let prevented = false;
    this.emit(event, { preventDefault: () => (prevented = true) });
    return prevented;
  }

  async #end(status: number): Promise<void> {
    if (this.#isReady && !this.#isPrevented("will-quit")) this.emit("quit", {}, status);
    await this.engine?.close();
    await this.#lock?.told();
    this.#lock?.release();
    process.exit(status);
  }
}
