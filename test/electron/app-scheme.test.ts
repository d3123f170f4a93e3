import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { announceScheme, answer, SECURITY_POLICY } from "../../electron/app-scheme.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function pages(): string {
  const folder = join(temporaryFolder(), "renderer");
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(folder, "index.html"), "the window");
  writeFileSync(join(folder, "assets", "main.js"), "1");
  writeFileSync(join(folder, "..", "secret.json"), "secret");
  writeFileSync(join(folder, "..", "secret.js"), "secret");
  return folder;
}

test("the window's files come with their type and the policy", async () => {
  const response = await answer("app://hallway/", pages());
  expect(response.status).toBe(200);
  expect(await response.text()).toBe("the window");
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(response.headers.get("content-security-policy")).toBe(SECURITY_POLICY);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test.each([
  "app://hallway/../secret.js",
  "app://hallway/%2e%2e/secret.js",
  "app://hallway/..%2fsecret.js",
  "app://hallway/assets/..%2f..%2fsecret.js",
  "app://hallway/..%5csecret.js",
  "app://hallway/%00.js",
  "app://hallway/%",
  "app://hallway/missing.js",
  "app://hallway/assets",
  "app://elsewhere/index.html",
  "app://hallway.elsewhere/index.html",
])("nothing is answered to %s", async (address) => {
  const response = await answer(address, pages());
  expect(response.status).toBe(404);
  expect(await response.text()).toBe("");
});

test("the policy lets nothing in from elsewhere and nothing out", () => {
  expect(SECURITY_POLICY).not.toMatch(/unsafe|\*|http/u);
  expect(SECURITY_POLICY).toContain("default-src 'none'");
  expect(SECURITY_POLICY).toContain("connect-src 'none'");
});

test("the scheme is standard and secure, and may neither fetch nor get round the policy", () => {
  let announced: unknown;
  announceScheme({ registerSchemesAsPrivileged: (schemes) => void (announced = schemes) });
  expect(announced).toEqual([{ scheme: "app", privileges: { standard: true, secure: true } }]);
});
