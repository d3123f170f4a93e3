/** The window: how it is made, and what a page in it may never do. */
import type { BrowserWindowConstructorOptions, WebContents } from "electron";
import { ORIGIN } from "./app-scheme.ts";

/** First size and smallest size, in device-independent pixels. */
const FIRST = { width: 1180, height: 760 };
const SMALLEST = { minWidth: 360, minHeight: 480 };

/** Pure, so that a test can hold the isolation to its word. */
export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    ...FIRST,
    ...SMALLEST,
    title: "Hallway",
    show: false,
    backgroundColor: "#FEFDFB",
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: true,
    },
  };
}

/** Links that may be opened outside: the web and mail. Everything else stays closed. */
export function isOutsideLink(address: string): boolean {
  const { protocol } = URL.parse(address) ?? {};
  return protocol === "https:" || protocol === "http:" || protocol === "mailto:";
}

/** Refuses navigation, new windows and every permission; links go to the system's browser. */
export function guard(contents: WebContents, openOutside: (address: string) => void): void {
  contents.setWindowOpenHandler(({ url }) => {
    if (isOutsideLink(url)) openOutside(url);
    return { action: "deny" };
  });
  const stay = (event: { preventDefault(): void }, address: string): void => {
    if (!address.startsWith(`${ORIGIN}/`)) event.preventDefault();
  };
  contents.on("will-navigate", stay);
  contents.on("will-redirect", stay);
  contents.on("will-attach-webview", (event) => event.preventDefault());
}
