/**
 *     user agent                server
 *         |-------REGISTER-------->|
 *         |<---------200-----------|
 *         |--SUBSCRIBE, PUBLISH--->|
 *         |<-------MESSAGE---------|
 *         |---200 (once stored)--->|
 */
import { describe, expect, test } from "vitest";
import { silentLog } from "../../../core/platform/log.ts";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { memoryNetwork } from "../../../core/sip/transport/memory.ts";
import type { IncomingMessage } from "../../../core/user-agent/incoming-message.ts";
import type { RegistrationChange } from "../../../core/user-agent/registration.ts";
import type { News } from "../../../core/user-agent/user-agent.ts";
import { UserAgent } from "../../../core/user-agent/user-agent.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { ScriptedPeer } from "../../support/scripted-peer.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { written } from "../../support/sip-lines.ts";
import { emptyDns } from "../sip/stack-on-memory.ts";

const SERVER = { address: "127.0.0.1", port: 5060 };

class Fixture {
  readonly clock = new ManualClock();
  readonly network = memoryNetwork({ clock: this.clock });
  readonly changes: RegistrationChange[] = [];
  readonly messages: IncomingMessage[] = [];
  readonly news: News[] = [];
  readonly published: boolean[] = [];
  /** With which status a message is answered, and when. */
  stored: () => Promise<number> = async () => 200;
  peers: ScriptedPeer[] = [];
  readonly agent: UserAgent;

  /** Services that were looked for. */
  readonly lookedFor: string[] = [];

  /** `server` as a person gives it, or null to have it found. */
  constructor(server: string | null = "tcp:127.0.0.1:5060") {
    const dns = { ...emptyDns, srv: async (name: string) => (this.lookedFor.push(name), []) };
    this.agent = new UserAgent(
      { clock: this.clock, random: seededRandom(), log: silentLog, network: this.network, dns, product: "Test" },
      { aor: "sip:alice@office.example", password: "x", instance: "urn:uuid:1", ...(server !== null && { server }) },
      {
        registration: (change) => void this.changes.push(change),
        message: (message) => (this.messages.push(message), this.stored()),
        watched: (_resource, news) => void this.news.push(news),
        watcherInfo: () => undefined,
        published: (published) => void this.published.push(published),
      },
    );
  }

  get server(): ScriptedPeer {
    const server = this.peers.at(-1);
    if (!server) throw new Error("nobody connected");
    return server;
  }

  get states(): readonly string[] {
    const all = this.changes.map((change) =>
      change.state === "failed" ? `failed ${change.fault.code}` : change.state,
    );
    return all.filter((state, place) => state !== all[place - 1]);
  }

  async listening(): Promise<this> {
    this.peers = (await ScriptedPeer.listen(this.network, SERVER)).peers;
    return this;
  }

  /** Registered, with everything that follows answered 200. */
  async registered(): Promise<this> {
    await this.listening();
    this.agent.start();
    await this.clock.advance(0);
    await this.answerAll();
    return this;
  }

  async answerAll(status = 200): Promise<readonly SipRequest[]> {
    const answered: SipRequest[] = [];
    while (this.server.messages[0]?.kind === "request") {
      const request = this.server.takeRequest();
      answered.push(request);
      const expires = request.headers.get("expires") ?? "600";
      await this.server.answer(request, status, {
        headers: [
          ["Contact", "<sip:server@127.0.0.1>"],
          ["Expires", expires],
        ],
      });
      await this.clock.advance(0);
    }
    return answered;
  }

  async receive(parts: Parameters<typeof written>[0]): Promise<number> {
    await this.server.send(written({ via: "TCP 127.0.0.1:5060;branch=z9hG4bKserver", ...parts }));
    await this.clock.advance(0);
    return this.server.takeResponse().status;
  }
}

const TEXT = { headers: ["Content-Type: text/plain"], body: "hi" };

describe("what comes in", () => {
  test("a message is answered when it is stored, not before", async () => {
    const fixture = await new Fixture().registered();
    const stored = Promise.withResolvers<number>();
    fixture.stored = () => stored.promise;
    await fixture.server.send(written({ ...TEXT, via: "TCP 127.0.0.1:5060;branch=z9hG4bKm" }));
    await fixture.clock.advance(1_000);
    expect(fixture.messages).toMatchObject([{ from: "sip:alice@office.example", text: "hi" }]);
    expect(fixture.server.messages).toHaveLength(0);
    stored.resolve(200);
    await fixture.clock.advance(0);
    expect(fixture.server.takeResponse().status).toBe(200);
  });

  test("a message that cannot be stored is answered 500, so that it comes again", async () => {
    const fixture = await new Fixture().registered();
    fixture.stored = () => Promise.reject(new Error("disk full"));
    expect(await fixture.receive(TEXT)).toBe(500);
  });

  test.each([
    ["a message that is no text", { headers: ["Content-Type: image/png"] }, 415],
    ["a question what we can do", { method: "OPTIONS" }, 200],
    ["a call", { method: "INVITE" }, 405],
    ["a NOTIFY that nobody asked for", { method: "NOTIFY", headers: ["Event: presence"] }, 481],
    ["a CANCEL of nothing", { method: "CANCEL" }, 481],
  ])("%s is answered as it should", async (_name, parts, status) => {
    const fixture = await new Fixture().registered();
    expect(await fixture.receive(parts)).toBe(status);
  });
});

describe("a connection", () => {
  test("takes subscriptions and the publication with it when it is new", async () => {
    const fixture = await new Fixture().listening();
    fixture.agent.watch("sip:bob@office.example");
    fixture.agent.publish("<presence/>");
    fixture.agent.start();
    await fixture.clock.advance(0);
    expect(fixture.server.messages).toHaveLength(1);
    const seen = await fixture.answerAll();
    expect(seen.map(({ method, headers }) => `${method} ${headers.get("event") ?? ""}`.trim()).sort()).toEqual([
      "PUBLISH presence",
      "REGISTER",
      "SUBSCRIBE presence",
      "SUBSCRIBE presence.winfo",
    ]);
    expect(fixture.published.at(-1)).toBe(true);
  });

  test("that breaks is made anew by itself, with everything on it", async () => {
    const fixture = await new Fixture().registered();
    fixture.agent.publish("<presence/>");
    await fixture.answerAll();
    fixture.network.cut("127.0.0.1");
    expect(fixture.published.at(-1)).toBe(false);
    await fixture.clock.advance(1_000);
    expect(fixture.peers).toHaveLength(2);
    const again = await fixture.answerAll();
    expect(again.map(({ method }) => method)).toContain("PUBLISH");
    expect(fixture.states).toEqual(["registering", "registered", "registering", "registered"]);
  });

  test("carries what we watch from now on, and no more what we stop to", async () => {
    const fixture = await new Fixture().registered();
    fixture.agent.watch("sip:bob@office.example");
    fixture.agent.watch("sip:bob@office.example");
    await fixture.clock.advance(0);
    expect((await fixture.answerAll()).map(({ uri }) => uri)).toEqual(["sip:bob@office.example"]);
    fixture.agent.unwatch("sip:bob@office.example");
    await fixture.clock.advance(0);
    expect((await fixture.answerAll()).map(({ headers }) => headers.get("expires"))).toEqual(["0"]);
  });

  test("is not there: messages may be tried again", async () => {
    const fixture = new Fixture();
    expect(await fixture.agent.send({ to: "sip:bob@x.example", messageId: "m", text: "hi", sentAt: 0 })).toEqual({
      kind: "again",
    });
  });
});

describe("a server", () => {
  test("that is not there is said so and tried again", async () => {
    const fixture = new Fixture();
    fixture.agent.start();
    await fixture.clock.advance(0);
    expect(fixture.states).toEqual(["registering", "failed server-unreachable"]);
    await fixture.listening();
    await fixture.clock.advance(1_000);
    await fixture.answerAll();
    expect(fixture.states.at(-1)).toBe("registered");
  });

  test("whose certificate nobody vouches for gets no byte, and is not tried again by itself", async () => {
    const fixture = await new Fixture("tls:127.0.0.1:5060").listening();
    fixture.agent.start();
    await fixture.clock.advance(600_000);
    expect(fixture.changes.at(-1)).toMatchObject({ state: "failed", fault: { passing: false } });
    expect(fixture.peers).toHaveLength(1);
    expect(fixture.server.raw).toHaveLength(0);
  });

  test("that is not given is looked for with TLS alone", async () => {
    const fixture = new Fixture(null);
    fixture.agent.start();
    await fixture.clock.advance(0);
    expect(fixture.lookedFor).toEqual(["_sips._tcp.office.example"]);
    expect(fixture.states.at(-1)).toBe("failed server-not-found");
  });

  test("over UDP finds an address of ours in Contact and Via", async () => {
    const fixture = new Fixture("udp:127.0.0.1:5060");
    let register = "";
    await fixture.network.bindDatagram(SERVER, (bytes) => void (register ||= bytes.toString()));
    fixture.agent.start();
    await fixture.clock.advance(0);
    expect(register).toMatch(/Contact: <sip:alice@127\.0\.0\.1:\d+;transport=udp/);
    expect(register).toMatch(/Via: SIP\/2\.0\/UDP 127\.0\.0\.1:\d+;/);
    expect(register).not.toContain("0.0.0.0");
  });
});

describe("signing out", () => {
  test("takes the binding back first, then publication and subscriptions, then the connection", async () => {
    const fixture = await new Fixture().registered();
    fixture.agent.publish("<presence/>");
    await fixture.clock.advance(0);
    const publish = fixture.server.takeRequest("PUBLISH");
    await fixture.server.answer(publish, 200, {
      headers: [
        ["SIP-ETag", "e1"],
        ["Expires", "600"],
      ],
    });
    await fixture.clock.advance(0);
    const stopped = fixture.agent.stop();
    await fixture.clock.advance(0);
    const said = await fixture.answerAll();
    expect(said[0]?.method).toBe("REGISTER");
    expect(
      said
        .slice(1)
        .map(({ method }) => method)
        .sort(),
    ).toEqual(["PUBLISH", "SUBSCRIBE"]);
    await stopped;
    expect(fixture.server.closed).toBe(true);
    expect(fixture.states.at(-1)).toBe("signed-out");
    expect(fixture.clock.pending).toBe(0);
  });

  test("from a server that does not answer takes two seconds", async () => {
    const fixture = await new Fixture().registered();
    const stopped = fixture.agent.stop();
    await fixture.clock.advance(2_000);
    await stopped;
    expect(fixture.server.closed).toBe(true);
  });
});
