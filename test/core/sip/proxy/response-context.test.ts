import { expect, test } from "vitest";
import { request, responseTo } from "../../../../core/sip/message/message.ts";
import type { BranchUser } from "../../../../core/sip/proxy/response-context.ts";
import { ResponseContext } from "../../../../core/sip/proxy/response-context.ts";
import { TIMER_C } from "../../../../core/sip/proxy/fork.ts";
import { TRANSACTION_TIMEOUT } from "../../../../core/sip/transaction/timers.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const invite = request("INVITE", "sip:bob@acme.example", [["CSeq", "1 INVITE"]]);

function forked(groups: readonly (readonly number[])[]) {
  const clock = new ManualClock();
  const did: string[] = [];
  const users = new Map<number, BranchUser>();
  const context = new ResponseContext({
    clock,
    isInvite: true,
    groups,
    begin(branch, user) {
      did.push(`begin ${branch}`);
      users.set(branch, user);
      return { cancel: () => did.push(`cancel ${branch}`) };
    },
    standIn: (status) => responseTo(invite, status),
    forward: ({ status }) => did.push(`forward ${status}`),
    done: () => did.push("done"),
  });
  const respond = (branch: number, status: number): void => users.get(branch)?.response(responseTo(invite, status));
  return { clock, did, context, respond };
}

test("timer C begins anew with every sign of life, then cancels", async () => {
  const { clock, did, respond } = forked([[0]]);
  respond(0, 180);
  await clock.advance(TIMER_C - 1);
  respond(0, 183);
  await clock.advance(TIMER_C - 1);
  expect(did).not.toContain("cancel 0");
  await clock.advance(1);
  expect(did).toContain("cancel 0");
});

test("a branch that ignores its CANCEL ends as 408 after 64·T1", async () => {
  const { clock, did, context, respond } = forked([[0]]);
  respond(0, 180);
  context.cancel();
  await clock.advance(TRANSACTION_TIMEOUT);
  expect(did).toEqual(["begin 0", "forward 180", "cancel 0", "forward 408", "done"]);
});

test("when all is over no timer is left", () => {
  const { clock, did, respond } = forked([[0, 1]]);
  respond(0, 486);
  respond(1, 486);
  expect(did.at(-1)).toBe("done");
  expect(clock.pending).toBe(0);
});
