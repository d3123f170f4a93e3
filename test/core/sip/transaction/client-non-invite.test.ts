import { describe, expect, test } from "vitest";
import type { NonInviteClientState } from "../../../../core/sip/transaction/client-non-invite.ts";
import { startNonInviteClient, stepNonInviteClient } from "../../../../core/sip/transaction/client-non-invite.ts";
import type { Row } from "./machine.ts";
import { actionNames, clientEvent, listed } from "./machine.ts";

const over = "terminate";
const answered = "cancel E, cancel F, deliver 200";

/** RFC 3261 figure 6, every state and event. */
const TABLE: readonly Row[] = [
  ["trying", "udp", "100", "proceeding", "deliver 100"],
  ["trying", "udp", "200", "completed", `${answered}, set K 5000`],
  ["trying", "tcp", "200", "terminated", `${answered}, ${over}`],
  ["trying", "udp", "486", "completed", "cancel E, cancel F, deliver 486, set K 5000"],
  ["trying", "udp", "timer E", "trying", "send, set E 1000"],
  ["trying", "udp", "timer F", "terminated", `timed-out, ${over}`],
  ["trying", "udp", "timer K", "terminated", over],
  ["trying", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["proceeding", "udp", "100", "proceeding", "deliver 100"],
  ["proceeding", "udp", "200", "completed", `${answered}, set K 5000`],
  ["proceeding", "tcp", "200", "terminated", `${answered}, ${over}`],
  ["proceeding", "udp", "timer E", "proceeding", "send, set E 4000"],
  ["proceeding", "udp", "timer F", "terminated", `timed-out, ${over}`],
  ["proceeding", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["completed", "udp", "100", "completed", ""],
  ["completed", "udp", "200", "completed", ""],
  ["completed", "udp", "486", "completed", ""],
  ["completed", "udp", "timer E", "completed", ""],
  ["completed", "udp", "timer F", "completed", ""],
  ["completed", "udp", "timer K", "terminated", over],
  ["completed", "udp", "transport error", "completed", ""],
  ["terminated", "udp", "200", "terminated", ""],
  ["terminated", "udp", "timer F", "terminated", ""],
  ["terminated", "udp", "transport error", "terminated", ""],
];

test.each(TABLE)("in %s over %s, %s leads to %s", (name, transport, event, next, actions) => {
  const state = { name, interval: 500 } as NonInviteClientState;
  const [after, done] = stepNonInviteClient(state, clientEvent("MESSAGE", event), transport === "tcp");
  expect(after.name).toBe(next);
  expect(actionNames(done)).toEqual(listed(actions));
});

describe("at the start", () => {
  test("an unreliable transport gets timers E and F", () => {
    const [state, actions] = startNonInviteClient(false);
    expect(state.name).toBe("trying");
    expect(actionNames(actions)).toEqual(["send", "set F 32000", "set E 500"]);
  });

  test("a reliable one gets timer F alone", () => {
    expect(actionNames(startNonInviteClient(true)[1])).toEqual(["send", "set F 32000"]);
  });
});

test("timer E doubles and stays at T2", () => {
  let [state] = startNonInviteClient(false);
  const waits: string[] = [];
  for (let round = 0; round < 6; round++) {
    const [next, actions] = stepNonInviteClient(state, { type: "timer", timer: "E" }, false);
    waits.push(actionNames(actions)[1] ?? "");
    state = next;
  }
  expect(waits).toEqual(["set E 1000", "set E 2000", "set E 4000", "set E 4000", "set E 4000", "set E 4000"]);
});
