import { expect, test } from "vitest";
import { CachedDns } from "../../../../core/sip/transport/dns-cache.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

test("who looks sees listeners, flows, pings, kept DNS answers and failed targets, as plain data", async () => {
  const dnsClock = new ManualClock();
  const dns = new CachedDns(
    {
      naptr: async () => [],
      srv: async () => [],
      addresses: async () => ({ addresses: ["192.0.2.1"], seconds: 30 }),
    },
    dnsClock,
  );
  const { clock, network, stack } = stackOnMemory({}, { dns });
  await stack.listen("udp", HERE);
  await stack.listen("tcp", HERE);
  await ScriptedPeer.connect(network, HERE);
  await dns.addresses("b.example");
  const dead = { transport: "tcp", address: "192.0.2.9", port: 5060, serverName: "dead" } as const;
  await expect(stack.transport.flowTo(dead)).rejects.toMatchObject({ code: "SIP_CONNECT_FAILED" });
  stack.transport.flows[0]?.ping?.(() => undefined);
  stack.transport.datagramFlow({ address: "192.0.2.8", port: 5060 })?.ping?.(() => undefined);
  await clock.advance(1_000);
  const seen = stack.inspect();
  expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
  expect(seen).toMatchObject({
    listeners: [
      { transport: "udp", local: HERE },
      { transport: "tcp", local: HERE },
    ],
    flows: [{ transport: "tcp", inbound: true, age: 1_000, silence: 1_000, pings: { sent: 1, answered: 0 } }],
    stun: [{ local: HERE, answered: 0, ignored: 0, asked: 1, heard: 0, waiting: 1 }],
    failedTargets: [{ target: "tcp:192.0.2.9:5060", reason: "unreachable", left: 59_000 }],
    dns: [{ kind: "addresses", name: "b.example", records: 1, left: 30_000 }],
  });
});
