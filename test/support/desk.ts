/** A person at Hallway's window: what they do there and what they see, in the words of the page. */
import type { Locator, Page } from "playwright-core";
import type { SettableState } from "../../core/bridge/contract.ts";
import { en } from "../../renderer/strings/en.ts";
import type { Hands } from "./hands.ts";

export interface NewOffice {
  readonly domain: string;
  readonly you: { readonly name: string; readonly password: string };
  readonly colleague: { readonly name: string };
}

/** What the page gives the founder to hand over. */
export interface Invitation {
  readonly address: string;
  readonly password: string;
  readonly server: string;
  readonly fingerprint: string;
}

/** Order of the state menu, in which the digits choose. */
const STATES: readonly SettableState[] = [
  "available",
  "busy",
  "do-not-disturb",
  "in-a-meeting",
  "on-the-phone",
  "be-right-back",
  "away",
  "invisible",
];

export class Desk {
  readonly page: Page;
  readonly hands: Hands;
  /** Called at each page that the walk comes through. */
  readonly look: (name: string) => Promise<void>;

  constructor(page: Page, hands: Hands, look: (name: string) => Promise<void> = async () => undefined) {
    this.page = page;
    this.hands = hands;
    this.look = look;
  }

  /** First start through the door "Start an office"; leaves the window at the page that says what colleagues need. */
  async startOffice({ domain, you, colleague }: NewOffice): Promise<Invitation> {
    const { page, hands } = this;
    await this.look("first-start");
    await hands.press(this.button("Start an office"));
    await hands.write(this.field("Name of the office"), domain);
    await hands.write(this.field("Your name"), you.name);
    await hands.write(this.field("Your password"), you.password);
    await this.look("office-you");
    await hands.press(this.button("Next"));
    await hands.write(page.getByRole("textbox", { name: "Name", exact: true }), colleague.name);
    await this.look("office-colleagues");
    await hands.press(this.button("Start the office"));
    await page.getByRole("heading", { name: `${domain} is open` }).waitFor();
    await this.look("office-open");
    await hands.press(this.button("Copy: Server"));
    await page.getByText("Copied", { exact: true }).first().waitFor();
    const [address, password, server, fingerprint] = await Promise.all(
      ["Address", "Password", "Server", "Fingerprint"].map((name) => this.fact(name).innerText()),
    );
    return { address, password, server, fingerprint } as Invitation;
  }

  /** First start through the door "Sign in". Compares the fingerprint that is shown before it says that they are the same. */
  async signIn({ address, password, server, fingerprint }: Invitation): Promise<void> {
    const { page, hands } = this;
    await hands.press(this.button("Sign in"));
    await hands.write(this.field("Address"), address);
    await hands.write(this.field("Password"), password);
    await hands.press(page.getByRole("switch", { name: "I know the server" }));
    await hands.write(this.field("Server"), server);
    await this.look("sign-in");
    await hands.press(this.button("Sign in"));
    const shown = page.getByRole("group", { name: "Fingerprint of the certificate" });
    await shown.waitFor();
    await this.look("sign-in-compare");
    const seen = (await shown.locator("code").allInnerTexts()).join("");
    if (digits(seen) !== digits(fingerprint))
      throw new Error(`The window shows ${seen}, the founder's page ${fingerprint}`);
    await hands.press(this.button("They are the same"));
    await this.find().waitFor();
  }

  async addPerson(address: string, name: string): Promise<void> {
    const { page, hands } = this;
    if (hands.name === "pointer") await hands.press(this.button("Add a person"));
    else await page.keyboard.press("Alt+n");
    await hands.write(this.field("E-mail address"), address);
    await hands.write(page.getByRole("dialog").getByRole("textbox", { name: "Name" }), name);
    await this.look("add-person");
    await hands.press(page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }));
    await this.row(name).waitFor();
  }

  /** Sets state and note in one go; returns when it was pressed, as of `performance.now()`. */
  async setState(state: SettableState, note: string): Promise<number> {
    const { page, hands } = this;
    if (hands.name === "pointer") await hands.press(this.button("Change my state"));
    else await page.keyboard.press("Control+Shift+S");
    const menu = page.getByRole("dialog", { name: "My state" });
    if (hands.name === "pointer") await menu.getByText(en[`state.${state}`], { exact: true }).click();
    else await page.keyboard.press(String(STATES.indexOf(state) + 1));
    await hands.write(menu.getByRole("textbox", { name: "Note" }), note);
    await this.look("my-state");
    const pressed = performance.now();
    await hands.press(menu.getByRole("button", { name: "Set" }));
    await menu.waitFor({ state: "detached" });
    return pressed;
  }

  /** Opens the conversation with somebody of the list. */
  async openPerson(name: string): Promise<void> {
    const { page, hands } = this;
    if (hands.name === "pointer") await this.row(name).click();
    else {
      await page.keyboard.press("Control+k");
      await page.keyboard.type(name);
      await this.row(name).waitFor();
      await page.keyboard.press("Enter");
    }
    await page.getByRole("heading", { level: 1, name }).waitFor();
  }

  /** Writes to the person whose conversation is open. */
  async send(text: string): Promise<void> {
    await this.hands.write(this.composer(), text);
    if (this.hands.name === "pointer") await this.hands.press(this.button("Send"));
    else await this.page.keyboard.press("Enter");
  }

  /** Goes to a section of the rail. */
  async go(section: "People" | "Requests" | "Privacy" | "Settings"): Promise<void> {
    await this.hands.press(
      this.page.getByRole("navigation", { name: "Sections" }).getByRole("button", { name: section }),
    );
  }

  /** Somebody's row in the list, with what is known of them. */
  row(name: string | RegExp): Locator {
    return this.page.getByRole("treeitem", { name }).first();
  }

  message(text: string | RegExp): Locator {
    return this.page.getByRole("article", { name: text });
  }

  composer(): Locator {
    return this.page.getByRole("textbox", { name: /^Message to/u });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name });
  }

  private find(): Locator {
    return this.page.getByRole("combobox", { name: /^Find a person/u });
  }

  /** A line to copy, by its name. */
  private fact(name: string): Locator {
    return this.page
      .locator(".copy-line")
      .filter({ has: this.page.getByRole("term").getByText(name) })
      .locator("code");
  }

  private field(name: string): Locator {
    return this.page.getByRole("textbox", { name, exact: true }).or(this.page.getByLabel(name, { exact: true }));
  }
}

/** What two people compare: how it is cut into blocks, and the name of the algorithm, may differ. */
function digits(fingerprint: string): string {
  return fingerprint.replace(/^sha256:|[\s:]/gu, "");
}
