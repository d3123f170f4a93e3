/**
 *     user agent                              server
 *         |--SUBSCRIBE (a list of people)------->|
 *         |<-NOTIFY (everybody)------------------|
 *         |<-NOTIFY (who changed)----------------|
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../../core/platform/log.ts";
import { parsePidf } from "../../../core/payload/pidf.ts";
import { pidfToState } from "../../../core/payload/presence-state.ts";
import type { News } from "../../../core/user-agent/user-agent.ts";
import { UserAgent } from "../../../core/user-agent/user-agent.ts";
import { BEGIN_EVERY, BEGIN_TOGETHER, LIST_FROM } from "../../../core/user-agent/watching.ts";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import type { MemoryNetwork } from "../../../core/sip/transport/memory.ts";
import { memoryNetwork } from "../../../core/sip/transport/memory.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { ScriptedPeer } from "../../support/scripted-peer.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { Office } from "../server/office.ts";
import { emptyDns } from "../sip/stack-on-memory.ts";

function agentOn(network: MemoryNetwork, clock: ManualClock, server: string) {
  const states = new Map<string, string>();
  const stateOf = (news: News): string => {
    if ("meaning" in news) return news.meaning;
    const parsed = news.body.length > 0 ? parsePidf(news.body) : undefined;
    return parsed?.ok ? pidfToState(parsed.value, clock.now()).state : news.state;
  };
  const agent = new UserAgent(
    { clock, random: seededRandom(), log: silentLog, network, dns: emptyDns, product: "Test" },
    { aor: "sip:bob@acme.example", password: "pw-bob", instance: "urn:uuid:1", server },
    {
      registration: () => undefined,
      message: async () => 200,
      watched: (resource, news) => void states.set(resource.slice("sip:".length, resource.indexOf("@")), stateOf(news)),
      watcherInfo: () => undefined,
      published: () => undefined,
    },
  );
  onTestFinished(() => agent.close());
  return { agent, states };
}

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `u${String(index).padStart(4, "0")}`);

/** Bob at a real office, with so many colleagues. */
async function atOffice(count: number) {
  const office = await Office.open({ people: ["bob"] });
  for (const name of names(count))
    office.store.accounts.put({ aor: `sip:${name}@acme.example`, administrator: false, disabled: false });
  const bob = agentOn(office.network, office.clock, "tcp:192.0.2.1:5060");
  for (const name of names(count)) bob.agent.watch(`sip:${name}@acme.example`);
  bob.agent.start();
  for (let round = 0; round < 20; round++) await office.settle();
  const subscriptions = (): number =>
    office.store.subscriptions.all().filter((json) => json.includes('"event":"presence"')).length;
  return { office, ...bob, subscriptions };
}

describe("at an office that takes lists", () => {
  test("a thousand people are one subscription, and each is known", async () => {
    const { office, states, subscriptions } = await atOffice(1_000);
    expect([subscriptions(), states.size, new Set(states.values())]).toEqual([1, 1_000, new Set(["offline"])]);
    const u7 = await office.phone("u0007", "192.0.2.10");
    await u7.publish("busy");
    await office.settle();
    expect([states.get("u0007"), states.get("u0008")]).toEqual(["busy", "offline"]);
  });

  test("a few people are watched one by one, and whoever comes later too", async () => {
    const { office, agent, states, subscriptions } = await atOffice(LIST_FROM);
    expect(subscriptions()).toBe(1);
    agent.watch("sip:bob@acme.example");
    await office.settle();
    expect([subscriptions(), states.get("bob")]).toEqual([2, "offline"]);
    expect((await atOffice(LIST_FROM - 1)).subscriptions()).toBe(LIST_FROM - 1);
  });

  test("whoever is not watched any more leaves the list", async () => {
    const { office, agent, states, subscriptions } = await atOffice(LIST_FROM + 2);
    agent.unwatch("sip:u0000@acme.example");
    states.clear();
    await office.clock.advance(3_000);
    expect([subscriptions(), states.has("u0000"), states.get("u0001")]).toEqual([1, false, "offline"]);
  });
});

/** Registers at a server that answers as it is told. */
async function atServer(count: number, supported: string, statusOf: (request: SipRequest) => number) {
  const clock = new ManualClock();
  const network = memoryNetwork({ clock });
  const { peers } = await ScriptedPeer.listen(network, { address: "127.0.0.1", port: 5060 });
  const { agent } = agentOn(network, clock, "tcp:127.0.0.1:5060");
  for (const name of names(count)) agent.watch(`sip:${name}@acme.example`);
  agent.start();
  const asked: SipRequest[] = [];
  const answer = async (): Promise<void> => {
    await clock.advance(0);
    while (peers[0]?.messages[0]?.kind === "request") {
      const request = peers[0].takeRequest();
      asked.push(request);
      const headers: [string, string][] = [
        ["Contact", "<sip:server@127.0.0.1>"],
        ["Expires", "600"],
        ["Supported", supported],
      ];
      await peers[0].answer(request, statusOf(request), { headers });
      await clock.advance(0);
    }
  };
  await answer();
  const watching = (): number =>
    asked.filter(({ method, uri }) => method === "SUBSCRIBE" && /^sip:u\d/.test(uri)).length;
  return { clock, answer, watching, asked };
}

describe("at a server that takes no lists", () => {
  test("each person is asked for alone, a few at a time", async () => {
    const { clock, answer, watching } = await atServer(50, "path", () => 200);
    expect(watching()).toBe(BEGIN_TOGETHER);
    await clock.advance(BEGIN_EVERY);
    await answer();
    expect(watching()).toBe(2 * BEGIN_TOGETHER);
    await clock.advance(BEGIN_EVERY);
    await answer();
    expect(watching()).toBe(50);
  });

  test("one that says it does and refuses is asked for each person alone", async () => {
    const { watching, asked } = await atServer(15, "eventlist, recipient-list-subscribe", (request) =>
      request.headers.has("require") ? 420 : 200,
    );
    expect([watching(), asked.filter(({ headers }) => headers.has("require")).length]).toEqual([15, 1]);
  });
});
