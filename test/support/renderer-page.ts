import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { build } from "vite";
import type { FakeOptions } from "./fake-bridge.ts";
import { SAMPLE_NOW } from "./sample-office.ts";

export const CHROMIUM = "/usr/bin/chromium";
export const hasChromium = existsSync(CHROMIUM);

/** The policy that every host sends with the page. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const root = fileURLToPath(new URL("../..", import.meta.url));

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

export interface OpenOptions extends FakeOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Without it the page's clock stands at the sample moment. */
  readonly realTime?: boolean;
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
}

export interface RendererHost {
  readonly url: string;
  /** Opens the renderer with a fake core in a new browser context; closing the page closes that too. */
  open(options?: OpenOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Builds the renderer, serves it with the real policy on a port of its own, and starts a browser. */
export async function startRenderer(): Promise<RendererHost> {
  const outDir = join(root, "out", `renderer-test-${String(process.pid)}`);
  await build({ configFile: join(root, "renderer/vite.config.ts"), logLevel: "silent", build: { outDir } });
  const fake = await bundleFake();
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
    const file = join(outDir, path === "/" ? "index.html" : path);
    readFile(file).then(
      (body) => {
        const type = types[extname(file)] ?? "application/octet-stream";
        response.writeHead(200, { "content-type": type, "content-security-policy": POLICY }).end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  const browser = await launch();
  return {
    url,
    open: (options = {}) => openPage(browser, url, fake, options),
    async close() {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
      const { rm } = await import("node:fs/promises");
      await rm(outDir, { recursive: true, force: true });
    },
  };
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** The fake core as one script without imports. */
async function bundleFake(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: false,
      lib: { entry: join(root, "test/support/fake-bridge-page.ts"), formats: ["iife"], name: "fake" },
    },
  });
  const output = Array.isArray(result) ? result[0] : result;
  const chunk = output !== undefined && "output" in output ? output.output[0] : undefined;
  if (chunk === undefined) throw new Error("the fake core was not bundled");
  return chunk.code;
}

async function openPage(browser: Browser, url: string, fake: string, options: OpenOptions): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.dark === true ? "dark" : "light",
    reducedMotion: options.reducedMotion === false ? "no-preference" : "reduce",
    forcedColors: options.forcedColors === true ? "active" : "none",
    timezoneId: "UTC",
    locale: "en-GB",
  });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  if (options.realTime !== true) await page.clock.setFixedTime(SAMPLE_NOW);
  await page.addInitScript(`
    globalThis.fakeOptions = ${JSON.stringify(options)};
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective + " " + event.blockedURI));
  `);
  await page.addInitScript(fake);
  page.on("close", () => void context.close().catch(() => undefined));
  await page.goto(url);
  await page.locator("main").first().waitFor();
  return page;
}
