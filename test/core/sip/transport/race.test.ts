import { describe, expect, test } from "vitest";
import { ATTEMPT_DELAY, firstToConnect } from "../../../../core/sip/transport/race.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { stackOnMemory } from "../stack-on-memory.ts";

interface Made {
  readonly name: string;
  closed: boolean;
  close(): void;
}

const made = (name: string): Made => ({
  name,
  closed: false,
  close() {
    this.closed = true;
  },
});

function race() {
  const clock = new ManualClock();
  const started: string[] = [];
  const [six, four] = [Promise.withResolvers<Made>(), Promise.withResolvers<Made>()];
  const winner = firstToConnect(clock, [
    () => (started.push("six"), six.promise),
    () => (started.push("four"), four.promise),
  ]);
  const outcome = winner.then(
    ({ name }) => name,
    (error: unknown) => String(error),
  );
  return { clock, started, six, four, outcome };
}

describe("of two ways to a server", () => {
  test("the second is not tried when the first connects within ATTEMPT_DELAY", async () => {
    const { clock, started, six, outcome } = race();
    await clock.advance(ATTEMPT_DELAY - 1);
    six.resolve(made("six"));
    expect(await outcome).toBe("six");
    await clock.advance(ATTEMPT_DELAY);
    expect(started).toEqual(["six"]);
    expect(clock.pending).toBe(0);
  });

  test("the second is tried beside the first after ATTEMPT_DELAY, the first to connect is taken, the other closed", async () => {
    const { clock, started, six, four, outcome } = race();
    await clock.advance(ATTEMPT_DELAY);
    expect(started).toEqual(["six", "four"]);
    four.resolve(made("four"));
    expect(await outcome).toBe("four");
    const late = made("six");
    six.resolve(late);
    await clock.advance(0);
    expect(late.closed).toBe(true);
  });

  test("the second is tried at once when the first fails", async () => {
    const { clock, started, six, four, outcome } = race();
    six.reject(new Error("no route"));
    await clock.advance(0);
    expect(started).toEqual(["six", "four"]);
    four.resolve(made("four"));
    expect(await outcome).toBe("four");
  });

  test("the first may still win after the second failed", async () => {
    const { clock, six, four, outcome } = race();
    await clock.advance(ATTEMPT_DELAY);
    four.reject(new Error("refused"));
    await clock.advance(0);
    six.resolve(made("six"));
    expect(await outcome).toBe("six");
  });

  test("what the first said is told when both fail", async () => {
    const { clock, six, four, outcome } = race();
    await clock.advance(ATTEMPT_DELAY);
    four.reject(new Error("refused"));
    six.reject(new Error("no route"));
    expect(await outcome).toBe("Error: no route");
  });
});

test("a name with a dead IPv6 address is reached by IPv4 after a quarter of a second", async () => {
  const { clock, network, stack } = stackOnMemory();
  const listener = await ScriptedPeer.listen(network, { address: "192.0.2.1", port: 5060 });
  const original = network.connectStream;
  network.connectStream = (remote, ...rest) =>
    remote.address === "2001:db8::1" ? new Promise(() => undefined) : original(remote, ...rest);
  const target = {
    transport: "tcp",
    address: "2001:db8::1",
    alternative: "192.0.2.1",
    port: 5060,
    serverName: "b",
  } as const;
  const opening = stack.transport.flowTo(target);
  await clock.advance(ATTEMPT_DELAY - 1);
  expect(listener.peers).toHaveLength(0);
  await clock.advance(1);
  expect((await opening).remote.address).toBe("192.0.2.1");
  expect(await stack.transport.flowTo(target)).toBe(await opening);
});
