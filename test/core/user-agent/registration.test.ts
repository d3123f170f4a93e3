import { describe, expect, test } from "vitest";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { responseTo } from "../../../core/sip/message/message.ts";
import type { Outcome } from "../../../core/sip/stack.ts";
import type { Flow } from "../../../core/sip/transport/flow.ts";
import type { Answered } from "../../../core/user-agent/authentication.ts";
import type { Fault } from "../../../core/user-agent/failure.ts";
import { connectionFault } from "../../../core/user-agent/failure.ts";
import type { RegistrationChange } from "../../../core/user-agent/registration.ts";
import { FIRST_WAIT, LONGEST_WAIT, Registration } from "../../../core/user-agent/registration.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { steadyRandom } from "../../support/seeded-random.ts";

class FakeFlow implements Flow {
  readonly id = "flow-1";
  readonly transport: "tcp" | "udp";
  readonly local = { address: "192.0.2.1", port: 40_000 };
  readonly remote = { address: "192.0.2.2", port: 5060 };
  readonly inbound = false;
  open = true;
  pings: ((moved?: boolean) => void)[] = [];
  readonly sent: string[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(transport: "tcp" | "udp" = "tcp") {
    this.transport = transport;
  }

  async send(bytes: Buffer): Promise<void> {
    this.sent.push(bytes.toString());
  }

  close(): void {
    if (!this.open || this.transport === "udp") return;
    this.open = false;
    for (const listener of this.#listeners) listener();
  }

  ping(answered: (moved?: boolean) => void): void {
    this.pings.push(answered);
  }

  whenClosed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

type Headers = readonly (readonly [string, string])[];
type Answer = (sent: SipRequest) => Answered | Promise<Answered>;

const OUTBOUND: Headers = [
  ["Require", "outbound"],
  ["Flow-Timer", "20"],
];

function answer(status: number, headers: Headers = [], rejected = false): Answer {
  return (sent) => {
    const outcome: Outcome = { kind: "response", response: responseTo(sent, status, { headers }), flow: {} as Flow };
    return { outcome, request: sent, rejected };
  };
}

class Fixture {
  readonly clock = new ManualClock();
  readonly sent: SipRequest[] = [];
  readonly flows: FakeFlow[] = [];
  readonly changes: RegistrationChange[] = [];
  answers: Answer[] = [answer(200)];
  connects: (() => Promise<Flow | Fault>)[] = [];
  readonly registration: Registration;
  readonly #transport: "tcp" | "udp";

  constructor(fraction = 1, transport: "tcp" | "udp" = "tcp") {
    this.#transport = transport;
    this.registration = new Registration({
      clock: this.clock,
      random: steadyRandom(fraction),
      aor: "sip:alice@office.example",
      domain: "office.example",
      instance: "urn:uuid:1",
      connect: () => (this.connects.shift() ?? (async () => this.#open()))(),
      send: async (sent) => {
        this.sent.push(sent);
        const next = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
        return (next ?? answer(500))(sent);
      },
      changed: (change) => void this.changes.push(change),
    });
  }

  #open(): FakeFlow {
    const flow = new FakeFlow(this.#transport);
    this.flows.push(flow);
    return flow;
  }

  get flow(): FakeFlow {
    const flow = this.flows.at(-1);
    if (!flow) throw new Error("no connection");
    return flow;
  }

  get states(): readonly string[] {
    return this.changes.map((change) => (change.state === "failed" ? `failed ${change.fault.code}` : change.state));
  }

  async started(): Promise<this> {
    this.registration.start();
    await this.clock.advance(0);
    return this;
  }
}

describe("a registration", () => {
  test("binds this installation to its connection", async () => {
    const fixture = await new Fixture().started();
    const [register] = fixture.sent;
    expect(register?.uri).toBe("sip:office.example");
    expect(register?.headers.get("contact")).toBe(
      '<sip:alice@192.0.2.1:40000;transport=tcp;ob>;+sip.instance="<urn:uuid:1>";reg-id=1;expires=600',
    );
    expect(fixture.states).toEqual(["registering", "registered"]);
    expect(fixture.registration.flow).toBe(fixture.flow);
  });

  test("is renewed at half its life with the next number, and that is no news of a new connection", async () => {
    const fixture = await new Fixture().started();
    await fixture.clock.advance(300_000);
    expect(fixture.sent.map((sent) => sent.headers.get("cseq"))).toEqual(["1 REGISTER", "2 REGISTER"]);
    expect(fixture.changes.at(-1)).toMatchObject({ state: "registered", fresh: false });
    expect(fixture.sent[0]?.headers.get("call-id")).toBe(fixture.sent[1]?.headers.get("call-id"));
  });

  test("lives as long as the server's answer to our own Contact says", async () => {
    const fixture = new Fixture();
    const contacts: Headers = [
      [
        "Contact",
        '<sip:alice@x>;+sip.instance="<urn:uuid:9>";expires=500, <sip:alice@y>;+sip.instance="<urn:uuid:1>";expires=100',
      ],
    ];
    fixture.answers = [answer(200, contacts)];
    await fixture.started();
    await fixture.clock.advance(50_000);
    expect(fixture.sent).toHaveLength(2);
  });

  test("asks for longer when the server wants that", async () => {
    const fixture = new Fixture();
    fixture.answers = [answer(423, [["Min-Expires", "3600"]]), answer(200)];
    await fixture.started();
    expect(fixture.sent.map((sent) => /expires=(\d+)/.exec(sent.headers.get("contact") ?? "")?.[1])).toEqual([
      "600",
      "3600",
    ]);
    expect(fixture.states).toEqual(["registering", "registered"]);
  });

  test("is taken back before the goodbye, and then the connection ends", async () => {
    const fixture = await new Fixture().started();
    const order: string[] = [];
    fixture.answers = [(sent) => (order.push(sent.headers.get("contact") ?? ""), answer(200)(sent))];
    await fixture.registration.stop(async () => void order.push(fixture.flow.open ? "goodbye" : "too late"));
    expect(order).toEqual([expect.stringContaining("expires=0"), "goodbye"]);
    expect(fixture.flow.open).toBe(false);
    expect(fixture.states.at(-1)).toBe("signed-out");
    expect(fixture.clock.pending).toBe(0);
  });

  test("that is stopped while it connects leaves no connection behind", async () => {
    const fixture = new Fixture();
    const late = new FakeFlow();
    const opening = Promise.withResolvers<Flow | Fault>();
    fixture.connects = [() => opening.promise];
    await fixture.started();
    await fixture.registration.stop(async () => undefined);
    opening.resolve(late);
    await fixture.clock.advance(0);
    expect(late.open).toBe(false);
    expect(fixture.sent).toHaveLength(0);
  });
});

describe("a failure", () => {
  test("that may pass is retried ever later, up to a limit", async () => {
    const fixture = new Fixture(1);
    fixture.connects = Array.from(
      { length: 12 },
      () => async () => connectionFault("SIP_CONNECT_FAILED", "", "office.example"),
    );
    await fixture.started();
    const waits: number[] = [];
    for (let round = 0; round < 10; round++) {
      waits.push(fixture.clock.untilNext ?? 0);
      await fixture.clock.advance(fixture.clock.untilNext ?? 0);
    }
    expect(waits.slice(0, 4)).toEqual([FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4, FIRST_WAIT * 8]);
    expect(waits.at(-1)).toBe(LONGEST_WAIT);
  });

  test("is retried after half to all of that time, so that an office does not come back in one moment", async () => {
    const [soonest, latest] = [new Fixture(0), new Fixture(1)];
    for (const fixture of [soonest, latest]) {
      fixture.answers = [answer(503)];
      await fixture.started();
    }
    expect([soonest.clock.untilNext, latest.clock.untilNext]).toEqual([FIRST_WAIT / 2, FIRST_WAIT]);
  });

  test("with Retry-After is retried no sooner, and not after ages", async () => {
    for (const [asked, waited] of [
      ["30", 30_000],
      ["999999", 300_000],
    ] as const) {
      const fixture = new Fixture();
      fixture.answers = [answer(503, [["Retry-After", asked]])];
      await fixture.started();
      expect(fixture.states.at(-1)).toBe("failed server-busy");
      expect(fixture.clock.untilNext).toBe(waited);
    }
  });

  test.each([
    ["a password that is refused", answer(401, [], true), "wrong-password"],
    ["an unknown address", answer(404), "unknown-user"],
    ["a refusal after the password", answer(403), "refused"],
  ])("because of %s is final, and the connection ends", async (_name, refusal, code) => {
    const fixture = new Fixture();
    fixture.answers = [refusal];
    await fixture.started();
    expect(fixture.states).toEqual(["registering", `failed ${code}`]);
    expect(fixture.flow.open).toBe(false);
    expect(fixture.clock.pending).toBe(0);
  });

  test("of a connection that breaks before the first answer is told, for somebody waits", async () => {
    const fixture = new Fixture();
    fixture.answers = [() => new Promise(() => undefined)];
    await fixture.started();
    fixture.flow.close();
    expect(fixture.states).toEqual(["registering", "failed connection-lost"]);
    await fixture.clock.advance(FIRST_WAIT);
    expect(fixture.flows).toHaveLength(2);
  });

  test("is forgotten once a registration stands", async () => {
    const fixture = new Fixture();
    fixture.answers = [answer(503), answer(503), answer(200)];
    await fixture.started();
    await fixture.clock.advance(FIRST_WAIT);
    await fixture.clock.advance(FIRST_WAIT * 2);
    expect(fixture.states.at(-1)).toBe("registered");
    fixture.flow.close();
    expect(fixture.states.at(-1)).toBe("registering");
    expect(fixture.clock.untilNext).toBe(FIRST_WAIT);
  });
});

describe("keep-alives", () => {
  async function kept(headers: Headers): Promise<Fixture> {
    const fixture = new Fixture(0.5);
    fixture.answers = [answer(200, headers)];
    return fixture.started();
  }

  test("leave in the last fifth of the time that the server names", async () => {
    const fixture = await kept([["Flow-Timer", "30"]]);
    await fixture.clock.advance(26_999);
    expect(fixture.flow.pings).toHaveLength(0);
    await fixture.clock.advance(1);
    expect(fixture.flow.pings).toHaveLength(1);
  });

  test("that are answered keep the connection", async () => {
    const fixture = await kept(OUTBOUND);
    for (let round = 0; round < 10; round++) {
      await fixture.clock.advance(18_000);
      fixture.flow.pings.at(-1)?.();
    }
    expect(fixture.flow.open).toBe(true);
    expect(fixture.flow.pings).toHaveLength(10);
  });

  test("without an answer within 10 seconds end it, and it is made anew", async () => {
    const fixture = await kept(OUTBOUND);
    await fixture.clock.advance(18_000 + 9_999);
    expect(fixture.flow.open).toBe(true);
    await fixture.clock.advance(1);
    expect(fixture.flow.open).toBe(false);
    expect(fixture.states.at(-1)).toBe("registering");
    await fixture.clock.advance(FIRST_WAIT);
    expect(fixture.flows).toHaveLength(2);
    expect(fixture.states.at(-1)).toBe("registered");
  });

  test("that a server never promised to answer end nothing until it has answered one", async () => {
    const fixture = await kept([]);
    await fixture.clock.advance(60_000);
    expect(fixture.flow.open).toBe(true);
    fixture.flow.pings.at(-1)?.();
    await fixture.clock.advance(60_000);
    expect(fixture.flows.length).toBeGreaterThan(1);
  });
});

describe("keep-alives by datagrams", () => {
  async function kept(headers: Headers): Promise<Fixture> {
    const fixture = new Fixture(0.5, "udp");
    fixture.answers = [answer(200, headers)];
    return fixture.started();
  }

  test("are CRLFs to a server that does not claim to know STUN, and end nothing", async () => {
    const fixture = await kept([]);
    await fixture.clock.advance(90_000);
    expect(fixture.flow.sent).toEqual(Array(5).fill("\r\n\r\n"));
    expect(fixture.flow.pings).toHaveLength(0);
    expect(fixture.flows).toHaveLength(1);
  });

  test("that are answered keep the registration", async () => {
    const fixture = await kept(OUTBOUND);
    for (let round = 0; round < 10; round++) {
      await fixture.clock.advance(18_000);
      fixture.flow.pings.at(-1)?.(false);
    }
    expect(fixture.flow.sent).toHaveLength(0);
    expect(fixture.flow.pings).toHaveLength(10);
    expect(fixture.flows).toHaveLength(1);
  });

  test("without an answer within 10 seconds, or that are seen from elsewhere, make the registration anew", async () => {
    for (const fail of [
      (fixture: Fixture) => fixture.clock.advance(10_000),
      async (fixture: Fixture) => fixture.flow.pings.at(-1)?.(true),
    ]) {
      const fixture = await kept(OUTBOUND);
      await fixture.clock.advance(18_000);
      await fail(fixture);
      expect(fixture.states.at(-1)).toBe("registering");
      await fixture.clock.advance(FIRST_WAIT);
      expect(fixture.flows).toHaveLength(2);
      expect(fixture.states.at(-1)).toBe("registered");
    }
  });

  test("that are answered after the registration was given up say nothing", async () => {
    const fixture = await kept(OUTBOUND);
    await fixture.clock.advance(28_000 + FIRST_WAIT);
    expect(fixture.flows).toHaveLength(2);
    fixture.flows[0]?.pings.at(-1)?.(true);
    expect(fixture.states.at(-1)).toBe("registered");
  });
});

test("a changed network makes everything anew at once", async () => {
  const fixture = await new Fixture().started();
  const old = fixture.flow;
  fixture.registration.restart();
  await fixture.clock.advance(0);
  expect(old.open).toBe(false);
  expect(fixture.flows).toHaveLength(2);
  expect(fixture.changes.at(-1)).toMatchObject({ state: "registered", fresh: true });
});

test("what an older connection still says is not believed", async () => {
  const fixture = new Fixture();
  const slow = Promise.withResolvers<Answered>();
  fixture.answers = [() => slow.promise, answer(200)];
  await fixture.started();
  fixture.registration.restart();
  await fixture.clock.advance(0);
  const [first] = fixture.sent;
  if (first) slow.resolve(await answer(403)(first));
  await fixture.clock.advance(0);
  expect(fixture.states).toEqual(["registering", "registering", "registered"]);
});
