/** SIPp's scenarios against our gateway: what a phone, a script or a load test of somebody else sends. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-ports.ts";
import { GatewayProcess } from "../support/gateway-process.ts";
import { hasProgram } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { loopbackIdentity } from "./loopback-identity.ts";
import { needing } from "./programs.ts";
import { RegisteredStack } from "./registered-stack.ts";
import type { Deed } from "./seen.ts";
import { seen } from "./seen.ts";
import { Sipp } from "./sipp.ts";

const USERS = Array.from({ length: 20 }, (_, index) => `u${String(index + 1).padStart(5, "0")}`);
const CALLS = 100;
const THROUGH = 20;
const ASKED_FOR_MD5 = { "auth.algorithms": "MD5" };
/** For scenarios that cannot answer a challenge. */
const EXEMPT = { "auth.exempt": "127.0.0.1" };

describe.skipIf(!hasProgram("sipp")).each(["udp", "tcp", "tls"] as const)("sipp over %s", (transport) => {
  const isMissing = transport === "tls" && !hasProgram("stunnel");
  const program = isMissing ? "stunnel" : "sipp";
  const office = (settings: Readonly<Record<string, string>>): Promise<GatewayProcess> =>
    GatewayProcess.start({ people: USERS, md5: USERS, settings });
  const noted = (did: readonly Deed[], digest?: string): void =>
    seen({ program: "SIPp", with: "our gateway", did, over: transport, ...(digest !== undefined && { digest }) });
  const contactOn = (port: number): string => `127.0.0.1:${port};transport=${transport}`;

  test.skipIf(isMissing)(needing(program, "asks what the office can do, and registers with digest"), async () => {
    const gateway = await office(ASKED_FOR_MD5);
    const keys = { contact: contactOn(await freePort()), expires: "600" };
    const shared = { target: gateway, transport, calls: CALLS };
    expect(await Sipp.play({ ...shared, scenario: "options" })).toMatchObject({ successful: CALLS, failed: 0 });
    const counts = await Sipp.play({ ...shared, scenario: "register", users: USERS, keys });
    expect(counts).toMatchObject({ successful: CALLS, failed: 0 });
    noted(["OPTIONS", "registers"], "MD5");
  });

  test.skipIf(isMissing)(needing(program, "refreshes a registration with the nonce that it has"), async () => {
    const gateway = await office(ASKED_FOR_MD5);
    const keys = { contact: contactOn(await freePort()), expires: "600" };
    await Sipp.play({ scenario: "register-refresh", target: gateway, transport, calls: 5, users: USERS, keys });
  });

  const ownPort = "sends messages to devices that registered a port of their own";
  test.skipIf(transport === "tls")(
    transport === "tls"
      ? `${ownPort} (skipped: no device is dialled that shows no certificate of the office)`
      : needing(program, ownPort),
    async () => {
      const gateway = await office(EXEMPT);
      const port = await freePort();
      const shared = { target: gateway, transport, calls: USERS.length, users: USERS };
      await Sipp.play({ ...shared, scenario: "register-exempt", keys: { contact: contactOn(port), expires: "600" } });
      const receiver = await Sipp.start({ target: gateway, transport, calls: USERS.length, scenario: "answer", port });
      await Sipp.play({ ...shared, scenario: "message-uac", keys: { sender: "u00001" } });
      await receiver.succeeded();
      noted(["is written to"]);
    },
  );

  test.skipIf(isMissing)(
    needing(program, "sends messages with credentials, and they wait for who is not there"),
    async () => {
      const gateway = await office(ASKED_FOR_MD5);
      const receiver = await ClientProcess.signedIn("u00001", gateway);
      await Sipp.play({ scenario: "message-uac-auth", target: gateway, transport, calls: 1, users: ["u00001"] });
      await receiver.until(
        "message.received",
        ({ text, from }) => text.startsWith("first try") && from === receiver.address,
      );
      noted(["writes"], "MD5");
    },
  );

  test.skipIf(isMissing)(needing(program, "subscribes, is notified, and unsubscribes"), async () => {
    const gateway = await office(EXEMPT);
    const shared = { scenario: "subscribe", target: gateway, transport, users: USERS };
    const presence = { watcher: "u00002", event: "presence", accept: "application/pidf+xml", supported: "none" };
    await Sipp.play({ ...shared, calls: USERS.length, keys: presence });
    const watcherInfo = {
      ...presence,
      watcher: "u00001",
      event: "presence.winfo",
      accept: "application/watcherinfo+xml",
    };
    await Sipp.play({ ...shared, users: ["u00001"], calls: 1, keys: watcherInfo });
    noted(["watches"]);
  });

  test.skipIf(isMissing)(
    needing(program, "publishes to watchers that stay, and a Hallway client sees each change"),
    async () => {
      const gateway = await office(EXEMPT);
      const log = join(temporaryFolder(), "watchers.log");
      const watching = ["-trace_msg", "-message_file", log, "-message_overwrite", "true"];
      await Sipp.start({
        scenario: "watch",
        target: gateway,
        transport,
        calls: 10,
        keys: { target: "u00001" },
        words: watching,
      });
      const heard = (pattern: RegExp): number =>
        existsSync(log) ? (readFileSync(log, "utf8").match(pattern) ?? []).length : 0;
      await eventually("ten watchers are told", () => heard(/^NOTIFY sip:/gm) === 10);
      const colleague = await ClientProcess.signedIn("u00002", gateway, { contacts: ["u00001"] });
      await colleague.sees("u00001", "offline");
      const publisher = {
        scenario: "publish",
        target: gateway,
        transport,
        calls: 1,
        keys: { target: "u00001" },
        words: ["-d", "60"],
      };
      await Sipp.play(publisher);
      await colleague.sees("u00001", "offline");
      await eventually("the watchers are told the end", () => heard(/<basic>closed<\/basic>/g) === 20);
      expect(heard(/change 8/g)).toBe(10);
      expect(colleague.statesOf("u00001")).toEqual(["offline", "available", "offline"]);
      expect(colleague.heard("presence.changed").some(({ note }) => note?.startsWith("change 8"))).toBe(true);
      noted(["publishes"]);
    },
  );
});

describe.skipIf(!hasProgram("sipp"))("sipp calls through our gateway", () => {
  const openOffice = () => GatewayProcess.start({ people: ["answering", "ringing", "sipp"], settings: EXEMPT });

  /** As many calls, with SIPp on both sides; throws when one did not go as both scenarios say. */
  async function call(over: "udp" | "tcp", scenario: string, calls: number, words: readonly string[] = []) {
    const gateway = await openOffice();
    const shared = { transport: over, calls, words };
    const callee = await Sipp.serve({ ...shared, scenario: `${scenario}-uas`, identity: await loopbackIdentity() });
    const keys = { contact: `127.0.0.1:${callee.port};transport=${over}`, expires: "600" };
    const calling = { ...shared, target: gateway };
    await Sipp.play({ ...calling, calls: 1, scenario: "register-exempt", users: ["answering"], keys });
    expect(await Sipp.play({ ...calling, scenario })).toMatchObject({ successful: calls, failed: 0 });
    expect(await callee.succeeded()).toMatchObject({ successful: calls, failed: 0 });
    seen({ program: "SIPp", with: "our gateway", did: ["calls", "is called"], over });
  }

  test.each(["invite", "invite-change"])(needing("sipp", "%s succeeds with SIPp on the other side"), (scenario) =>
    call("tcp", scenario, THROUGH),
  );

  // SIPp sends ACK and BYE to the gateway, whatever the other's Contact says: so it has to be on the route.
  test(needing("sipp", "a call over UDP goes on through the gateway"), () => call("udp", "invite", THROUGH));

  test.each(["udp", "tcp"] as const)(
    needing("sipp", "over %s it is told 487 when it takes a call back that rings at our stack"),
    async (over) => {
      const gateway = await openOffice();
      const ringing = await RegisteredStack.start("ringing", gateway, over);
      const counts = await Sipp.play({ scenario: "invite-cancel", target: gateway, transport: over, calls: THROUGH });
      expect(counts).toMatchObject({ successful: THROUGH, failed: 0 });
      expect(ringing.here.calls.cancelled).toBe(THROUGH);
    },
  );
});
