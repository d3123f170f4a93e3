/** The administrators' console of a headless gateway, in a browser: what it shows, what it takes, and what it refuses. */
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { administer } from "../../core/cli/control.ts";
import { TRIES } from "../../core/server/lock-out.ts";
import { readArchive } from "../../core/store/archive.ts";
import { hasChromium, launchChromium } from "../support/chromium.ts";
import { GatewayProcess, passwordOf } from "../support/gateway-process.ts";
import { breaches, expectAccessible } from "../support/inspect.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const options = { timeout: 300_000, skip: !hasChromium };

async function office(settings: Readonly<Record<string, string>> = {}) {
  const gateway = await GatewayProcess.start({ people: ["bob"], settings, words: ["--web", "127.0.0.1:0"] });
  await administer(gateway.folder, {
    do: "add",
    accounts: [{ address: "ines@acme.example", password: passwordOf("ines"), name: "Ines", administrator: true }],
  });
  return { gateway, web: gateway.web ?? "" };
}

async function opened(web: string, locale = "en-GB"): Promise<Page> {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale, viewport: { width: 1100, height: 760 } });
  const page = await context.newPage();
  await page.goto(web);
  return page;
}

async function signIn(page: Page, name: string, password = passwordOf(name)): Promise<void> {
  await page.getByLabel("Address").fill(`${name}@acme.example`);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** What a program that is no browser may send. */
function ask(
  web: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = "",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, web), { method, headers, rejectUnauthorized: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };

describe("at the door", () => {
  test("a wrong password, and one of somebody who is no administrator, open nothing", options, async () => {
    const { web } = await office();
    const page = await opened(web);
    await expectAccessible(page, "console-sign-in");
    await signIn(page, "ines", "wrong");
    await page.getByRole("alert").filter({ hasText: "do not belong to an administrator" }).waitFor();
    await signIn(page, "bob");
    await page.getByRole("alert").waitFor();
    await expectAccessible(page, "console-refused");
    await page.goto(`${web}/people`);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  });

  test("who guesses is locked out, also with the right password", options, async () => {
    const { web } = await office();
    for (let count = 0; count < TRIES; count++)
      await ask(web, "POST", "/login", { ...FORM, origin: web }, "address=ines@acme.example&password=guess");
    const page = await opened(web);
    await signIn(page, "ines");
    await page
      .getByRole("alert")
      .filter({ hasText: /Try again in \d+ seconds/ })
      .waitFor();
  });

  test("names of others, forms of others and forms without the page's secret are refused", options, async () => {
    const { gateway, web } = await office();
    expect((await ask(web, "GET", "/", { host: "elsewhere.example" })).status).toBe(403);
    const login = `address=ines@acme.example&password=${passwordOf("ines")}`;
    for (const origin of ["https://elsewhere.example", "null", web.replace("https", "http")])
      expect((await ask(web, "POST", "/login", { ...FORM, origin }, login)).status).toBe(403);
    const signedIn = await ask(web, "POST", "/login", { ...FORM, origin: web }, login);
    const [setCookie = ""] = (signedIn.headers["set-cookie"] ?? []) as readonly string[];
    expect(setCookie).toMatch(/^__Host-hallway-[0-9a-f]{12}=\S+; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
    const cookie = setCookie.split(";")[0] ?? "";
    const removal = "address=bob@acme.example";
    for (const body of [removal, `${removal}&secret=guess`])
      expect((await ask(web, "POST", "/people/remove", { ...FORM, origin: web, cookie }, body)).status).toBe(403);
    const page = await ask(web, "GET", "/people", { cookie });
    const [, secret = ""] = /name="secret" value="([^"]+)"/.exec(page.body) ?? [];
    const foreign = { ...FORM, origin: "https://elsewhere.example", cookie };
    expect((await ask(web, "POST", "/people/remove", foreign, `${removal}&secret=${secret}`)).status).toBe(403);
    expect(await administer(gateway.folder, { do: "accounts" })).toHaveLength(2);
    expect(
      (await ask(web, "POST", "/people/remove", { ...FORM, origin: web, cookie }, `${removal}&secret=${secret}`))
        .status,
    ).toBe(303);
    expect(await administer(gateway.folder, { do: "accounts" })).toHaveLength(1);
  });

  test("forms that are too large or none, and paths that are none, end there", options, async () => {
    const { web } = await office();
    const large = `address=${"x".repeat(100_000)}`;
    expect((await ask(web, "POST", "/login", { ...FORM, origin: web }, large)).status).toBe(403);
    expect((await ask(web, "POST", "/login", { "content-type": "application/json", origin: web }, "{}")).status).toBe(
      403,
    );
    expect((await ask(web, "PUT", "/login", { origin: web })).status).toBe(405);
    expect((await ask(web, "GET", "/../../package.json")).body).not.toContain('hallway",');
    expect((await ask(web, "GET", "/")).headers["content-security-policy"]).toMatch(
      /^default-src 'none'; style-src 'self';/,
    );
  });

  test("who is no administrator any more is out at the next page", options, async () => {
    const { gateway, web } = await office();
    const page = await opened(web);
    await signIn(page, "ines");
    await page.getByRole("heading", { name: "Status" }).waitFor();
    await administer(gateway.folder, { do: "disable", address: "ines@acme.example", disabled: true });
    await page.reload();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  });
});

describe("inside", () => {
  test("status, people, settings and log, each to be read by everybody", options, async () => {
    const { gateway, web } = await office();
    const page = await opened(web);
    await signIn(page, "ines");
    await page.getByText(gateway.fingerprint).waitFor();
    await page.getByText("0 of 2 people").waitFor();
    await expectAccessible(page, "console-status");
    for (const part of ["People", "Settings", "Log"]) {
      await page.getByRole("link", { name: part }).click();
      await page.getByRole("heading", { name: part, level: 1 }).waitFor();
      await expectAccessible(page, `console-${part.toLowerCase()}`);
    }
    expect(await breaches(page)).toEqual([]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  });

  test(
    "a person is added, given another password, switched off and removed, with the keyboard alone",
    options,
    async () => {
      const { gateway, web } = await office();
      const accounts = () => administer(gateway.folder, { do: "accounts" });
      const page = await opened(web);
      await signIn(page, "ines");
      await page.getByRole("link", { name: "People" }).press("Enter");
      await page.getByLabel("Address", { exact: true }).fill("carol@acme.example");
      await page.getByLabel("Password", { exact: true }).fill("short");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").filter({ hasText: "at least 6 characters" }).waitFor();
      await expectAccessible(page, "console-people-refused");
      await page.getByLabel("Address", { exact: true }).fill("carol@acme.example");
      await page.getByLabel("Name").fill("<b>Carol</b>");
      await page.getByLabel("Password", { exact: true }).fill("long enough");
      await page.keyboard.press("Enter");
      await page.getByRole("status").filter({ hasText: "carol@acme.example was added." }).waitFor();
      await page.getByText("<b>Carol</b>").waitFor();
      const row = page.getByRole("row").filter({ hasText: "carol@acme.example" });
      await row.getByLabel("Change carol@acme.example").press("Enter");
      await expectAccessible(page, "console-people-change");
      await row.getByRole("button", { name: "Switch off" }).press("Enter");
      await expect
        .poll(accounts)
        .toContainEqual(expect.objectContaining({ address: "carol@acme.example", disabled: true }));
      await row.getByText("switched off").waitFor();
      await row.getByLabel("Change carol@acme.example").press("Enter");
      await row.getByText("Remove", { exact: true }).press("Enter");
      await row.getByRole("button", { name: "Remove carol@acme.example" }).press("Enter");
      await expect.poll(accounts).toHaveLength(2);
      await page.getByRole("status").filter({ hasText: "removed" }).waitFor();
    },
  );

  test("nobody switches off or removes their own account", options, async () => {
    const { web } = await office();
    const page = await opened(web);
    await signIn(page, "ines");
    await page.getByRole("link", { name: "People" }).click();
    const row = page.getByRole("row").filter({ hasText: "ines@acme.example" });
    await row.getByLabel("Change ines@acme.example").click();
    await row.getByRole("button", { name: "Switch off" }).click();
    await page.getByRole("alert").filter({ hasText: "your own account" }).waitFor();
  });

  test("a setting is refused with its reason, then taken and in force", options, async () => {
    const { gateway, web } = await office();
    const page = await opened(web);
    await signIn(page, "ines");
    await page.getByRole("link", { name: "Settings" }).click();
    const quota = page.getByLabel(/^message\.quota/);
    await quota.fill("many");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").filter({ hasText: "message.quota cannot be “many”" }).waitFor();
    await expect(quota.inputValue()).resolves.toBe("many");
    await quota.fill("7");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("status").filter({ hasText: "Saved." }).waitFor();
    expect(await administer(gateway.folder, { do: "settings" })).toContainEqual(
      expect.objectContaining({ name: "message.quota", value: "7", isDefault: false }),
    );
    expect(await administer(gateway.folder, { do: "settings" })).toContainEqual(
      expect.objectContaining({ name: "message.keep-days", isDefault: true }),
    );
  });

  test("a backup is downloaded, and nothing of it stays behind", options, async () => {
    const { gateway, web } = await office();
    const page = await opened(web);
    await signIn(page, "ines");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download a backup" }).click(),
    ]);
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "office.backup");
    await download.saveAs(file);
    expect(download.suggestedFilename()).toMatch(/^acme\.example-\d{4}-\d\d-\d\d\.backup$/);
    expect(readArchive(file).files.map(({ name }) => name)).toContain("authority.key");
    await expect
      .poll(() => statSync(join(gateway.folder, "backup-download"), { throwIfNoEntry: false }))
      .toBeUndefined();
  });

  test("the log tells who did what, and never with which password", options, async () => {
    const { gateway, web } = await office({ "log.to": "file" });
    const page = await opened(web);
    await signIn(page, "ines", "a wrong one");
    await signIn(page, "ines");
    await page.getByRole("link", { name: "Log" }).click();
    await page.getByText("An administrator signed in at the console.").waitFor();
    await page.getByRole("button", { name: "Say everything" }).click();
    await page.getByRole("status").waitFor();
    const written = readFileSync(join(gateway.folder, "hallway.log"), "utf8");
    expect(written).toContain("A sign-in at the console was refused.");
    for (const secret of ["a wrong one", passwordOf("ines")]) expect(written).not.toContain(secret);
  });

  test("in German where the browser asks for it", options, async () => {
    const { web } = await office();
    const page = await opened(web, "de-AT");
    await page.getByLabel("Adresse").fill("ines@acme.example");
    await page.getByLabel("Passwort").fill(passwordOf("ines"));
    await page.getByRole("button", { name: "Anmelden" }).click();
    await page.getByRole("heading", { name: "Zustand" }).waitFor();
    await page.getByRole("link", { name: "Einstellungen" }).click();
    await page.getByText("Tage, die eine Nachricht auf ihren Empfänger wartet.").waitFor();
    await expectAccessible(page, "console-settings-german");
  });
});
