/** `ipcMain`: answers what the preload script of a window invokes. */
import type { IpcMain, IpcMainInvokeEvent } from "electron";

type Listener = (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown;

export class StandInIpcMain implements Pick<IpcMain, "handle" | "removeHandler"> {
  readonly #handlers = new Map<string, Listener>();

  handle(channel: string, listener: Listener): void {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, listener);
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  async invoke(event: IpcMainInvokeEvent, channel: string, args: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (!handler) throw new Error(`No handler registered for '${channel}'`);
    return handler(event, ...args);
  }
}
