import { describe, expect, test } from "vitest";
import { IDLE_TIMEOUT } from "../../../../core/sip/transport/idle.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

/** A stack with one connection that has carried a request; `used` are the flows on which something lives. */
async function connected(used?: Set<string>) {
  const here = stackOnMemory({}, used && { isInUse: (flow) => used.has(flow.id) });
  here.stack.use({ request: (transaction) => here.stack.respond(transaction, 200) });
  await here.stack.listen("tcp", HERE);
  const peer = await ScriptedPeer.connect(here.network, HERE);
  await peer.send(written({ via: "TCP 127.0.0.1:5090;branch=z9hG4bK1" }));
  await here.clock.advance(0);
  const [flow] = here.stack.transport.flows;
  if (!flow) throw new Error("no connection");
  return { ...here, peer, flow };
}

describe("a connection that carries nothing", () => {
  test("ends after IDLE_TIMEOUT when nothing lives on it, and leaves no timer", async () => {
    const { clock, peer } = await connected(new Set());
    await clock.advance(IDLE_TIMEOUT - 1);
    expect(peer.closed).toBe(false);
    await clock.advance(1);
    expect(peer.closed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test("stays while a binding or a subscription lives on it, and ends a while after that", async () => {
    const used = new Set<string>();
    const { clock, peer, flow } = await connected(used);
    used.add(flow.id);
    await clock.advance(4 * IDLE_TIMEOUT);
    expect(peer.closed).toBe(false);
    used.clear();
    await clock.advance(IDLE_TIMEOUT);
    expect(peer.closed).toBe(true);
  });

  test("stays where nobody can say whether something lives on it", async () => {
    const { clock, peer } = await connected();
    await clock.advance(10 * IDLE_TIMEOUT);
    expect(peer.closed).toBe(false);
  });
});

describe("a connection stays", () => {
  test.each([
    ["a keep-alive from the other side", async (peer: ScriptedPeer) => peer.send("\r\n\r\n")],
    [
      "a request from the other side",
      async (peer: ScriptedPeer) => peer.send(written({ via: "TCP 127.0.0.1:5090;branch=z9hG4bK2" })),
    ],
  ])("for IDLE_TIMEOUT after %s", async (_name, carry) => {
    const { clock, peer } = await connected(new Set());
    await clock.advance(IDLE_TIMEOUT - 1);
    await carry(peer);
    await clock.advance(IDLE_TIMEOUT - 1);
    expect(peer.closed).toBe(false);
    await clock.advance(1);
    expect(peer.closed).toBe(true);
  });

  test("for IDLE_TIMEOUT after something from us", async () => {
    const { clock, peer, flow } = await connected(new Set());
    await clock.advance(IDLE_TIMEOUT - 1);
    await flow.send(Buffer.from("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    await clock.advance(IDLE_TIMEOUT - 1);
    expect(peer.closed).toBe(false);
  });

  test("when we opened it, for it is ours to close", async () => {
    const here = stackOnMemory({}, { isInUse: () => false });
    const listener = await ScriptedPeer.listen(here.network, HERE);
    await here.stack.transport.flowTo({ transport: "tcp", ...HERE, serverName: "x" });
    await here.clock.advance(10 * IDLE_TIMEOUT);
    expect(listener.peers[0]?.closed).toBe(false);
  });
});
