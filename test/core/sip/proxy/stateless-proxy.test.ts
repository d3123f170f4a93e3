import { describe, expect, test } from "vitest";
import { topVia, vias } from "../../../../core/sip/message/fields.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { World } from "../agents-on-memory.ts";
import { AT_PROXY, behindProxy, SALES, statelessProxyOnMemory } from "./proxy-on-memory.ts";

const CALLER = { address: "127.0.0.1", port: 5_090 };
const CALLEE = { address: "127.0.0.1", port: 5_091 };

async function scripted() {
  const world = new World();
  const stack = await statelessProxyOnMemory(world, () => ({ targets: [{ uri: "sip:bob@127.0.0.1:5091", q: 1 }] }));
  const callee = await ScriptedPeer.datagram(world.network, CALLEE, AT_PROXY);
  const settle = (milliseconds = 0): Promise<void> => world.clock.advance(milliseconds);
  return { world, stack, callee, settle };
}

describe("a proxy without state", () => {
  test("carries a call from its INVITE to its BYE, and keeps nothing", async () => {
    const world = new World();
    const alice = behindProxy(await world.agent("alice", "192.0.2.1"), "udp");
    const bob = await world.agent("bob", "192.0.2.2");
    const stack = await statelessProxyOnMemory(world, () => ({ targets: [{ uri: bob.uri, q: 1 }] }));
    alice.invite(SALES);
    await world.clock.advance(0);
    expect(vias(bob.call.request)).toHaveLength(2);
    bob.call.accept({ contentType: "application/sdp", body: "answer" });
    await world.clock.advance(0);
    void alice.session.bye();
    await world.clock.advance(0);
    expect(alice.heard).toEqual(["answered answer", "ended local"]);
    expect(bob.heard).toEqual(["call", "ended remote"]);
    expect(stack.transactions.counts).toEqual({ client: 0, server: 0 });
  });

  test("gives a repetition, the CANCEL and the ACK of a failure the branch of their INVITE", async () => {
    const { world, callee, settle } = await scripted();
    const caller = await ScriptedPeer.datagram(world.network, CALLER, AT_PROXY);
    for (const method of ["INVITE", "INVITE", "CANCEL", "ACK"]) await caller.send(written({ method, uri: SALES }));
    await settle();
    const branches = callee.messages.map((message) => topVia(message)?.branch);
    expect(branches).toHaveLength(4);
    expect(new Set(branches).size).toBe(1);
    await caller.send(written({ method: "INVITE", uri: SALES, via: "UDP 127.0.0.1:5090;branch=z9hG4bKtwo;rport" }));
    await settle();
    const last = callee.messages.at(-1);
    expect(last && topVia(last)?.branch).not.toBe(branches[0]);
  });

  test("gives a caller of RFC 2543 the same branch each time too", async () => {
    const { world, callee, settle } = await scripted();
    const caller = await ScriptedPeer.datagram(world.network, CALLER, AT_PROXY);
    for (let count = 0; count < 2; count++) await caller.send(written({ uri: SALES, via: "UDP 127.0.0.1:5090" }));
    await settle();
    const [one, two] = callee.messages.map((message) => topVia(message)?.branch);
    expect(one).toBe(two);
    await callee.answer(callee.takeRequest(), 200);
    await settle();
    expect(caller.takeResponse().status).toBe(200);
  });

  test("brings the response back over the caller's connection", async () => {
    const { world, callee, settle } = await scripted();
    const caller = await ScriptedPeer.connect(world.network, AT_PROXY);
    await caller.send(written({ uri: SALES, via: "TCP nowhere.invalid;branch=z9hG4bKx;rport" }));
    await settle();
    await callee.answer(callee.takeRequest(), 200);
    await settle();
    expect(caller.takeResponse().status).toBe(200);
  });

  test("takes no response whose Via it did not write", async () => {
    const { world, callee, settle } = await scripted();
    const caller = await ScriptedPeer.connect(world.network, AT_PROXY);
    await caller.send(written({ uri: SALES, via: "TCP nowhere.invalid;branch=z9hG4bKx;rport" }));
    await settle();
    const sent = callee.takeRequest();
    const own = sent.headers.values("via")[0] ?? "";
    const forged = { ...sent, headers: sent.headers.replaceFirstValue("via", own.replace(/z9hG4bK./, "z9hG4bK-")) };
    await callee.answer(forged, 200);
    await settle();
    expect(caller.messages).toHaveLength(0);
  });

  test("answers what it cannot forward, and never an ACK", async () => {
    const { world, callee, settle } = await scripted();
    const caller = await ScriptedPeer.datagram(world.network, CALLER, AT_PROXY);
    await caller.send(written({ uri: SALES }).replace("Max-Forwards: 70", "Max-Forwards: 0"));
    await settle();
    expect(caller.takeResponse().status).toBe(483);
    await caller.send(written({ method: "ACK", uri: SALES }).replace("Max-Forwards: 70", "Max-Forwards: 0"));
    await settle();
    expect(caller.messages).toHaveLength(0);
    expect(callee.messages).toHaveLength(0);
  });
});
