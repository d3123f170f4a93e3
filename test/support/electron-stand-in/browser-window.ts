/** `BrowserWindow`: one page of Chromium. Refuses to be made without isolation. */
import { EventEmitter } from "node:events";
import type { BrowserWindowConstructorOptions } from "electron";
import type { Page } from "playwright-core";
import type { StandInApp } from "./app.ts";
import type { Chromium } from "./chromium.ts";
import { report } from "./control.ts";
import { StandInContents } from "./web-contents.ts";

export class StandInWindow extends EventEmitter {
  readonly webContents = new StandInContents();
  readonly #app: StandInApp;
  readonly #chromium: Chromium;
  readonly #page: Promise<Page>;

  constructor(options: BrowserWindowConstructorOptions, app: StandInApp, chromium: Chromium) {
    super();
    const { sandbox, contextIsolation, nodeIntegration, preload } = options.webPreferences ?? {};
    if (!app.sandboxed || sandbox !== true || contextIsolation !== true || nodeIntegration !== false)
      throw new Error("The stand-in makes only windows with sandbox, contextIsolation and without nodeIntegration");
    this.#app = app;
    this.#chromium = chromium;
    this.#page = this.#open(preload, { width: options.width ?? 800, height: options.height ?? 600 });
  }

  async loadURL(address: string): Promise<void> {
    const page = await this.#page;
    await this.#chromium.load(page, this.webContents, address);
    this.emit("ready-to-show");
  }

  show(): void {
    report({ kind: "window", endpoint: this.#chromium.endpoint });
  }

  focus(): void {
    report({ kind: "focused" });
  }

  isMinimized(): boolean {
    return false;
  }

  restore(): void {}

  async close(): Promise<void> {
    await (await this.#page).close();
  }

  async #open(preload: string | undefined, size: { width: number; height: number }): Promise<Page> {
    const page = await this.#chromium.openPage(this.webContents, preload, size);
    const gone = this.#app.opened(this);
    page.once("close", () => {
      this.webContents.destroyed();
      this.emit("closed");
      gone();
    });
    return page;
  }
}
