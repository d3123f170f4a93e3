import { describe, expect, test } from "vitest";
import type { Bridge, EventMessage } from "../../core/bridge/contract.ts";
import { keyOf } from "../../renderer/state/model.ts";
import { createSession, inSequence } from "../../renderer/state/session.ts";
import { createFakeBridge } from "../support/fake-bridge.ts";
import { ANN, ME, presence } from "./samples.ts";

/** Frames that are drawn by hand. */
function manualFrames() {
  const waiting: (() => void)[] = [];
  return {
    frame: (callback: () => void) => void waiting.push(callback),
    draw: () => waiting.splice(0).forEach((callback) => callback()),
    waiting,
  };
}

const opens = (bridge: ReturnType<typeof createFakeBridge>): number =>
  bridge.calls.filter((call) => call.name === "session.open").length;

describe("session", () => {
  test("opens with a snapshot", async () => {
    const session = createSession(createFakeBridge(), manualFrames().frame);
    await session.open();
    expect(session.store.getState()).toMatchObject({ phase: "open" });
    expect(session.store.getState().contacts.size).toBe(17);
  });

  test("a flood of events becomes one change in one frame", async () => {
    const bridge = createFakeBridge();
    const frames = manualFrames();
    const session = createSession(bridge, frames.frame);
    await session.open();
    let changes = 0;
    session.store.subscribe(() => (changes += 1));
    for (let count = 0; count < 100; count += 1) bridge.emit("presence.changed", presence(count % 2 ? "busy" : "away"));
    expect(frames.waiting).toHaveLength(1);
    frames.draw();
    expect(changes).toBe(1);
    expect(session.store.getState().presence.get(keyOf(ME, ANN))?.state).toBe("busy");
  });

  test("a missing number opens the session again, and what follows is heard", async () => {
    const bridge = createFakeBridge();
    const frames = manualFrames();
    const session = createSession(bridge, frames.frame);
    await session.open();
    bridge.skip();
    bridge.emit("presence.changed", presence("busy"));
    frames.draw();
    await Promise.resolve();
    await new Promise(setImmediate);
    expect(opens(bridge)).toBe(2);
    bridge.emit("presence.changed", presence("away"));
    frames.draw();
    expect(session.store.getState().presence.get(keyOf(ME, ANN))?.state).toBe("away");
  });

  test("events that come while it opens are applied after the snapshot, older ones are not", async () => {
    const fake = createFakeBridge();
    fake.emit("presence.changed", presence("busy"));
    const frames = manualFrames();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const bridge: Bridge = {
      subscribe: fake.subscribe,
      invoke: async (name, args) => {
        const value = await fake.invoke(name, args);
        await held;
        return value;
      },
    };
    const session = createSession(bridge, frames.frame);
    const opened = session.open();
    await new Promise(setImmediate);
    fake.emit("presence.changed", presence("away"));
    answer();
    await opened;
    frames.draw();
    expect(session.store.getState().presence.get(keyOf(ME, ANN))?.state).toBe("away");
    expect(opens(fake)).toBe(1);
  });

  test("a refusal and a dead host both end in a sentence", async () => {
    const refusing: Bridge = {
      subscribe: () => () => undefined,
      invoke: async () => ({ ok: false, code: "locked", message: "Another Hallway uses this profile." }),
    };
    const session = createSession(refusing, manualFrames().frame);
    await session.open();
    expect(session.store.getState()).toMatchObject({ phase: "failed", failure: "Another Hallway uses this profile." });

    const dead: Bridge = { ...refusing, invoke: () => Promise.reject(new Error("port closed")) };
    const second = createSession(dead, manualFrames().frame);
    await second.open();
    expect(second.store.getState()).toMatchObject({ phase: "failed", failure: "port closed" });
  });
});

describe("inSequence", () => {
  const event = (seq: number): EventMessage => ({ event: "presence.changed", seq, payload: presence("busy") });

  test("drops what was heard already", () => {
    expect(inSequence([event(3), event(4), event(5)], 4)).toMatchObject({ ready: [event(5)], next: 5, gap: false });
  });

  test("stops at a hole", () => {
    expect(inSequence([event(5), event(7)], 4)).toMatchObject({ ready: [event(5)], next: 5, gap: true });
  });
});
