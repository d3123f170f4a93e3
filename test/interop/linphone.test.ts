/**
 * Linphone on one side, Hallway on the other, our gateway between them.
 *
 *     linphone (bob)       gateway           hallway (alice)
 *       |--REGISTER----------->|                    |
 *       |--PUBLISH------------>|------NOTIFY------->|
 *       |--SUBSCRIBE alice---->|                    |
 *       |<-NOTIFY--------------|<-----PUBLISH-------|
 *       |--MESSAGE------------>|------MESSAGE------>|
 *       |<-MESSAGE-------------|<-----MESSAGE-------|
 */
import { describe, expect, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import type { Transport } from "../support/gateway-process.ts";
import { GatewayProcess } from "../support/gateway-process.ts";
import { Linphone } from "./linphone.ts";
import { hasProgram } from "../support/programs.ts";
import { needing } from "./programs.ts";
import { seen } from "./seen.ts";

const WAYS: readonly { readonly transport: Transport; readonly algorithm: "MD5" | "SHA-256" }[] = [
  { transport: "udp", algorithm: "MD5" },
  { transport: "udp", algorithm: "SHA-256" },
  { transport: "tcp", algorithm: "MD5" },
  { transport: "tls", algorithm: "SHA-256" },
];

const LONG = "Das ist ein längerer Satz. ".repeat(20).trim();

describe.skipIf(!hasProgram("linphonec")).each(WAYS)(
  "linphone over $transport with $algorithm",
  ({ transport, algorithm }) => {
    test(needing("linphonec", "presence, messages and stored messages go both ways"), { timeout: 60_000 }, async () => {
      const gateway = await GatewayProcess.start({ people: ["alice", "bob"], md5: algorithm === "MD5" ? ["bob"] : [] });
      const alice = await ClientProcess.signedIn("alice", gateway, { contacts: ["bob"] });
      await alice.sees("bob", "offline");

      const bob = await Linphone.start({ name: "bob", friend: "alice", gateway, transport, algorithm });
      await bob.shows(/Friend "alice" .* is Online/);
      await alice.sees("bob", "available");
      await alice.do("presence.set", { state: "busy" });
      await bob.shows(/Friend "alice" .* is Busy/);

      bob.type("chat sip:alice@acme.example Grüße aus der Küche");
      await alice.until("message.received", ({ text }) => text === "Grüße aus der Küche");
      bob.type(`chat sip:alice@acme.example ${LONG}`);
      await alice.until("message.received", ({ text }) => text === LONG);
      const back = await alice.do("message.send", { to: "bob@acme.example", text: "Schöne Grüße zurück" });
      await bob.shows(/Message received from sip:alice@acme\.example: Schöne Grüße zurück/);
      await alice.until(
        "message.updated",
        ({ messageId, status }) => messageId === back.messageId && status === "delivered",
      );

      await bob.quit();
      await alice.sees("bob", "offline");
      const waiting = await alice.do("message.send", { to: "bob@acme.example", text: "für später" });
      await alice.until(
        "message.updated",
        ({ messageId, status }) => messageId === waiting.messageId && status === "stored",
      );
      bob.restart();
      await bob.shows(/Message received from sip:alice@acme\.example: für später/);
      await alice.sees("bob", "available");

      expect(alice.statesOf("bob")).toEqual(["offline", "available", "offline", "available"]);
      expect(alice.heard("message.received")).toHaveLength(2);
      expect(bob.console.match(/Message received/g)).toHaveLength(2);
      expect(bob.wire).not.toMatch(/^SIP\/2\.0 5\d\d /m);
      const did = ["registers", "watches", "publishes", "writes", "is written to"] as const;
      seen({ program: "Linphone", with: "our gateway", did, over: transport, digest: algorithm });
    });
  },
);
