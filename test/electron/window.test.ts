import { EventEmitter } from "node:events";
import type { HandlerDetails, WebContents } from "electron";
import { describe, expect, test } from "vitest";
import { guard, isOutsideLink, isPermitted, windowOptions } from "../../electron/window.ts";

test("every window is isolated", () => {
  expect(windowOptions("/preload.cjs").webPreferences).toEqual({
    preload: "/preload.cjs",
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    spellcheck: true,
  });
});

test("only the web and mail are opened outside", () => {
  for (const address of ["https://a.example/", "http://a.example", "mailto:a@b.example"])
    expect(isOutsideLink(address)).toBe(true);
  const closed = [
    "javascript:1",
    "file:///etc/passwd",
    "data:text/html,x",
    "app://hallway/",
    "smb://a",
    "ms-settings:",
    "about:blank",
    "",
    "x",
  ];
  for (const address of closed) expect(isOutsideLink(address), address).toBe(false);
});

test("our own pages may copy, and nothing else may be had by anybody", () => {
  expect(isPermitted("clipboard-sanitized-write", "app://hallway")).toBe(true);
  expect(isPermitted("clipboard-sanitized-write", "app://hallway/")).toBe(true);
  for (const origin of ["https://elsewhere.example/", "app://hallway.elsewhere/", "app://hallwayx", ""])
    expect(isPermitted("clipboard-sanitized-write", origin), origin).toBe(false);
  for (const permission of ["clipboard-read", "media", "notifications", "geolocation", "openExternal", "unknown"])
    expect(isPermitted(permission, "app://hallway/"), permission).toBe(false);
});

describe("a guarded page", () => {
  function guarded() {
    const opened: string[] = [];
    let onOpen: (details: HandlerDetails) => unknown = () => undefined;
    const contents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: typeof onOpen) => (onOpen = handler),
    });
    guard(contents as unknown as WebContents, (address) => opened.push(address));
    const isPrevented = (event: string, address = ""): boolean => {
      let prevented = false;
      contents.emit(event, { preventDefault: () => (prevented = true) }, address);
      return prevented;
    };
    return { opened, isPrevented, open: (url: string) => onOpen({ url } as HandlerDetails) };
  }

  test.each(["will-navigate", "will-redirect"])("stays on our pages: %s", (event) => {
    const { isPrevented } = guarded();
    expect(isPrevented(event, "app://hallway/")).toBe(false);
    for (const away of [
      "https://elsewhere.example/",
      "app://hallway.elsewhere/",
      "app://hallwayx/",
      "file:///",
      "data:text/html,x",
    ])
      expect(isPrevented(event, away), away).toBe(true);
  });

  test("gets no second window, whatever it asks for", () => {
    const { open, opened } = guarded();
    for (const url of ["https://elsewhere.example/", "file:///etc/passwd", "app://hallway/"])
      expect(open(url)).toEqual({ action: "deny" });
    expect(opened).toEqual(["https://elsewhere.example/"]);
  });

  test("attaches no webview", () => {
    expect(guarded().isPrevented("will-attach-webview")).toBe(true);
  });
});
