/**
 * Linphone on one side, Hallway on the other, and Kamailio between them: two programs of others that know each other.
 *
 *     linphone (bob)       kamailio            hallway (alice)
 *       |--REGISTER----------->|<------REGISTER-----|
 *       |--MESSAGE------------>|------MESSAGE------>|
 *       |<-MESSAGE-------------|<-----MESSAGE-------|
 */
import { describe, test } from "vitest";
import { ClientProcess } from "../support/client-process.ts";
import type { Transport } from "../support/gateway-process.ts";
import { hasProgram } from "../support/programs.ts";
import type { KamailioAlgorithm } from "./kamailio.ts";
import { Kamailio, kamailioIsMissing } from "./kamailio.ts";
import { Linphone } from "./linphone.ts";
import { because } from "./programs.ts";
import { seen } from "./seen.ts";

const WAYS: readonly { readonly transport: Transport; readonly algorithm: KamailioAlgorithm }[] = [
  { transport: "udp", algorithm: "MD5" },
  { transport: "tcp", algorithm: "SHA-256" },
  { transport: "tls", algorithm: "SHA-256" },
];
const missing = kamailioIsMissing() ?? (hasProgram("linphonec") ? undefined : "linphonec is not installed");

describe.skipIf(missing !== undefined).each(WAYS)(
  "linphone and a client at kamailio over $transport with $algorithm",
  ({ transport, algorithm }) => {
    test(because(missing, "see each other and write to each other"), { timeout: 60_000 }, async () => {
      const kamailio = await Kamailio.start(algorithm);
      const alice = await ClientProcess.signedIn("alice", kamailio, { transport, contacts: ["bob"] });
      const bob = await Linphone.start({ name: "bob", friend: "alice", gateway: kamailio, transport, algorithm });
      await bob.shows(/Friend "alice" .* is Online/);
      await alice.sees("bob", "available");
      await alice.do("presence.set", { state: "busy" });
      await bob.shows(/Friend "alice" .* is Busy/);

      bob.type("chat sip:alice@acme.example Grüße aus der Küche");
      await alice.until("message.received", ({ text }) => text === "Grüße aus der Küche");
      const back = await alice.do("message.send", { to: "bob@acme.example", text: "Schöne Grüße zurück" });
      await bob.shows(/Message received from sip:alice@acme\.example: Schöne Grüße zurück/);
      await alice.until(
        "message.updated",
        ({ messageId, status }) => messageId === back.messageId && status === "delivered",
      );
      const did = ["watches", "publishes", "writes", "is written to"] as const;
      seen({ program: "Linphone through Kamailio", with: "our client", did, over: transport, digest: algorithm });
    });
  },
);
