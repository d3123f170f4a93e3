/** The engine below the windows: Chromium's pages, with the files of our own scheme put under them. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { BrowserContext, CDPSession, Page, Request as PageRequest, Route } from "playwright-core";
import { chromium } from "playwright-core";
import { CHROMIUM, QUIET } from "../chromium.ts";
import { report } from "./control.ts";
import type { StandInIpcMain } from "./ipc-main.ts";
import type { StandInSession } from "./session.ts";
import { PERMISSIONS } from "./session.ts";
import type { StandInContents } from "./web-contents.ts";
import type { ToMain } from "./worlds.ts";
import { isolatedWorld, MAIN_WORLD } from "./worlds.ts";

const WORLD = "Electron Isolated Context";
const BINDING = "standInSend";

export class Chromium {
  readonly standardSchemes = new Set<string>();
  readonly handlers = new Map<string, (request: Request) => Response | Promise<Response>>();
  readonly #ipcMain: StandInIpcMain;
  readonly #session: StandInSession;
  readonly #pages = new Map<Page, StandInContents>();
  #context: BrowserContext | undefined;
  /** Where a test can drive the windows. */
  endpoint = "";

  constructor(ipcMain: StandInIpcMain, session: StandInSession) {
    this.#ipcMain = ipcMain;
    this.#session = session;
  }

  /** Starts Chromium on its folder. It ends with this process, however that ends: it hangs on a pipe of ours. */
  async launch(folder: string): Promise<void> {
    const port = await freePort();
    this.endpoint = `http://127.0.0.1:${String(port)}`;
    this.#context = await chromium.launchPersistentContext(folder, {
      executablePath: CHROMIUM,
      args: [...QUIET, `--remote-debugging-port=${String(port)}`],
      viewport: null,
      locale: "en-GB",
    });
    await this.#context.route("**/*", (route) => this.#answer(route));
    this.#context.on("page", (page) => {
      // A window that nobody of ours made: its opener was asked and has refused it.
      if (!this.#pages.has(page)) void page.close();
    });
  }

  async close(): Promise<void> {
    await this.#context?.close();
  }

  /** A page for a window: isolated world, preload script and permissions stand before anything is loaded. */
  async openPage(
    contents: StandInContents,
    preload: string | undefined,
    size: { width: number; height: number },
  ): Promise<Page> {
    const context = this.#context;
    if (!context) throw new Error("Cannot create BrowserWindow before app is ready");
    const page = context.pages().find((one) => !this.#pages.has(one)) ?? (await context.newPage());
    this.#pages.set(page, contents);
    page.once("close", () => this.#pages.delete(page));
    await page.setViewportSize(size);
    const session = await context.newCDPSession(page);
    await this.#connect(session, contents, preload);
    session.on("Page.windowOpen", ({ url }) => contents.askToOpen(toScheme(url)));
    return page;
  }

  async load(page: Page, contents: StandInContents, address: string): Promise<void> {
    const target = toHttp(address);
    await this.#grant(page, contents, new URL(target).origin);
    contents.loading = target;
    await page.goto(target);
    contents.loading = undefined;
  }

  async #connect(session: CDPSession, contents: StandInContents, preload: string | undefined): Promise<void> {
    const frames = new Map<number, string>();
    let main = "";
    session.on("Runtime.executionContextCreated", ({ context }) => {
      const { frameId } = context.auxData as { frameId: string };
      frames.set(context.id, frameId);
      if (context.name === WORLD && frameId === main) contents.attach(session, context.id);
    });
    session.on("Runtime.bindingCalled", ({ executionContextId, payload }) => {
      const isMain = frames.get(executionContextId) === main;
      void this.#invoke(session, contents, executionContextId, isMain, JSON.parse(payload) as ToMain);
    });
    await session.send("Page.enable");
    main = (await session.send("Page.getFrameTree")).frameTree.frame.id;
    await session.send("Runtime.enable");
    await session.send("Runtime.addBinding", { name: BINDING, executionContextName: WORLD });
    await session.send("Page.addScriptToEvaluateOnNewDocument", { source: MAIN_WORLD });
    const source = isolatedWorld(preload === undefined ? "" : readFileSync(preload, "utf8"));
    await session.send("Page.addScriptToEvaluateOnNewDocument", { source, worldName: WORLD });
  }

  async #invoke(
    session: CDPSession,
    contents: StandInContents,
    context: number,
    isMain: boolean,
    { id, channel, args }: ToMain,
  ): Promise<void> {
    const event = contents.invokeEvent(isMain);
    const settled = await this.#ipcMain.invoke(event, channel, args).then(
      (value) => ({ settle: id, value }),
      (error: unknown) => ({ settle: id, error: `Error invoking remote method '${channel}': ${String(error)}` }),
    );
    await contents.tell(session, context, settled);
  }

  /** Chromium asks nobody for these; so what the session's handlers say is told to it beforehand. */
  async #grant(page: Page, contents: StandInContents, origin: string): Promise<void> {
    // What was set is forgotten with the session that set it; so this one stays.
    const session = await page.context().newCDPSession(page);
    for (const [permission, name] of Object.entries(PERMISSIONS)) {
      const isAllowed = await this.#session.allows(
        contents.asElectron(),
        permission as keyof typeof PERMISSIONS,
        toScheme(origin),
      );
      await session.send("Browser.setPermission", {
        origin,
        permission: { name, ...(name === "clipboard-write" && { allowWithoutSanitization: false }) },
        setting: isAllowed ? "granted" : "denied",
      });
    }
  }

  /** Frames ask for what they like; a page of ours goes elsewhere only when nobody prevents it; other pages go nowhere. */
  #mayAsk(request: PageRequest, address: string): boolean {
    if (!request.isNavigationRequest()) return true;
    try {
      const frame = request.frame();
      return (
        frame.parentFrame() !== null || (this.#pages.get(frame.page())?.mayNavigate(request.url(), address) ?? false)
      );
    } catch {
      // The request of a window that is only about to be: Playwright knows no frame for it yet.
      return false;
    }
  }

  /** Every request of every page comes by here; only our own scheme is answered. */
  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const address = toScheme(request.url());
    const scheme = address.slice(0, address.indexOf(":"));
    if (!this.#mayAsk(request, address)) return route.abort("aborted");
    const handler = this.standardSchemes.has(scheme) ? this.handlers.get(scheme) : undefined;
    if (!handler) {
      report({ kind: "network", address });
      return route.abort("blockedbyclient");
    }
    const response = await handler(new Request(address, { method: request.method() }));
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    });
  }
}

/** Chromium takes no new scheme at run time; so each host of a scheme gets an origin below `localhost`, which counts as secure. */
function toHttp(address: string): string {
  const { protocol, host, pathname, search, hash } = new URL(address);
  return `http://${host}.${protocol.slice(0, -1)}.localhost${pathname}${search}${hash}`;
}

function toScheme(address: string): string {
  return address.replace(/^http:\/\/([a-z0-9-]+)\.([a-z]+)\.localhost(?=[/?#]|$)/u, "$2://$1");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
