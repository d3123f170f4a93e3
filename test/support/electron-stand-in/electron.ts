/** What `import … from "electron"` gets in the main process. */
import { EventEmitter } from "node:events";
import type { BrowserWindowConstructorOptions, Dialog, Protocol, Shell } from "electron";
import { StandInApp } from "./app.ts";
import { StandInWindow } from "./browser-window.ts";
import { Chromium } from "./chromium.ts";
import { onOrder, report } from "./control.ts";
import { StandInIpcMain } from "./ipc-main.ts";
import { keyStore } from "./key-store.ts";
import { StandInSession } from "./session.ts";

export const app = new StandInApp();
export const ipcMain = new StandInIpcMain();
export const session = { defaultSession: new StandInSession() };
export const powerMonitor = new EventEmitter();
export const safeStorage = keyStore(() => app.getPath("userData"));

const chromium = new Chromium(ipcMain, session.defaultSession);
app.engine = chromium;

export const protocol: Pick<Protocol, "handle" | "registerSchemesAsPrivileged"> = {
  registerSchemesAsPrivileged(schemes) {
    if (app.isReady()) throw new Error("protocol.registerSchemesAsPrivileged should be called before app is ready");
    for (const { scheme, privileges } of schemes) if (privileges?.standard) chromium.standardSchemes.add(scheme);
  },
  handle: (scheme, handler) => void chromium.handlers.set(scheme, handler),
};

export const shell: Pick<Shell, "openExternal"> = {
  openExternal: async (address) => report({ kind: "opened-outside", address }),
};

export const dialog: Pick<Dialog, "showErrorBox"> = {
  showErrorBox: (title, content) => report({ kind: "error-box", title, content }),
};

export class BrowserWindow extends StandInWindow {
  constructor(options: BrowserWindowConstructorOptions) {
    super(options, app, chromium);
  }
}

onOrder((order) => {
  if (order.do === "resume") powerMonitor.emit("resume");
});
