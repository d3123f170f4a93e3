import { describe, expect, test } from "vitest";
import { memoryNetwork } from "../../../../core/sip/transport/memory.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";

const HERE = { address: "127.0.0.1", port: 5060 };
const THERE = { address: "127.0.0.1", port: 5090 };

describe("datagrams", () => {
  test.each([
    ["deliver", 1],
    ["lose", 0],
    ["double", 2],
  ] as const)("whose fate is to %s arrive %i times", async (fate, times) => {
    const clock = new ManualClock();
    const network = memoryNetwork({ clock, delay: 10, fate: () => fate });
    let arrived = 0;
    await network.bindDatagram(HERE, () => arrived++);
    const peer = await ScriptedPeer.datagram(network, THERE, HERE);
    await peer.send("x");
    await clock.advance(9);
    expect(arrived).toBe(0);
    await clock.advance(1);
    expect(arrived).toBe(times);
  });
});

describe("streams", () => {
  async function pair() {
    const clock = new ManualClock();
    const network = memoryNetwork({ clock });
    const listener = await ScriptedPeer.listen(network, HERE);
    const near = await ScriptedPeer.connect(network, HERE);
    return { clock, network, listener, near };
  }

  test("carry bytes in order", async () => {
    const { clock, listener, near } = await pair();
    for (const byte of "abc") await near.send(byte);
    await clock.advance(0);
    expect(listener.peers[0]?.raw.toString()).toBe("abc");
  });

  test("that are cut end on both sides", async () => {
    const { network, listener, near } = await pair();
    network.cut(HERE.address);
    expect([near.closed, listener.peers[0]?.closed]).toEqual([true, true]);
  });

  test("that are silenced carry nothing and nobody hears of it, until they are restored", async () => {
    const { clock, network, listener, near } = await pair();
    network.silence(HERE.address);
    await near.send("lost");
    await clock.advance(0);
    expect(listener.peers[0]?.raw).toHaveLength(0);
    expect(near.closed).toBe(false);
    network.restore(HERE.address);
    await near.send("here");
    await clock.advance(0);
    expect(listener.peers[0]?.raw.toString()).toBe("here");
  });
});

test("an address is bound once", async () => {
  const network = memoryNetwork({ clock: new ManualClock() });
  await network.bindDatagram(HERE, () => undefined);
  await expect(network.bindDatagram(HERE, () => undefined)).rejects.toThrow("in use");
  await network.listenStream(HERE, { connected: () => undefined });
  await expect(network.listenStream(HERE, { connected: () => undefined })).rejects.toThrow("in use");
});
