import { describe, expect, test } from "vitest";
import type { Trouble } from "../../../../core/sip/transport/memory.ts";
import { memoryNetwork } from "../../../../core/sip/transport/memory.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
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

describe("trouble", () => {
  const COUNT = 2_000;

  async function sent(trouble: Omit<Trouble, "random">, seed = 1): Promise<readonly number[]> {
    const clock = new ManualClock();
    const network = memoryNetwork({ clock, trouble: { random: seededRandom(seed), ...trouble } });
    const arrived: number[] = [];
    await network.bindDatagram(HERE, (bytes) => arrived.push(bytes.readUInt16BE()));
    const socket = await network.bindDatagram(THERE, () => undefined);
    for (let count = 0; count < COUNT; count++) await socket.send(Buffer.from([count >> 8, count & 0xff]), HERE);
    await clock.advance(1_000);
    return arrived;
  }

  test("loses the share of datagrams that it is told to, and the same ones for the same seed", async () => {
    const arrived = await sent({ loss: 0.2 });
    expect(arrived.length / COUNT).toBeGreaterThan(0.77);
    expect(arrived.length / COUNT).toBeLessThan(0.83);
    expect(await sent({ loss: 0.2 })).toEqual(arrived);
    expect(await sent({ loss: 0.2 }, 2)).not.toEqual(arrived);
  });

  test("doubles the share that it is told to", async () => {
    const arrived = await sent({ duplication: 0.1 });
    expect(new Set(arrived).size).toBe(COUNT);
    expect(arrived.length / COUNT).toBeGreaterThan(1.07);
    expect(arrived.length / COUNT).toBeLessThan(1.13);
  });

  test("lets datagrams overtake each other by its jitter", async () => {
    const arrived = await sent({ jitter: 50 });
    expect(arrived).toHaveLength(COUNT);
    expect(arrived).not.toEqual(arrived.toSorted((one, other) => one - other));
  });

  test("delivers a stream in small pieces, late, and in order", async () => {
    const clock = new ManualClock();
    const network = memoryNetwork({ clock, trouble: { random: seededRandom(), jitter: 50, piece: 3 } });
    const chunks: Buffer[] = [];
    await network.listenStream(HERE, {
      connected: (connection) =>
        connection.start({ data: (chunk) => void chunks.push(chunk), closed: () => undefined }),
    });
    const near = await network.connectStream(HERE, 1);
    const text = "The quick brown fox jumps over the lazy dog.";
    for (const word of text.split(/(?<= )/)) await near.write(Buffer.from(word));
    expect(chunks).toHaveLength(0);
    await clock.advance(1_000);
    expect(Buffer.concat(chunks).toString()).toBe(text);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(3);
  });

  test.each([0, 1, 7, 12])(
    "cuts a stream after byte %i of both directions together, and the next one not",
    async (bytes) => {
      const clock = new ManualClock();
      const network = memoryNetwork({ clock });
      const listener = await ScriptedPeer.listen(network, HERE);
      const near = await ScriptedPeer.connect(network, HERE);
      network.cutAfter(HERE, bytes);
      await near.send("x".repeat(5));
      await listener.peers[0]?.send("y".repeat(5)).catch(() => undefined);
      await near.send("z".repeat(5)).catch(() => undefined);
      await clock.advance(0);
      expect(near.raw.length + (listener.peers[0]?.raw.length ?? 0)).toBe(bytes);
      expect([near.closed, listener.peers[0]?.closed]).toEqual([true, true]);
      const next = await ScriptedPeer.connect(network, HERE);
      await next.send("x".repeat(100));
      await clock.advance(0);
      expect(next.closed).toBe(false);
    },
  );
});
