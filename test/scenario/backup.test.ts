/**
 * An office that is backed up while messages come in, lost, and brought back.
 *
 *     alice            gateway                       another process
 *       |--MESSAGE 1..n-->|  stored for bob, who is away   |
 *       |<----202---------|                                |--backup FILE-->
 *       |--MESSAGE n+1.. >|                                |
 *       |                 x  the disk burns                |
 *       |                 |<------------restore FILE-------|
 *       |                 |  bob comes and gets 1..k, k at least what was stored before the backup began
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import { hallway } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { GatewayProcess } from "../support/gateway-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const BEFORE = 20;
const MEANWHILE = 40;
const TIMEOUT = 60_000;

async function stored(alice: ClientProcess, count: number): Promise<void> {
  const storedOnes = () => alice.heard("message.updated").filter(({ status }) => status === "stored");
  await eventually(
    () => `${count} messages are stored; so far: ${storedOnes().length}`,
    () => storedOnes().length >= count,
  );
}

test("a backup under load gives back a whole office that starts", { timeout: TIMEOUT }, async () => {
  const gateway = await GatewayProcess.start({ people: ["alice", "bob"] });
  const alice = await ClientProcess.signedIn("alice", gateway, { contacts: ["bob"] });
  const write = async (from: number, count: number): Promise<void> => {
    for (let number = from; number < from + count; number++)
      await alice.do("message.send", { to: "bob@acme.example", text: `message ${number}` });
  };
  await write(1, BEFORE);
  await stored(alice, BEFORE);
  const file = join(temporaryFolder(), "office.backup");
  const [made] = await Promise.all([
    hallway(["gateway", "backup", file, "--json", "--data", gateway.folder]),
    write(BEFORE + 1, MEANWHILE),
  ]);
  expect([made.status, made.stderr]).toEqual([0, ""]);
  expect(JSON.parse(made.stdout)).toMatchObject({ file, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect([statSync(file).mode & 0o777, existsSync(join(gateway.folder, "backup-unfinished.sqlite"))]).toEqual([
    0o600,
    false,
  ]);
  await stored(alice, BEFORE + MEANWHILE);
  await gateway.kill();
  await alice.kill();

  const folder = join(temporaryFolder(), "again");
  expect((await hallway(["gateway", "restore", file, "--data", folder])).status).toBe(0);
  const again = await GatewayProcess.start({ folder });
  expect(again.fingerprint).toBe(gateway.fingerprint);
  const bob = await ClientProcess.signedIn("bob", again, { contacts: ["alice"] });
  await bob.until("message.received", ({ text }) => text === `message ${BEFORE}`);
  const texts = (await bob.history("alice")).map(({ text }) => text);
  expect(texts.slice(0, BEFORE)).toEqual(Array.from({ length: BEFORE }, (_, index) => `message ${index + 1}`));
});

test(
  "a folder in use, a file that exists, one that was changed, and an office that is there are refused",
  { timeout: TIMEOUT },
  async () => {
    const gateway = await GatewayProcess.start({ people: ["alice"] });
    const file = join(temporaryFolder(), "office.backup");
    const refusal = async (words: readonly string[]): Promise<string> => {
      const { status, stderr } = await hallway(["gateway", ...words]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^\S[^\n]*\.\n$/);
      return stderr;
    };
    await hallway(["gateway", "backup", file, "--data", gateway.folder]);
    expect(await refusal(["backup", file, "--data", gateway.folder])).toContain("exists already");
    expect(await refusal(["backup", `${file}.2`, "--data", temporaryFolder()])).toContain("There is no office in");
    expect(await refusal(["restore", file, "--data", gateway.folder, "--replace"])).toContain("Another Hallway uses");
    await gateway.stop();
    expect(await refusal(["restore", file, "--data", gateway.folder])).toContain("--replace");
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(5_000) ^ 1, 5_000);
    writeFileSync(file, bytes);
    const before = readdirSync(gateway.folder);
    expect(await refusal(["restore", file, "--data", gateway.folder, "--replace"])).toContain(
      "is damaged or not complete",
    );
    expect(readdirSync(gateway.folder)).toEqual(before);
  },
);

test("a damaged office is set aside, whole, when a backup takes its place", { timeout: TIMEOUT }, async () => {
  const gateway = await GatewayProcess.start({ people: ["alice"] });
  const file = join(temporaryFolder(), "office.backup");
  await hallway(["gateway", "backup", file, "--data", gateway.folder]);
  await gateway.stop();
  const damaged = "this is no database any more ".repeat(200);
  writeFileSync(join(gateway.folder, "gateway.sqlite"), damaged);
  const refused = await hallway(["gateway", "run", "--data", gateway.folder]);
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("gateway restore FILE --replace")]);
  const { status, stdout } = await hallway(["gateway", "restore", file, "--data", gateway.folder, "--replace"]);
  const [, aside = ""] = /lies in (\S+) now\./.exec(stdout) ?? [];
  expect([status, readFileSync(join(aside, "gateway.sqlite"), "utf8")]).toEqual([0, damaged]);
  await gateway.restart();
  await ClientProcess.signedIn("alice", gateway);
});
