/** The bridge over Electron's IPC. Only our own window's main frame is heard; everybody else gets a refusal. */
import type { IpcMain, IpcMainInvokeEvent, WebContents } from "electron";
import type { ServedBridge } from "../core/index.ts";
import { EVENT, INVOKE } from "./channels.ts";

export interface IpcSettings {
  readonly ipcMain: Pick<IpcMain, "handle" | "removeHandler">;
  readonly bridge: ServedBridge;
  /** Whether the page is one of our own windows. */
  isOurs(contents: WebContents): boolean;
  /** Windows that events go to. */
  windows(): readonly WebContents[];
}

/** Connects the bridge; returns the way to disconnect it. */
export function connectIpc({ ipcMain, bridge, isOurs, windows }: IpcSettings): () => void {
  ipcMain.handle(INVOKE, (event: IpcMainInvokeEvent, command: unknown, args: unknown) => {
    const fromMainFrame = event.senderFrame !== null && event.senderFrame === event.sender.mainFrame;
    if (!fromMainFrame || !isOurs(event.sender))
      return { ok: false, code: "not-allowed", message: "Only Hallway's own window may do this." };
    return bridge.call("owner", command, args);
  });
  const unsubscribe = bridge.subscribe((message) => {
    for (const contents of windows()) if (!contents.isDestroyed()) contents.send(EVENT, message);
  });
  return () => {
    unsubscribe();
    ipcMain.removeHandler(INVOKE);
  };
}
