import { describe, expect, test } from "vitest";
import { request } from "../../../../core/sip/message/message.ts";
import type { Dns } from "../../../../core/sip/transport/dns.ts";
import {
  FailedTargets,
  MAX_FAILED_TARGETS,
  MAX_RETRY_AFTER,
  UNREACHABLE_LIFE,
} from "../../../../core/sip/transport/failed-targets.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { emptyDns, stackOnMemory } from "../stack-on-memory.ts";

const place = (number: number) => ({ transport: "tcp", address: `192.0.2.${number}`, port: 5060 }) as const;
const [ONE, TWO, THREE] = [place(1), place(2), place(3)];

function remembering() {
  const clock = new ManualClock();
  return { clock, failed: new FailedTargets(clock) };
}

describe("a target that failed", () => {
  test("is tried last for UNREACHABLE_LIFE, and the order is the same otherwise", async () => {
    const { clock, failed } = remembering();
    failed.unreachable(ONE);
    await clock.advance(UNREACHABLE_LIFE - 1);
    expect(failed.last([ONE, TWO, THREE])).toEqual([TWO, THREE, ONE]);
    await clock.advance(1);
    expect(failed.last([ONE, TWO, THREE])).toEqual([ONE, TWO, THREE]);
  });

  test("is tried in its turn when all have failed", () => {
    const { failed } = remembering();
    for (const one of [TWO, ONE]) failed.silent(one);
    expect(failed.last([ONE, TWO])).toEqual([ONE, TWO]);
  });

  test("is left alone for as long as it wants, up to MAX_RETRY_AFTER seconds", async () => {
    const { clock, failed } = remembering();
    failed.busy(ONE, 5);
    failed.busy(TWO, 1e9);
    await clock.advance(5_000);
    expect(failed.last([TWO, ONE])).toEqual([ONE, TWO]);
    await clock.advance(MAX_RETRY_AFTER * 1_000 - 5_000);
    expect(failed.last([TWO, ONE])).toEqual([TWO, ONE]);
  });

  test("is trusted again when it works, and is another one on another transport or port", () => {
    const { failed } = remembering();
    failed.unreachable(ONE);
    expect(failed.last([{ ...ONE, port: 5070 }, TWO])).toEqual([{ ...ONE, port: 5070 }, TWO]);
    expect(failed.last([{ ...ONE, transport: "tls" }, TWO])[0]).toMatchObject({ transport: "tls" });
    failed.works(ONE);
    expect(failed.last([ONE, TWO])).toEqual([ONE, TWO]);
  });

  test("is one of MAX_FAILED_TARGETS that are remembered, the newest ones", () => {
    const { failed } = remembering();
    for (let count = 0; count <= MAX_FAILED_TARGETS; count++) failed.unreachable({ ...ONE, port: count + 1 });
    const report = failed.report();
    expect(report).toHaveLength(MAX_FAILED_TARGETS);
    expect(report[0]).toEqual({ target: "tcp:192.0.2.1:2", reason: "unreachable", left: UNREACHABLE_LIFE });
  });
});

describe("of two servers", () => {
  const dns: Dns = {
    ...emptyDns,
    srv: async (name) =>
      name === "_sip._tcp.b.example"
        ? [1, 2].map((number) => ({ name: `s${number}.b.example`, port: 5060, priority: number, weight: 0 }))
        : [],
    addresses: async (name) => (/^s\d\./.test(name) ? [`192.0.2.${name[1]}`] : []),
  };

  function options(count: number) {
    return request("OPTIONS", "sip:b.example", [
      ["Max-Forwards", "70"],
      ["From", "<sip:alice@office.example>;tag=a"],
      ["To", "<sip:b.example>"],
      ["Call-ID", `call-${count}`],
      ["CSeq", "1 OPTIONS"],
    ]);
  }

  async function twoServers(firstAnswers: (peer: ScriptedPeer) => Promise<void>, isFirstThere = true) {
    const here = stackOnMemory({}, { dns });
    const first = isFirstThere ? await ScriptedPeer.listen(here.network, ONE) : undefined;
    const second = await ScriptedPeer.listen(here.network, TWO);
    let tries = 0;
    const send = async (wait = 0): Promise<unknown> => {
      const outcome = here.stack.send(options(++tries));
      await here.clock.advance(0);
      const [one] = first?.peers ?? [];
      if (one?.messages.length) await firstAnswers(one);
      await here.clock.advance(wait);
      const [two] = second.peers;
      if (two?.messages.length) await two.answer(two.takeRequest(), 200);
      await here.clock.advance(0);
      return outcome;
    };
    /** Requests that the first one has seen. */
    const seen = (): number => first?.peers[0]?.raw.toString().match(/OPTIONS sip:/g)?.length ?? 0;
    return { ...here, send, seen };
  }

  test("the one that answers 503 with Retry-After is not asked again before that", async () => {
    const { clock, stack, send, seen } = await twoServers((peer) =>
      peer.answer(peer.takeRequest(), 503, { headers: [["Retry-After", "30"]] }),
    );
    await send();
    await send();
    expect(seen()).toBe(1);
    expect(stack.inspect().failedTargets).toEqual([{ target: "tcp:192.0.2.1:5060", reason: "busy", left: 30_000 }]);
    await clock.advance(30_000);
    await send();
    expect(seen()).toBe(2);
  });

  test("the one that answers 503 without it is asked again", async () => {
    const { send, seen } = await twoServers((peer) => peer.answer(peer.takeRequest(), 503));
    await send();
    await send();
    expect(seen()).toBe(2);
  });

  test("the one that takes no connections is not tried again for a while", async () => {
    const { network, stack, send } = await twoServers(async () => undefined, false);
    const tried: string[] = [];
    const original = network.connectStream;
    network.connectStream = (remote, ...rest) => (tried.push(remote.address), original(remote, ...rest));
    expect(await send()).toMatchObject({ kind: "response" });
    expect(await send()).toMatchObject({ kind: "response" });
    expect(tried).toEqual([ONE.address, TWO.address]);
    expect(stack.inspect().failedTargets).toMatchObject([{ reason: "unreachable" }]);
  });

  test("the one that never answers is not waited for twice", async () => {
    const { send, seen, stack } = await twoServers(async (peer) => void peer.takeRequest());
    expect(await send(32_000)).toMatchObject({ kind: "response" });
    expect(stack.inspect().failedTargets).toMatchObject([{ reason: "silent" }]);
    expect(await send()).toMatchObject({ kind: "response" });
    expect(seen()).toBe(1);
  });
});
