import { expect, test } from "vitest";
import type { InviteClientState } from "../../../../core/sip/transaction/client-invite.ts";
import { startInviteClient, stepInviteClient } from "../../../../core/sip/transaction/client-invite.ts";
import type { Row } from "./machine.ts";
import { actionNames, clientEvent, listed } from "./machine.ts";

const over = "terminate";
const giveUp = "cancel, set cancelled 32000";
const quiet = "cancel A, cancel B";

/** RFC 3261 figure 5 with RFC 6026's Accepted, every state and event. */
const TABLE: readonly Row[] = [
  ["calling", "udp", "180", "proceeding", `${quiet}, deliver 180`],
  ["calling", "udp", "200", "accepted", `${quiet}, deliver 200, set M 32000`],
  ["calling", "tcp", "200", "accepted", `${quiet}, deliver 200, set M 32000`],
  ["calling", "udp", "486", "completed", `${quiet}, ack 486, deliver 486, set D 32000`],
  ["calling", "tcp", "486", "terminated", `${quiet}, ack 486, deliver 486, ${over}`],
  ["calling", "udp", "timer A", "calling", "send, set A 1000"],
  ["calling", "udp", "timer B", "terminated", `timed-out, ${over}`],
  ["calling", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["proceeding", "udp", "180", "proceeding", "deliver 180"],
  ["proceeding", "udp", "200", "accepted", `${quiet}, deliver 200, set M 32000`],
  ["proceeding", "udp", "486", "completed", `${quiet}, ack 486, deliver 486, set D 32000`],
  ["proceeding", "tcp", "486", "terminated", `${quiet}, ack 486, deliver 486, ${over}`],
  ["proceeding", "udp", "timer A", "proceeding", ""],
  ["proceeding", "udp", "timer B", "proceeding", ""],
  ["proceeding", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["completed", "udp", "180", "completed", ""],
  ["completed", "udp", "200", "completed", ""],
  ["completed", "udp", "486", "completed", "ack 486"],
  ["completed", "udp", "timer A", "completed", ""],
  ["completed", "udp", "timer B", "completed", ""],
  ["completed", "udp", "timer D", "terminated", over],
  ["completed", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["accepted", "udp", "180", "accepted", ""],
  ["accepted", "udp", "200", "accepted", "deliver 200"],
  ["accepted", "udp", "486", "accepted", ""],
  ["accepted", "udp", "timer B", "accepted", ""],
  ["accepted", "udp", "timer M", "terminated", over],
  ["accepted", "udp", "transport error", "accepted", ""],
  ["proceeding", "udp", "cancel", "proceeding", giveUp],
  ["proceeding", "udp", "timer cancelled", "terminated", `timed-out, ${over}`],
  ["calling", "udp", "timer cancelled", "calling", ""],
  ["calling", "udp", "cancel", "calling", ""],
  ["completed", "udp", "cancel", "completed", ""],
  ["accepted", "udp", "cancel", "accepted", ""],
  ["terminated", "udp", "cancel", "terminated", ""],
  ["terminated", "udp", "200", "terminated", ""],
  ["terminated", "udp", "timer B", "terminated", ""],
  ["terminated", "udp", "transport error", "terminated", ""],
];

test.each(TABLE)("in %s over %s, %s leads to %s", (name, transport, event, next, actions) => {
  const state = { name, interval: 500 } as InviteClientState;
  const [after, done] = stepInviteClient(state, clientEvent("INVITE", event), transport === "tcp");
  expect(after.name).toBe(next);
  expect(actionNames(done)).toEqual(listed(actions));
});

test("a CANCEL waits for the first response, and leaves once", () => {
  let [state] = startInviteClient(false);
  const steps = ["cancel", "cancel", "180", "cancel", "487"].map((name) => {
    const [next, actions] = stepInviteClient(state, clientEvent("INVITE", name), false);
    state = next;
    return actionNames(actions).join(", ");
  });
  expect(steps).toEqual([
    "",
    "",
    `${quiet}, deliver 180, ${giveUp}`,
    "",
    "cancel cancelled, ack 487, deliver 487, set D 32000",
  ]);
});

test("starts with timers A and B, over a reliable transport with B alone", () => {
  expect(actionNames(startInviteClient(false)[1])).toEqual(["send", "set B 32000", "set A 500"]);
  expect(actionNames(startInviteClient(true)[1])).toEqual(["send", "set B 32000"]);
});

test("timer A doubles without end", () => {
  let [state] = startInviteClient(false);
  const waits: string[] = [];
  for (let round = 0; round < 6; round++) {
    const [next, actions] = stepInviteClient(state, { type: "timer", timer: "A" }, false);
    waits.push(actionNames(actions)[1] ?? "");
    state = next;
  }
  expect(waits).toEqual(["set A 1000", "set A 2000", "set A 4000", "set A 8000", "set A 16000", "set A 32000"]);
});
