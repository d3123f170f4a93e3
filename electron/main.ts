/** The desktop: one instance, one profile, one window over the composed core. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { app, BrowserWindow, dialog, ipcMain, powerMonitor, protocol, safeStorage, session, shell } from "electron";
import {
  composeProfile,
  jsonLog,
  ownFolder,
  privateFiles,
  systemClock,
  systemDns,
  systemNetwork,
  systemRandom,
} from "../core/index.ts";
import type { ProfileHost } from "../core/index.ts";
import { announceScheme, ORIGIN, serveScheme } from "./app-scheme.ts";
import { connectIpc } from "./ipc.ts";
import { keyStoreSecrets } from "./secrets.ts";
import { guard, isPermitted, windowOptions } from "./window.ts";

const root = app.getAppPath();
const wanted = process.argv.find((word) => word.startsWith("--profile="))?.slice("--profile=".length);
// Each profile is an instance of its own: its lock, and what Chromium keeps for the window, lie beside it.
if (wanted !== undefined) app.setPath("userData", resolve(wanted, "window"));
const folder = resolve(wanted ?? join(app.getPath("userData"), "profile"));

let window: BrowserWindow | undefined;

function openWindow(): void {
  const made = new BrowserWindow(windowOptions(join(root, "out", "electron", "preload.cjs")));
  window = made;
  guard(made.webContents, (address) => void shell.openExternal(address));
  made.once("ready-to-show", () => made.show());
  made.on("closed", () => {
    window = undefined;
  });
  void made.loadURL(`${ORIGIN}/`);
}

function showWindow(): void {
  if (!window) return openWindow();
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

async function start(): Promise<ProfileHost> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const release = ownFolder(folder);
  app.once("quit", release);
  const files = privateFiles(folder);
  const log = jsonLog(process.stderr, "warn");
  const ports = { clock: systemClock(), random: systemRandom(), log, network: systemNetwork(), dns: systemDns() };
  const host = composeProfile(ports, folder, keyStoreSecrets(safeStorage, files), privateFiles);
  await host.start();
  return host;
}

async function main(): Promise<void> {
  await app.whenReady();
  const { defaultSession } = session;
  defaultSession.setPermissionCheckHandler((_contents, permission, origin) => isPermitted(permission, origin));
  defaultSession.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) =>
    decide(isPermitted(permission, requestingUrl)),
  );
  serveScheme(protocol, join(root, "out", "renderer"));
  const host = await start();
  connectIpc({
    ipcMain,
    bridge: host.bridge,
    isOurs: (contents) => contents === window?.webContents,
    windows: () => (window ? [window.webContents] : []),
  });
  powerMonitor.on("resume", () => host.reconnect());
  app.on("second-instance", showWindow);
  app.on("activate", showWindow);
  app.on("window-all-closed", () => app.quit());
  quitOrderly(host);
  openWindow();
}

/** Signs out before the process ends; the core bounds how long that may take. */
function quitOrderly(host: ProfileHost): void {
  let stopped = false;
  app.on("before-quit", (event) => {
    if (stopped) return;
    event.preventDefault();
    void host.stop().finally(() => {
      stopped = true;
      app.quit();
    });
  });
}

announceScheme(protocol);
app.enableSandbox();
if (app.requestSingleInstanceLock({ profile: folder })) {
  main().catch((error: unknown) => {
    dialog.showErrorBox("Hallway cannot start", error instanceof Error ? error.message : String(error));
    app.exit(1);
  });
} else {
  app.exit(0);
}
