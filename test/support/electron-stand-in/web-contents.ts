/** `webContents`: what a window's page may do, and the way to its preload script. */
import { EventEmitter } from "node:events";
import type { IpcMainInvokeEvent, WebContents, WebFrameMain, WindowOpenHandlerResponse } from "electron";
import type { CDPSession } from "playwright-core";
import type { FromMain } from "./worlds.ts";

type OpenHandler = Parameters<WebContents["setWindowOpenHandler"]>[0];

export class StandInContents extends EventEmitter {
  readonly mainFrame = { name: "main" };
  /** Where the program itself is taking the page now. */
  loading: string | undefined;
  #destroyed = false;
  #isolated: { readonly session: CDPSession; readonly context: number } | undefined;
  #openHandler: OpenHandler = () => ({ action: "allow" });

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  destroyed(): void {
    this.#destroyed = true;
    this.emit("destroyed");
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.#isolated) void this.tell(this.#isolated.session, this.#isolated.context, { channel, args });
  }

  /** A page wants a window. The stand-in can refuse it and nothing else. */
  askToOpen(url: string): void {
    const details = {
      url,
      frameName: "",
      features: "",
      disposition: "new-window",
      referrer: { url: "", policy: "default" },
    };
    const { action }: WindowOpenHandlerResponse = this.#openHandler(details as Electron.HandlerDetails);
    if (action === "allow") throw new Error("The stand-in opens no second window");
  }

  /** Whether the page may go there. Nobody is asked about what the program itself loads. */
  mayNavigate(target: string, address: string): boolean {
    if (target === this.loading) return true;
    let prevented = false;
    this.emit("will-navigate", { preventDefault: () => (prevented = true), url: address }, address);
    return !prevented;
  }

  /** The preload script's world stands. */
  attach(session: CDPSession, context: number): void {
    this.#isolated = { session, context };
  }

  /** Tells something to a preload script. A page that is gone meanwhile hears nothing. */
  async tell(session: CDPSession, contextId: number, message: FromMain): Promise<void> {
    const expression = `standInReceive(${JSON.stringify(message)})`;
    await session.send("Runtime.evaluate", { expression, contextId }).catch(() => undefined);
  }

  invokeEvent(isMain: boolean): IpcMainInvokeEvent {
    const senderFrame = (isMain ? this.mainFrame : { name: "other" }) as unknown as WebFrameMain;
    return { sender: this.asElectron(), senderFrame } as IpcMainInvokeEvent;
  }

  asElectron(): WebContents {
    return this as unknown as WebContents;
  }
}
