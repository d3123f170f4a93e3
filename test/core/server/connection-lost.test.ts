/** Every way in which a device can go without a goodbye: its watchers hear "connection lost" first, then "offline". */
import { describe, expect, test } from "vitest";
import { PROBE_EVERY, PROBE_WITHIN } from "../../../core/server/probing.ts";
import type { OfficeOptions, Phone } from "./office.ts";
import { Office } from "./office.ts";

const FLOW = '<sip:alice@10.0.0.1;transport=tcp>;+sip.instance="<urn:uuid:1>";reg-id=1';

async function watched(options: OfficeOptions = {}): Promise<{ office: Office; bob: Phone }> {
  const office = await Office.open(options);
  const bob = await office.phone("bob", "192.0.2.20");
  await bob.watch("alice", { headers: ["Expires: 3600"] });
  return { office, bob };
}

/** The states that Bob was told, without repetitions. */
async function seen(bob: Phone): Promise<readonly string[]> {
  const states = await bob.told();
  return states.filter((state, place) => state !== states[place - 1]);
}

describe("a device with a connection", () => {
  test("that the network resets", async () => {
    const { office, bob } = await watched();
    const laptop = await office.streamPhone("alice");
    await laptop.register(FLOW, { expires: 120, headers: ["Supported: outbound"] });
    await laptop.publish("busy");
    await bob.answerAll();
    laptop.peer.close();
    await office.settle();
    expect(await seen(bob)).toEqual(["offline", "busy", "connection-lost"]);
    await office.clock.advance(120_000);
    expect(await seen(bob)).toEqual(["offline", "busy", "connection-lost", "offline"]);
  });

  test("that falls silent although it promised to speak", async () => {
    const { office, bob } = await watched();
    const laptop = await office.streamPhone("alice");
    await laptop.register(FLOW, { expires: 120, headers: ["Supported: outbound"] });
    await laptop.publish("busy");
    await bob.answerAll();
    await office.clock.advance(31_000);
    expect(await seen(bob)).toEqual(["offline", "busy", "connection-lost"]);
  });

  test("that an office which restarts has lost", async () => {
    const { office, bob } = await watched();
    const laptop = await office.streamPhone("alice");
    await laptop.register(FLOW, { expires: 120, headers: ["Supported: outbound"] });
    await laptop.publish("busy");
    await bob.answerAll();
    await office.restart(1_000);
    expect(await seen(bob)).toEqual(["offline", "busy", "connection-lost"]);
  });
});

describe("a device on UDP", () => {
  const PROBED: OfficeOptions = { settings: { "presence.probe": "on" } };

  test("that answers when it is asked and then does not", async () => {
    const { office, bob } = await watched(PROBED);
    const desk = await office.phone("alice", "192.0.2.10");
    await desk.register(undefined, { expires: 600 });
    for (let round = 0; round < 3; round++) {
      await office.clock.advance(PROBE_EVERY);
      await desk.answerAll();
      await bob.answerAll();
    }
    expect(await seen(bob)).toEqual(["offline", "available"]);
    await office.clock.advance(PROBE_EVERY + PROBE_WITHIN);
    expect(await seen(bob)).toEqual(["offline", "available", "connection-lost"]);
  });

  test("that never answers is believed until its registration ends", async () => {
    const { office, bob } = await watched(PROBED);
    const desk = await office.phone("alice", "192.0.2.10");
    await desk.register(undefined, { expires: 300 });
    await office.clock.advance(5_000);
    await bob.answerAll();
    await office.clock.advance(285_000);
    expect(await seen(bob)).toEqual(["offline", "available"]);
    expect(desk.requests("OPTIONS")).toHaveLength(1);
    await office.clock.advance(10_000);
    expect(await seen(bob)).toEqual(["offline", "available", "offline"]);
  });

  test("is not asked while nobody watches", async () => {
    const office = await Office.open(PROBED);
    const desk = await office.phone("alice", "192.0.2.10");
    await desk.register(undefined, { expires: 300 });
    await office.clock.advance(60_000);
    expect(desk.requests("OPTIONS")).toEqual([]);
  });
});
