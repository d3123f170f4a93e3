/**
 * SIPp calls our stack: a hundred exchanges of each kind over each transport, and over UDP while packets are lost.
 *
 *     SIPp                  our stack
 *       |--INVITE------------->|
 *       |<-180, 200------------|   200 again until the ACK comes
 *       |--ACK---------------->|
 *       |--BYE---------------->|
 *       |<-200-----------------|
 */
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { hasProgram } from "../support/programs.ts";
import { LoopbackStack } from "./loopback-stack.ts";
import { needing } from "./programs.ts";
import type { Deed } from "./seen.ts";
import { seen } from "./seen.ts";
import { Sipp } from "./sipp.ts";

const CALLS = 100;
const LOSSY_CALLS = 50;

describe.skipIf(!hasProgram("sipp")).each(["udp", "tcp", "tls"] as const)(
  "sipp calls our stack over %s",
  (transport) => {
    const skipped = transport === "tls" && !hasProgram("stunnel");
    const program = transport === "tls" ? "stunnel" : "sipp";

    test.skipIf(skipped).each<[string, string, Deed]>([
      ["options", "OPTIONS", "OPTIONS"],
      ["register-exempt", "REGISTER", "registers"],
      ["message-uac", "MESSAGE", "writes"],
    ])(needing(program, "a hundred times %s"), async (scenario, method, deed) => {
      const ours = await LoopbackStack.start();
      const users = ["answering"];
      const keys = { contact: "127.0.0.1:9", expires: "600", sender: "sipp" };
      const counts = await Sipp.play({ scenario, target: ours, transport, calls: CALLS, users, keys });
      expect(counts).toMatchObject({ successful: CALLS, failed: 0 });
      expect(ours.heard(method)).toHaveLength(CALLS);
      seen({ program: "SIPp", with: "our stack", did: [deed], over: transport });
    });

    test.skipIf(skipped)(needing(program, "a hundred calls are answered and end"), async () => {
      const ours = await LoopbackStack.start();
      const counts = await Sipp.play({ scenario: "invite", target: ours, transport, calls: CALLS });
      expect(counts).toMatchObject({ successful: CALLS, failed: 0 });
      expect(ours.heard("ACK")).toHaveLength(CALLS);
      expect([ours.calls.all.size, ours.calls.standing]).toEqual([CALLS, 0]);
    });

    test.skipIf(skipped)(needing(program, "a hundred calls are taken back while they ring"), async () => {
      const ours = await LoopbackStack.start();
      const counts = await Sipp.play({ scenario: "invite-cancel", target: ours, transport, calls: CALLS });
      expect(counts).toMatchObject({ successful: CALLS, failed: 0 });
      expect([ours.calls.cancelled, ours.calls.all.size]).toEqual([CALLS, 0]);
    });

    test.skipIf(skipped)(needing(program, "a hundred calls are changed by a further INVITE"), async () => {
      const ours = await LoopbackStack.start();
      const counts = await Sipp.play({ scenario: "invite-change", target: ours, transport, calls: CALLS });
      expect(counts).toMatchObject({ successful: CALLS, failed: 0 });
      expect(ours.heard("ACK")).toHaveLength(2 * CALLS);
      expect([...ours.calls.all.values()].map(({ changes, ended }) => [changes, ended])).toEqual(
        Array.from({ length: CALLS }, () => [1, true]),
      );
      seen({ program: "SIPp", with: "our stack", did: ["calls"], over: transport });
    });
  },
);

describe.skipIf(!hasProgram("sipp"))(
  "sipp calls our stack over UDP that loses a tenth of what SIPp sends and hears",
  () => {
    test.each([["options"], ["message-uac"], ["invite"], ["invite-change"], ["invite-cancel"]])(
      needing("sipp", "%s succeeds every time by repetition"),
      { timeout: 60_000 },
      async (scenario) => {
        const ours = await LoopbackStack.start();
        const counts = await Sipp.play({
          ...{ scenario, target: ours, transport: "udp", calls: LOSSY_CALLS, users: ["answering"] },
          keys: { sender: "sipp" },
          // Long enough that a 200 whose ACK was lost comes again before the BYE.
          words: ["-lost", "10", "-d", "700"],
        });
        expect(counts).toMatchObject({ successful: LOSSY_CALLS, failed: 0 });
        expect(counts.retransmissions).toBeGreaterThan(0);
        await eventually("no call stands", () => ours.calls.standing === 0);
      },
    );
  },
);
