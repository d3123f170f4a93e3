import { expect, test } from "vitest";
import type { InviteServerState } from "../../../../core/sip/transaction/server-invite.ts";
import { startInviteServer, stepInviteServer } from "../../../../core/sip/transaction/server-invite.ts";
import type { Row } from "./machine.ts";
import { actionNames, listed, serverEvent } from "./machine.ts";

const over = "terminate";

/** RFC 3261 figure 7 with RFC 6026's Accepted, every state and event. */
const TABLE: readonly Row[] = [
  ["proceeding", "udp", "again", "proceeding", "repeat"],
  ["proceeding", "udp", "timer trying", "proceeding", "send-trying"],
  ["proceeding", "udp", "180", "proceeding", "cancel trying, send 180"],
  ["proceeding", "udp", "200", "accepted", "cancel trying, send 200, set L 32000"],
  ["proceeding", "udp", "486", "completed", "cancel trying, send 486, set H 32000, set G 500"],
  ["proceeding", "tcp", "486", "completed", "cancel trying, send 486, set H 32000"],
  ["proceeding", "udp", "ACK", "proceeding", ""],
  ["proceeding", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["proceeding", "udp", "timer G", "proceeding", ""],
  ["proceeding", "udp", "timer H", "proceeding", ""],
  ["completed", "udp", "again", "completed", "repeat"],
  ["completed", "udp", "timer G", "completed", "repeat, set G 1000"],
  ["completed", "udp", "timer H", "terminated", `timed-out, ${over}`],
  ["completed", "udp", "ACK", "confirmed", "cancel G, cancel H, set I 5000"],
  ["completed", "tcp", "ACK", "terminated", `cancel G, cancel H, ${over}`],
  ["completed", "udp", "200", "completed", ""],
  ["completed", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["confirmed", "udp", "again", "confirmed", ""],
  ["confirmed", "udp", "ACK", "confirmed", ""],
  ["confirmed", "udp", "timer G", "confirmed", ""],
  ["confirmed", "udp", "timer I", "terminated", over],
  ["accepted", "udp", "again", "accepted", ""],
  ["accepted", "udp", "200", "accepted", "send 200"],
  ["accepted", "udp", "486", "accepted", ""],
  ["accepted", "udp", "ACK", "accepted", "deliver-ack"],
  ["accepted", "udp", "timer L", "terminated", over],
  ["accepted", "udp", "transport error", "accepted", ""],
  ["terminated", "udp", "again", "terminated", ""],
  ["terminated", "udp", "200", "terminated", ""],
  ["terminated", "udp", "ACK", "terminated", ""],
];

function stateOf(name: string): InviteServerState {
  return { name, interval: 500 } as InviteServerState;
}

test.each(TABLE)("in %s over %s, %s leads to %s", (name, transport, event, next, actions) => {
  const [after, done] = stepInviteServer(stateOf(name), serverEvent("INVITE", event), transport === "tcp");
  expect(after.name).toBe(next);
  expect(actionNames(done)).toEqual(listed(actions));
});

test("a silent user makes the transaction answer 100 after 200 ms", () => {
  expect(actionNames(startInviteServer()[1])).toEqual(["set trying 200"]);
});

test("timer G doubles and stays at T2", () => {
  let state = stateOf("completed");
  const waits: string[] = [];
  for (let round = 0; round < 5; round++) {
    const [next, actions] = stepInviteServer(state, { type: "timer", timer: "G" }, false);
    waits.push(actionNames(actions)[1] ?? "");
    state = next;
  }
  expect(waits).toEqual(["set G 1000", "set G 2000", "set G 4000", "set G 4000", "set G 4000"]);
});
