import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openScene, scenes } from "../support/pictures.ts";
import type { OpenOptions, RendererHost } from "../support/renderer-page.ts";
import { CHROMIUM, hasChromium, startRenderer } from "../support/renderer-page.ts";
import { HOSTILE, ME, SAMPLE_NOW } from "../support/sample-office.ts";

const reason = hasChromium ? "" : ` (skipped: no browser at ${CHROMIUM})`;
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TIMEOUT_MS = 90_000;

let host: RendererHost;
const opened: Page[] = [];

beforeAll(async () => {
  if (hasChromium) host = await startRenderer();
}, TIMEOUT_MS);

afterAll(async () => {
  await host?.close();
});

async function open(options?: OpenOptions): Promise<Page> {
  const page = await host.open(options);
  opened.push(page);
  return page;
}

/** What was refused by the content security policy, as directive and address. */
function violations(page: Page): Promise<string[]> {
  return page.evaluate<string[]>("globalThis.violations");
}

function calls(page: Page, name: string): Promise<{ name: string; args: Record<string, unknown> }[]> {
  return page.evaluate(`hallway.calls.filter((call) => call.name === ${JSON.stringify(name)})`);
}

/** Findings of axe as "rule: selector". Evaluated through the debugger, so the policy stays whole. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(`globalThis.axe ?? (() => { ${axeSource} })()`);
  return page.evaluate<string[]>(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
       violations.flatMap((rule) => rule.nodes.map((node) => rule.id + ": " + node.target.join(" ") + " " + (node.any[0]?.message ?? ""))))`,
  );
}

/** What has the focus, by its label or else by the words that are heard. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `(() => { const { activeElement: it } = document;
       const heard = it?.cloneNode(true); heard?.querySelectorAll("[aria-hidden]").forEach((part) => part.remove());
       return it?.getAttribute("aria-label") ?? heard?.textContent ?? ""; })()`,
  );

describe.skipIf(!hasChromium)(`every page${reason}`, () => {
  test.each(scenes)(
    "$name: axe finds nothing, nothing breaks the policy, nothing scrolls sideways",
    async (scene) => {
      for (const size of ["wide", "narrow"] as const) {
        const page = await openScene(host, scene, size, false);
        expect(await findings(page), size).toEqual([]);
        await page.emulateMedia({ colorScheme: "dark" });
        expect(await findings(page), `${size} dark`).toEqual([]);
        expect(await violations(page), size).toEqual([]);
        const sideways = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
        expect(sideways, size).toBeLessThanOrEqual(0);
        await page.close();
      }
    },
    TIMEOUT_MS,
  );

  test.each(["main", "privacy", "settings-office", "requests", "start-office-done", "keys"])(
    "%s fits into 360 pixels, as at 200 percent zoom",
    async (name) => {
      const scene = scenes.find((item) => item.name === name);
      const page = await open({ ...scene?.options, width: 360, height: 480 });
      await scene?.act?.(page);
      const tooWide = await page.evaluate<string[]>(
        `[...document.querySelectorAll("body *")].filter((element) => {
           const box = element.getBoundingClientRect();
           return box.width > 1 && box.right > innerWidth + 1 && !element.closest("code, .tree-inside, .unseen");
         }).map((element) => element.className + " " + element.textContent.slice(0, 40))`,
      );
      expect(tooWide).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "in forced colours every state keeps its shape and the choice is seen",
    async () => {
      const page = await open({ forcedColors: true });
      expect(await page.locator(".tree .sign").count()).toBeGreaterThan(10);
      expect(await findings(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(!hasChromium)(`by keyboard alone${reason}`, () => {
  test(
    "find, open, write, leave, and come back",
    async () => {
      const page = await open();
      await page.keyboard.press("Control+k");
      await page.keyboard.type("kavya");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Kavya Menon" }).waitFor();
      await expect.poll(() => focused(page)).toBe("Message to Kavya");
      await page.keyboard.type("At three is fine.");
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("I take it.");
      await page.keyboard.press("Enter");
      await page.getByText("At three is fine.").first().waitFor();
      expect((await calls(page, "message.send"))[0]?.args).toMatchObject({ text: "At three is fine.\nI take it." });
      expect(await page.getByRole("textbox", { name: "Message to Kavya" }).inputValue()).toBe("");
      await page.keyboard.press("ArrowUp");
      expect(await focused(page)).toContain("You, 14:06: At three is fine.");
      await page.keyboard.press("ArrowUp");
      expect(await focused(page)).toContain("Kavya Menon, 13:59");
      await page.keyboard.press("Escape");
      expect(await focused(page)).toBe("Message to Kavya");
      await page.keyboard.press("Alt+ArrowDown");
      await page.getByRole("heading", { level: 1, name: "Trần Minh Châu" }).waitFor();
    },
    TIMEOUT_MS,
  );

  test(
    "an invitation is pasted, a password chosen, and the door opens",
    async () => {
      const page = await open({ scenario: "empty" });
      await page.getByRole("button", { name: "Use the invitation" }).focus();
      await page.keyboard.press("Enter");
      await expect.poll(() => focused(page)).toBe("");
      await page.keyboard.press("Enter");
      await page.getByText("Paste the whole invitation first").waitFor();
      const link = "hallway:invite?address=ines@acme.example&secret=0123456789abcdef";
      await page.keyboard.insertText(`See you:\n${link}\n`);
      await page.keyboard.press("Tab");
      await page.keyboard.type("short");
      await page.keyboard.press("Enter");
      await page.getByText("at least 8 letters", { exact: false }).last().waitFor();
      await page.keyboard.type(" no more");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: /Change my state/u }).waitFor();
      const [call] = await calls(page, "invite.accept");
      expect(call?.args["password"]).toBe("short no more");
      expect(call?.args["link"]).toContain(link);
    },
    TIMEOUT_MS,
  );

  test(
    "the tree moves, folds, jumps by letters, and removes with undo",
    async () => {
      const page = await open();
      const active = (): Promise<string> =>
        page.evaluate<string>(
          "document.getElementById(document.querySelector('[role=tree]').getAttribute('aria-activedescendant'))?.firstChild.textContent ?? ''",
        );
      await page.getByRole("tree").focus();
      await page.keyboard.press("Home");
      expect(await active()).toMatch(/^New/u);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      expect(await active()).toMatch(/^Favourites/u);
      await page.keyboard.press("ArrowLeft");
      expect(await page.getByRole("treeitem", { name: /^Favourites/u }).getAttribute("aria-expanded")).toBe("false");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.type("ingr");
      expect(await active()).toBe("Ingrid Solberg, In a meeting until 14:30 · calendar");
      await page.keyboard.press("Delete");
      await page.getByText("Ingrid Solberg removed from your list.").first().waitFor();
      expect(await active()).not.toContain("Ingrid");
      await page.keyboard.press("Control+z");
      await page.getByRole("treeitem", { name: /Ingrid Solberg/u }).waitFor();
      await page.keyboard.press("End");
      expect(await active()).toMatch(/^Jarek/u);
      expect(await page.getByRole("treeitem", { name: /^Jarek/u }).isVisible()).toBe(true);
    },
    TIMEOUT_MS,
  );

  test(
    "F6 goes round the areas, and the rail is one stop",
    async () => {
      const page = await open();
      await page.keyboard.press("F6");
      expect(await focused(page)).toBe("People");
      await page.keyboard.press("ArrowDown");
      expect(await focused(page)).toBe("Requests, 2 waiting");
      await page.keyboard.press("F6");
      expect(await focused(page)).toContain("Find a person");
      await page.keyboard.press("Shift+F6");
      expect(await focused(page)).toBe("People");
    },
    TIMEOUT_MS,
  );

  test(
    "my state, its end and its note are set in one go",
    async () => {
      const page = await open();
      await page.keyboard.press("Control+Shift+s");
      await page.getByRole("dialog", { name: "My state" }).waitFor();
      await page.keyboard.press("3");
      await page.getByLabel("Note", { exact: true }).fill("closing");
      await page.keyboard.press("Enter");
      const [call] = await calls(page, "presence.set");
      expect(call?.args).toEqual({
        account: ME,
        state: "do-not-disturb",
        note: "closing",
        until: "2026-11-19T17:30:00.000Z",
      });
      await page.getByText("Do not disturb until 17:30").waitFor();
      expect(await focused(page)).toContain("Change my state");
    },
    TIMEOUT_MS,
  );

  test(
    "a person is added from the find field, and Esc gives the focus back",
    async () => {
      const page = await open();
      await page.keyboard.press("Control+k");
      await page.keyboard.type("rafael@stark.example");
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: "Add a person" });
      await dialog.waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      expect(await focused(page)).toContain("Find a person");
      await page.keyboard.press("Enter");
      await dialog.waitFor();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "rafael@stark.example" }).waitFor();
      expect((await calls(page, "contact.add"))[0]?.args).toMatchObject({
        account: ME,
        address: "rafael@stark.example",
      });
      await page.getByText("Not approved yet").first().waitFor();
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(!hasChromium)(`the window follows${reason}`, () => {
  test(
    "a certificate is compared before it is trusted, and what differs is not",
    async () => {
      const page = await open({ scenario: "empty" });
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("textbox", { name: "Address" }).fill(ME);
      await page.getByLabel("Password").fill("secret");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "They differ" }).click();
      await page.getByText("Nothing was sent.").waitFor();
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "They are the same" }).click();
      await page.getByRole("navigation", { name: "Sections" }).waitFor();
      const attempts = await calls(page, "account.signIn");
      expect(attempts.map((call) => "trust" in call.args)).toEqual([false, false, true]);
    },
    TIMEOUT_MS,
  );

  test(
    "a lost connection is said once, shown on every sign, and taken back",
    async () => {
      const page = await open();
      const tell = (state: string): Promise<unknown> =>
        page.evaluate(
          `hallway.emit("registration.changed", { account: "${ME}", state: "${state}", since: "${SAMPLE_NOW}" })`,
        );
      await tell("registering");
      await page.getByText("No connection to acme.example since 14:06.").waitFor();
      await page
        .getByRole("treeitem", { name: /At 14:06: in a meeting until 14:30/u })
        .first()
        .waitFor();
      expect(await page.locator(".tree .sign:not(.sign-gone)").count()).toBe(0);
      await tell("registered");
      await page.getByText("No connection to acme.example since").waitFor({ state: "detached" });
      expect(await page.locator(".tree .sign:not(.sign-gone)").count()).toBeGreaterThan(5);
    },
    TIMEOUT_MS,
  );

  test(
    "the unread line stays after reading and answering, and reading is told once",
    async () => {
      const page = await open();
      await page.getByRole("treeitem", { name: /Kavya/u }).first().click();
      const line = page.getByRole("separator", { name: "2 new since 13:58" });
      await line.waitFor();
      expect(await calls(page, "conversation.read")).toHaveLength(1);
      await page.keyboard.type("Yes.");
      await page.keyboard.press("Enter");
      await page.getByRole("article", { name: /Yes\./u }).waitFor();
      expect(await line.count()).toBe(1);
    },
    TIMEOUT_MS,
  );

  test(
    "a text that was refused comes back with its reason",
    async () => {
      const page = await open();
      await page.getByRole("treeitem", { name: /Tomás/u }).first().click();
      await page.keyboard.type("refuse me");
      await page.keyboard.press("Enter");
      await page.getByText("Too many messages wait already.").waitFor();
      expect(await page.getByRole("textbox", { name: "Message to Tomás" }).inputValue()).toBe("refuse me");
    },
    TIMEOUT_MS,
  );

  test(
    "somebody who writes is said to, at a place that was free for it, and our own writing is told to the core",
    async () => {
      const page = await open();
      await page.getByRole("treeitem", { name: /Tomás/u }).first().click();
      const last = page.getByRole("article").last();
      await last.waitFor();
      const before = await last.boundingBox();
      const told = (await calls(page, "history.page")).at(-1);
      const who = JSON.stringify({ account: ME, address: String(told?.args["with"]), active: true });
      await page.evaluate(`hallway.emit("typing.changed", ${who})`);
      await page.getByText("Tomás is writing").first().waitFor();
      expect(await last.boundingBox()).toEqual(before);
      await page.keyboard.type("so am I");
      const typing = await calls(page, "message.typing");
      expect(typing.map(({ args }) => args["active"])).toEqual([true]);
      await page.keyboard.press("Control+a");
      await page.keyboard.press("Delete");
      expect((await calls(page, "message.typing")).at(-1)?.args).toMatchObject({ active: false });
    },
    TIMEOUT_MS,
  );

  test(
    "a lost event opens the session again, and the open conversation with it",
    async () => {
      const page = await open();
      await page.getByRole("treeitem", { name: /Tomás/u }).first().click();
      await page.getByRole("article").first().waitFor();
      await page.evaluate(
        `hallway.skip(); hallway.emit("settings.changed", { theme: "dark", language: "en", density: "comfortable", enterSends: true, sendReceipts: true, sendTyping: true })`,
      );
      await expect.poll(async () => (await calls(page, "session.open")).length).toBe(2);
      await page.getByRole("article").first().waitFor();
    },
    TIMEOUT_MS,
  );

  test(
    "the language changes at once",
    async () => {
      const page = await open();
      await page.evaluate(`hallway.invoke("settings.set", { language: "de" })`);
      await page.getByRole("button", { name: "Anfragen, 2 warten" }).waitFor();
      expect(await page.evaluate("document.documentElement.lang")).toBe("de");
    },
    TIMEOUT_MS,
  );

  test(
    "requests are answered, put off, and answered after all",
    async () => {
      const page = await open();
      await page.getByRole("button", { name: "Requests, 2 waiting" }).click();
      await page.getByRole("article").first().getByRole("button", { name: "Only whether I am there" }).click();
      await page.getByRole("heading", { name: "One person asks to see you" }).waitFor();
      await page.getByRole("article").first().getByRole("button", { name: "Not now" }).click();
      await page.getByRole("heading", { name: "Nobody waits for an answer" }).waitFor();
      await page.getByRole("combobox", { name: /helpdesk@acme-support.example/u }).selectOption({ label: "Blocked" });
      expect((await calls(page, "privacy.set")).map((call) => [call.args["address"], call.args["rule"]])).toEqual([
        ["diego.salvatierra@globex.example", "basic"],
        ["helpdesk@acme-support.example", "block"],
      ]);
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(!hasChromium)(`hostile names, notes and messages${reason}`, () => {
  test(
    "are shown as the text they are, and do nothing",
    async () => {
      const page = await open({ scenario: "hostile" });
      for (const text of Object.values(HOSTILE)) {
        expect(await page.getByRole("treeitem", { name: text }).count()).toBeGreaterThan(0);
      }
      await page.getByRole("treeitem", { name: HOSTILE.script }).last().click();
      await page.getByRole("article").first().waitFor();
      const links = await page.evaluate<string[]>(
        `[...document.querySelectorAll("[role=log] a")].map((link) => link.getAttribute("href"))`,
      );
      expect(new Set(links)).toEqual(new Set(["https://ok.example/"]));
      expect(await page.locator("#root img, #root script").count()).toBe(0);
      expect(await page.evaluate("globalThis.breached")).toBeUndefined();
      expect(await violations(page)).toEqual([]);
      expect(await page.locator(".row-name bdi").count()).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test(
    "links leave to the host alone",
    async () => {
      const page = await open();
      await page.getByRole("treeitem", { name: /Tomás/u }).first().click();
      const link = page.getByRole("log").getByRole("link").first();
      expect(await link.getAttribute("target")).toBe("_blank");
      expect(await link.getAttribute("rel")).toBe("noopener noreferrer");
    },
    TIMEOUT_MS,
  );
});

afterAll(async () => {
  await Promise.all(opened.map((page) => page.close().catch(() => undefined)));
});
