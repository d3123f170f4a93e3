/** What is asked of every page that a test comes through. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Set it to a folder to get a picture of every page that was inspected. */
const PICTURES = process.env["HALLWAY_PICTURES"];

/** Nothing for axe to find, in light and in dark. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    if (PICTURES !== undefined) keep(`${name}-${colorScheme}`, await page.screenshot({ animations: "disabled" }));
    expect(await findings(page), `${name}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

/** Findings of axe as "rule: selector". Evaluated through the debugger, so the policy of the page stays whole. */
function findings(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `(globalThis.axe ?? eval(${JSON.stringify(axe)}), axe.run(document, { resultTypes: ["violations"] })).then(({ violations }) =>
       violations.flatMap((rule) => rule.nodes.map((node) => rule.id + ": " + node.target.join(" ") + " " + (node.any[0]?.message ?? ""))))`,
  );
}

/** 200 % zoom of a window of 1180 × 760, and the narrowest window: nothing to scroll sideways. */
export async function expectNarrowWithoutScrolling(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const sizes = [
    { width: 590, height: 380, deviceScaleFactor: 2 },
    { width: 360, height: 480, deviceScaleFactor: 1 },
  ];
  for (const size of sizes) {
    await session.send("Emulation.setDeviceMetricsOverride", { ...size, mobile: false });
    await expect.poll(() => page.evaluate("innerWidth")).toBe(size.width);
    const sideways = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    expect(sideways, `${name}, ${String(size.width)} pixels wide`).toBeLessThanOrEqual(0);
    // Not by the page itself: it would first go back to the size that it knows.
    keep(`${name}-${String(size.width)}`, Buffer.from((await session.send("Page.captureScreenshot")).data, "base64"));
  }
  await session.send("Emulation.clearDeviceMetricsOverride");
  await session.detach();
}

/** Breaches of the content security policy since the page was loaded. */
export function breaches(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const observer = new ReportingObserver(() => undefined, { types: ["csp-violation"], buffered: true });
    observer.observe();
    return observer.takeRecords().map(({ body }) => body.effectiveDirective + " " + body.blockedURL);
  })()`);
}

function keep(name: string, picture: Buffer): void {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(join(PICTURES, `${name}.png`), picture);
}
