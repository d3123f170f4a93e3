import { expect, test } from "vitest";
import { inspectionLines, MAX_LINES } from "../../../core/sip/inspection.ts";
import { World } from "./agents-on-memory.ts";

test("what is alive is told line by line", async () => {
  const world = new World();
  const alice = await world.agent("alice", "192.0.2.1");
  const bob = await world.agent("bob", "192.0.2.2");
  alice.invite(bob.uri);
  await world.clock.advance(0);
  bob.call.ring();
  await world.clock.advance(1_500);
  const subscriptions = [
    { event: "presence", resource: "sip:a@x", watcher: "sip:b@x", state: "active", seconds: 60 } as const,
  ];
  const lines = inspectionLines({ stack: bob.stack.inspect(), sessions: bob.sessions.inspect(9), subscriptions });
  const text = lines.join("\n");
  expect(lines.slice(0, 3)).toEqual([
    "listener udp 192.0.2.2:5060",
    "listener tcp 192.0.2.2:5060",
    "transactions: 0 client, 1 server",
  ]);
  expect(text).toMatch(/^transaction server INVITE z9hG4bK\w+ proceeding 1\.5 s$/m);
  expect(text).toMatch(/^session early from <sip:alice@alice\.example> alice-1\|/m);
  expect(text).toMatch(/^subscription presence sip:a@x for sip:b@x active 60 s$/m);
});

test("a long list is cut and counted", async () => {
  const world = new World();
  const stack = (await world.stack("192.0.2.1", ["udp"])).inspect();
  const one = { event: "presence", resource: "sip:a@x", watcher: "sip:b@x", state: "active", seconds: 60 } as const;
  const lines = inspectionLines({ stack, subscriptions: Array.from({ length: MAX_LINES + 7 }, () => one) });
  expect(lines.filter((line) => line.startsWith("subscription"))).toHaveLength(MAX_LINES + 1);
  expect(lines.at(-1)).toBe("subscription: 7 more");
});
