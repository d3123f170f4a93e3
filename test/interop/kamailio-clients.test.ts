/**
 * Two Hallway clients with Kamailio between them, which is their registrar, presence agent and proxy.
 *
 *     hallway (alice)      kamailio            hallway (bob)
 *       |--REGISTER----------->|<------REGISTER------|
 *       |--SUBSCRIBE bob------>|                     |
 *       |<-NOTIFY--------------|<------PUBLISH-------|
 *       |--MESSAGE------------>|-------MESSAGE------>|
 *       |<-200-----------------|<------200-----------|
 */
import { describe, expect, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import type { Transport } from "../support/gateway-process.ts";
import type { KamailioAlgorithm } from "./kamailio.ts";
import { Kamailio, kamailioIsMissing } from "./kamailio.ts";
import { because } from "./programs.ts";
import { seen } from "./seen.ts";

const WAYS: readonly { readonly transport: Transport; readonly algorithm: KamailioAlgorithm }[] = [
  { transport: "udp", algorithm: "MD5" },
  { transport: "udp", algorithm: "SHA-256" },
  { transport: "tcp", algorithm: "MD5" },
  { transport: "tls", algorithm: "SHA-256" },
];
const missing = kamailioIsMissing();

describe.skipIf(missing !== undefined).each(WAYS)(
  "two clients at kamailio over $transport with $algorithm",
  ({ transport, algorithm }) => {
    test(because(missing, "see each other and write to each other"), { timeout: 60_000 }, async () => {
      const kamailio = await Kamailio.start(algorithm);
      const alice = await ClientProcess.signedIn("alice", kamailio, { transport, contacts: ["bob"] });
      const bob = await ClientProcess.signedIn("bob", kamailio, { transport, contacts: ["alice"] });
      await alice.sees("bob", "available");
      await bob.sees("alice", "available");
      await bob.do("presence.set", { state: "busy", note: "Café, 日本" });
      expect(await alice.sees("bob", "busy")).toMatchObject({ note: "Café, 日本" });

      const there = await alice.do("message.send", { to: bob.address, text: "Grüße 👋" });
      await bob.until("message.received", ({ text }) => text === "Grüße 👋");
      await alice.until(
        "message.updated",
        ({ messageId, status }) => messageId === there.messageId && status === "delivered",
      );
      await bob.do("message.send", { to: alice.address, text: "Zurück" });
      await alice.until("message.received", ({ text }) => text === "Zurück");

      await bob.stop();
      await alice.sees("bob", "offline");
      const did = ["registers", "watches", "publishes", "writes", "is written to"] as const;
      seen({ program: "Kamailio", with: "our client", did, over: transport, digest: algorithm });
    });
  },
);
