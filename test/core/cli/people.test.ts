/** `hallway account` beyond adding and removing: invitations, aliases, roles, devices; and several domains. */
import { join } from "node:path";
import { connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { account } from "../../../core/cli/account.ts";
import { administer } from "../../../core/cli/control.ts";
import { UsageError } from "../../../core/cli/options.ts";
import { parseInvitationLink } from "../../../core/payload/invitation-link.ts";
import { ClientProcess } from "../../support/client-process.ts";
import { hallway } from "../../support/command.ts";
import { eventually } from "../../support/eventually.ts";
import { GatewayProcess } from "../../support/gateway-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const SENTENCE = /^\S[^\n]*\.\n$/;

/** An office folder that nobody serves. */
async function office(people: readonly string[] = ["alice", "bob"]): Promise<string> {
  const folder = join(temporaryFolder(), "office");
  await administer(folder, { do: "set", assignments: { domain: "acme.example", "invite.server": "tls:sip.x:5061" } });
  const accounts = people.map((name) => ({ address: `${name}@acme.example`, password: `pw-${name}` }));
  await administer(folder, { do: "add", accounts });
  return folder;
}

/** Standard output of a call that must succeed and say nothing besides. */
async function done(folder: string, ...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await hallway(["account", ...words, "--data", folder]);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

/** The sentence of a call that must be refused. */
async function refused(folder: string, ...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await hallway(["account", ...words, "--data", folder]);
  expect([status, stdout, stderr]).toEqual([1, "", expect.stringMatching(SENTENCE)]);
  return stderr;
}

test.each([
  ["an alias without a target", ["alias", "a@x.example"]],
  ["a device that is not named", ["sign-out", "a@x.example"]],
  ["nothing to change", ["change", "a@x.example"]],
  ["a role that is none", ["change", "a@x.example", "--role", "king"]],
  ["a word that is neither yes nor no", ["change", "a@x.example", "--listed", "maybe"]],
  ["nobody to invite", ["invite"]],
])("%s is a wrong call", async (_what, words) => {
  await expect(account([...words, "--data", "x"])).rejects.toThrow(UsageError);
});

test("aliases are set, listed and removed; a loop is refused", async () => {
  const folder = await office();
  await done(folder, "alias", "info@acme.example", "bob@acme.example", "alice@acme.example");
  await administer(folder, { do: "alias", address: "all@acme.example", targets: ["info@acme.example"] });
  expect(await done(folder, "list")).toContain("info@acme.example   → bob@acme.example, alice@acme.example\n");
  expect(await refused(folder, "alias", "info@acme.example", "all@acme.example")).toContain("lead back to itself");
  await done(folder, "unalias", "all@acme.example");
  expect(await administer(folder, { do: "aliases" })).toEqual([
    { address: "info@acme.example", targets: ["bob@acme.example", "alice@acme.example"] },
  ]);
});

test("name, role and place in the office list are changed", async () => {
  const folder = await office();
  await done(folder, "change", "alice@acme.example", "--name", "Alex", "--role", "administrator", "--listed", "no");
  expect(await done(folder, "list")).toContain("alice@acme.example  Alex  administrator, not listed\n");
  // What is done all the same, and should be looked at, is told on standard error.
  const same = await hallway(["account", "change", "bob@acme.example", "--name", "ALEX", "--data", folder]);
  expect([same.status, same.stderr]).toEqual([0, expect.stringMatching(/^bob@.* and alice@.* called ALEX\..*\.\n$/)]);
});

describe("somebody", () => {
  test("is invited with a letter, and with a code for cameras", async () => {
    const folder = await office();
    const letter = await done(folder, "invite", "carol@acme.example", "--name", "Carol", "--admin");
    expect(letter).toMatch(
      /^Carol, you are invited\.\n.*hallway:invite\?address=carol@acme\.example&server=tls:sip\..*█/s,
    );
    expect(await done(folder, "list")).toContain("carol@acme.example  Carol  administrator, invited\n");
    const again = JSON.parse(await done(folder, "invite", "carol@acme.example", "--json")) as { link: string };
    expect(parseInvitationLink(again.link)?.trust).toMatch(/^sha256:/);
  });

  test("who was invited and did not answer yet is listed, until the invitation is withdrawn", async () => {
    const folder = await office();
    await administer(folder, { do: "invite", wish: { address: "carol@acme.example" } });
    expect(await done(folder, "invitations")).toMatch(/^carol@acme\.example {2}open {2}until \d{4}-\d\d-\d\d\n$/);
    await done(folder, "uninvite", "carol@acme.example");
    expect(await done(folder, "invitations", "--json")).toBe("[]\n");
    expect(await refused(folder, "uninvite", "carol@acme.example")).toContain("no open invitation");
  });
});

test("devices are listed and signed out while the office runs", async () => {
  const gateway = await GatewayProcess.start({ people: ["alice"] });
  const alice = await ClientProcess.signedIn("alice", gateway);
  const listed = await done(gateway.folder, "devices", alice.address);
  expect(listed).toMatch(/^[0-9a-f]{8} {2}Hallway\S* {2}tls:127\.0\.0\.1:\d+\n$/);
  const device = listed.slice(0, 8);
  await done(gateway.folder, "sign-out", alice.address, device);
  await alice.until("registration.changed", ({ code }) => code === "signed-out-remotely");
  await expect(administer(gateway.folder, { do: "signOut", address: alice.address, device })).rejects.toMatchObject({
    code: "no-such-device",
  });
});

test("a password that the administrator sets is asked for at once, wherever the person is signed in", async () => {
  const gateway = await GatewayProcess.start({ people: ["alice"] });
  const alice = await ClientProcess.signedIn("alice", gateway);
  await administer(gateway.folder, { do: "password", address: alice.address, password: "another one" });
  await alice.until("registration.changed", ({ code }) => code === "wrong-password");
});

/** Names for which the office's certificate speaks, as a caller sees it. */
function certificateNames(gateway: GatewayProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: gateway.ports.tls, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? "");
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

test("a further domain is served, and named by the certificate, without a restart", async () => {
  const gateway = await GatewayProcess.start({ people: ["alice"] });
  expect(await certificateNames(gateway)).not.toContain("acme.test");
  await administer(gateway.folder, { do: "set", assignments: { domains: "acme.test" } });
  const names = await eventually("the certificate names it", async () => {
    const seen = await certificateNames(gateway);
    return seen.includes("acme.test") && seen;
  });
  expect(names).toContain("URI:sip:acme.test, DNS:acme.test");
  expect(names).toContain("URI:sip:acme.example");
  await administer(gateway.folder, { do: "add", accounts: [{ address: "bea@acme.test", password: "pw-bea" }] });
  const bea = ClientProcess.start("bea");
  const place = { server: gateway.server(), trust: gateway.fingerprint };
  await bea.do("account.signIn", { address: "bea@acme.test", password: "pw-bea", ...place });
  const alice = await ClientProcess.signedIn("alice", gateway);
  await bea.do("contact.add", { address: alice.address });
  await bea.sees("alice", "available");
  const refusal = administer(gateway.folder, { do: "set", assignments: { domains: "" } });
  await expect(refusal).rejects.toMatchObject({ code: "domain-in-use" });
});
