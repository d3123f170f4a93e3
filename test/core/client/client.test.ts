import { describe, expect, test } from "vitest";
import { Client } from "../../../core/client/client.ts";
import { memoryFiles } from "../../../core/platform/files.ts";
import { silentLog } from "../../../core/platform/log.ts";
import { fileSecrets } from "../../../core/platform/secrets.ts";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { from } from "../../../core/sip/message/fields.ts";
import { addressOfRecord } from "../../../core/sip/message/uri.ts";
import { memoryNetwork } from "../../../core/sip/transport/memory.ts";
import { ScriptedPeer } from "../../support/scripted-peer.ts";
import { emptyDns } from "../sip/stack-on-memory.ts";
import { BOB, CAROL, ME, Profile } from "./profile.ts";

const SERVER = { address: "127.0.0.1", port: 5060 };
const AT_SERVER = { server: "tcp:127.0.0.1:5060", password: "secret" };

/** A profile in a program that is started and ended, and a server that takes everything but what `refuse` says. */
class Fixture {
  readonly profile = new Profile();
  readonly network = memoryNetwork({ clock: this.profile.clock });
  readonly secrets = fileSecrets(memoryFiles());
  readonly seen: SipRequest[] = [];
  refuse: (request: SipRequest) => number | undefined = () => undefined;
  peers: ScriptedPeer[] = [];
  client: Client;

  constructor() {
    this.client = this.program();
  }

  /** A new start of the program on the same profile. */
  program(): Client {
    const { clock, random, store } = this.profile;
    return new Client({
      clock,
      random,
      store,
      secrets: this.secrets,
      log: silentLog,
      network: this.network,
      dns: emptyDns,
      product: "Test",
    });
  }

  async listening(): Promise<this> {
    this.peers = (await ScriptedPeer.listen(this.network, SERVER)).peers;
    return this;
  }

  /** Lets time pass, with everything answered that comes to the server. */
  async pass(milliseconds = 100): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 10) {
      await this.profile.clock.advance(10);
      for (const peer of this.peers)
        while (!peer.closed && peer.messages[0]?.kind === "request") await this.#answer(peer);
    }
  }

  async done<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    await this.pass();
    return work;
  }

  async #answer(peer: ScriptedPeer): Promise<void> {
    const request = peer.takeRequest();
    this.seen.push(request);
    const expires = request.headers.get("expires") ?? "600";
    const headers = [
      ["Contact", "<sip:server@127.0.0.1>"],
      ["Expires", expires],
      ["SIP-ETag", "e"],
    ] as const;
    await peer.answer(request, this.refuse(request) ?? 200, { headers });
  }

  /** Methods that came from the account since the last look. */
  said(account: string): readonly string[] {
    return this.seen.splice(0).flatMap((request) => {
      const sender = from(request);
      return sender && addressOfRecord(sender.uri) === `sip:${account}` ? [request.method] : [];
    });
  }
}

describe("signing in", () => {
  test("keeps account, password and place once the server has taken them", async () => {
    const fixture = await new Fixture().listening();
    expect(await fixture.done(fixture.client.signIn({ address: "Alice@Office.Example", ...AT_SERVER }))).toBe(ME);
    expect(fixture.client.accounts()).toMatchObject([{ account: ME, state: "registered" }]);
    expect(await fixture.secrets.get(`password:${ME}`)).toBe("secret");
    expect(fixture.profile.store.accounts.list()).toMatchObject([
      { account: ME, server: AT_SERVER.server, signedIn: true },
    ]);
    expect(fixture.said(ME)).toContain("PUBLISH");
  });

  test("that the server refuses keeps nothing and says why", async () => {
    const fixture = await new Fixture().listening();
    fixture.refuse = () => 404;
    await expect(fixture.done(fixture.client.signIn({ address: ME, ...AT_SERVER }))).rejects.toMatchObject({
      code: "unknown-user",
    });
    expect(fixture.client.accounts()).toEqual([]);
    expect(await fixture.secrets.get(`password:${ME}`)).toBeUndefined();
    fixture.seen.length = 0;
    await fixture.pass(5_000);
    expect(fixture.seen).toEqual([]);
  });

  test("anew with what the server refuses leaves who was signed in", async () => {
    const fixture = await new Fixture().listening();
    await fixture.done(fixture.client.signIn({ address: ME, ...AT_SERVER }));
    let refused = 0;
    const isNew = ({ method, headers }: SipRequest): boolean =>
      method === "REGISTER" && !headers.get("contact")?.includes("expires=0");
    fixture.refuse = (request) => (isNew(request) && refused++ === 0 ? 403 : undefined);
    const attempt = fixture.client.signIn({ address: ME, ...AT_SERVER, password: "wrong" });
    await expect(fixture.done(attempt)).rejects.toMatchObject({ code: "refused" });
    await fixture.pass(500);
    expect(await fixture.secrets.get(`password:${ME}`)).toBe("secret");
    expect(fixture.client.accounts()).toMatchObject([{ account: ME, state: "registered" }]);
  });

  test("where nobody listens, or at what is no place, fails with a sentence", async () => {
    const fixture = new Fixture();
    await expect(fixture.done(fixture.client.signIn({ address: ME, ...AT_SERVER }))).rejects.toMatchObject({
      code: "server-unreachable",
    });
    const bad = fixture.client.signIn({ address: ME, password: "x", server: "office.example" });
    await expect(bad).rejects.toMatchObject({ code: "bad-server" });
  });

  test("at a server that takes the connection and ends it fails instead of waiting for ever", async () => {
    const fixture = await new Fixture().listening();
    const attempt = fixture.client.signIn({ address: ME, ...AT_SERVER });
    attempt.catch(() => undefined);
    await fixture.profile.clock.advance(1);
    for (const peer of fixture.peers) peer.close();
    await expect(fixture.done(attempt)).rejects.toMatchObject({ code: "connection-lost" });
  });
});

describe("a start of the program", () => {
  test("connects who was signed in, as the same installation, in the same state of the same age", async () => {
    const fixture = await new Fixture().listening();
    await fixture.done(fixture.client.signIn({ address: ME, ...AT_SERVER }));
    await fixture.done(fixture.client.account(undefined).own.set("busy", "Writing", undefined));
    const instance = fixture.profile.store.settings.get("instance");
    const before = fixture.profile.store.accounts.list();
    await fixture.done(fixture.client.stop());
    await fixture.profile.clock.advance(3_600_000);
    fixture.seen.length = 0;
    fixture.client = fixture.program();
    await fixture.done(fixture.client.start());
    expect(fixture.client.snapshot().own).toMatchObject([{ state: "busy", note: "Writing", published: true }]);
    expect(fixture.profile.store.accounts.list()).toEqual(before);
    expect(before[0]?.since).toBe(Date.UTC(2026, 0, 5, 9, 0, 0, 100));
    const register = fixture.seen.find(({ method }) => method === "REGISTER");
    expect(register?.headers.get("contact")).toContain(instance);
  });

  test("leaves out who signed out, and whose password is not there", async () => {
    const fixture = await new Fixture().listening();
    await fixture.done(fixture.client.signIn({ address: ME, ...AT_SERVER }));
    await fixture.done(fixture.client.stop());
    await fixture.secrets.delete(`password:${ME}`);
    fixture.seen.length = 0;
    fixture.client = fixture.program();
    await fixture.done(fixture.client.start());
    expect(fixture.seen).toEqual([]);
    expect(fixture.client.accounts()).toEqual([{ account: ME, state: "signed-out" }]);
  });
});

describe("signing out", () => {
  test("tells the server, forgets the password and keeps the rest", async () => {
    const fixture = await new Fixture().listening();
    await fixture.done(fixture.client.signIn({ address: ME, ...AT_SERVER }));
    await fixture.done(fixture.client.account(undefined).addContact({ address: BOB }));
    fixture.seen.length = 0;
    await fixture.done(fixture.client.signOut(undefined));
    expect(fixture.said(ME)[0]).toBe("REGISTER");
    expect(fixture.client.accounts()).toEqual([{ account: ME, state: "signed-out" }]);
    expect(await fixture.secrets.get(`password:${ME}`)).toBeUndefined();
    await fixture.done(fixture.client.signIn({ address: ME, ...AT_SERVER }));
    expect(fixture.client.account(ME).roster.list()).toMatchObject([{ address: BOB }]);
  });
});

describe("several accounts", () => {
  test("are told apart by name, and each speaks for itself", async () => {
    const fixture = await new Fixture().listening();
    for (const address of [ME, CAROL]) await fixture.done(fixture.client.signIn({ address, ...AT_SERVER }));
    expect(() => fixture.client.account(undefined)).toThrow(expect.objectContaining({ code: "which-account" }));
    fixture.seen.length = 0;
    await fixture.done(fixture.client.account(`sip:${CAROL}`).sendMessage(BOB, "hi"));
    expect(fixture.said(CAROL)).toEqual(["MESSAGE"]);
    expect(fixture.client.snapshot().conversations).toMatchObject([{ account: CAROL, with: BOB }]);
    await fixture.done(fixture.client.signOut(CAROL));
    expect(fixture.client.account(undefined).current.account).toBe(ME);
  });

  test("and none are two different questions", () => {
    const { client } = new Fixture();
    expect(() => client.account(undefined)).toThrow(expect.objectContaining({ code: "not-signed-in" }));
    expect(() => client.account(BOB)).toThrow(expect.objectContaining({ code: "which-account" }));
    expect(() => client.account("nobody")).toThrow(expect.objectContaining({ code: "bad-address" }));
  });
});

test("what is written without a connection leaves with it", async () => {
  const fixture = await new Fixture().listening();
  await fixture.done(fixture.client.signIn({ address: ME, ...AT_SERVER }));
  fixture.network.cut(SERVER.address);
  const account = fixture.client.account(undefined);
  const messageId = await fixture.profile.done(account.sendMessage(BOB, "later"));
  expect(fixture.profile.store.history.get(ME, messageId)?.status).toBe("queued");
  await fixture.pass(2_000);
  expect(fixture.profile.store.history.get(ME, messageId)?.status).toBe("delivered");
});

test("settings are kept, and what is not named stays", async () => {
  const { client, profile } = new Fixture();
  const heard: unknown[] = [];
  client.events.subscribe(({ event }) => heard.push(event));
  await profile.done(client.setSettings({ theme: "dark" }));
  expect(await profile.done(client.setSettings({ enterSends: false }))).toMatchObject({
    theme: "dark",
    enterSends: false,
  });
  expect(client.snapshot().settings).toMatchObject({ theme: "dark", enterSends: false, density: "comfortable" });
  expect(heard).toEqual(["settings.changed", "settings.changed"]);
});
