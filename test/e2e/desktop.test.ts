/** What only the desktop program promises: one instance, no way out of the window, sealed passwords. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { end } from "../support/command.ts";
import { addressOf, passwordOf } from "../support/gateway-process.ts";
import { HOSTS, launchHost, newProfile, titleOf } from "../support/host.ts";
import { startWebProcess } from "../support/host-browser.ts";
import { launchStandIn, StandInProcess } from "../support/host-electron.ts";
import type { StandInHost } from "../support/host-electron.ts";
import { invoke, tlsServer } from "../support/page-bridge.ts";

const TIMEOUT = 300_000;
const desktops = HOSTS.filter(({ kind }) => kind !== "browser");

describe.each(desktops.map((host) => ({ ...host, title: titleOf(host) })))("$title", ({ kind, missing }) => {
  const options = { timeout: TIMEOUT, skip: missing !== undefined };

  test("the window goes nowhere else, by no way that a page has", options, async () => {
    const { page, origin } = await launchHost(kind, await newProfile());
    const ways = [
      `location.href = "https://elsewhere.example/"`,
      `location.replace("http://127.0.0.1:1/")`,
      `location.assign("file:///etc/passwd")`,
      `location.href = "data:text/html,away"`,
      `document.body.append(Object.assign(document.createElement("a"), { id: "away", href: "https://elsewhere.example/" })), document.getElementById("away").click()`,
    ];
    for (const way of ways) {
      await page.evaluate(way);
      // The next thing that the page says comes after it tried.
      await expect.poll(() => page.evaluate("location.origin")).toBe(origin);
      expect(new URL(page.url()).origin).toBe(origin);
    }
    expect(await page.locator("main").count()).toBe(1);
  });

  test("no page opens a second window, and only the web and mail open outside", options, async () => {
    const host = await launchHost(kind, await newProfile());
    const { page } = host;
    for (const address of [
      "about:blank",
      "javascript:1",
      "file:///etc/passwd",
      "app://hallway/",
      "smb://elsewhere/",
      "https://elsewhere.example/",
    ]) {
      await page.evaluate(`void window.open(${JSON.stringify(address)})`);
    }
    await expect.poll(() => page.context().pages().length).toBe(1);
    if (kind === "electron-stand-in") {
      await expect.poll(() => host.openedOutside).toEqual(["https://elsewhere.example/"]);
    }
  });

  test("a frame in the page is not offered the bridge", options, async () => {
    const { page } = await launchHost(kind, await newProfile());
    await page.evaluate(`document.body.append(document.createElement("iframe"))`);
    expect(await page.evaluate("typeof frames[0].hallway")).toBe("undefined");
  });
});

const standIn = desktops.find(({ kind }) => kind === "electron-stand-in");

describe.skipIf(standIn?.missing !== undefined)(`the main process, under the stand-in${standIn?.missing ?? ""}`, () => {
  const start = async (profile: string): Promise<StandInHost> => {
    const host = await launchStandIn(profile);
    onTestFinished(() => host.kill());
    return host;
  };

  test("a second start brings the first window to the front and ends", { timeout: TIMEOUT }, async () => {
    const profile = await newProfile();
    const first = await start(profile);
    expect(first.program.all("focused")).toEqual([]);
    const second = new StandInProcess(profile);
    onTestFinished(() => second.kill());
    const status = await new Promise((resolve) => second.process.once("exit", resolve));
    expect(status).toBe(0);
    await first.program.told("focused");
    expect(second.all("window")).toEqual([]);
  });

  test(
    "a profile that the browser host uses is not touched, and a sentence says so",
    { timeout: TIMEOUT },
    async () => {
      const profile = await newProfile();
      const { process: web } = await startWebProcess(profile);
      onTestFinished(async () => void (await end(web, "SIGKILL")));
      const program = new StandInProcess(profile);
      onTestFinished(() => program.kill());
      const ended = new Promise((resolve) => program.process.once("exit", resolve));
      expect(await program.told("error-box")).toMatchObject({
        title: "Hallway cannot start",
        content: expect.stringMatching(/^Another Hallway uses .*\.$/u),
      });
      expect(await ended).toBe(1);
    },
  );

  test("a password is sealed by the system before it is written", { timeout: TIMEOUT }, async () => {
    const profile = await newProfile();
    const host = await start(profile);
    const people = [{ address: addressOf("ines"), password: passwordOf("ines"), administrator: true }];
    const office = await invoke(host.page, "gateway.start", { domain: "acme.example", people });
    const { fingerprint: trust = "" } = office;
    const account = { address: addressOf("ines"), password: passwordOf("ines"), server: tlsServer(office), trust };
    await invoke(host.page, "account.signIn", account);
    const kept = readFileSync(join(profile, "secrets.json"), "utf8");
    expect(kept).toContain('"sealed:');
    expect(kept).not.toContain(passwordOf("ines"));
    // And opened again: the next start signs in by itself.
    await host.close();
    const again = await start(profile);
    await again.page.getByRole("button", { name: /Available/u }).waitFor();
  });
});
