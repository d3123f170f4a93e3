import { expect, test } from "vitest";
import { MAX_TABS, OPENING_LIFE, Tokens } from "../../../core/web/tokens.ts";

function tokens() {
  const ports = { count: 0, time: 0, random: () => `random-${String(ports.count++)}`, now: () => ports.time };
  return { tokens: new Tokens(ports), ports };
}

test("an opening gives a tab its secret, once", () => {
  const { tokens: all } = tokens();
  const opening = all.opening();
  const secret = all.redeem(opening);
  expect(secret).toBeDefined();
  expect(all.isTab(secret ?? "")).toBe(true);
  expect(all.redeem(opening)).toBeUndefined();
});

test("an opening lives for a minute", () => {
  const { tokens: all, ports } = tokens();
  const [early, late] = [all.opening(), all.opening()];
  ports.time = OPENING_LIFE;
  expect(all.redeem(early)).toBeDefined();
  ports.time = OPENING_LIFE + 1;
  expect(all.redeem(late)).toBeUndefined();
});

test("nobody gets in with what was never issued: nothing, another tab's secret, the cookie", () => {
  const { tokens: all } = tokens();
  const secret = all.redeem(all.opening()) ?? "";
  for (const token of ["", secret, all.cookie, "random-99"]) expect(all.redeem(token)).toBeUndefined();
  for (const tab of ["", all.cookie, "random-99"]) expect(all.isTab(tab)).toBe(false);
});

test("the oldest tab is forgotten when there are too many", () => {
  const { tokens: all } = tokens();
  const secrets = Array.from({ length: MAX_TABS + 1 }, () => all.redeem(all.opening()) ?? "");
  expect(secrets.map((secret) => all.isTab(secret))).toEqual([false, ...Array.from({ length: MAX_TABS }, () => true)]);
});

test("openings that are never used do not pile up", () => {
  const { tokens: all, ports } = tokens();
  const first = all.opening();
  ports.time = OPENING_LIFE + 1;
  all.opening();
  ports.time = 0;
  expect(all.redeem(first)).toBeUndefined();
});

test("the cookie is compared whole", () => {
  const { tokens: all } = tokens();
  expect(all.isCookie(all.cookie)).toBe(true);
  for (const value of ["", all.cookie.slice(1), `${all.cookie}x`, all.cookie.toUpperCase()]) {
    expect(all.isCookie(value)).toBe(false);
  }
});
