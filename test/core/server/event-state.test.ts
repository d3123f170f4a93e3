import { describe, expect, test } from "vitest";
import { EventState, MAX_PUBLICATION, MAX_PUBLICATIONS, MIN_PUBLICATION } from "../../../core/server/event-state.ts";
import type { Publish, PublishAnswer } from "../../../core/server/event-state.ts";
import { openGatewayStore } from "../../../core/store/sqlite/gateway-store.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const ALICE = "sip:alice@acme.example";

class Compositor {
  readonly clock = new ManualClock();
  readonly store = openGatewayStore(":memory:", this.clock);
  readonly changed: string[] = [];
  state = this.#make(1);

  async publish(wish: Partial<Publish> = {}): Promise<PublishAnswer> {
    const answer = this.state.publish(publish(wish));
    await this.clock.advance(10);
    return answer;
  }

  /** Publishes and returns the entity tag. */
  async tag(wish: Partial<Publish> = {}): Promise<string> {
    const answer = await this.publish(wish);
    if (answer.status !== 200) throw new Error(`refused with ${answer.status}`);
    return answer.etag;
  }

  restart(): void {
    this.state.close();
    this.state = this.#make(2);
    this.state.restore();
  }

  get bodies(): readonly string[] {
    return this.state.of(ALICE, "presence").map(({ body }) => body);
  }

  #make(seed: number): EventState {
    const { clock, store, changed } = this;
    return new EventState({ clock, store, random: seededRandom(seed), changed: (aor) => void changed.push(aor) });
  }
}

function publish(wish: Partial<Publish>): Publish {
  return {
    aor: ALICE,
    event: "presence",
    seconds: 600,
    contentType: "application/pidf+xml",
    body: "<a/>",
    flow: "udp-1",
    ...wish,
  };
}

/** A PUBLISH that only prolongs. */
function refresh(ifMatch: string): Partial<Publish> {
  const { contentType: _type, ...bare } = publish({ ifMatch, body: "" });
  return { ...bare, contentType: undefined } as never;
}

describe("a publication (RFC 3903)", () => {
  test("is told once when it comes, changes and goes, and never when it is only prolonged", async () => {
    const compositor = new Compositor();
    const first = await compositor.tag();
    const second = await compositor.tag({ ifMatch: first, body: "<b/>" });
    const third = await compositor.tag(refresh(second));
    expect([compositor.bodies, compositor.changed.length]).toEqual([["<b/>"], 2]);
    expect(await compositor.publish({ ifMatch: third, seconds: 0 })).toMatchObject({ status: 200, seconds: 0 });
    expect([compositor.bodies, compositor.changed.length]).toEqual([[], 3]);
    expect(new Set([first, second, third]).size).toBe(3);
  });

  test("under a tag that is old, unknown, of somebody else or of another package is 412", async () => {
    const compositor = new Compositor();
    const first = await compositor.tag();
    const second = await compositor.tag({ ifMatch: first });
    for (const wish of [
      { ifMatch: first },
      { ifMatch: "never" },
      { ifMatch: second, aor: "sip:bob@acme.example" },
      { ifMatch: second, event: "dialog" },
      { ifMatch: first, seconds: 0 },
    ])
      expect(await compositor.publish(wish)).toEqual({ status: 412 });
    expect(compositor.bodies).toHaveLength(1);
  });

  test("of two that replace the same one at the same time only one is taken", async () => {
    const compositor = new Compositor();
    const first = await compositor.tag();
    const answers = await Promise.all([
      compositor.publish({ ifMatch: first, body: "<one/>" }),
      compositor.publish({ ifMatch: first, body: "<two/>" }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 412]);
    expect(compositor.bodies).toEqual(["<one/>"]);
  });

  test("ends when its time is over, and a refresh prolongs it", async () => {
    const compositor = new Compositor();
    const tag = await compositor.tag({ seconds: 60 });
    await compositor.clock.advance(50_000);
    await compositor.publish(refresh(tag));
    await compositor.clock.advance(500_000);
    expect(compositor.bodies).toHaveLength(1);
    await compositor.clock.advance(100_000);
    expect([compositor.bodies, compositor.changed.length]).toEqual([[], 2]);
  });

  test("has a shortest and a longest life", async () => {
    const compositor = new Compositor();
    expect(await compositor.publish({ seconds: MIN_PUBLICATION - 1 })).toEqual({ status: 423 });
    expect(await compositor.publish({ seconds: 100_000 })).toMatchObject({ status: 200, seconds: MAX_PUBLICATION });
  });

  test("needs a body to begin and a tag to end", async () => {
    const compositor = new Compositor();
    const { ifMatch: _tag, ...bare } = refresh("none");
    expect((await compositor.publish(bare)).status).toBe(400);
    expect((await compositor.publish({ seconds: 0 })).status).toBe(400);
  });

  test("too many of one person are refused, those of another are not", async () => {
    const compositor = new Compositor();
    for (let count = 0; count < MAX_PUBLICATIONS; count++) await compositor.tag();
    expect((await compositor.publish()).status).toBe(413);
    expect((await compositor.publish({ aor: "sip:bob@acme.example" })).status).toBe(200);
  });

  test("that is refreshed does not become the newest", async () => {
    const compositor = new Compositor();
    const old = await compositor.tag({ body: "<old/>" });
    await compositor.tag({ body: "<new/>" });
    await compositor.publish(refresh(old));
    expect(compositor.bodies).toEqual(["<old/>", "<new/>"]);
  });

  test("survives a restart with its tag and ends in time", async () => {
    const compositor = new Compositor();
    const tag = await compositor.tag();
    await compositor.clock.advance(300_000);
    compositor.restart();
    expect(compositor.bodies).toEqual(["<a/>"]);
    const next = await compositor.tag({ ifMatch: tag, seconds: 100 });
    await compositor.clock.advance(100_000);
    expect(compositor.bodies).toEqual([]);
    expect((await compositor.publish(refresh(next))).status).toBe(412);
  });

  test("ends with its flow, or with the person", async () => {
    const compositor = new Compositor();
    await compositor.tag({ flow: "tls-1", body: "<one/>" });
    await compositor.tag({ flow: "tls-2", body: "<two/>" });
    compositor.state.flowLost(ALICE, "tls-1");
    expect(compositor.bodies).toEqual(["<two/>"]);
    compositor.state.removeAll(ALICE);
    expect([compositor.bodies, compositor.store.publications.all()]).toEqual([[], []]);
  });
});
