import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPage, SECURITY_POLICY, withBridge } from "../../../core/web/pages.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function pages(): string {
  const folder = join(temporaryFolder(), "pages");
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(folder, "index.html"), "<head></head>");
  writeFileSync(join(folder, "assets", "main.js"), "1");
  writeFileSync(join(folder, "..", "secret.json"), "secret");
  mkdirSync(`${folder}-beside`);
  writeFileSync(join(`${folder}-beside`, "secret.js"), "secret");
  return folder;
}

test("a file of the window is read with its type", async () => {
  const folder = pages();
  expect(await readPage(folder, "/index.html")).toMatchObject({ type: "text/html; charset=utf-8" });
  expect(await readPage(folder, "/assets/main.js")).toMatchObject({ type: "text/javascript; charset=utf-8" });
});

test.each([
  "/../secret.json",
  "/assets/../../secret.json",
  "/..\\secret.json",
  "/../pages-beside/secret.js",
  "/%2e%2e/secret.json",
  "//../secret.json",
  "/index.html\0.js",
  "/assets",
  "/missing.js",
  "/",
  "",
])("nothing is read for %j", async (path) => {
  expect(await readPage(pages(), path)).toBeUndefined();
});

test("the bridge is loaded before the page's own script", () => {
  const html = withBridge('<!doctype html><head><script type="module" src="./main.js"></script></head>');
  expect(html.indexOf("page-bridge.js")).toBeLessThan(html.indexOf("main.js"));
});

test("the policy names no wildcard and nothing unsafe", () => {
  expect(SECURITY_POLICY).not.toMatch(/unsafe|\*|http:/u);
  expect(SECURITY_POLICY).toContain("default-src 'none'");
});
