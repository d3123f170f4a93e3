import { describe, expect, test } from "vitest";
import type { DnsSource } from "../../../../core/sip/transport/dns.ts";
import {
  CachedDns,
  DNS_FAILURE_LIFE,
  DNS_LIFE,
  DNS_NEGATIVE_LIFE,
  MAX_DNS_ENTRIES,
  MAX_DNS_LIFE,
} from "../../../../core/sip/transport/dns-cache.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const SRV = { name: "one.b.example", port: 5060, priority: 0, weight: 0 };
const NAPTR = { order: 1, preference: 1, service: "SIP+D2U", flags: "s", replacement: "_sip._udp.b.example" };

/** A cache in front of a source that says what it is told to and counts how often it is asked. */
function cached(answers: Partial<DnsSource> = {}) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const look = <T>(kind: string, answer: ((name: string) => Promise<T>) | undefined, otherwise: T) => {
    return async (name: string): Promise<T> => {
      asked.push(`${kind} ${name}`);
      return answer ? answer(name) : otherwise;
    };
  };
  const dns = new CachedDns(
    {
      naptr: look("naptr", answers.naptr, [NAPTR]),
      srv: look("srv", answers.srv, [SRV]),
      addresses: look("addresses", answers.addresses, { addresses: ["192.0.2.1"] }),
    },
    clock,
  );
  return { clock, dns, asked };
}

describe("an answer is kept", () => {
  test.each([30, 300])("for its time to live of %i seconds", async (seconds) => {
    const { clock, dns, asked } = cached({ addresses: async () => ({ addresses: ["192.0.2.1"], seconds }) });
    await dns.addresses("b.example");
    await clock.advance(seconds * 1_000 - 1);
    expect(await dns.addresses("b.example")).toEqual(["192.0.2.1"]);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await dns.addresses("b.example");
    expect(asked).toHaveLength(2);
  });

  test("no longer than MAX_DNS_LIFE, whatever the zone says", async () => {
    const { clock, dns, asked } = cached({ addresses: async () => ({ addresses: ["192.0.2.1"], seconds: 1e6 }) });
    await dns.addresses("b.example");
    await clock.advance(MAX_DNS_LIFE);
    await dns.addresses("b.example");
    expect(asked).toHaveLength(2);
  });

  test("not at all when it lives for no time", async () => {
    const { dns, asked } = cached({ addresses: async () => ({ addresses: ["192.0.2.1"], seconds: 0 }) });
    await dns.addresses("b.example");
    await dns.addresses("b.example");
    expect(asked).toHaveLength(2);
  });

  test("for DNS_LIFE where nobody knows how long it lives, each kind for itself", async () => {
    const { clock, dns, asked } = cached();
    const all = () => Promise.all([dns.naptr("b.example"), dns.srv("b.example"), dns.addresses("b.example")]);
    const first = await all();
    await clock.advance(DNS_LIFE - 1);
    expect(await all()).toEqual(first);
    expect(first).toEqual([[NAPTR], [SRV], ["192.0.2.1"]]);
    expect(asked).toHaveLength(3);
    await clock.advance(1);
    await all();
    expect(asked).toHaveLength(6);
  });

  test("whatever the case of the name", async () => {
    const { dns, asked } = cached();
    await dns.srv("_sip._udp.b.example");
    await dns.srv("_SIP._UDP.B.example");
    expect(asked).toHaveLength(1);
  });

  test("no longer when the machine slept: the wall clock goes on while the other one stands", async () => {
    const { clock, dns, asked } = cached();
    await dns.addresses("b.example");
    clock.jump(DNS_LIFE);
    await dns.addresses("b.example");
    clock.jump(-DNS_LIFE);
    await dns.addresses("b.example");
    expect(asked).toHaveLength(2);
  });
});

test("that something does not exist is believed for DNS_NEGATIVE_LIFE", async () => {
  const { clock, dns, asked } = cached({ srv: async () => [] });
  await dns.srv("b.example");
  await clock.advance(DNS_NEGATIVE_LIFE - 1);
  expect(await dns.srv("b.example")).toEqual([]);
  expect(asked).toHaveLength(1);
  await clock.advance(1);
  await dns.srv("b.example");
  expect(asked).toHaveLength(2);
});

test("a failure is repeated for DNS_FAILURE_LIFE and no longer, and hides nothing else", async () => {
  let works = false;
  const { clock, dns, asked } = cached({
    srv: async () => {
      if (!works) throw new Error("ETIMEOUT");
      return [SRV];
    },
  });
  await expect(dns.srv("b.example")).rejects.toThrow("ETIMEOUT");
  works = true;
  await expect(dns.srv("b.example")).rejects.toThrow("ETIMEOUT");
  expect(asked).toHaveLength(1);
  expect(await dns.addresses("b.example")).toEqual(["192.0.2.1"]);
  await clock.advance(DNS_FAILURE_LIFE);
  expect(await dns.srv("b.example")).toEqual([SRV]);
});

test("many who want to know the same at once ask once", async () => {
  const answer = Promise.withResolvers<{ addresses: readonly string[] }>();
  const { dns, asked } = cached({ addresses: () => answer.promise });
  const waiting = Promise.all(Array.from({ length: 100 }, () => dns.addresses("b.example")));
  answer.resolve({ addresses: ["192.0.2.9"] });
  expect(new Set((await waiting).flat())).toEqual(new Set(["192.0.2.9"]));
  expect(asked).toHaveLength(1);
});

test("MAX_DNS_ENTRIES answers are kept, the newest ones, and can be looked at", async () => {
  const { clock, dns, asked } = cached();
  for (let count = 0; count <= MAX_DNS_ENTRIES; count++) await dns.addresses(`${count}.example`);
  const kept = dns.inspect();
  expect(kept).toHaveLength(MAX_DNS_ENTRIES);
  expect(kept[0]).toEqual({ kind: "addresses", name: "1.example", records: 1, left: DNS_LIFE });
  await dns.addresses("0.example");
  expect(asked).toHaveLength(MAX_DNS_ENTRIES + 2);
  await clock.advance(DNS_LIFE);
  expect(dns.inspect()).toEqual([]);
});
