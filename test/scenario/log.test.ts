/**
 * What the gateway writes down while people work, at the level where it says most.
 *
 *     alice            gateway            bob
 *       |--REGISTER------>|  401, then with the password's proof 200
 *       |--SUBSCRIBE----->|
 *       |--MESSAGE------->|-----MESSAGE---->|   the text is nobody's business
 *       |--REGISTER------>|  wrong password, broken message, a URI with a password in it
 *       |                 |  hallway gateway log --call-id …: one request from its coming to its answer
 */
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import { hallway } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { GatewayProcess, passwordOf } from "../support/gateway-process.ts";

const TEXT = "the merger is on thursday";
const URI_PASSWORD = "uri-secret-7";
const NOTE = "at the dentist";
/** Several processes start and end, however busy the machine is. */
const TIMEOUT = 60_000;
/** A digest's answer, a challenge or a nonce: none of them belongs into a log. */
const PROOFS = [/\b[0-9a-f]{64}\b/, /Digest/i, /nonce/i, /response=/];

function broken(port: number): Promise<void> {
  const lines = [
    `REGISTER sip:acme.example SIP/2.0`,
    "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-odd;rport",
    "Max-Forwards: 70",
    `From: <sip:alice:${URI_PASSWORD}@acme.example>;tag=1`,
    `To: <sip:alice:${URI_PASSWORD}@acme.example>`,
    "Call-ID: odd-call",
    "CSeq: 1 REGISTER",
    `Authorization: Digest username="alice", realm="acme.example", nonce="0", uri="sip:x", response="${URI_PASSWORD}"`,
    "Content-Length: 0",
    "",
    "",
  ];
  const socket = createSocket("udp4");
  return new Promise((resolve) => {
    socket.once("message", () => {
      socket.send(`MESSAGE ${TEXT} ${passwordOf("bob")}\r\n\r\n${TEXT}`, port, "127.0.0.1", () => {
        socket.close();
        resolve();
      });
    });
    socket.send(lines.join("\r\n"), port, "127.0.0.1");
  });
}

test(
  "secrets and texts are in no line, at any level, and one request is followed by its Call-ID",
  { timeout: TIMEOUT },
  async () => {
    const gateway = await GatewayProcess.start({
      people: ["alice", "bob"],
      settings: { "log.level": "debug", "log.to": "file" },
    });
    const alice = await ClientProcess.signedIn("alice", gateway, { contacts: ["bob"] });
    const bob = await ClientProcess.signedIn("bob", gateway, { contacts: ["alice"] });
    await alice.do("presence.set", { state: "busy", note: NOTE });
    await bob.sees("alice", "busy");
    await alice.do("message.send", { to: bob.address, text: TEXT });
    await alice.until("message.updated", ({ status }) => status === "delivered");
    await hallway(["account", "password", "bob@acme.example", "--data", gateway.folder], "another-secret\n");
    await broken(gateway.ports.udp);
    const file = join(gateway.folder, "hallway.log");
    await eventually("the broken message is told", () => readFileSync(file, "utf8").includes("could not be read"));
    const written = readFileSync(file, "utf8") + gateway.log;
    expect(written).toContain("A request came in.");
    for (const secret of [
      TEXT,
      NOTE,
      passwordOf("alice"),
      passwordOf("bob"),
      "another-secret",
      URI_PASSWORD,
      ...PROOFS,
    ])
      expect(written).not.toMatch(secret);
    const { stdout } = await hallway(["gateway", "log", "--call-id", "odd-call", "--data", gateway.folder]);
    expect(stdout.trimEnd().split("\n")).toEqual([
      expect.stringMatching(
        /debug sip +A request came in\. method=REGISTER callId=odd-call from=sip:alice@acme\.example/,
      ),
      expect.stringMatching(/debug sip +A request was answered\. method=REGISTER callId=odd-call status=401/),
    ]);
  },
);

test(
  "a component says more for a while, and a gateway that does not run is not asked",
  { timeout: TIMEOUT },
  async () => {
    const gateway = await GatewayProcess.start({ people: ["alice"] });
    const told = await hallway(["gateway", "log", "sip=debug", "--for", "10m", "--data", gateway.folder]);
    expect([told.status, told.stdout]).toEqual([
      0,
      expect.stringMatching(/^all +info\nsip +debug +until 20\d\d-.*Z\n$/),
    ]);
    await ClientProcess.signedIn("alice", gateway);
    expect(gateway.log).toContain('"msg":"A request was answered."');
    expect(gateway.log).toContain('"component":"sip"');
    await hallway(["gateway", "log", "sip=info", "--for", "1s", "--data", gateway.folder]);
    await eventually("the level falls back", async () => {
      const { stdout } = await hallway(["gateway", "log", "presence=info", "--json", "--data", gateway.folder]);
      const components = (JSON.parse(stdout) as { component: string }[]).map(({ component }) => component);
      return components.join() === "all,presence";
    });
    await gateway.stop();
    const refused = await hallway(["gateway", "log", "--data", gateway.folder]);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/^No gateway serves .*\.\n$/)]);
  },
);
