/** In the window's isolated world: offers `window.hallway`, and nothing else of Electron. */
import { contextBridge, ipcRenderer } from "electron";
import type { EventMessage } from "../core/bridge/contract.ts";
import { EVENT, INVOKE } from "./channels.ts";

contextBridge.exposeInMainWorld("hallway", {
  invoke: (command: unknown, args: unknown): Promise<unknown> => ipcRenderer.invoke(INVOKE, command, args),
  subscribe(listener: (message: EventMessage) => void): () => void {
    const hear = (_event: unknown, message: EventMessage): void => listener(message);
    ipcRenderer.on(EVENT, hear);
    return () => void ipcRenderer.off(EVENT, hear);
  },
});
