import { describe, expect, test } from "vitest";
import { checkArguments, isCommandName, mayCall } from "../../../core/bridge/check.ts";
import { MAX_TEXT_LENGTH } from "../../../core/bridge/contract.ts";

test.each(["message.send", "session.open"])("%s is a command", (name) => expect(isCommandName(name)).toBe(true));
test.each(["", "message", "toString", "__proto__", "constructor"])("%j is none", (name) => {
  expect(isCommandName(name)).toBe(false);
});

describe("arguments", () => {
  test("are filled in with what is usual", () => {
    expect(checkArguments("history.page", { with: " bob@x.example " })).toEqual({
      ok: true,
      value: { with: "bob@x.example", direction: "older", limit: 50 },
    });
    expect(checkArguments("account.list", undefined)).toEqual({ ok: true, value: {} });
  });

  test.each([
    ["message.send", { to: "bob@x.example" }, "text"],
    ["message.send", { to: "bob@x.example", text: "" }, "text"],
    ["message.send", { to: "bob@x.example", text: "x".repeat(MAX_TEXT_LENGTH + 1) }, "text"],
    ["presence.set", { state: "asleep" }, "state"],
    ["presence.set", { state: "busy", until: "tomorrow" }, "until"],
    ["history.page", { with: "bob@x.example", limit: 501 }, "limit"],
    ["contact.add", { address: "bob@x.example", groups: [""] }, "groups.0"],
  ] as const)("of %s that are wrong are named: %o", (name, args, where) => {
    const checked = checkArguments(name, args);
    expect(checked).toMatchObject({ ok: false, error: { code: "bad-arguments" } });
    expect(!checked.ok && checked.error.message).toContain(`(${where})`);
  });

  test.each([7, "text", [], { unknown: true }])("%o are none", (args) => {
    expect(checkArguments("account.list", args).ok).toBe(false);
  });
});

test.each([
  ["user", "message.send", true],
  ["user", "account.signIn", false],
  ["user", "gateway.addPerson", false],
  ["owner", "message.send", true],
  ["owner", "account.signIn", true],
  ["owner", "gateway.addPerson", true],
  ["administrator", "gateway.addPerson", true],
  ["administrator", "account.signIn", false],
] as const)("the %s may call %s: %s", (caller, name, allowed) => {
  expect(mayCall(caller, name)).toBe(allowed);
});
