/** The command as people and scripts call it: what it says, and with which exit status. */
import { createSocket } from "node:dgram";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { administer } from "../../../core/cli/control.ts";
import { PRODUCT } from "../../../core/product.ts";
import { ClientProcess } from "../../support/client-process.ts";
import { hallway } from "../../support/command.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-ports.ts";
import { GatewayProcess } from "../../support/gateway-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const SENTENCE = /^\S[^\n]*\.\n$/;

/** Somebody who watches over UDP and answers nothing. Resolves when the gateway speaks to them. */
async function silentWatcher(port: number): Promise<void> {
  const socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  await new Promise<void>((bound) => socket.bind(0, "127.0.0.1", bound));
  const at = `127.0.0.1:${socket.address().port}`;
  const lines = [
    "SUBSCRIBE sip:alice@acme.example SIP/2.0",
    `Via: SIP/2.0/UDP ${at};branch=z9hG4bK-silent;rport`,
    "Max-Forwards: 70",
    "From: <sip:alice@acme.example>;tag=1",
    "To: <sip:alice@acme.example>",
    "Call-ID: silent",
    "CSeq: 1 SUBSCRIBE",
    "Event: presence",
    `Contact: <sip:alice@${at}>`,
    "Content-Length: 0",
    "",
    "",
  ];
  await new Promise<void>((notified) => {
    socket.on("message", (bytes) => bytes.toString().startsWith("NOTIFY") && notified());
    socket.send(lines.join("\r\n"), port, "127.0.0.1");
  });
}

/** An office folder that nobody serves. */
async function officeFolder(people: readonly string[] = []): Promise<string> {
  const folder = join(temporaryFolder(), "office");
  await administer(folder, { do: "set", assignments: { domain: "acme.example" } });
  const accounts = people.map((name) => ({ address: `${name}@acme.example`, password: `pw-${name}` }));
  await administer(folder, { do: "add", accounts });
  return folder;
}

async function addresses(folder: string): Promise<readonly string[]> {
  return ((await administer(folder, { do: "accounts" })) as { address: string }[]).map(({ address }) => address);
}

describe("a wrong call ends with 2 and one sentence", () => {
  test.each([
    ["an unknown command", ["dance"]],
    ["an unknown part of a command", ["gateway", "dance", "--data", "x"]],
    ["no folder", ["account", "list"]],
    ["an unknown option", ["account", "list", "--data", "x", "--loud"]],
    ["a setting that is none", ["gateway", "set", "domain", "--data", "x"]],
    ["nothing to set", ["gateway", "set", "--data", "x"]],
    ["nobody to add", ["account", "add", "--data", "x"]],
    ["a log level that is none", ["gateway", "run", "--data", "x", "--log", "shout"]],
    ["a part of the log that is none", ["gateway", "log", "dance=debug", "--data", "x"]],
    ["a level of a part that is none", ["gateway", "log", "sip=loud", "--data", "x"]],
    ["a time that is none", ["gateway", "log", "sip=debug", "--for", "soon", "--data", "x"]],
    ["a time that is too long", ["gateway", "log", "sip=debug", "--for", "200h", "--data", "x"]],
    ["a number of lines that is none", ["gateway", "log", "--lines", "0", "--data", "x"]],
  ])("%s", async (_what, words) => {
    const { status, stdout, stderr } = await hallway(words);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(SENTENCE);
  });

  test("no command at all shows how to call", async () => {
    const { status, stderr } = await hallway([]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("hallway gateway run")]);
  });
});

test.each([[["--help"]], [["gateway", "--help"]], [["account", "--help"]], [["client", "--help"]]])(
  "%s explains itself and ends with 0",
  async (words) => {
    const { status, stdout, stderr } = await hallway(words);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("hallway");
  },
);

test("--version names the product", async () => {
  expect(await hallway(["--version"])).toEqual({ status: 0, stdout: `${PRODUCT}\n`, stderr: "" });
});

describe("a refusal ends with 1 and one sentence", () => {
  test("a password that is too short, an address that is taken, one of another office", async () => {
    const folder = await officeFolder(["alice"]);
    for (const [address, password] of [
      ["bob@acme.example", "short"],
      ["alice@acme.example", "long enough"],
      ["bob@else.example", "long enough"],
    ]) {
      const { status, stderr } = await hallway(["account", "add", address ?? "", "--data", folder], `${password}\n`);
      expect([status, stderr]).toEqual([1, expect.stringMatching(SENTENCE)]);
    }
    expect(await addresses(folder)).toEqual(["alice@acme.example"]);
  });

  test("a folder that another process owns", async () => {
    const gateway = await GatewayProcess.start();
    const { status, stderr } = await hallway(["gateway", "run", "--data", gateway.folder]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^Another Hallway uses .*\.\n$/)]);
  });

  test("a database that a newer version wrote", async () => {
    const folder = await officeFolder();
    const database = new Sqlite(join(folder, "gateway.sqlite"));
    database.pragma("user_version = 999");
    database.close();
    for (const words of [
      ["account", "list"],
      ["gateway", "run"],
      ["gateway", "check"],
    ]) {
      const { status, stderr } = await hallway([...words, "--data", folder]);
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^This data was written by a newer version.*\.\n$/)]);
    }
  });

  test("a database that is damaged", async () => {
    const folder = join(temporaryFolder(), "office");
    mkdirSync(folder);
    writeFileSync(join(folder, "gateway.sqlite"), "this is no database, whatever its name says ".repeat(100));
    const { status, stderr } = await hallway(["account", "list", "--data", folder]);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/gateway\.sqlite cannot be read\. Restore a backup; .* --data DIR\.\n$/),
    ]);
  });

  test("a port that another program uses", async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((done) => other.listen(port, "127.0.0.1", done));
    onTestFinished(() => void other.close());
    const folder = await officeFolder();
    const { status, stdout, stderr } = await hallway([
      "gateway",
      "run",
      "--data",
      folder,
      "--listen",
      `tcp:127.0.0.1:${port}`,
    ]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(`Another program listens on 127.0.0.1:${port}. End it, or choose another port.\n`);
  });

  test("an address that the machine does not have, and a folder that is a file", async () => {
    const folder = await officeFolder();
    const away = await hallway(["gateway", "run", "--data", folder, "--listen", "udp:192.0.2.1:5060"]);
    expect([away.status, away.stderr]).toEqual([
      1,
      expect.stringMatching(/^This computer does not have the address of 192\.0\.2\.1:5060\..*\n$/),
    ]);
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    const blocked = await hallway(["account", "list", "--data", join(file, "office")]);
    expect([blocked.status, blocked.stderr]).toEqual([1, expect.stringMatching(SENTENCE)]);
  });

  test("an office that has no domain yet", async () => {
    const { status, stderr } = await hallway(["gateway", "run", "--data", join(temporaryFolder(), "new")]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^The office has no domain yet\. .*--domain.*\n$/)]);
  });
});

describe("accounts", () => {
  test("are added, listed, switched off, given another password and removed", async () => {
    const folder = await officeFolder();
    const account = async (words: readonly string[], input = ""): Promise<string> => {
      const { status, stdout, stderr } = await hallway(["account", ...words, "--data", folder], input);
      expect([status, stderr]).toEqual([0, ""]);
      return stdout;
    };
    await account(["add", "alice@acme.example", "--name", "Alice Ö", "--admin", "--md5"], "wonder-1\r\n");
    expect(await account(["list"])).toBe("alice@acme.example  Alice Ö  administrator, md5\n");
    await account(["disable", "alice@acme.example"]);
    expect(await account(["list"])).toContain("switched off");
    await account(["enable", "alice@acme.example"]);
    await account(["password", "alice@acme.example"], "wonder-2\n");
    expect(JSON.parse(await account(["list", "--json"]))).toEqual([
      {
        address: "alice@acme.example",
        name: "Alice Ö",
        administrator: true,
        disabled: false,
        md5: true,
        hidden: false,
        invited: false,
      },
    ]);
    await account(["remove", "alice@acme.example"]);
    expect(await account(["list"])).toBe("");
  });

  test("are imported from a table, with a head in any order or without one", async () => {
    const folder = await officeFolder();
    const file = join(temporaryFolder(), "people.csv");
    writeFileSync(
      file,
      '\uFEFFName,Password,Address\r\n"Ö, Alice","pw,""alice",alice@acme.example\r\n\r\n,pw-bob,bob@acme.example\r\n',
    );
    expect(await hallway(["account", "import", file, "--data", folder])).toMatchObject({
      status: 0,
      stderr: "2 accounts were added.\n",
    });
    writeFileSync(file, "carol@acme.example,pw-carol,Carol\n");
    expect((await hallway(["account", "import", file, "--data", folder])).status).toBe(0);
    expect(await administer(folder, { do: "accounts" })).toMatchObject([{ name: "Ö, Alice" }, {}, { name: "Carol" }]);
  });

  test("are imported all or none", async () => {
    const folder = await officeFolder(["bob"]);
    const file = join(temporaryFolder(), "people.csv");
    for (const [text, why] of [
      ["alice@acme.example,pw-alice\nbob@acme.example,pw-bob2", /exists already/],
      ["address,password\nalice@acme.example,", /^Row 2 has no address or no password\. Nothing was added\./],
    ] as const) {
      writeFileSync(file, text);
      const { status, stderr } = await hallway(["account", "import", file, "--data", folder]);
      expect([status, stderr]).toEqual([1, expect.stringMatching(why)]);
    }
    expect(await addresses(folder)).toEqual(["bob@acme.example"]);
    expect((await hallway(["account", "import", `${file}.gone`, "--data", folder])).status).toBe(1);
  });
});

test("gateway unit writes a unit for this computer, with spaces and signs of systemd's own in the path", async () => {
  const folder = join(temporaryFolder(), "my 100% office");
  const { status, stdout } = await hallway(["gateway", "unit", "--data", folder]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ExecStart=\S+node\S* \S+main\.ts gateway run --data "\/.*\/my 100%% office"$/m);
  expect(stdout).toMatch(/^User=\S+$/m);
  expect(stdout).not.toMatch(/DynamicUser|StateDirectory/);
  expect(stdout).toContain("Type=exec");
});

describe("gateway check", () => {
  test("shows every setting and what was looked at, and ends with 0 when all is well, with 1 when it is not", async () => {
    const folder = await officeFolder();
    const listen = `udp:127.0.0.1:${await freePort()}`;
    await administer(folder, { do: "set", assignments: { listen } });
    const good = await hallway(["gateway", "check", "--data", folder]);
    expect([good.status, good.stdout]).toEqual([
      0,
      expect.stringMatching(/^domain +acme\.example +set +The office's domain.*Everything is in order\.\n$/s),
    ]);
    for (const line of ["good: folder: ", "good: database: ", `good: listener: ${listen} is free`, "good: dns: "])
      expect(good.stdout).toContain(line);
    const empty = await hallway(["gateway", "check", "--data", join(temporaryFolder(), "new")]);
    expect([empty.status, empty.stdout]).toEqual([1, expect.stringContaining("wrong: domain: A domain looks like")]);
  });

  test("finds keys that others may read, a port that is taken, and a backup that was not finished", async () => {
    const gateway = await GatewayProcess.start();
    await gateway.stop();
    const listen = `udp:127.0.0.1:${gateway.ports.udp}`;
    await administer(gateway.folder, { do: "set", assignments: { listen } });
    const other = createSocket("udp4");
    await new Promise<void>((bound) => other.bind(gateway.ports.udp, "127.0.0.1", bound));
    onTestFinished(() => void other.close());
    chmodSync(join(gateway.folder, "server.key"), 0o644);
    chmodSync(gateway.folder, 0o755);
    writeFileSync(join(gateway.folder, "backup-unfinished.sqlite"), "", { mode: 0o600 });
    const { status, stdout } = await hallway(["gateway", "check", "--data", gateway.folder]);
    expect(status).toBe(1);
    for (const line of [
      /^wrong: folder: .*server\.key \(mode 644\)\. Run: chmod 600 /m,
      /^warning: folder: .* \(mode 755\)\. Run: chmod 700 /m,
      /^wrong: listener: Another program uses udp:127\.0\.0\.1:/m,
      /^warning: backup: A backup was begun/m,
      /^good: certificate: It stands for acme\.example until 20/m,
    ])
      expect(stdout).toMatch(line);
  });

  test("asks the gateway that runs", async () => {
    const gateway = await GatewayProcess.start();
    const { status, stdout } = await hallway(["gateway", "check", "--data", gateway.folder]);
    expect([status, stdout]).toEqual([0, expect.stringContaining(`The gateway runs and listens on udp:127.0.0.1:`)]);
  });

  test("as JSON for programs", async () => {
    const { stdout } = await hallway(["gateway", "check", "--json", "--data", await officeFolder()]);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ name: "message.quota", value: "1000", isDefault: true }),
    );
  });
});

describe("a running gateway", () => {
  test("takes changes of others at once, through a socket that only its user may open", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice"] });
    expect(statSync(join(gateway.folder, "control")).mode & 0o777).toBe(0o600);
    expect(statSync(join(gateway.folder, "gateway.sqlite")).mode & 0o777).toBe(0o600);
    expect(statSync(gateway.folder).mode & 0o777).toBe(0o700);
    const added = await hallway(["account", "add", "bob@acme.example", "--data", gateway.folder], "pw-bob\n");
    expect(added).toEqual({ status: 0, stdout: "", stderr: "" });
    const bob = await ClientProcess.signedIn("bob", gateway, { contacts: ["alice"] });
    await bob.sees("alice", "offline");
    expect((await hallway(["gateway", "set", "message.quota=1", "--data", gateway.folder])).status).toBe(0);
    await bob.do("message.send", { to: "alice@acme.example", text: "one" });
    await bob.until("message.updated", ({ status }) => status === "stored");
    expect((await hallway(["account", "disable", "bob@acme.example", "--data", gateway.folder])).status).toBe(0);
    const refused = await hallway(["account", "add", "bob@acme.example", "--data", gateway.folder], "pw-bob\n");
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(SENTENCE)]);
  });

  test("that died leaves a socket behind, which hinders nobody", async () => {
    const gateway = await GatewayProcess.start();
    await gateway.kill();
    await gateway.addPerson("alice");
    await gateway.restart();
    await gateway.addPerson("bob");
    expect(await addresses(gateway.folder)).toEqual(["alice@acme.example", "bob@acme.example"]);
  });

  test("works in a folder whose path is too long for a socket", async () => {
    const folder = join(temporaryFolder(), "a-very-long-name-".repeat(8));
    await administer(folder, { do: "set", assignments: { domain: "acme.example" } });
    const gateway = await GatewayProcess.start({ folder });
    await gateway.addPerson("alice");
    expect(await addresses(folder)).toEqual(["alice@acme.example"]);
  });

  test("ends in good order when asked to, and takes leave of those who are signed in", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice", "bob"], settings: { "log.level": "debug" } });
    const alice = await ClientProcess.signedIn("alice", gateway, { contacts: ["bob"] });
    await alice.sees("bob", "offline");
    expect(await gateway.stop()).toBe(0);
    expect(gateway.log).toMatch(/The office stops\.[^]*"method":"NOTIFY".*A request of ours ended\./);
    await gateway.restart();
    await alice.until("registration.changed", ({ state }) => state === "registered");
  });

  test("ends at once when it is asked twice", async () => {
    const gateway = await GatewayProcess.start({ people: ["alice"], settings: { "auth.exempt": "127.0.0.1" } });
    await silentWatcher(gateway.ports.udp);
    gateway.signal("SIGTERM");
    await eventually("the office begins to stop", () => gateway.log.includes("The office stops."));
    gateway.signal("SIGTERM");
    expect(await gateway.ended()).toBe(143);
  });

  test("serves its figures and its health where it was told to, and nowhere else", async () => {
    const port = await freePort();
    await GatewayProcess.start({ people: ["alice"], settings: { "metrics.listen": `127.0.0.1:${port}` } });
    const figures = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(figures).toContain("hallway_people_online 0\n");
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    expect(health.headers.get("content-type")).toBe("application/json");
    expect((await health.json()) as object).not.toMatchObject({ status: "wrong" });
  });
});

describe("hallway client", () => {
  test("answers each line, also those that are none, and ends with its input", async () => {
    const lines = [
      "nonsense",
      "[]",
      '{"id":7,"command":"account.list"}',
      "",
      '{"id":8,"command":"dance"}',
      '{"id":9,"command":"presence.set","args":{"state":"asleep"}}',
    ];
    const { status, stdout, stderr } = await hallway(
      ["client", "--data", join(temporaryFolder(), "p")],
      lines.join("\n"),
    );
    expect([status, stderr]).toEqual([0, ""]);
    const answers = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: unknown; code?: string });
    expect(answers.map(({ id, code }) => [id, code])).toEqual([
      [null, "bad-line"],
      [null, "unknown-command"],
      [7, undefined],
      [8, "unknown-command"],
      [9, "bad-arguments"],
    ]);
  });

  test("keeps its profile to itself: a second one on the same folder is refused", async () => {
    const first = ClientProcess.start("alice");
    await first.do("account.list", {});
    const { status, stderr } = await hallway(["client", "--data", first.folder]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^Another Hallway uses /)]);
    expect(statSync(join(first.folder, "profile.sqlite")).mode & 0o777).toBe(0o600);
  });
});
