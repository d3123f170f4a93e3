/**
 * baresip on one side, Hallway on the other, our gateway between them, all in a network of their own.
 *
 *     baresip (bob)        gateway           hallway (alice)
 *       |--REGISTER----------->|                    |
 *       |--PUBLISH------------>|------NOTIFY------->|
 *       |--SUBSCRIBE alice---->|                    |
 *       |<-NOTIFY--------------|<-----PUBLISH-------|
 *       |--MESSAGE------------>|------MESSAGE------>|
 *       |<-MESSAGE-------------|<-----MESSAGE-------|
 */
import { describe, expect, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import { addressOf, GatewayProcess } from "../support/gateway-process.ts";
import { Baresip, baresipIsMissing } from "./baresip.ts";
import { networkNamespace } from "./network-namespace.ts";
import { because } from "./programs.ts";
import { seen } from "./seen.ts";

const missing = baresipIsMissing();

describe.skipIf(missing !== undefined).each(["udp", "tcp", "tls"] as const)("baresip over %s", (transport) => {
  test(because(missing, "presence and messages go both ways"), { timeout: 60_000 }, async () => {
    const within = await networkNamespace();
    const people = ["alice", "bob"];
    const gateway = await GatewayProcess.start({ people, md5: people, settings: { "auth.algorithms": "MD5" }, within });
    const alice = await ClientProcess.signedIn("alice", gateway, { contacts: ["bob"], within });
    await alice.sees("bob", "offline");

    const bob = Baresip.start({ name: "bob", friend: "alice", gateway, transport, within });
    await bob.shows(/All 1 useragent registered successfully/);
    await alice.sees("bob", "available");
    await bob.sees(/Online/);
    await alice.do("presence.set", { state: "busy" });
    await bob.sees(/Busy/);

    bob.command("message", "Grüße aus der Küche 👋");
    await alice.until("message.received", ({ text }) => text === "Grüße aus der Küche 👋");
    const back = await alice.do("message.send", { to: addressOf("bob"), text: "Schöne Grüße zurück 🙂" });
    await bob.shows(/"Schöne Grüße zurück 🙂"/);
    await alice.until(
      "message.updated",
      ({ messageId, status }) => messageId === back.messageId && status === "delivered",
    );
    expect(bob.output).not.toMatch(/^SIP\/2\.0 5\d\d /m);
    const did = ["registers", "watches", "publishes", "writes", "is written to"] as const;
    seen({ program: "baresip", with: "our gateway", did, over: transport, digest: "MD5" });
  });
});
