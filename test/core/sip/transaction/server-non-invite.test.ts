import { expect, test } from "vitest";
import type { NonInviteServerState } from "../../../../core/sip/transaction/server-non-invite.ts";
import { startNonInviteServer, stepNonInviteServer } from "../../../../core/sip/transaction/server-non-invite.ts";
import type { Row } from "./machine.ts";
import { actionNames, listed, serverEvent } from "./machine.ts";

const over = "terminate";
const answered = "cancel trying, cancel late, send";

/** RFC 3261 figure 8 with RFC 4320, every state and event. */
const TABLE: readonly Row[] = [
  ["trying", "udp", "again", "trying", ""],
  ["trying", "udp", "100", "trying", ""],
  ["trying", "tcp", "100", "proceeding", "send 100"],
  ["trying", "tcp", "180", "trying", ""],
  ["trying", "udp", "200", "completed", `${answered} 200, set J 32000`],
  ["trying", "tcp", "200", "terminated", `${answered} 200, ${over}`],
  ["trying", "udp", "408", "trying", ""],
  ["trying", "udp", "timer trying", "proceeding", "send-trying"],
  ["trying", "udp", "timer late", "terminated", `timed-out, ${over}`],
  ["trying", "udp", "timer G", "trying", ""],
  ["trying", "udp", "ACK", "trying", ""],
  ["trying", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["proceeding", "udp", "again", "proceeding", "repeat"],
  ["proceeding", "udp", "100", "proceeding", "send 100"],
  ["proceeding", "udp", "180", "proceeding", ""],
  ["proceeding", "udp", "200", "completed", `${answered} 200, set J 32000`],
  ["proceeding", "tcp", "200", "terminated", `${answered} 200, ${over}`],
  ["proceeding", "udp", "408", "proceeding", ""],
  ["proceeding", "udp", "timer late", "terminated", `timed-out, ${over}`],
  ["proceeding", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["completed", "udp", "again", "completed", "repeat"],
  ["completed", "udp", "100", "completed", ""],
  ["completed", "udp", "486", "completed", ""],
  ["completed", "udp", "timer trying", "completed", ""],
  ["completed", "udp", "timer J", "terminated", over],
  ["completed", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["terminated", "udp", "again", "terminated", ""],
  ["terminated", "udp", "200", "terminated", ""],
];

test.each(TABLE)("in %s over %s, %s leads to %s", (name, transport, event, next, actions) => {
  const [after, done] = stepNonInviteServer(
    { name } as NonInviteServerState,
    serverEvent("MESSAGE", event),
    transport === "tcp",
  );
  expect(after.name).toBe(next);
  expect(actionNames(done)).toEqual(listed(actions));
});

test("starts in Trying, says 100 when the client repeats itself at T2 alone, and ends with the client's timer F", () => {
  const [state, actions] = startNonInviteServer();
  expect(state).toEqual({ name: "trying" });
  expect(actionNames(actions)).toEqual(["set trying 3500", "set late 32000"]);
});
