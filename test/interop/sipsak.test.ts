/** sipsak against our gateway: asked what it can do, registered at, written to; then flooded and sent rubbish. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import { freePort } from "../support/free-ports.ts";
import { addressOf, DOMAIN, GatewayProcess, passwordOf } from "../support/gateway-process.ts";
import { hasProgram } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { needing } from "./programs.ts";
import { seen } from "./seen.ts";
import { sipsak } from "./sipsak.ts";

const FLOOD = 5_000;
const RUBBISH = 15;
const AS_ALICE = ["-u", "alice", "-a", passwordOf("alice")];

function office(): Promise<GatewayProcess> {
  const people = ["alice", "bob", "carol"];
  return GatewayProcess.start({ people, md5: people, settings: { "auth.algorithms": "MD5" } });
}

/** A MESSAGE to bob as a file, from the port that sipsak is to use. */
function messageFile(port: number, text: string): string {
  const path = join(temporaryFolder(), "message");
  const lines = [
    `MESSAGE sip:${addressOf("bob")} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${port};rport`,
    ...[`From: <sip:${addressOf("alice")}>;tag=a`, `To: <sip:${addressOf("bob")}>`, `Call-ID: shot-${port}`],
    ...["CSeq: 1 MESSAGE", "Max-Forwards: 70", "Content-Type: text/plain;charset=utf-8"],
    ...[`Content-Length: ${Buffer.byteLength(text)}`, "", text],
  ];
  writeFileSync(path, lines.join("\r\n"));
  return path;
}

describe.skipIf(!hasProgram("sipsak"))("sipsak at our gateway", () => {
  test(needing("sipsak", "is told what the office can do"), async () => {
    const gateway = await office();
    for (const over of ["udp", "tcp"] as const) {
      expect(await sipsak(gateway, over, `sip:${DOMAIN}`)).toMatchObject({ status: 0 });
      seen({ program: "sipsak", with: "our gateway", did: ["OPTIONS"], over });
    }
  });

  test(needing("sipsak", "registers with MD5, and a wrong password is refused"), { timeout: 60_000 }, async () => {
    const gateway = await office();
    const bob = await ClientProcess.signedIn("bob", gateway, { contacts: ["alice", "carol"] });
    for (const [over, name] of [
      ["udp", "alice"],
      ["tcp", "carol"],
    ] as const) {
      await bob.sees(name, "offline");
      const binding = ["-U", "-C", `sip:${name}@127.0.0.1:${await freePort()}`, "-x", "120", "-u", name];
      const register = (password: string) =>
        sipsak(gateway, over, `sip:${addressOf(name)}`, [...binding, "-a", password]);
      expect(await register("wrong")).not.toMatchObject({ status: 0 });
      expect(await register(passwordOf(name))).toMatchObject({ status: 0 });
      await bob.sees(name, "available");
      seen({ program: "sipsak", with: "our gateway", did: ["registers"], over, digest: "MD5" });
    }
  });

  test(needing("sipsak", "sends a message with credentials, umlauts whole"), async () => {
    const gateway = await office();
    const bob = await ClientProcess.signedIn("bob", gateway);
    const port = await freePort();
    const shot = ["-f", messageFile(port, "Grüße 👋"), "-l", String(port), ...AS_ALICE];
    expect(await sipsak(gateway, "udp", `sip:${addressOf("bob")}`, shot)).toMatchObject({ status: 0 });
    await bob.until("message.received", ({ text, from }) => text === "Grüße 👋" && from === addressOf("alice"));
    seen({ program: "sipsak", with: "our gateway", did: ["writes"], over: "udp", digest: "MD5" });
  });

  test(
    needing("sipsak", "floods the office and sends it rubbish, and it goes on serving"),
    { timeout: 60_000 },
    async () => {
      const gateway = await office();
      const bob = await ClientProcess.signedIn("bob", gateway);
      await sipsak(gateway, "udp", `sip:${DOMAIN}`, ["-F", "-e", String(FLOOD)]);
      // A short T1: most rubbish is rightly not answered.
      const random = ["-R", "--timer-t1=5"];
      for (let run = 0; run < RUBBISH; run++)
        await sipsak(gateway, "udp", `sip:${addressOf("bob")}`, [...random, `--trash-chars=${run + 1}`]);
      expect(await sipsak(gateway, "udp", `sip:${DOMAIN}`)).toMatchObject({ status: 0 });
      const { messageId } = await bob.do("message.send", { to: addressOf("bob"), text: "still here" });
      await bob.until("message.updated", (update) => update.messageId === messageId && update.status === "delivered");
    },
  );
});
