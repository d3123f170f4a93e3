import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { Gate } from "../../../../core/web/console/gate.ts";

const gate = new Gate({ hosts: ["127.0.0.1", "::1", "Office"], port: 8443, instance: "abc" });

function from(headers: Readonly<Record<string, string>>): IncomingMessage {
  return { headers } as unknown as IncomingMessage;
}

test.each([
  ["127.0.0.1:8443", true],
  ["[::1]:8443", true],
  ["office:8443", true],
  ["OFFICE:8443", true],
  ["127.0.0.1", false],
  ["127.0.0.1:8444", false],
  ["elsewhere.example:8443", false],
  ["", false],
])("a request for “%s” is for us: %s", (host, expected) => {
  expect(gate.isForUs(from({ host }))).toBe(expected);
});

test("on the port that browsers leave out, they leave it out", () => {
  const plain = new Gate({ hosts: ["office"], port: 443, instance: "abc" });
  expect(["office", "office:443", "office:80"].map((host) => plain.isForUs(from({ host })))).toEqual([
    true,
    true,
    false,
  ]);
});

test.each([
  [{ host: "office:8443", origin: "https://office:8443" }, true],
  [{ host: "office:8443", origin: "https://office:8443", "sec-fetch-site": "same-origin" }, true],
  [{ host: "office:8443", origin: "https://office:8443", "sec-fetch-site": "cross-site" }, false],
  [{ host: "office:8443", origin: "https://127.0.0.1:8443" }, false],
  [{ host: "office:8443", origin: "http://office:8443" }, false],
  [{ host: "office:8443", origin: "null" }, false],
  [{ host: "office:8443" }, false],
])("a change with %o is from us: %s", (headers, expected) => {
  expect(gate.isFromUs(from(headers as Record<string, string>))).toBe(expected);
});

test("of several cookies only that of this instance counts", () => {
  const cookie = "__Host-hallway-xyz=other; __Host-hallway-abc=ours; hallway-abc=imitation";
  expect(gate.cookieOf(from({ cookie }))).toBe("ours");
  expect(gate.cookieOf(from({}))).toBe("");
  expect(gate.setCookie("x")).toBe("__Host-hallway-abc=x; Path=/; Secure; HttpOnly; SameSite=Strict");
  expect(gate.setCookie("")).toContain("Max-Age=0");
});
