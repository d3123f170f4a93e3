/** Hallway as a person starts it, on each of its hosts, with its window in the hands of the test. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { administer } from "../../core/cli/control.ts";
import { CHROMIUM, hasChromium } from "./chromium.ts";
import { freePort } from "./free-ports.ts";
import type { Host } from "./host-page.ts";
import { launchBrowserHost } from "./host-browser.ts";
import { electronBinary, launchElectron, launchStandIn } from "./host-electron.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export type HostKind = "browser" | "electron-stand-in" | "electron";

/** All hosts, those that cannot run here with the reason. */
export const HOSTS: readonly { readonly kind: HostKind; readonly missing?: string }[] = [
  { kind: "browser", ...missingChromium() },
  { kind: "electron-stand-in", ...missingChromium() },
  { kind: "electron", ...(!electronBinary() && { missing: "Electron's binary is not in node_modules/electron/dist" }) },
];

function missingChromium(): { missing?: string } {
  return hasChromium ? {} : { missing: `no browser at ${CHROMIUM}` };
}

/** What to write behind the name of a group of tests for this host. */
export function titleOf({ kind, missing }: (typeof HOSTS)[number]): string {
  return missing === undefined ? kind : `${kind} (skipped: ${missing})`;
}

/** Starts the host on the profile; resolves when its window shows a page. Ends with the test at the latest. */
export async function launchHost(kind: HostKind, profile: string): Promise<Host> {
  const host = await launchers[kind](profile);
  onTestFinished(() => host.kill());
  await host.page.locator("main").first().waitFor();
  return host;
}

const launchers: Readonly<Record<HostKind, (profile: string) => Promise<Host>>> = {
  browser: launchBrowserHost,
  "electron-stand-in": launchStandIn,
  electron: launchElectron,
};

/** An empty profile whose gateway, once it is switched on, listens on loopback ports of its own. */
export async function newProfile(): Promise<string> {
  const profile = join(temporaryFolder(), "profile");
  const office = join(profile, "gateway");
  mkdirSync(office, { recursive: true, mode: 0o700 });
  const [udp, tcp, tls] = [await freePort(), await freePort(), await freePort()];
  const listen = `udp:127.0.0.1:${udp},tcp:127.0.0.1:${tcp},tls:127.0.0.1:${tls}`;
  await administer(office, { do: "set", assignments: { listen } });
  return profile;
}
