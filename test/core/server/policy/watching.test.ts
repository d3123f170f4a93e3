import { expect, test } from "vitest";
import { rulesetFor } from "../../../../core/payload/privacy-rules.ts";
import { decideWatcher } from "../../../../core/server/policy/watching.ts";

const ALICE = "sip:alice@acme.example";
const BOB = "sip:bob@acme.example";

test("without rules the office decides", () => {
  expect(decideWatcher(undefined, ALICE, BOB, "allow")).toEqual({ kind: "allow", show: "everything" });
  expect(decideWatcher(undefined, ALICE, BOB, "ask")).toEqual({ kind: "ask" });
  expect(decideWatcher(undefined, ALICE, BOB, "block")).toEqual({ kind: "block" });
});

test.each([
  ["allow", { kind: "allow", show: "everything" }],
  ["basic", { kind: "allow", show: "basic" }],
  ["appear-offline", { kind: "appear-offline" }],
  ["ask", { kind: "ask" }],
  ["block", { kind: "block" }],
] as const)("a rule of %s for a person holds whatever the office says", (rule, decision) => {
  const rules = rulesetFor([{ target: "bob@acme.example", rule }]);
  for (const fallback of ["allow", "ask", "block"] as const)
    expect(decideWatcher(rules, ALICE, BOB, fallback)).toEqual(decision);
});

test("a rule for somebody else leaves the decision with the office", () => {
  const rules = rulesetFor([{ target: "carol@acme.example", rule: "block" }]);
  expect(decideWatcher(rules, ALICE, BOB, "allow")).toEqual({ kind: "allow", show: "everything" });
});

test("the person stands before the domain, the domain before everybody", () => {
  const rules = rulesetFor([
    { target: "*", rule: "block" },
    { target: "@acme.example", rule: "basic" },
    { target: "bob@acme.example", rule: "allow" },
  ]);
  const decide = (watcher: string) => decideWatcher(rules, ALICE, watcher, "ask");
  expect(decide(BOB)).toEqual({ kind: "allow", show: "everything" });
  expect(decide("sip:carol@acme.example")).toEqual({ kind: "allow", show: "basic" });
  expect(decide("sip:eve@elsewhere.example")).toEqual({ kind: "block" });
});

test("everybody may see themselves, whatever they decided for others", () => {
  const rules = rulesetFor([{ target: "*", rule: "block" }]);
  expect(decideWatcher(rules, ALICE, ALICE, "block")).toEqual({ kind: "allow", show: "everything" });
});
