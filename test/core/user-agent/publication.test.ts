import { describe, expect, test } from "vitest";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { responseTo } from "../../../core/sip/message/message.ts";
import type { Flow } from "../../../core/sip/transport/flow.ts";
import type { Answered } from "../../../core/user-agent/authentication.ts";
import { Publication } from "../../../core/user-agent/publication.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

type Headers = readonly (readonly [string, string])[];
type Answer = (sent: SipRequest) => Answered | Promise<Answered>;

function answer(status: number, headers: Headers = []): Answer {
  return (sent) => ({
    outcome: { kind: "response", response: responseTo(sent, status, { headers }), flow: {} as Flow },
    request: sent,
    rejected: false,
  });
}

const taken = (etag: string, life = "600"): Answer =>
  answer(200, [
    ["SIP-ETag", etag],
    ["Expires", life],
  ]);
const unreachable: Answer = (sent) => ({ outcome: { kind: "timeout" }, request: sent, rejected: false });

class Fixture {
  readonly clock = new ManualClock();
  readonly sent: SipRequest[] = [];
  readonly published: boolean[] = [];
  answers: Answer[];
  readonly publication = new Publication({
    clock: this.clock,
    random: seededRandom(),
    aor: "sip:alice@office.example",
    event: "presence",
    contentType: "application/pidf+xml",
    send: async (sent) => {
      this.sent.push(sent);
      const next = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
      return (next ?? unreachable)(sent);
    },
    changed: (published) => void this.published.push(published),
  });

  constructor(...answers: Answer[]) {
    this.answers = answers;
  }

  /** `body etag expires` of every PUBLISH. */
  get told(): readonly string[] {
    return this.sent.map(({ body, headers }) =>
      [body.toString() || "-", headers.get("sip-if-match") ?? "-", headers.get("expires")].join(" "),
    );
  }

  async ready(body = "one"): Promise<this> {
    this.publication.renew();
    this.publication.publish(body);
    await this.clock.advance(0);
    return this;
  }
}

describe("a publication", () => {
  test("waits for a connection, and is told as held only when the server has said so", async () => {
    const fixture = new Fixture(taken("e1"));
    fixture.publication.publish("one");
    await fixture.clock.advance(60_000);
    expect(fixture.sent).toHaveLength(0);
    fixture.publication.renew();
    expect(fixture.published).toEqual([false]);
    await fixture.clock.advance(0);
    expect(fixture.published).toEqual([false, true]);
    expect(fixture.sent[0]?.headers.get("event")).toBe("presence");
    expect(fixture.sent[0]?.headers.get("content-type")).toBe("application/pidf+xml");
  });

  test("is refreshed by its tag without its body before it ends", async () => {
    const fixture = await new Fixture(taken("e1", "100"), taken("e2", "100")).ready();
    await fixture.clock.advance(79_999);
    expect(fixture.sent).toHaveLength(1);
    await fixture.clock.advance(1);
    await fixture.clock.advance(80_000);
    expect(fixture.told).toEqual(["one - 600", "- e1 600", "- e2 600"]);
  });

  test("is told whole again where the server gave no tag", async () => {
    const fixture = await new Fixture(answer(200, [["Expires", "100"]])).ready();
    await fixture.clock.advance(80_000);
    expect(fixture.told).toEqual(["one - 600", "one - 600"]);
  });

  test("is changed under its tag", async () => {
    const fixture = await new Fixture(taken("e1"), taken("e2")).ready();
    fixture.publication.publish("two");
    await fixture.clock.advance(0);
    expect(fixture.told).toEqual(["one - 600", "two e1 600"]);
  });

  test("that changes quickly is told by the last change, and held only then", async () => {
    const first = Promise.withResolvers<Answered>();
    const fixture = await new Fixture(() => first.promise, taken("e2")).ready();
    for (const body of ["two", "three", "four"]) fixture.publication.publish(body);
    const [sent] = fixture.sent;
    if (sent) first.resolve(await taken("e1")(sent));
    await fixture.clock.advance(0);
    expect(fixture.told).toEqual(["one - 600", "four e1 600"]);
    expect(fixture.published.filter(Boolean)).toHaveLength(1);
  });

  test("is told anew on a new connection, by the tag that may still hold", async () => {
    const fixture = await new Fixture(taken("e1"), taken("e2")).ready();
    fixture.publication.pause();
    await fixture.clock.advance(86_400_000);
    expect(fixture.sent).toHaveLength(1);
    expect(fixture.published.at(-1)).toBe(false);
    fixture.publication.renew();
    await fixture.clock.advance(0);
    expect(fixture.told).toEqual(["one - 600", "one e1 600"]);
    expect(fixture.published.at(-1)).toBe(true);
  });
});

describe("a server", () => {
  test("that has forgotten the tag is told everything", async () => {
    const fixture = await new Fixture(taken("e1", "100"), answer(412), taken("e2")).ready();
    await fixture.clock.advance(80_000);
    expect(fixture.told).toEqual(["one - 600", "- e1 600", "one - 600"]);
  });

  test("that answers 412 to what has no tag does not keep us busy", async () => {
    const fixture = await new Fixture(answer(412)).ready();
    expect(fixture.sent).toHaveLength(1);
    await fixture.clock.advance(15_000);
    expect(fixture.sent).toHaveLength(2);
  });

  test("that wants longer lives gets them", async () => {
    const fixture = await new Fixture(answer(423, [["Min-Expires", "3600"]]), taken("e1", "3600")).ready();
    expect(fixture.told).toEqual(["one - 600", "one - 3600"]);
  });

  test.each([
    ["does not answer", unreachable],
    ["refuses", answer(403)],
    ["wants lives beyond reason", answer(423, [["Min-Expires", "99999999"]])],
  ])("that %s is asked again later", async (_name, failing) => {
    const fixture = await new Fixture(failing, taken("e1")).ready();
    await fixture.clock.advance(14_999);
    expect(fixture.sent).toHaveLength(1);
    await fixture.clock.advance(1);
    expect(fixture.published.at(-1)).toBe(true);
  });
});

describe("taking back", () => {
  test("removes what the server holds", async () => {
    const fixture = await new Fixture(taken("e1"), answer(200)).ready();
    await fixture.publication.stop();
    expect(fixture.told).toEqual(["one - 600", "- e1 0"]);
    await fixture.clock.advance(86_400_000);
    expect(fixture.sent).toHaveLength(2);
  });

  test("waits for the tag of a publication that is just being made", async () => {
    const first = Promise.withResolvers<Answered>();
    const fixture = await new Fixture(() => first.promise, answer(200)).ready();
    const stopped = fixture.publication.stop();
    const [sent] = fixture.sent;
    if (sent) first.resolve(await taken("e1")(sent));
    await stopped;
    expect(fixture.told).toEqual(["one - 600", "- e1 0"]);
    expect(fixture.clock.pending).toBe(0);
  });

  test("says nothing where nothing was published", async () => {
    const fixture = new Fixture(unreachable);
    await fixture.publication.stop();
    expect(fixture.sent).toHaveLength(0);
  });
});
