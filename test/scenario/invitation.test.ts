/**
 * An administrator invites a colleague, who has nothing but the link.
 *
 *     administrator          gateway                 bob
 *          |--account invite--->|                      |
 *          |<------link---------|                      |
 *          |- - - - - - - - - the link, by any way - ->|
 *          |                    |<====TLS, pinned======|
 *          |                    |<--secret, new HA1----|
 *          |                    |--------204---------->|
 *          |                    |<------REGISTER-------|
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { administer } from "../../core/cli/control.ts";
import { parseInvitationLink } from "../../core/payload/invitation-link.ts";
import { ClientProcess } from "../support/client-process.ts";
import { hallway } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { GatewayProcess, passwordOf } from "../support/gateway-process.ts";

/** Invites somebody at the command line; resolves to what it printed. */
async function invited(gateway: GatewayProcess, name: string): Promise<string> {
  const { status, stdout, stderr } = await hallway([
    ...["account", "invite", `${name}@acme.example`, "--name", name, "--data", gateway.folder],
  ]);
  // The office of a test listens on loopback, which the administrator is told.
  expect([status, stderr]).toEqual([0, expect.stringContaining("only this computer knows")]);
  return stdout;
}

/** Everything that lies in an office's folder. */
function everythingIn(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => readFileSync(join(folder, name), "latin1")).join("\n");
}

describe("an invitation", () => {
  test("brings somebody in who has nothing but the text, and both see each other", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice"] });
    const letter = await invited(gateway, "bob");
    const alice = await ClientProcess.signedIn("alice", gateway, { contacts: ["bob"] });
    await alice.sees("bob", "offline");
    const bob = ClientProcess.start("bob");
    expect(await bob.do("invite.accept", { link: letter, password: "chosen by bob" })).toEqual({
      account: bob.address,
    });
    const found = await bob.do("directory.search", { text: "ali" });
    expect(found.items).toEqual([{ address: alice.address }]);
    await bob.do("contact.add", { address: alice.address });
    await Promise.all([alice.sees("bob", "available"), bob.sees("alice", "available")]);
    await alice.do("message.send", { to: bob.address, text: "Welcome" });
    await bob.until("message.received", ({ text }) => text === "Welcome");

    const secret = parseInvitationLink(letter)?.secret ?? "";
    expect(secret).toHaveLength(40);
    expect(gateway.log).not.toContain(secret);
    expect(everythingIn(gateway.folder)).not.toContain(secret);
    expect(everythingIn(gateway.folder)).not.toContain("chosen by bob");
  });

  test("that is wrong, used, ended or of another office is refused with a sentence of its own", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice"] });
    const bob = ClientProcess.start("bob");
    const link = /hallway:invite\S+/.exec(await invited(gateway, "bob"))?.[0] ?? "";
    const refusal = async (text: string): Promise<string> => {
      const answer = await bob.call("invite.accept", { link: text, password: "chosen by bob" });
      if (answer.ok) throw new Error("it was taken");
      expect(answer.message).toMatch(/^\S.*\.$/);
      return answer.code;
    };
    expect(await refusal(link.slice(0, -30))).toBe("invitation-unreadable");
    expect(await refusal(`${link.slice(0, -4)}0000`)).toBe("invitation-unknown");
    expect(await refusal(link.replace(/sha256:\w{8}/, "sha256:00000000"))).toBe("invitation-foreign");
    expect(await refusal(link.replace("bob@", "alice@"))).toBe("invitation-unknown");
    await bob.do("invite.accept", { link, password: "chosen by bob" });
    const other = ClientProcess.start("somebody");
    const again = await other.call("invite.accept", { link, password: "chosen by another" });
    expect(again).toMatchObject({ ok: false, code: "invitation-used" });
    // Who used it themselves and heard no answer gets in with the same password.
    expect(await other.call("invite.accept", { link, password: "chosen by bob" })).toMatchObject({ ok: true });
  });
});

describe("a password that its person changes", () => {
  test("brings this device in again, and the others are told that theirs is wrong", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice"] });
    const [desk, laptop] = await Promise.all([
      ClientProcess.signedIn("alice", gateway),
      ClientProcess.signedIn("alice", gateway),
    ]);
    const wrong = await desk.call("account.password", { old: "not this", new: "a new one" });
    expect(wrong).toMatchObject({ ok: false, code: "wrong-password" });
    await desk.do("account.password", { old: passwordOf("alice"), new: "a new one" });
    await laptop.until("registration.changed", ({ state, code }) => state === "failed" && code === "wrong-password");
    expect(await desk.do("account.list", {})).toMatchObject([{ state: "registered" }]);
    await laptop.do("account.signIn", { address: laptop.address, password: "a new one" });
    await desk.kill();
    desk.restart();
    await eventually("the desk is signed in with the password that it kept", async () => {
      const [account] = await desk.do("account.list", {});
      return account?.state === "registered";
    });
  });

  test("may pass over an open connection that stays inside this computer", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice"] });
    const alice = await ClientProcess.signedIn("alice", gateway, { transport: "tcp" });
    await alice.do("account.password", { old: passwordOf("alice"), new: "a new one" });
  });
});

describe("a device", () => {
  test("that is signed out from another one stays out until somebody types the password there", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice"] });
    const [desk, laptop] = await Promise.all([
      ClientProcess.signedIn("alice", gateway),
      ClientProcess.signedIn("alice", gateway),
    ]);
    const devices = await desk.do("account.devices", {});
    expect(devices).toMatchObject([{ isThis: true }, { isThis: false }]);
    await desk.do("account.signOutDevice", { device: devices[1]?.device ?? "" });
    await laptop.until("registration.changed", ({ code }) => code === "signed-out-remotely");
    await laptop.kill();
    laptop.restart();
    expect(await laptop.do("account.list", {})).toMatchObject([{ state: "signed-out" }]);
    await laptop.signIn(gateway);
    expect(await administer(gateway.folder, { do: "devices", address: "alice@acme.example" })).toHaveLength(2);
  });
});
