/** `session.defaultSession`: what a page may ask of the system. */
import type { Session } from "electron";

type CheckHandler = Parameters<Session["setPermissionCheckHandler"]>[0];
type RequestHandler = Parameters<Session["setPermissionRequestHandler"]>[0];

/** Electron's name of a permission and Chromium's. */
export const PERMISSIONS = {
  "clipboard-read": "clipboard-read",
  "clipboard-sanitized-write": "clipboard-write",
  geolocation: "geolocation",
  media: "camera",
  notifications: "notifications",
} as const;

export class StandInSession implements Pick<Session, "setPermissionCheckHandler" | "setPermissionRequestHandler"> {
  #check: CheckHandler = null;
  #request: RequestHandler = null;

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#check = handler;
  }

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#request = handler;
  }

  /** Whether both handlers let this page have it. Without a handler Electron grants everything. */
  async allows(contents: Electron.WebContents, permission: keyof typeof PERMISSIONS, origin: string): Promise<boolean> {
    const details = { isMainFrame: true, requestingUrl: `${origin}/` };
    if (this.#check && !this.#check(contents, permission, origin, details)) return false;
    const ask = this.#request;
    if (!ask) return true;
    return new Promise((decide) => ask(contents, permission, decide, details));
  }
}
