import { describe, expect, test } from "vitest";
import type { PrivacyRule } from "../../../core/bridge/contract.ts";
import type { PrivacySettings } from "../../../core/client/privacy.ts";
import { Privacy } from "../../../core/client/privacy.ts";
import { formatRuleset, parseRuleset } from "../../../core/payload/pres-rules.ts";
import { rulesetFor, rulesOf } from "../../../core/payload/privacy-rules.ts";
import { failure, success } from "../../../core/platform/result.ts";
import type { XcapFault } from "../../../core/xcap-client/xcap-client.ts";
import { BOB, CAROL, ME, Profile } from "./profile.ts";

type Documents = NonNullable<ReturnType<PrivacySettings["documents"]>>;
type Rules = readonly { readonly target: string; readonly rule: PrivacyRule }[];

/** A server that keeps one document, as RFC 4825 says, until it is told to fail. */
class FakeServer implements Documents {
  body: string | undefined;
  version = 0;
  fault: XcapFault | undefined;
  writes = 0;
  /** Runs once before the next write arrives. */
  meanwhile: (() => void) | undefined;

  async get() {
    if (this.fault) return failure(this.fault);
    return this.body === undefined ? failure("absent" as const) : success({ body: this.body, etag: this.etag });
  }

  async put(_application: string, _name: string, document: { readonly body: string; readonly etag?: string }) {
    this.meanwhile?.();
    this.meanwhile = undefined;
    if (this.fault) return failure(this.fault);
    if (document.etag !== undefined && document.etag !== this.etag) return failure("changed" as const);
    this.writes++;
    this.write(document.body);
    return success(this.etag);
  }

  write(body: string): void {
    this.body = body;
    this.version++;
  }

  /** Another device of the same person decides something. */
  decide(rules: Rules): void {
    this.write(formatRuleset(rulesetFor(rules)));
  }

  get etag(): string {
    return `"${this.version}"`;
  }

  get rules(): Rules {
    const parsed = parseRuleset(this.body ?? "");
    return parsed.ok ? rulesOf(parsed.value) : [];
  }
}

function privacyOn(profile = new Profile(), server = new FakeServer()) {
  const place: { server: FakeServer | undefined } = { server };
  const privacy = new Privacy({ ...profile.shared, documents: () => place.server });
  return { profile, server, place, privacy };
}

const set = (privacy: Privacy, address: string, rule: PrivacyRule): Promise<void> => privacy.set({ address }, rule);

describe("a rule", () => {
  test("is on disk, told, and on the server", async () => {
    const { profile, server, privacy } = privacyOn();
    await profile.done(set(privacy, ` Bob@Office.example`, "block"));
    expect(privacy.rules()).toEqual([{ account: ME, target: BOB, rule: "block" }]);
    expect(profile.of("privacy.changed")).toHaveLength(1);
    expect(server.rules).toContainEqual({ target: BOB, rule: "block" });
  });

  test.each([
    [{ domain: "@Globex.Example" }, "@globex.example"],
    [{ address: "*" }, "*"],
    [{}, "*"],
  ])("for %o is kept for %s", async (target, name) => {
    const { profile, privacy } = privacyOn();
    await profile.done(privacy.set(target, "ask"));
    expect(privacy.rules()).toEqual([{ account: ME, target: name, rule: "ask" }]);
  });

  test.each([
    [{ address: "nobody" }, "bad-address"],
    [{ domain: "not a domain" }, "bad-domain"],
  ])("for %o is refused with %s", async (target, code) => {
    const { privacy } = privacyOn();
    await expect(privacy.set(target, "ask")).rejects.toMatchObject({ code });
  });

  test("made without a connection reaches the server with the next, after a restart too", async () => {
    const profile = new Profile();
    const offline = privacyOn(profile);
    offline.place.server = undefined;
    await profile.done(set(offline.privacy, BOB, "block"));
    const { server, privacy } = privacyOn(profile);
    await profile.done(privacy.synchronize());
    expect(server.rules).toContainEqual({ target: BOB, rule: "block" });
    await profile.done(privacy.synchronize());
    expect(server.writes).toBe(1);
  });

  test("that the server could not take now is brought there later", async () => {
    const { profile, server, privacy } = privacyOn();
    server.fault = "unreachable";
    await profile.done(set(privacy, BOB, "block"));
    server.fault = undefined;
    await profile.done(privacy.synchronize());
    expect(server.rules).toContainEqual({ target: BOB, rule: "block" });
  });

  test("that no server will obey is said so", async () => {
    const { profile, server, privacy } = privacyOn();
    server.fault = "unsupported";
    await expect(profile.done(set(privacy, BOB, "block"))).rejects.toMatchObject({ code: "rules-not-on-server" });
  });
});

describe("another device", () => {
  test("that wrote while we were away is not overwritten", async () => {
    const profile = new Profile();
    const offline = privacyOn(profile);
    offline.place.server = undefined;
    await profile.done(set(offline.privacy, BOB, "block"));
    const { server, privacy } = privacyOn(profile);
    server.decide([{ target: CAROL, rule: "appear-offline" }]);
    await profile.done(privacy.synchronize());
    expect(server.rules).toContainEqual({ target: BOB, rule: "block" });
    expect(server.rules).toContainEqual({ target: CAROL, rule: "appear-offline" });
    expect(privacy.rules()).toContainEqual({ account: ME, target: CAROL, rule: "appear-offline" });
  });

  test("that writes in between is merged with, and what we decided stays", async () => {
    const { profile, server, privacy } = privacyOn();
    await profile.done(set(privacy, BOB, "allow"));
    server.meanwhile = () =>
      server.decide([
        { target: BOB, rule: "basic" },
        { target: CAROL, rule: "block" },
      ]);
    await profile.done(set(privacy, BOB, "block"));
    expect(server.rules).toContainEqual({ target: BOB, rule: "block" });
    expect(server.rules).toContainEqual({ target: CAROL, rule: "block" });
  });

  test("that decided is followed where we changed nothing, and that is told once", async () => {
    const { profile, server, privacy } = privacyOn();
    server.decide([{ target: BOB, rule: "block" }]);
    await profile.done(privacy.synchronize());
    await profile.done(privacy.synchronize());
    expect(privacy.rules()).toContainEqual({ account: ME, target: BOB, rule: "block" });
    expect(profile.of("privacy.changed")).toHaveLength(1);
    expect(server.writes).toBe(0);
  });

  test("that wrote what cannot be read changes nothing here", async () => {
    const { profile, server, privacy } = privacyOn();
    server.write("<oops");
    await profile.done(privacy.synchronize());
    expect(privacy.rules()).toEqual([]);
  });
});

test("rules that are set at the same time all reach the server", async () => {
  const { profile, server, privacy } = privacyOn();
  const people = Array.from({ length: 10 }, (_none, place) => `p${place}@x.example`);
  await profile.done(Promise.all(people.map((address) => set(privacy, address, "block"))), 1_000);
  expect(people.every((target) => server.rules.some((rule) => rule.target === target))).toBe(true);
});

describe("people who watch us", () => {
  const watcher = (address: string, status: string): string =>
    `<watcher id="${address}" event="subscribe" status="${status}" duration-subscribed="60">sip:${address}</watcher>`;
  const info = (watchers: string, state = "full"): Buffer =>
    Buffer.from(
      `<watcherinfo xmlns="urn:ietf:params:xml:ns:watcherinfo" version="0" state="${state}">` +
        `<watcher-list resource="sip:${ME}" package="presence">${watchers}</watcher-list></watcherinfo>`,
    );

  test("are known with their age, except for our own devices", () => {
    const { privacy } = privacyOn();
    privacy.learn(info(watcher(BOB, "active") + watcher(ME, "active")));
    expect(privacy.watchers()).toEqual([
      { account: ME, address: BOB, status: "active", since: "2026-01-05T08:59:00.000Z" },
    ]);
  });

  test("and wait for an answer are told once", () => {
    const { profile, privacy } = privacyOn();
    privacy.learn(info(watcher(BOB, "pending")));
    privacy.learn(info(watcher(BOB, "waiting") + watcher(CAROL, "pending")));
    expect(profile.of("watcher.pending").map(({ address }) => address)).toEqual([BOB, CAROL]);
  });

  test("stay when a partial document speaks of others", () => {
    const { privacy } = privacyOn();
    privacy.learn(info(watcher(BOB, "active") + watcher(CAROL, "pending")));
    privacy.learn(info(watcher(CAROL, "active"), "partial"));
    expect(privacy.watchers().map(({ address, status }) => `${address} ${status}`)).toEqual([
      `${BOB} active`,
      `${CAROL} active`,
    ]);
    privacy.learn(Buffer.from("<oops"));
    expect(privacy.watchers()).toHaveLength(2);
  });
});
