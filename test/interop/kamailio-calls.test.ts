/**
 * Two of our stacks with Kamailio between them, which stays on the route of the dialog.
 *
 *     our stack (alice)    kamailio            our stack (bob)
 *       |--INVITE------------->|                    |
 *       |<-407-----------------|                    |
 *       |--ACK, INVITE-------->|-------INVITE------>|
 *       |<-180, 200------------|<------180, 200-----|
 *       |--ACK (Route)-------->|-------ACK--------->|
 *       |--INVITE, ACK-------->|-------INVITE, ACK->|
 *       |<-BYE-----------------|<------BYE (Route)--|
 */
import { describe, expect, test } from "vitest";
import type { Answered } from "../../core/user-agent/authentication.ts";
import { eventually } from "../support/eventually.ts";
import type { Transport } from "../support/gateway-process.ts";
import type { KamailioAlgorithm } from "./kamailio.ts";
import { Kamailio, kamailioIsMissing } from "./kamailio.ts";
import { because } from "./programs.ts";
import { RegisteredStack } from "./registered-stack.ts";
import { seen } from "./seen.ts";

interface Way {
  readonly caller: Transport;
  readonly callee: Transport;
  readonly algorithm: KamailioAlgorithm;
}

const WAYS: readonly Way[] = [
  { caller: "udp", callee: "udp", algorithm: "MD5" },
  { caller: "tcp", callee: "tcp", algorithm: "SHA-256" },
  { caller: "tls", callee: "tls", algorithm: "SHA-256" },
  { caller: "udp", callee: "tls", algorithm: "MD5" },
];
const missing = kamailioIsMissing();

function statusOf({ outcome }: Answered): number | string {
  return outcome.kind === "response" ? outcome.response.status : outcome.kind;
}

describe.skipIf(missing !== undefined).each(WAYS)(
  "from $caller to $callee through kamailio with $algorithm",
  ({ caller, callee, algorithm }) => {
    const both = async () => {
      const kamailio = await Kamailio.start(algorithm);
      const alice = await RegisteredStack.start("alice", kamailio, caller);
      const bob = await RegisteredStack.start("bob", kamailio, callee);
      return { kamailio, alice, bob };
    };

    test(because(missing, "messages arrive, a call is answered, changed and ended by either side"), async () => {
      const { alice, bob } = await both();
      expect(statusOf(await alice.message("bob", "Grüße 👋"))).toBe(200);
      expect(bob.here.heard("MESSAGE").map(({ body }) => body.toString())).toEqual(["Grüße 👋"]);

      for (const ends of [alice, bob]) {
        const dialling = alice.dial("bob");
        expect(statusOf(await dialling.answered)).toBe(200);
        const call = dialling.attempt()?.call;
        const [theirs] = [...bob.here.calls.all.values()].filter(({ ended }) => !ended);
        if (!call || !theirs) throw new Error("There is no call.");
        expect(call.dialog.routeSet).not.toEqual([]);
        await eventually("the ACK arrives", () => theirs.acknowledged);
        const changed = await alice.here.calls.change(call).answer;
        expect(changed).toMatchObject({ kind: "response", response: { status: 200 } });
        await eventually("the second ACK arrives", () => theirs.acknowledged && theirs.changes === 1);
        const ended = await ends.here.calls.hangUp(ends === alice ? call : theirs);
        expect(ended).toMatchObject({ kind: "response", response: { status: 200 } });
        expect([call.ended, theirs.ended]).toEqual([true, true]);
      }
      for (const over of [caller, callee])
        seen({
          ...{ program: "Kamailio", with: "our stacks", over, digest: algorithm },
          did: ["registers", "writes", "is written to", "calls", "is called"],
        });
    });

    test(because(missing, "a call is taken back while it rings, and who is not there is not reached"), async () => {
      const { kamailio, alice, bob } = await both();
      const ringing = await RegisteredStack.start("ringing", kamailio, callee);
      const dialling = alice.dial("ringing");
      const rings = (): boolean => dialling.attempt()?.provisional.some(({ status }) => status === 180) === true;
      await eventually("it rings", rings);
      const cancelled = await dialling.attempt()?.cancel();
      expect(cancelled).toMatchObject({ kind: "response", response: { status: 200 } });
      expect(statusOf(await dialling.answered)).toBe(487);
      expect(ringing.here.calls.cancelled).toBe(1);
      expect(statusOf(await alice.dial("nobody").answered)).toBe(480);
      expect(statusOf(await bob.message("nobody", "hello"))).toBe(480);
    });
  },
);
