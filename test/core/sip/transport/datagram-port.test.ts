import { describe, expect, test } from "vitest";
import type { DatagramSocket } from "../../../../core/sip/transport/network.ts";
import { bindingRequest, bindingSuccess, readStun } from "../../../../core/sip/transport/stun.ts";
import {
  MAX_STUN_WAITING,
  STUN_FIRST_WAIT,
  STUN_LAST_WAIT,
  STUN_MAX_SENT,
} from "../../../../core/sip/transport/stun-client.ts";
import { MAX_STUN_PER_SOURCE, MAX_STUN_SOURCES } from "../../../../core/sip/transport/stun-server.ts";
import { written } from "../../../support/sip-lines.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

const THERE = { address: "192.0.2.7", port: 5060 };
const transaction = (count: number): Buffer => Buffer.from(count.toString(16).padStart(24, "0"), "hex");

/** A stack with a UDP socket, and a bare socket across from it. */
async function facing() {
  const here = stackOnMemory();
  await here.stack.listen("udp", HERE);
  const came: Buffer[] = [];
  const socket = await here.network.bindDatagram(THERE, (bytes) => void came.push(bytes));
  const flow = await here.stack.transport.flowTo({ transport: "udp", ...THERE, serverName: "there" });
  const stun = () => here.stack.inspect().stun[0];
  return { ...here, came, socket, flow, stun };
}

/** Answers the newest Binding request as if it had come from that port. */
function answerLast(socket: DatagramSocket, came: readonly Buffer[], port: number): Promise<void> {
  const asked = readStun(came.at(-1) ?? Buffer.alloc(0));
  if (!asked) throw new Error("no Binding request came");
  return socket.send(bindingSuccess(asked, { address: "198.51.100.1", port }), HERE);
}

describe("as a server of STUN", () => {
  test("who asks is told where it was seen, and SIP goes on beside it", async () => {
    const { clock, came, socket, requests } = await facing();
    await socket.send(bindingRequest(transaction(1)), HERE);
    await socket.send(Buffer.from(written()), HERE);
    await clock.advance(0);
    expect(readStun(came[0] ?? Buffer.alloc(0))).toMatchObject({ kind: "success", mapped: THERE });
    expect(requests).toHaveLength(1);
  });

  test("broken requests, indications and answers that nobody waits for bring nothing", async () => {
    const { clock, came, socket } = await facing();
    const request = bindingRequest(transaction(1));
    const asked = readStun(request);
    const indication = Buffer.from(request);
    indication.writeUInt16BE(0x0011, 0);
    await socket.send(indication, HERE);
    await socket.send(Buffer.concat([request, Buffer.alloc(3)]), HERE);
    if (asked) await socket.send(bindingSuccess(asked, THERE), HERE);
    await clock.advance(0);
    expect(came).toHaveLength(0);
  });

  test("MAX_STUN_PER_SOURCE requests of one address are answered within a second", async () => {
    const { clock, came, socket, stun } = await facing();
    for (let count = 0; count <= MAX_STUN_PER_SOURCE; count++)
      await socket.send(bindingRequest(transaction(count)), HERE);
    await clock.advance(999);
    expect(came).toHaveLength(MAX_STUN_PER_SOURCE);
    expect(stun()).toMatchObject({ answered: MAX_STUN_PER_SOURCE, ignored: 1 });
    await clock.advance(1);
    await socket.send(bindingRequest(transaction(1)), HERE);
    await clock.advance(0);
    expect(came).toHaveLength(MAX_STUN_PER_SOURCE + 1);
  });

  test("MAX_STUN_SOURCES addresses are answered within a second, however many are forged", async () => {
    const { clock, network, stun } = await facing();
    for (let count = 0; count <= MAX_STUN_SOURCES; count++) {
      const address = `10.0.${count >> 8}.${count & 0xff}`;
      const socket = await network.bindDatagram({ address, port: 5060 }, () => undefined);
      await socket.send(bindingRequest(transaction(count)), HERE);
    }
    await clock.advance(0);
    expect(stun()).toMatchObject({ answered: MAX_STUN_SOURCES, ignored: 1 });
  });
});

describe("a ping on a datagram flow", () => {
  test("is answered once when the response comes", async () => {
    const { clock, came, socket, flow, stun } = await facing();
    const heard: unknown[] = [];
    flow.ping?.((moved) => heard.push(moved));
    await clock.advance(0);
    await answerLast(socket, came, 4_000);
    await answerLast(socket, came, 4_000);
    await clock.advance(60_000);
    expect(heard).toEqual([false]);
    expect(came).toHaveLength(1);
    expect(stun()).toMatchObject({ asked: 1, heard: 1, waiting: 0 });
  });

  test("tells when we are seen at another address than before", async () => {
    const { clock, came, socket, flow } = await facing();
    const heard: unknown[] = [];
    for (const port of [4_000, 4_000, 4_001, 4_001]) {
      flow.ping?.((moved) => heard.push(moved));
      await clock.advance(0);
      await answerLast(socket, came, port);
      await clock.advance(0);
    }
    expect(heard).toEqual([false, false, true, false]);
  });

  test("is repeated by the rules of STUN, then given up without a word about the flow", async () => {
    const { clock, came, flow, stun } = await facing();
    const times: number[] = [];
    let answered = 0;
    flow.ping?.(() => answered++);
    for (let before = 0; clock.pending > 0;) {
      await clock.advance(clock.untilNext ?? 0);
      if (came.length > before) times.push(clock.monotonic());
      before = came.length;
    }
    expect(times).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(times).toHaveLength(STUN_MAX_SENT);
    expect(clock.monotonic()).toBe(31_500 + STUN_LAST_WAIT);
    expect(STUN_FIRST_WAIT).toBe(500);
    expect(new Set(came.map((bytes) => bytes.toString("hex"))).size).toBe(1);
    expect([answered, flow.open, stun()?.waiting]).toEqual([0, true, 0]);
  });

  test("believes nobody but the one who was asked, and no error", async () => {
    const { clock, network, came, socket, flow } = await facing();
    let answered = 0;
    flow.ping?.(() => answered++);
    await clock.advance(0);
    const stranger = await network.bindDatagram({ address: "192.0.2.66", port: 5060 }, () => undefined);
    await answerLast(stranger, came, 4_000);
    const error = Buffer.from(came[0] ?? Buffer.alloc(0));
    error.writeUInt16BE(0x0111, 0);
    await socket.send(error, HERE);
    await clock.advance(60_000);
    expect(answered).toBe(0);
    expect(came).toHaveLength(1);
  });

  test("is not sent when MAX_STUN_WAITING wait already", async () => {
    const { clock, flow, stun } = await facing();
    for (let count = 0; count <= MAX_STUN_WAITING; count++) flow.ping?.(() => undefined);
    await clock.advance(0);
    expect(stun()).toMatchObject({ asked: MAX_STUN_WAITING, waiting: MAX_STUN_WAITING });
  });

  test("leaves no timer behind when the stack stops", async () => {
    const { clock, stack, flow } = await facing();
    flow.ping?.(() => undefined);
    await clock.advance(0);
    expect(clock.pending).toBe(1);
    stack.close();
    expect(clock.pending).toBe(0);
  });
});
