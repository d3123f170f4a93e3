/**
 * Our stack calls SIPp: requests outside and inside dialogs over each transport, and over UDP while packets are lost.
 *
 *     our stack              SIPp
 *       |--INVITE------------->|
 *       |<-180, 200------------|
 *       |--ACK---------------->|
 *       |--INVITE------------->|   the call is changed
 *       |<-200-----------------|
 *       |--ACK, BYE----------->|
 *       |<-200-----------------|
 */
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../core/sip/stack.ts";
import { eventually } from "../support/eventually.ts";
import type { Transport } from "../support/gateway-process.ts";
import { hasProgram } from "../support/programs.ts";
import type { Attempt, Call } from "./calls.ts";
import { DESCRIPTION } from "./calls.ts";
import { loopback, LoopbackStack } from "./loopback-stack.ts";
import { needing } from "./programs.ts";
import { seen } from "./seen.ts";
import { Sipp } from "./sipp.ts";

const CALLS = 20;
const URI = "sip:sipp@127.0.0.1";

function statusOf(outcome: Outcome): number | string {
  return outcome.kind === "response" ? outcome.response.status : outcome.kind;
}

function all<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, work));
}

async function invite(ours: LoopbackStack, transport: Transport, port: number): Promise<Attempt> {
  const described = [["Content-Type", "application/sdp"]] as const;
  const flow = await ours.stack.transport.flowTo(loopback(transport, port));
  return ours.calls.invite(ours.request("INVITE", URI, described, DESCRIPTION), flow);
}

async function answered(attempt: Attempt): Promise<Call> {
  const status = statusOf(await attempt.answer);
  if (!attempt.call) throw new Error(`The call was not answered: ${status}`);
  return attempt.call;
}

async function changeAndHangUp(ours: LoopbackStack, call: Call): Promise<void> {
  expect(statusOf(await ours.calls.change(call).answer)).toBe(200);
  expect(statusOf(await ours.calls.hangUp(call))).toBe(200);
}

async function start(transport: Transport, scenario: string, calls = CALLS, words: readonly string[] = []) {
  const ours = await LoopbackStack.start();
  const sipp = await Sipp.serve({ scenario, transport, calls, words, identity: ours.identity });
  return { ours, sipp };
}

describe.skipIf(!hasProgram("sipp")).each(["udp", "tcp", "tls"] as const)(
  "our stack calls sipp over %s",
  (transport) => {
    const isMissing = transport === "tls" && !hasProgram("stunnel");
    const program = isMissing ? "stunnel" : "sipp";

    test.skipIf(isMissing)(needing(program, "OPTIONS, MESSAGE and REGISTER are answered"), async () => {
      const { ours, sipp } = await start(transport, "answer", 3 * CALLS);
      const contact = [["Contact", "<sip:hallway@127.0.0.1:9>"]] as const;
      const outcomes = [
        ...(await all(CALLS, () => ours.send(transport, sipp.port, "OPTIONS", URI))),
        ...(await all(CALLS, () =>
          ours.send(transport, sipp.port, "MESSAGE", URI, [["Content-Type", "text/plain"]], "hi"),
        )),
        ...(await all(CALLS, () => ours.send(transport, sipp.port, "REGISTER", URI, contact))),
      ];
      expect(outcomes.map(statusOf)).toEqual(outcomes.map(() => 200));
      expect(await sipp.succeeded()).toMatchObject({ successful: 3 * CALLS, failed: 0 });
      seen({ program: "SIPp", with: "our stack", did: ["is written to"], over: transport });
    });

    test.skipIf(isMissing)(needing(program, "calls are answered, acknowledged and ended"), async () => {
      const { ours, sipp } = await start(transport, "invite-uas");
      await all(CALLS, async () => {
        const call = await answered(await invite(ours, transport, sipp.port));
        expect(statusOf(await ours.calls.hangUp(call))).toBe(200);
      });
      expect(await sipp.succeeded()).toMatchObject({ successful: CALLS, failed: 0 });
    });

    test.skipIf(isMissing)(needing(program, "calls are taken back while they ring"), async () => {
      const { ours, sipp } = await start(transport, "invite-cancel-uas");
      await all(CALLS, async () => {
        const attempt = await invite(ours, transport, sipp.port);
        await eventually("it rings", () => attempt.provisional.some(({ status }) => status === 180));
        expect(statusOf(await attempt.cancel())).toBe(200);
        expect(statusOf(await attempt.answer)).toBe(487);
      });
      expect(await sipp.succeeded()).toMatchObject({ successful: CALLS, failed: 0 });
    });

    test.skipIf(isMissing)(needing(program, "calls are changed by a further INVITE"), async () => {
      const { ours, sipp } = await start(transport, "invite-change-uas");
      await all(CALLS, async () => {
        await changeAndHangUp(ours, await answered(await invite(ours, transport, sipp.port)));
      });
      expect(await sipp.succeeded()).toMatchObject({ successful: CALLS, failed: 0 });
      seen({ program: "SIPp", with: "our stack", did: ["is called"], over: transport });
    });
  },
);

describe.skipIf(!hasProgram("sipp"))(
  "our stack calls sipp over UDP that loses a fifth of what SIPp sends and hears",
  () => {
    test(needing("sipp", "calls are answered, changed and ended by repetition"), { timeout: 60_000 }, async () => {
      const { ours, sipp } = await start("udp", "invite-change-uas", CALLS, ["-lost", "20"]);
      await all(CALLS, async () => {
        await changeAndHangUp(ours, await answered(await invite(ours, "udp", sipp.port)));
      });
      const counts = await sipp.succeeded();
      expect(counts).toMatchObject({ successful: CALLS, failed: 0 });
      expect(counts.retransmissions).toBeGreaterThan(0);
    });
  },
);
