import { describe, expect, test } from "vitest";
import type { Caller, GatewayStatus } from "../../../core/bridge/contract.ts";
import { commands } from "../../../core/bridge/contract.ts";
import type { GatewayControl } from "../../../core/bridge/serve.ts";
import { serve } from "../../../core/bridge/serve.ts";
import { Client } from "../../../core/client/client.ts";
import { memoryFiles } from "../../../core/platform/files.ts";
import type { Log } from "../../../core/platform/log.ts";
import { silentLog } from "../../../core/platform/log.ts";
import { fileSecrets } from "../../../core/platform/secrets.ts";
import { memoryNetwork } from "../../../core/sip/transport/memory.ts";
import { StoreError } from "../../../core/store/errors.ts";
import { Profile } from "../client/profile.ts";
import { emptyDns } from "../sip/stack-on-memory.ts";

const STOPPED: GatewayStatus = { running: false };

function served(gateway: Partial<GatewayControl> = {}) {
  const profile = new Profile();
  const { clock, random, store } = profile;
  const logged: string[] = [];
  const log: Log = { ...silentLog, error: (text, fields) => void logged.push(`${text} ${fields?.["reason"]}`) };
  const network = memoryNetwork({ clock });
  const secrets = fileSecrets(memoryFiles());
  const client = new Client({ clock, random, store, secrets, log, network, dns: emptyDns, product: "Test" });
  const status = (): GatewayStatus => STOPPED;
  const still = async (): Promise<GatewayStatus> => STOPPED;
  const invite = () => Promise.reject(new StoreError("gateway-off", "The office is switched off."));
  const control = { status, start: still, stop: still, addPerson: still, invite, uninvite: still, ...gateway };
  const bridge = serve({ client, log, gateway: control });
  const call = (name: unknown, args: unknown = {}, caller: Caller = "owner") => bridge.call(caller, name, args);
  return { profile, client, bridge, call, logged };
}

describe("a call", () => {
  test("opens with a snapshot and the number of the last event", async () => {
    const { client, call } = served();
    client.events.emit("gateway.changed", STOPPED);
    expect(await call("session.open")).toMatchObject({
      ok: true,
      value: { seq: 1, snapshot: { accounts: [], gateway: STOPPED, settings: { theme: "system" } } },
    });
  });

  test.each([
    ["no such command", "nonsense", {}, "owner", "unknown-command"],
    ["a name that is no text", 7, {}, "owner", "unknown-command"],
    ["a property of every object", "toString", {}, "owner", "unknown-command"],
    ["a caller who may not", "account.signIn", { address: "a@x.example", password: "x" }, "user", "not-allowed"],
    ["wrong arguments", "message.send", { to: "a@x.example" }, "user", "bad-arguments"],
    ["nobody signed in", "contact.list", {}, "user", "not-signed-in"],
    ["an address that is none", "account.signIn", { address: "nobody", password: "x" }, "owner", "bad-address"],
  ] as const)("with %s is answered %s", async (_what, name, args, caller, code) => {
    expect(await served().call(name, args, caller)).toMatchObject({
      ok: false,
      code,
      message: expect.stringMatching(/\.$/),
    });
  });

  test("that fails in the store says what a person can do", async () => {
    const { call } = served({ stop: () => Promise.reject(new StoreError("folder-in-use", "Another one has it.")) });
    expect(await call("gateway.stop")).toEqual({ ok: false, code: "folder-in-use", message: "Another one has it." });
  });

  test("that fails by a fault of ours says so, and the log knows more", async () => {
    const { call, logged } = served({ stop: () => Promise.reject(new TypeError("undefined is not a function")) });
    const answer = await call("gateway.stop");
    expect(answer).toMatchObject({ ok: false, code: "internal" });
    expect(JSON.stringify(answer)).not.toContain("undefined is not");
    expect(logged).toEqual(["A command failed. undefined is not a function"]);
  });

  test.each(Object.keys(commands))("of %s with nothing at all is answered, not thrown", async (name) => {
    const { profile, bridge } = served();
    expect(await profile.done(bridge.call("owner", name, undefined))).toHaveProperty("ok");
  });
});

test("events reach whoever listens, until they let go", async () => {
  const { profile, bridge, call } = served();
  const heard: string[] = [];
  const stop = bridge.subscribe(({ event }) => heard.push(event));
  await profile.done(call("settings.set", { theme: "dark" }));
  stop();
  await profile.done(call("settings.set", { theme: "light" }));
  expect(heard).toEqual(["settings.changed"]);
});
