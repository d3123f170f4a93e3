import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Page } from "playwright-core";
import type { OpenOptions, RendererHost } from "./renderer-page.ts";
import { startRenderer } from "./renderer-page.ts";

/** One picture: how the window is opened, and what is done in it before the picture is taken. */
export interface Scene {
  readonly name: string;
  readonly options?: OpenOptions;
  readonly act?: (page: Page) => Promise<void>;
}

const openTomas = async (page: Page): Promise<void> => {
  await page.getByRole("treeitem", { name: /Tomás/u }).first().click();
  await page.getByRole("article").first().waitFor();
};
const show =
  (name: RegExp) =>
  async (page: Page): Promise<void> => {
    await page.getByRole("navigation").first().getByRole("button", { name }).click();
    await page.getByRole("heading", { level: 1 }).waitFor();
  };
const setting = (name: string) => async (page: Page) => {
  await show(/Settings|Einstellungen/u)(page);
  await page
    .getByRole("navigation", { name: /Settings|Einstellungen/u })
    .getByRole("button", { name })
    .click();
};
const fillOffice = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Start an office" }).click();
  await page.getByLabel("Name of the office").fill("acme.example");
  await page.getByLabel("Your name").fill("Nora Weidmann");
  await page.getByLabel("Your password").fill("correct horse");
};
const invited = async (page: Page, link: string): Promise<void> => {
  await page.getByRole("button", { name: "Use the invitation" }).click();
  await page.getByRole("textbox", { name: "Invitation" }).fill(link);
  await page.getByLabel("Choose a password").fill("correct horse");
};
const compare = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("textbox", { name: "Address" }).fill("nora.weidmann@acme.example");
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "They are the same" }).waitFor();
};

/** Every page and every thing that lies over one. Also what the accessibility tests walk through. */
export const scenes: readonly Scene[] = [
  { name: "main", act: openTomas },
  { name: "nobody-chosen" },
  {
    name: "my-state",
    act: async (page) => {
      if ((page.viewportSize()?.width ?? 0) >= 720) await openTomas(page);
      await page.getByRole("button", { name: /Change my state/u }).click();
    },
  },
  { name: "connection-lost", options: { scenario: "lost" }, act: openTomas },
  { name: "compact", options: { settings: { density: "compact" } }, act: openTomas },
  {
    name: "find",
    act: async (page) => {
      await page.getByRole("combobox").first().fill("rafael@globex.example");
    },
  },
  {
    name: "recent",
    act: async (page) => {
      await page.getByRole("tab", { name: "Recent" }).click();
    },
  },
  {
    name: "offline",
    act: async (page) => {
      await page.getByRole("treeitem", { name: /Tama/u }).first().click();
    },
  },
  {
    name: "rtl",
    act: async (page) => {
      await page.getByRole("treeitem", { name: /יעל/u }).first().click();
      await page.getByRole("article").first().waitFor();
    },
  },
  {
    name: "add-person",
    act: async (page) => {
      await page.keyboard.press("Control+n");
      await page.getByRole("textbox", { name: "E-mail address" }).fill("ruth.asdown@globex.exmaple");
      await page.getByText("Did you mean").waitFor();
    },
  },
  {
    name: "edit-person",
    act: async (page) => {
      await openTomas(page);
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: /Rename/u }).click();
    },
  },
  {
    name: "removed",
    act: async (page) => {
      await openTomas(page);
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: /Remove/u }).click();
      await page.getByRole("button", { name: "Undo" }).waitFor();
    },
  },
  { name: "privacy-de", options: { settings: { language: "de" } }, act: show(/Privatsphäre/u) },
  { name: "requests", act: show(/Requests/u) },
  { name: "privacy", act: show(/Privacy/u) },
  { name: "settings-appearance", act: setting("Appearance") },
  { name: "settings-account", act: setting("Account") },
  { name: "settings-office", act: setting("Office here") },
  { name: "settings-de", options: { settings: { language: "de" } }, act: setting("Aussehen") },
  { name: "main-de", options: { settings: { language: "de" } }, act: openTomas },
  { name: "keys", act: async (page) => page.keyboard.press("Control+/") },
  { name: "first-start", options: { scenario: "empty" } },
  { name: "sign-in-compare", options: { scenario: "empty" }, act: compare },
  {
    name: "sign-in-refused",
    options: { scenario: "empty" },
    act: async (page) => {
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("textbox", { name: "Address" }).fill("nora.weidmann@acme.example");
      await page.getByLabel("Password").fill("wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("refuses the password").first().waitFor();
    },
  },
  {
    name: "invitation",
    options: { scenario: "empty" },
    act: (page) => invited(page, "hallway:invite?address=nora.weidmann@acme.example&secret=0123456789abcdef"),
  },
  {
    name: "invitation-refused",
    options: { scenario: "empty" },
    act: async (page) => {
      await invited(page, "hallway:invite?address=nora.weidmann@acme.example&secret=used");
      await page.getByRole("button", { name: "Come in" }).click();
      await page.getByText("was used already").first().waitFor();
    },
  },
  {
    name: "settings-office-invitation",
    act: async (page) => {
      await setting("Office here")(page);
      await page.getByRole("button", { name: "Invite a colleague" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("Ines Carvalho");
      await page.getByRole("button", { name: "Make the invitation" }).click();
      await page.getByRole("img", { name: /as a code for a camera/u }).waitFor();
    },
  },
  {
    name: "change-password",
    act: async (page) => {
      await setting("Account")(page);
      await page.getByRole("button", { name: "Change password" }).first().click();
      await page.getByLabel("Old password").fill("wrong");
      await page.getByLabel("New password").fill("correct horse");
      await page.getByRole("button", { name: "Change it" }).click();
      await page.getByText("not right").first().waitFor();
    },
  },
  { name: "start-office", options: { scenario: "empty" }, act: fillOffice },
  {
    name: "start-office-colleagues",
    options: { scenario: "empty" },
    act: async (page) => {
      await fillOffice(page);
      await page.getByRole("button", { name: "Next" }).click();
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("Tomás Ferreira");
    },
  },
  {
    name: "start-office-done",
    options: { scenario: "empty" },
    act: async (page) => {
      await fillOffice(page);
      await page.getByRole("button", { name: "Next" }).click();
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("Tomás Ferreira");
      await page.getByRole("button", { name: "Start the office" }).click();
      await page.getByRole("button", { name: "Go in" }).waitFor();
    },
  },
];

export const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 420, height: 760 } } as const;

/** Opens a scene in one size and one theme. */
export async function openScene(
  host: RendererHost,
  scene: Scene,
  size: keyof typeof sizes,
  dark: boolean,
): Promise<Page> {
  const page = await host.open({ ...scene.options, ...sizes[size], dark });
  await scene.act?.(page);
  return page;
}

async function takePictures(directory: string, only: string | undefined): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const host = await startRenderer();
  try {
    for (const scene of scenes.filter(({ name }) => only === undefined || name.includes(only))) {
      for (const size of ["wide", "narrow"] as const) {
        for (const dark of [false, true]) {
          const page = await openScene(host, scene, size, dark);
          const name = [scene.name, ...(size === "narrow" ? ["narrow"] : []), ...(dark ? ["dark"] : [])].join("-");
          await page.screenshot({ path: join(directory, `${name}.png`), animations: "disabled" });
          await page.close();
        }
      }
    }
  } finally {
    await host.close();
  }
}

const directory = process.argv[2];
if (import.meta.main) {
  if (directory === undefined) {
    process.stderr.write("usage: node test/support/pictures.ts OUTDIR [PART OF A NAME]\n");
    process.exitCode = 2;
  } else await takePictures(directory, process.argv[3]);
}
