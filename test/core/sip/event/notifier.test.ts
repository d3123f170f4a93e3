import { describe, expect, test } from "vitest";
import { silentLog } from "../../../../core/platform/log.ts";
import type { Subscription } from "../../../../core/sip/event/notifier.ts";
import { Notifier, SEQUENCE_BLOCK } from "../../../../core/sip/event/notifier.ts";
import { cseq, toTag } from "../../../../core/sip/message/fields.ts";
import type { SipRequest, SipResponse } from "../../../../core/sip/message/message.ts";
import { request, responseTo } from "../../../../core/sip/message/message.ts";
import type { ServerTransaction } from "../../../../core/sip/transaction/transaction.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

const WHO = { resource: "sip:bob@b.example", watcher: "sip:alice@a.example", state: "active" } as const;

class Fixture {
  readonly clock: ManualClock;
  /** What is on disk. */
  readonly disk: Map<string, string>;
  readonly notifies: SipRequest[] = [];
  readonly answers: SipResponse[] = [];
  readonly over: string[] = [];
  /** What is true of the resource. */
  truth = "one";
  /** Answers a NOTIFY; a test that wants to hold one replaces this. */
  answer: (notify: SipRequest) => Promise<SipResponse | undefined> = async (notify) => responseTo(notify, 200);
  readonly notifier: Notifier;
  #sequence = 0;

  constructor(disk = new Map<string, string>(), clock = new ManualClock()) {
    this.disk = disk;
    this.clock = clock;
    this.notifier = new Notifier({
      clock,
      random: seededRandom(),
      log: silentLog,
      store: {
        save: (subscription) => void disk.set(subscription.id, JSON.stringify(subscription)),
        remove: (id) => void disk.delete(id),
        all: () => [...disk.values()].map((json) => JSON.parse(json) as Subscription),
      },
      send: (notify) => (this.notifies.push(notify), this.answer(notify)),
      contact: () => "sip:bob@192.0.2.2",
      render: () => ({ contentType: "text/plain", body: this.truth }),
      ended: (_subscription, reason) => void this.over.push(reason),
    });
  }

  transaction(seconds: number, dialogTag?: string, flow = "tcp-1"): ServerTransaction {
    const message = request("SUBSCRIBE", "sip:bob@b.example", [
      ["Via", "SIP/2.0/TCP a.example;branch=z9hG4bK1"],
      ["From", "<sip:alice@a.example>;tag=alice"],
      ["To", `<sip:bob@b.example>${dialogTag === undefined ? "" : `;tag=${dialogTag}`}`],
      ["Call-ID", "call"],
      ["CSeq", `${++this.#sequence} SUBSCRIBE`],
      ["Contact", "<sip:alice@192.0.2.1>"],
      ["Event", "presence;id=x"],
      ["Expires", String(seconds)],
      ["Record-Route", "<sip:proxy.example;lr>"],
    ]);
    const respond = (response: SipResponse): void => void this.answers.push(response);
    const remote = { address: "192.0.2.1", port: 5060 };
    return { request: message, respond, flow: { id: flow, transport: "tcp", remote } } as unknown as ServerTransaction;
  }

  async accepted(seconds = 600): Promise<Subscription> {
    const subscription = this.notifier.accept(this.transaction(seconds), WHO, seconds);
    await this.clock.advance(0);
    if (!subscription) throw new Error("not accepted");
    return subscription;
  }

  async refresh(subscription: Subscription, seconds: number, flow?: string): Promise<void> {
    this.notifier.refresh(this.transaction(seconds, subscription.dialog.localTag, flow), subscription.id, seconds);
    await this.clock.advance(0);
  }

  get states(): readonly string[] {
    return this.notifies.map((notify) => notify.headers.get("subscription-state") ?? "");
  }

  get told(): readonly string[] {
    return this.notifies.map((notify) => notify.body.toString());
  }
}

describe("a SUBSCRIBE", () => {
  test("is answered and then notified in the dialog that it made", async () => {
    const fixture = new Fixture();
    const subscription = await fixture.accepted();
    const [answer] = fixture.answers;
    expect(answer?.status).toBe(200);
    expect(answer && toTag(answer)).toBe(subscription.dialog.localTag);
    expect(answer?.headers.get("expires")).toBe("600");
    expect(answer?.headers.get("record-route")).toBe("<sip:proxy.example;lr>");
    const [notify] = fixture.notifies;
    expect(notify?.uri).toBe("sip:alice@192.0.2.1");
    expect(notify?.headers.get("event")).toBe("presence;id=x");
    expect(notify?.headers.get("route")).toBe("<sip:proxy.example;lr>");
    expect(fixture.states).toEqual(["active;expires=600"]);
  });

  test("without a usable Contact makes no subscription and is not answered", () => {
    const fixture = new Fixture();
    const transaction = fixture.transaction(600);
    const headers = transaction.request.headers.without("contact");
    expect(
      fixture.notifier.accept({ ...transaction, request: { ...transaction.request, headers } }, WHO, 600),
    ).toBeUndefined();
    expect(fixture.answers).toEqual([]);
  });

  test("for no time at all is one look: a NOTIFY with everything, and the end", async () => {
    const fixture = new Fixture();
    await fixture.accepted(0);
    expect(fixture.states).toEqual(["terminated;reason=timeout"]);
    expect(fixture.told).toEqual(["one"]);
    expect(fixture.notifier.count).toBe(0);
    expect(fixture.disk.size).toBe(0);
    expect(fixture.clock.pending).toBe(0);
  });

  test("in the dialog renews, tells again, and finds the watcher on its new connection", async () => {
    const fixture = new Fixture();
    const subscription = await fixture.accepted();
    await fixture.clock.advance(500_000);
    await fixture.refresh(subscription, 600, "tcp-2");
    expect(fixture.states.at(-1)).toBe("active;expires=600");
    await fixture.clock.advance(599_000);
    expect(fixture.notifier.count).toBe(1);
    fixture.notifier.flowLost("tcp-1");
    expect(fixture.notifier.count).toBe(1);
    fixture.notifier.flowLost("tcp-2");
    expect(fixture.notifier.count).toBe(0);
  });

  test("in the dialog that is older than one seen is answered 500", async () => {
    const fixture = new Fixture();
    const subscription = await fixture.accepted();
    const old = fixture.transaction(600, subscription.dialog.localTag);
    await fixture.refresh(subscription, 600);
    fixture.notifier.refresh(old, subscription.id, 600);
    expect(fixture.answers.at(-1)?.status).toBe(500);
  });

  test("in the dialog for no time ends it with a last NOTIFY", async () => {
    const fixture = new Fixture();
    const subscription = await fixture.accepted();
    await fixture.refresh(subscription, 0);
    expect(fixture.states.at(-1)).toBe("terminated;reason=timeout");
    expect(fixture.over).toEqual(["timeout"]);
    expect(fixture.notifier.count).toBe(0);
  });

  test("in a dialog that is over, or just ending, is answered 481 and revives nothing", async () => {
    const fixture = new Fixture();
    const subscription = await fixture.accepted();
    const held = Promise.withResolvers<SipResponse | undefined>();
    fixture.answer = () => held.promise;
    fixture.notifier.terminate(subscription.id, "rejected");
    await fixture.refresh(subscription, 600);
    expect(fixture.answers.at(-1)?.status).toBe(481);
    expect(fixture.disk.size).toBe(0);
    held.resolve(undefined);
    await fixture.clock.advance(0);
    await fixture.refresh(subscription, 600);
    expect(fixture.answers.at(-1)?.status).toBe(481);
  });
});

describe("changes", () => {
  test("while a NOTIFY is under way are told together by the next one", async () => {
    const fixture = new Fixture();
    const subscription = await fixture.accepted();
    const held = Promise.withResolvers<SipResponse | undefined>();
    fixture.answer = () => held.promise;
    for (const truth of ["two", "three", "four"]) {
      fixture.truth = truth;
      fixture.notifier.notify(subscription.id);
    }
    await fixture.clock.advance(0);
    expect(fixture.told).toEqual(["one", "two"]);
    held.resolve(fixture.notifies[1] && responseTo(fixture.notifies[1], 200));
    await fixture.clock.advance(0);
    expect(fixture.told).toEqual(["one", "two", "four"]);
    expect(fixture.notifies.map((notify) => cseq(notify)?.number)).toEqual([1, 2, 3]);
  });

  test("of the state are kept and told", async () => {
    const fixture = new Fixture();
    const subscription = fixture.notifier.accept(fixture.transaction(600), { ...WHO, state: "pending" }, 600);
    await fixture.clock.advance(0);
    fixture.notifier.notify(subscription?.id ?? "", "active");
    await fixture.clock.advance(0);
    expect(fixture.states).toEqual(["pending;expires=600", "active;expires=600"]);
    expect([...fixture.disk.values()][0]).toContain('"state":"active"');
  });

  test("of a failing watcher that may recover are told again with the next one", async () => {
    const fixture = new Fixture();
    const subscription = await fixture.accepted();
    fixture.answer = async (notify) => responseTo(notify, 503);
    fixture.notifier.notify(subscription.id);
    await fixture.clock.advance(0);
    expect(fixture.notifier.count).toBe(1);
  });
});

describe("a watcher", () => {
  test.each([481, 489, 404, undefined])("that answers %s is forgotten", async (status) => {
    const fixture = new Fixture();
    fixture.answer = async (notify) => (status === undefined ? undefined : responseTo(notify, status));
    await fixture.accepted();
    expect(fixture.notifier.count).toBe(0);
    expect(fixture.disk.size).toBe(0);
    expect(fixture.over).toEqual(["noresource"]);
    expect(fixture.clock.pending).toBe(0);
  });

  test("whose time is over is told so", async () => {
    const fixture = new Fixture();
    await fixture.accepted(60);
    await fixture.clock.advance(59_999);
    expect(fixture.states).toHaveLength(1);
    await fixture.clock.advance(1);
    expect(fixture.states.at(-1)).toBe("terminated;reason=timeout");
    expect(fixture.disk.size).toBe(0);
  });

  test("whose connection went during a NOTIFY is not told more, and not written to disk again", async () => {
    const fixture = new Fixture();
    const subscription = await fixture.accepted();
    const held = Promise.withResolvers<SipResponse | undefined>();
    fixture.answer = () => held.promise;
    fixture.notifier.notify(subscription.id);
    fixture.notifier.notify(subscription.id);
    fixture.notifier.flowLost("tcp-1");
    held.resolve(undefined);
    await fixture.clock.advance(0);
    expect(fixture.notifies).toHaveLength(2);
    expect(fixture.disk.size).toBe(0);
    expect(fixture.over).toEqual(["noresource"]);
  });

  test("is found by the event and its id, and listed by whom it watches", async () => {
    const fixture = new Fixture();
    const subscription = await fixture.accepted();
    const inside = fixture.transaction(600, subscription.dialog.localTag).request;
    expect(fixture.notifier.find(inside)?.id).toBe(subscription.id);
    const other = { ...inside, headers: inside.headers.with("Event", "presence") };
    expect(fixture.notifier.find(other)).toBeUndefined();
    expect(fixture.notifier.list({ resource: WHO.resource, event: "presence" })).toHaveLength(1);
    expect(fixture.notifier.list({ watcher: "sip:carol@c.example" })).toHaveLength(0);
  });
});

describe("a restart", () => {
  test("takes up subscriptions with numbers that were never used", async () => {
    const disk = new Map<string, string>();
    const clock = new ManualClock();
    const used = new Set<number>();
    for (let run = 0; run < 4; run++) {
      const fixture = new Fixture(disk, clock);
      if (run === 0) await fixture.accepted();
      else fixture.notifier.restore();
      const [subscription] = fixture.notifier.list({});
      for (let count = 0; count < SEQUENCE_BLOCK * 1.5 + run; count++) {
        fixture.notifier.notify(subscription?.id ?? "");
        await clock.advance(0);
      }
      for (const notify of fixture.notifies) {
        const number = cseq(notify)?.number ?? 0;
        expect(used.has(number)).toBe(false);
        expect(number).toBeGreaterThan(Math.max(0, ...used));
        used.add(number);
      }
      fixture.notifier.close();
    }
  });

  test("drops in silence what ended meanwhile, and ends the rest in time", async () => {
    const disk = new Map<string, string>();
    const clock = new ManualClock();
    const before = new Fixture(disk, clock);
    await before.accepted(60);
    before.notifier.close();
    const soon = new Fixture(new Map(disk), clock);
    soon.notifier.restore();
    await clock.advance(60_000);
    expect(soon.states).toEqual(["terminated;reason=timeout"]);
    const late = new Fixture(disk, clock);
    late.notifier.restore();
    expect(late.notifier.count).toBe(0);
    expect(disk.size).toBe(0);
    expect(late.notifies).toEqual([]);
  });
});

describe("a NOTIFY that is refused", () => {
  test.each([404, 405, 408, 410, 480, 481, 489, 501, 604])(
    "with %i ends the subscription (RFC 5057)",
    async (status) => {
      const fixture = new Fixture();
      fixture.answer = async (notify) => responseTo(notify, status);
      await fixture.accepted();
      expect(fixture.notifier.count).toBe(0);
      expect(fixture.over).toEqual(["noresource"]);
      expect(fixture.notifier.list({ resource: WHO.resource })).toEqual([]);
    },
  );

  test.each([400, 403, 500, 503])("with %i is a trouble of the moment", async (status) => {
    const fixture = new Fixture();
    fixture.answer = async (notify) => responseTo(notify, status);
    await fixture.accepted();
    expect(fixture.notifier.count).toBe(1);
  });
});

test("subscriptions can be looked at, and are found by whom they watch as long as they live", async () => {
  const fixture = new Fixture();
  const subscription = await fixture.accepted(600);
  await fixture.clock.advance(100_000);
  const { resource, watcher } = WHO;
  expect(fixture.notifier.inspect(9)).toEqual([
    { event: "presence", resource, watcher, state: "active", seconds: 500 },
  ]);
  expect(fixture.notifier.inspect(0)).toEqual([]);
  expect(fixture.notifier.list({ resource, event: "presence" })).toHaveLength(1);
  expect(fixture.notifier.list({ resource: watcher })).toEqual([]);
  await fixture.refresh(subscription, 0);
  expect(fixture.notifier.list({ resource })).toEqual([]);
  expect(fixture.notifier.inspect(9)).toEqual([]);
});
