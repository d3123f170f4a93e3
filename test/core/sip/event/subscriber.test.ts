import { describe, expect, test } from "vitest";
import type { Retry } from "../../../../core/sip/event/retry.ts";
import type { Notification, Sent } from "../../../../core/sip/event/subscriber.ts";
import { Subscriber, TIMER_N } from "../../../../core/sip/event/subscriber.ts";
import { callId, cseq, fromTag } from "../../../../core/sip/message/fields.ts";
import type { SipRequest, SipResponse } from "../../../../core/sip/message/message.ts";
import { request, responseTo } from "../../../../core/sip/message/message.ts";
import type { ServerTransaction } from "../../../../core/sip/transaction/transaction.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { steadyRandom } from "../../../support/seeded-random.ts";

const LIFE = 600;
const CONTACT = ["Contact", "<sip:bob@192.0.2.2>"] as const;

type Answer = (sent: SipRequest) => SipResponse | undefined;

/** 200 with the life that was asked for. */
function granted(sent: SipRequest): SipResponse {
  return responseTo(sent, 200, { toTag: "bob", headers: [CONTACT, ["Expires", sent.headers.get("expires") ?? ""]] });
}

function refused(status: number, headers: readonly (readonly [string, string])[] = []): Answer {
  return (sent) => responseTo(sent, status, { headers });
}

class Fixture {
  readonly clock = new ManualClock();
  readonly sent: SipRequest[] = [];
  readonly news: (Notification | Retry)[] = [];
  /** How the next SUBSCRIBEs are answered; the last one stays. */
  answers: Answer[] = [granted];
  /** Adds as many to CSeq as challenges would. */
  challenges = 0;
  readonly subscriber: Subscriber;
  #notifySequence = 100;

  constructor(seconds = LIFE) {
    this.subscriber = new Subscriber({
      clock: this.clock,
      random: steadyRandom(0.5),
      resource: "sip:bob@b.example",
      watcher: "sip:alice@a.example",
      event: "presence",
      accept: "application/pidf+xml",
      expires: seconds,
      headers: () => [
        ["Contact", "<sip:alice@192.0.2.1>"],
        ["Route", "<sip:own.example;lr>"],
      ],
      send: (sent) => this.#send(sent),
      notified: (notification) => void this.news.push(notification),
      failed: (retry) => void this.news.push(retry),
    });
  }

  async #send(sent: SipRequest): Promise<Sent> {
    this.sent.push(sent);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    const number = (cseq(sent)?.number ?? 0) + this.challenges;
    const left = { ...sent, headers: sent.headers.with("CSeq", `${number} SUBSCRIBE`) };
    const response = answer?.(left);
    await Promise.resolve();
    return { request: left, ...(response && { response }) };
  }

  get last(): SipRequest {
    const last = this.sent.at(-1);
    if (!last) throw new Error("nothing was sent");
    return last;
  }

  /** A NOTIFY in the dialog of the last SUBSCRIBE; the status it is answered with, or whether it was not ours. */
  notify(
    state: string,
    parts: { sequence?: number; tag?: string; event?: string; headers?: readonly (readonly [string, string])[] } = {},
  ) {
    const number = parts.sequence ?? ++this.#notifySequence;
    const message = request(
      "NOTIFY",
      "sip:alice@192.0.2.1",
      [
        ["Via", "SIP/2.0/TCP b.example;branch=z9hG4bK1"],
        ["From", `<sip:bob@b.example>;tag=${parts.tag ?? "bob"}`],
        ["To", `<sip:alice@a.example>;tag=${fromTag(this.last) ?? ""}`],
        ["Call-ID", callId(this.last)],
        ["CSeq", `${number} NOTIFY`],
        CONTACT,
        ["Event", parts.event ?? "presence"],
        ["Subscription-State", state],
        ["Content-Type", "application/pidf+xml"],
        ...(parts.headers ?? []),
      ],
      "<presence/>",
    );
    let status: number | undefined;
    const transaction = { request: message, respond: (response: SipResponse) => (status = response.status) };
    return this.subscriber.handle(transaction as unknown as ServerTransaction) ? status : "not ours";
  }

  async started(): Promise<this> {
    this.subscriber.start();
    await this.clock.advance(0);
    return this;
  }
}

async function active(): Promise<Fixture> {
  const fixture = await new Fixture().started();
  fixture.notify(`active;expires=${LIFE}`);
  fixture.news.length = 0;
  return fixture;
}

describe("a subscription", () => {
  test("is asked for, notified and renewed within its dialog before it ends", async () => {
    const fixture = await new Fixture().started();
    expect(fixture.last.headers.get("to")).toBe("<sip:bob@b.example>");
    expect(fixture.last.headers.get("route")).toBe("<sip:own.example;lr>");
    expect(fixture.notify("active;expires=600")).toBe(200);
    expect(fixture.news).toMatchObject([{ state: "active", contentType: "application/pidf+xml" }]);
    await fixture.clock.advance(479_999);
    expect(fixture.sent).toHaveLength(1);
    await fixture.clock.advance(1);
    const refresh = fixture.last;
    expect(refresh.uri).toBe("sip:bob@192.0.2.2");
    expect(refresh.headers.get("to")).toBe("<sip:bob@b.example>;tag=bob");
    expect(refresh.headers.get("cseq")).toBe("2 SUBSCRIBE");
    expect(refresh.headers.has("route")).toBe(false);
  });

  test("is renewed sooner when the notifier shortens it, not later when it lengthens it", async () => {
    const fixture = await new Fixture().started();
    fixture.notify("active;expires=4000000000");
    fixture.notify("active;expires=100");
    await fixture.clock.advance(80_000);
    expect(fixture.sent).toHaveLength(2);
    const lengthened = await new Fixture().started();
    lengthened.notify("active;expires=4000000000");
    await lengthened.clock.advance(480_000);
    expect(lengthened.sent).toHaveLength(2);
  });

  test("goes on behind the numbers that credentials used up", async () => {
    const fixture = new Fixture();
    fixture.challenges = 2;
    await fixture.started();
    fixture.notify("active");
    await fixture.clock.advance(480_000);
    expect(fixture.last.headers.get("cseq")).toBe("4 SUBSCRIBE");
  });

  test("follows the notifier to the Contact of a refresh's answer", async () => {
    const fixture = await active();
    fixture.answers = [(sent) => responseTo(sent, 200, { headers: [["Contact", "<sip:bob@192.0.2.99>"]] })];
    await fixture.clock.advance(480_000);
    await fixture.subscriber.stop();
    expect(fixture.last.uri).toBe("sip:bob@192.0.2.99");
  });
});

describe("a NOTIFY", () => {
  test("that overtakes the answer to its SUBSCRIBE makes the dialog", async () => {
    const fixture = new Fixture();
    fixture.subscriber.start();
    expect(fixture.notify("pending;expires=600")).toBe(200);
    await fixture.clock.advance(0);
    expect(fixture.news).toMatchObject([{ state: "pending" }]);
    expect(fixture.notify("active;expires=600")).toBe(200);
    await fixture.clock.advance(480_000);
    expect(fixture.last.headers.get("to")).toBe("<sip:bob@b.example>;tag=bob");
  });

  test("out of order is answered 500 and not believed", async () => {
    const fixture = await active();
    expect(fixture.notify("active", { sequence: 50 })).toBe(500);
    expect(fixture.news).toEqual([]);
  });

  test.each([
    ["of another event", { event: "dialog" }],
    ["of a second notifier after a fork", { tag: "other" }],
  ])("%s is not ours", async (_name, parts) => {
    const fixture = await active();
    expect(fixture.notify("active", parts)).toBe("not ours");
  });

  test("that never comes makes the subscription be asked for anew after timer N", async () => {
    const fixture = await new Fixture().started();
    await fixture.clock.advance(TIMER_N - 1);
    expect(fixture.news).toEqual([]);
    await fixture.clock.advance(1);
    expect(fixture.news).toMatchObject([{ meaning: "unreachable", delay: 2_000 }]);
    await fixture.clock.advance(2_000);
    expect(fixture.sent).toHaveLength(2);
    expect(callId(fixture.last)).not.toBe(callId(fixture.sent[0] ?? fixture.last));
  });
});

describe("the end of a subscription", () => {
  test.each([
    ["deactivated", 0],
    ["timeout", 0],
    ["probation;retry-after=30", 30_000],
    ["giveup;retry-after=30", 30_000],
    ["something", 2_000],
  ])("because of %s is followed by a new one after %i ms", async (reason, delay) => {
    const fixture = await active();
    await fixture.clock.advance(60_000);
    fixture.notify(`terminated;reason=${reason}`);
    await fixture.clock.advance(Math.max(delay - 1, 0));
    expect(fixture.sent).toHaveLength(delay === 0 ? 2 : 1);
    await fixture.clock.advance(delay === 0 ? 0 : 1);
    expect(fixture.sent).toHaveLength(2);
    expect(fixture.last.headers.get("to")).toBe("<sip:bob@b.example>");
  });

  test.each(["rejected", "noresource", "invariant"])("because of %s is final", async (reason) => {
    const fixture = await active();
    fixture.notify(`terminated;reason=${reason}`);
    await fixture.clock.advance(86_400_000);
    expect(fixture.sent).toHaveLength(1);
    expect(fixture.clock.pending).toBe(0);
  });

  test("as soon as it is made, again and again, does not keep us busy", async () => {
    const fixture = await new Fixture().started();
    for (let seconds = 0; seconds < 20; seconds++) {
      fixture.notify("terminated;reason=deactivated");
      await fixture.clock.advance(1_000);
    }
    expect(fixture.sent.length).toBeLessThanOrEqual(11);
  });
});

describe("a refusal", () => {
  test("with 423 is followed by one that asks for long enough, once at once", async () => {
    const fixture = new Fixture();
    fixture.answers = [refused(423, [["Min-Expires", "900"]]), granted];
    await fixture.started();
    expect(fixture.sent.map((sent) => sent.headers.get("expires"))).toEqual(["600", "900"]);
  });

  test("with a 423 that asks for less, or for ages, is a failure", async () => {
    for (const least of ["10", "9999999"]) {
      const fixture = new Fixture();
      fixture.answers = [refused(423, [["Min-Expires", least]])];
      await fixture.started();
      expect(fixture.news).toMatchObject([{ meaning: "unreachable" }]);
    }
  });

  test("of a refresh with 481 is followed by a new subscription at once", async () => {
    const fixture = await active();
    fixture.answers = [refused(481), granted];
    await fixture.clock.advance(480_000);
    expect(fixture.sent).toHaveLength(3);
    expect(fixture.last.headers.get("to")).toBe("<sip:bob@b.example>");
  });

  test("with 481 of what is no refresh is not repeated at once", async () => {
    const fixture = new Fixture();
    fixture.answers = [refused(481)];
    await fixture.started();
    expect(fixture.sent).toHaveLength(1);
    await fixture.clock.advance(2_000);
    expect(fixture.sent).toHaveLength(2);
  });

  test("of a refresh that may pass leaves the subscription until its end", async () => {
    const fixture = await active();
    fixture.answers = [refused(503), refused(503), granted];
    await fixture.clock.advance(480_000);
    expect(fixture.news).toEqual([]);
    await fixture.clock.advance(2_000);
    await fixture.clock.advance(4_000);
    expect(fixture.sent).toHaveLength(4);
    expect(fixture.last.headers.get("to")).toBe("<sip:bob@b.example>;tag=bob");
    expect(fixture.news).toEqual([]);
  });

  test("of every refresh is told when the subscription is over", async () => {
    const fixture = await active();
    fixture.answers = [() => undefined];
    await fixture.clock.advance(601_000);
    expect(fixture.news).toMatchObject([{ meaning: "unreachable" }]);
  });

  test.each([404, 403, 489])("with %i is final", async (status) => {
    const fixture = new Fixture();
    fixture.answers = [refused(status)];
    await fixture.started();
    expect(fixture.news).toHaveLength(1);
    expect(fixture.clock.pending).toBe(0);
  });
});

describe("who stops watching", () => {
  test("says so in the dialog, and takes the last NOTIFY", async () => {
    const fixture = await active();
    const stopped = fixture.subscriber.stop();
    expect(fixture.last.headers.get("expires")).toBe("0");
    expect(fixture.notify("terminated;reason=timeout")).toBe(200);
    await stopped;
    expect(fixture.notify("active")).toBe("not ours");
    await fixture.clock.advance(86_400_000);
    expect(fixture.sent).toHaveLength(2);
  });

  test("before the first answer leaves the NOTIFY to be refused", async () => {
    const fixture = new Fixture();
    fixture.subscriber.start();
    await fixture.subscriber.stop();
    expect(fixture.notify("active")).toBe("not ours");
    await fixture.clock.advance(86_400_000);
    expect(fixture.sent).toHaveLength(1);
    expect(fixture.news).toEqual([]);
  });

  test("twice says so once", async () => {
    const fixture = await active();
    await fixture.subscriber.stop();
    await fixture.subscriber.stop();
    expect(fixture.sent).toHaveLength(2);
  });
});

describe("when the way to the notifier", () => {
  test("is lost nothing is tried until there is another one", async () => {
    const fixture = await active();
    fixture.subscriber.pause();
    await fixture.clock.advance(86_400_000);
    expect(fixture.sent).toHaveLength(1);
    fixture.subscriber.restart();
    await fixture.clock.advance(0);
    expect(fixture.sent).toHaveLength(2);
    expect(fixture.last.headers.get("to")).toBe("<sip:bob@b.example>");
    expect(fixture.notify("active", { sequence: 1 })).toBe(200);
  });

  test("changes while an answer is due, that answer counts for nothing", async () => {
    const fixture = new Fixture();
    fixture.answers = [refused(404), granted];
    fixture.subscriber.start();
    fixture.subscriber.restart();
    await fixture.clock.advance(0);
    expect(fixture.news).toEqual([]);
    expect(fixture.notify("active")).toBe(200);
  });
});

describe("one look", () => {
  test("brings the state and leaves nothing behind", async () => {
    const fixture = await new Fixture(0).started();
    expect(fixture.last.headers.get("expires")).toBe("0");
    expect(fixture.notify("terminated;reason=timeout")).toBe(200);
    expect(fixture.news).toMatchObject([{ state: "terminated" }]);
    await fixture.clock.advance(100_000);
    expect(fixture.sent).toHaveLength(1);
    expect(fixture.clock.pending).toBe(0);
  });

  test("that nobody answers has failed, and is not tried again", async () => {
    const fixture = await new Fixture(0).started();
    await fixture.clock.advance(TIMER_N);
    expect(fixture.news).toEqual([{ meaning: "unreachable" }]);
    await fixture.clock.advance(400_000);
    expect(fixture.sent).toHaveLength(1);
  });
});

describe("a SUBSCRIBE that forks", () => {
  test("is the subscription of the notifier whose NOTIFY is first, whoever else answers", async () => {
    const fixture = new Fixture();
    fixture.answers = [(sent) => (fixture.notify("active;expires=600", { tag: "other" }), granted(sent))];
    await fixture.started();
    expect(fixture.notify("active;expires=600")).toBe("not ours");
    expect(fixture.notify("active;expires=600", { tag: "other" })).toBe(200);
    await fixture.clock.advance(480_000);
    expect(fixture.last.headers.get("to")).toContain("tag=other");
  });
});

test("a subscription can be looked at", async () => {
  const fixture = await active();
  await fixture.clock.advance(100_000);
  expect(fixture.subscriber.inspect()).toEqual({
    event: "presence",
    resource: "sip:bob@b.example",
    state: "active",
    seconds: LIFE - 100,
  });
});
