/**
 * Processes that die while messages are on their way, at every place of the way:
 *
 *     alice                 gateway                  bob
 *       |------MESSAGE-->|     |     |                 |
 *       |       cut up --'     |---->|--MESSAGE------->|
 *       |                      |     '-- cut down      | stored
 *       |                      |     |<------200-------|
 *       |               stored |     '-- cut up        |
 *       |<-----200-------|-----|                       |
 *       |  cut down -----'                             |
 *
 * Each client speaks through a relay that counts chunks. At chosen counts the relay loses the chunk and a process is
 * killed in the same moment; then it is started again with the same words and told nothing.
 */
import { expect, test } from "vitest";
import type { Message } from "../../core/bridge/contract.ts";
import type { ByteRelay, Direction } from "../support/byte-relay.ts";
import { byteRelay } from "../support/byte-relay.ts";
import { ClientDied, ClientProcess } from "../support/client-process.ts";
import { eventually } from "../support/eventually.ts";
import { GatewayProcess, passwordOf } from "../support/gateway-process.ts";

/** Milliseconds for the whole of a scenario with two dozen restarts on a busy machine. */
const WHOLE_SCENARIO = 150_000;
/** Messages that each of the two writes around every crash, at least. */
const AROUND_EACH_CRASH = 5;

type Victim = "alice" | "bob" | "gateway";

interface Cut {
  readonly victim: Victim;
  readonly wire: "alice" | "bob";
  readonly direction: Direction;
  /** Chunks that pass in this direction before the one that is lost. */
  readonly after: number;
}

/** Every victim on every wire in every direction, twice, at counts that fall into different steps of the exchange. */
const SCHEDULE: readonly Cut[] = [0, 1].flatMap((round) =>
  (["alice", "gateway", "bob"] as const).flatMap((victim, v) =>
    (["alice", "bob"] as const).flatMap((wire, w) =>
      (["up", "down"] as const).map((direction, d) => ({
        victim,
        wire,
        direction,
        after: 1 + ((v + 2 * w + 3 * d + 5 * round) % 7),
      })),
    ),
  ),
);

test(
  `two people write to each other through ${SCHEDULE.length} crashes: nothing is lost, nothing comes twice, all is in order`,
  { timeout: WHOLE_SCENARIO },
  async () => {
    const gateway = await GatewayProcess.start({ people: ["alice", "bob"] });
    const wires = { alice: await byteRelay(gateway.ports.tls), bob: await byteRelay(gateway.ports.tls) };
    const alice = await signedInOver("alice", gateway, wires.alice, "bob");
    const bob = await signedInOver("bob", gateway, wires.bob, "alice");
    const fromAlice = new Writer(alice, bob);
    const fromBob = new Writer(bob, alice);

    for (const cut of SCHEDULE) {
      const crash = crashAt(wires[cut.wire], cut, { alice, bob, gateway }[cut.victim]);
      await Promise.all([fromAlice.writeAround(crash), fromBob.writeAround(crash), crash.over]);
    }

    for (const writer of [fromAlice, fromBob]) {
      await eventually(`all that ${writer.from.name} wrote is there`, () => writer.hasArrived(), 60_000);
      expect(await writer.sent()).toEqual(writer.texts);
      expect(await writer.received()).toEqual(writer.texts);
      expect(await writer.statuses()).toSatisfy((all: string[]) =>
        all.every((one) => one === "delivered" || one === "stored"),
      );
      expect(writer.texts.length).toBeGreaterThanOrEqual(SCHEDULE.length * AROUND_EACH_CRASH);
    }
    await Promise.all([alice.sees("bob", "available"), bob.sees("alice", "available")]);
    await alice.do("presence.set", { state: "busy", note: "still here" });
    expect(await bob.sees("alice", "busy")).toMatchObject({ note: "still here" });
  },
);

interface Crash {
  /** The process is gone, and perhaps back. */
  readonly happened: boolean;
  /** Resolves when the process runs again. */
  readonly over: Promise<void>;
}

/** Loses the chunk that the cut names, and kills the process in the same moment; then starts it with the same words. */
function crashAt(
  wire: ByteRelay,
  { direction, after }: Cut,
  victim: { kill(): Promise<void>; restart(): void | Promise<void> },
): Crash {
  let passed = 0;
  let happened = false;
  const over = new Promise<void>((resolve, reject) => {
    wire.passes = (way) => {
      if (way !== direction || passed++ < after) return false;
      wire.passes = () => false;
      happened = true;
      victim
        .kill()
        .then(() => victim.restart())
        .then(resolve, reject);
      return true;
    };
  });
  return {
    over,
    get happened() {
      return happened;
    },
  };
}

/** One person who writes to another, and what should come of it. */
class Writer {
  readonly from: ClientProcess;
  readonly to: ClientProcess;
  /** All that was written, in order. */
  readonly texts: string[] = [];

  constructor(from: ClientProcess, to: ClientProcess) {
    this.from = from;
    this.to = to;
  }

  /** Writes some, and goes on one by one until the crash has happened. */
  async writeAround(crash: Crash): Promise<void> {
    for (let count = 0; count < AROUND_EACH_CRASH || !crash.happened; count++) {
      await this.#write(`${this.from.name} ${this.texts.length}`);
      if (count >= AROUND_EACH_CRASH)
        await eventually("the message left", async () => crash.happened || (await this.#hasLeft()));
    }
  }

  /** Everything has reached the other side, and its writer knows so. */
  async hasArrived(): Promise<boolean> {
    return (await this.#hasLeft()) && (await this.received()).includes(this.texts.at(-1) ?? "");
  }

  async sent(): Promise<readonly string[]> {
    return (await this.#outgoing()).map(({ text }) => text);
  }

  async statuses(): Promise<readonly (string | undefined)[]> {
    return (await this.#outgoing()).map(({ status }) => status);
  }

  async received(): Promise<readonly string[]> {
    const history = await this.to.history(this.from.name);
    return history.filter(({ outgoing }) => !outgoing).map(({ text }) => text);
  }

  /** What was being written when the client died is looked up afterwards, as a person would, and written again. */
  async #write(text: string): Promise<void> {
    for (;;) {
      const done = await unlessDead(this.from.do("message.send", { to: this.to.address, text }));
      if (done || (await eventually("the client answers", () => unlessDead(this.sent()))).includes(text)) break;
    }
    this.texts.push(text);
  }

  async #hasLeft(): Promise<boolean> {
    const last = (await unlessDead(this.#outgoing()))?.at(-1);
    return last?.text === this.texts.at(-1) && (last?.status === "delivered" || last?.status === "stored");
  }

  async #outgoing(): Promise<readonly Message[]> {
    return (await this.from.history(this.to.name)).filter(({ outgoing }) => outgoing);
  }
}

/** The value, or nothing when the process died before it answered. */
async function unlessDead<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ClientDied) return undefined;
    throw error;
  }
}

async function signedInOver(
  name: string,
  gateway: GatewayProcess,
  wire: ByteRelay,
  contact: string,
): Promise<ClientProcess> {
  const client = ClientProcess.start(name);
  await client.do("account.signIn", {
    address: client.address,
    password: passwordOf(name),
    server: `tls:127.0.0.1:${wire.port}`,
    trust: gateway.fingerprint,
  });
  await client.do("contact.add", { address: `${contact}@acme.example` });
  return client;
}
