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

/** What a page may ask of the system: that "Copy" writes text to the clipboard. No camera, no place, no notifications of the web. */
export function isPermitted(permission: string, address: string): boolean {
  return permission === "clipboard-sanitized-write" && isOurs(address);
}

/** Whether an address or an origin is that of our own pages. */
function isOurs(address: string): boolean {
  return address === ORIGIN || address.startsWith(`${ORIGIN}/`);
}

/** Refuses navigation and new windows; links go to the system's browser. */
export function guard(contents: WebContents, openOutside: (address: string) => void): void {
  contents.setWindowOpenHandler(({ url }) => {
    if (isOutsideLink(url)) openOutside(url);
    return { action: "deny" };
  });
  const stay = (event: { preventDefault(): void }, address: string): void => {
    if (!isOurs(address)) event.preventDefault();
  };
  contents.on("will-navigate", stay);
  contents.on("will-redirect", stay);
  contents.on("will-attach-webview", (event) => event.preventDefault());
}
