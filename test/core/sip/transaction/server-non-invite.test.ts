import { expect, test } from "vitest";
import type { NonInviteServerState } from "../../../../core/sip/transaction/server-non-invite.ts";
import { startNonInviteServer, stepNonInviteServer } from "../../../../core/sip/transaction/server-non-invite.ts";
import type { Row } from "./machine.ts";
import { actionNames, aResponse, listed, serverEvent } from "./machine.ts";

const over = "terminate";

/** RFC 3261 figure 8, every state and event. */
const TABLE: readonly Row[] = [
  ["trying", "udp", "again", "trying", ""],
  ["trying", "udp", "100", "proceeding", "send 100"],
  ["trying", "udp", "200", "completed", "send 200, set J 32000"],
  ["trying", "tcp", "200", "terminated", `send 200, ${over}`],
  ["trying", "udp", "timer G", "trying", ""],
  ["trying", "udp", "ACK", "trying", ""],
  ["trying", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["proceeding", "udp", "again", "proceeding", "send 100"],
  ["proceeding", "udp", "100", "proceeding", "send 100"],
  ["proceeding", "udp", "200", "completed", "send 200, set J 32000"],
  ["proceeding", "tcp", "200", "terminated", `send 200, ${over}`],
  ["proceeding", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["completed", "udp", "again", "completed", "send 200"],
  ["completed", "udp", "100", "completed", ""],
  ["completed", "udp", "486", "completed", ""],
  ["completed", "udp", "timer J", "terminated", over],
  ["completed", "udp", "transport error", "terminated", `transport-failed, ${over}`],
  ["terminated", "udp", "again", "terminated", ""],
  ["terminated", "udp", "200", "terminated", ""],
];

function stateOf(name: string): NonInviteServerState {
  if (name === "proceeding") return { name, last: aResponse("MESSAGE", 100) };
  if (name === "completed") return { name, last: aResponse("MESSAGE", 200) };
  return { name } as NonInviteServerState;
}

test.each(TABLE)("in %s over %s, %s leads to %s", (name, transport, event, next, actions) => {
  const [after, done] = stepNonInviteServer(stateOf(name), serverEvent("MESSAGE", event), transport === "tcp");
  expect(after.name).toBe(next);
  expect(actionNames(done)).toEqual(listed(actions));
});

test("starts in Trying and does nothing", () => {
  expect(startNonInviteServer()).toEqual([{ name: "trying" }, []]);
});
