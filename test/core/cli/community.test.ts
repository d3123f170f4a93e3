/** `hallway community` as an administrator types it, on an office that runs and on its folder alone. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeAuthority } from "../../../core/certificates/authority.ts";
import { administer } from "../../../core/cli/control.ts";
import { hallway } from "../../support/command.ts";
import { GatewayProcess } from "../../support/gateway-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function officeFolder(): Promise<string> {
  const folder = join(temporaryFolder(), "office");
  await administer(folder, { do: "set", assignments: { domain: "acme.example" } });
  return folder;
}

async function community(folder: string, ...words: readonly string[]) {
  return hallway(["community", ...words, "--data", folder]);
}

async function listed(folder: string): Promise<readonly Record<string, unknown>[]> {
  return JSON.parse((await community(folder, "list", "--json")).stdout) as Record<string, unknown>[];
}

describe.each(["a folder that nobody serves", "a running office"])("on %s", (kind) => {
  const office = async (): Promise<string> =>
    kind === "a running office" ? (await GatewayProcess.start()).folder : officeFolder();

  test("a partner is added, switched off and on, and removed", { timeout: 60_000 }, async () => {
    const folder = await office();
    const file = join(temporaryFolder(), "partner.pem");
    const { certificate } = await makeAuthority({ name: "Partner", now: Date.now() });
    writeFileSync(file, certificate);
    const words = ["--domains", "B.example,*.b.example", "--proxy", "sip.b.example:5061", "--ca", file];
    expect(await community(folder, "add", "Partner", ...words)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await listed(folder)).toEqual([
      {
        name: "Partner",
        domains: ["b.example", "*.b.example"],
        proxy: "sip.b.example:5061",
        transport: "tls",
        trusted: [],
        authority: certificate,
        enabled: true,
      },
    ]);
    expect((await community(folder, "disable", "Partner")).status).toBe(0);
    expect(await listed(folder)).toMatchObject([{ enabled: false }]);
    expect((await community(folder, "list")).stdout).toMatch(/^Partner {2}off {2}b\.example/);
    expect((await community(folder, "enable", "Partner")).status).toBe(0);
    expect((await community(folder, "remove", "Partner")).status).toBe(0);
    expect(await listed(folder)).toEqual([]);
  });
});

test("a partner without TLS and without addresses is taken with a warning", async () => {
  const { status, stderr } = await community(
    await officeFolder(),
    "add",
    "Old",
    "--domains",
    "b.example",
    "--transport",
    "udp",
  );
  expect([status, stderr]).toEqual([0, expect.stringMatching(/are refused until you name its addresses/)]);
});

test.each([
  ["a file that is not there", ["add", "B", "--domains", "b.example", "--ca", "/nowhere.pem"], 1, /Check its name/],
  ["the own domain", ["add", "B", "--domains", "acme.example"], 1, /other side/],
  ["a partner that is none", ["disable", "B"], 1, /hallway community list/],
  ["no domains", ["add", "B"], 2, /--domains/],
  ["no name", ["remove"], 2, /NAME is missing/],
])("%s is refused in a sentence", async (_, words, status, sentence) => {
  expect(await community(await officeFolder(), ...words)).toEqual({
    status,
    stdout: "",
    stderr: expect.stringMatching(sentence),
  });
});
