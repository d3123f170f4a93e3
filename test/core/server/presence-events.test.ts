import { describe, expect, test } from "vitest";
import { NAMESPACE } from "../../../core/payload/namespaces.ts";
import { parseWatcherInfo } from "../../../core/payload/watcher-info.ts";
import { elements, parseXml } from "../../../core/payload/xml.ts";
import type { Phone } from "./office.ts";
import { dialogOf, Office } from "./office.ts";

function tagOf(answer: { readonly headers: { get(name: string): string | undefined } }): string {
  return answer.headers.get("sip-etag") ?? "";
}

/** Bob watches Alice with a wish of his own. */
async function watched(event: string, headers: readonly string[] = []) {
  const office = await Office.open();
  const bob = await office.phone("bob", "192.0.2.20");
  const alice = await office.phone("alice", "192.0.2.10");
  const contact = `Contact: <sip:bob@${bob.at}>`;
  const subscribe = (more: readonly string[] = [], wish = {}) =>
    bob.ask("SUBSCRIBE", { to: "alice", callId: "w", headers: [event, "Expires: 600", contact, ...more], ...wish });
  const dialog = dialogOf(await subscribe(headers));
  await bob.answerAll();
  return { office, bob, alice, subscribe, dialog };
}

describe("how often a watcher is told (RFC 6446)", () => {
  test("not more often than it can take, and then what is true at that time", async () => {
    const { office, bob, alice } = await watched("Event: presence;max-rate=0.1");
    let tag = tagOf(await alice.publish("busy"));
    await office.clock.advance(2_000);
    tag = tagOf(await alice.publish("away", { ifMatch: tag }));
    await alice.publish("in-a-meeting", { ifMatch: tag });
    expect(await bob.told()).toEqual(["offline"]);
    await office.clock.advance(8_000);
    expect(await bob.told()).toEqual(["offline", "in-a-meeting"]);
    expect(bob.requests("NOTIFY")[1]?.headers.get("subscription-state")).toMatch(/;max-rate=0\.1$/);
  });

  test("a change that is taken back before its turn is not told", async () => {
    const { office, bob, alice } = await watched("Event: presence;max-rate=0.1");
    const tag = tagOf(await alice.publish("busy"));
    await alice.ask("PUBLISH", { headers: ["Event: presence", "Expires: 0", `SIP-If-Match: ${tag}`] });
    await office.clock.advance(20_000);
    expect(await bob.told()).toEqual(["offline"]);
  });

  test("a renewal is answered at once at any pace", async () => {
    const { bob, alice, subscribe, dialog } = await watched("Event: presence;max-rate=0.01");
    await alice.publish("busy");
    await subscribe([], { toTag: dialog.remote });
    expect(await bob.told()).toEqual(["offline", "busy"]);
  });

  test("at least as often as it asked, also when nothing changes", async () => {
    const { office, bob } = await watched("Event: presence;min-rate=0.1");
    for (let round = 0; round < 3; round++) {
      await office.clock.advance(10_000);
      await bob.answerAll();
    }
    expect(await bob.told()).toEqual(["offline", "offline", "offline", "offline"]);
    expect(bob.requests("NOTIFY")[0]?.headers.get("subscription-state")).toMatch(/;min-rate=0\.1$/);
  });

  test("rates beyond reason are brought to the limits", async () => {
    const { bob } = await watched("Event: presence;min-rate=999;max-rate=0.0000001");
    const state = bob.requests("NOTIFY")[0]?.headers.get("subscription-state");
    expect(state).toMatch(/;max-rate=0\.000278;min-rate=0\.000278$/);
    const { bob: careless } = await watched("Event: presence;max-rate=often");
    expect(careless.requests("NOTIFY")[0]?.headers.get("subscription-state")).toMatch(/expires=\d+$/);
  });
});

describe("a watcher who knows already (RFC 5839)", () => {
  test("is answered 204 and not notified, and hears of the next change", async () => {
    const { bob, alice, subscribe, dialog } = await watched("Event: presence");
    const etag = tagOf(bob.requests("NOTIFY")[0] ?? { headers: new Map() });
    const same = await subscribe([`Suppress-If-Match: ${etag}`], { toTag: dialog.remote });
    expect([same.status, await bob.told()]).toEqual([204, ["offline"]]);
    await alice.publish("busy");
    expect(await bob.told()).toEqual(["offline", "busy"]);
    const other = await subscribe([`Suppress-If-Match: ${etag}`], { toTag: dialog.remote });
    expect([other.status, await bob.told()]).toEqual([200, ["offline", "busy", "busy"]]);
  });
});

describe("changes alone (RFC 5263)", () => {
  const roots = (phone: Phone): readonly unknown[] =>
    phone.requests("NOTIFY").map(({ body }) => {
      const parsed = parseXml(body);
      if (!parsed.ok) return parsed.error.code;
      const { name, attributes } = parsed.value;
      return [name, attributes.get("version"), ...elements(parsed.value).map((one) => one.name)];
    });

  test("follow the whole document, for whoever accepts them", async () => {
    const { bob, alice } = await watched("Event: presence", [
      "Accept: application/pidf+xml, application/pidf-diff+xml",
    ]);
    const big = `<note>${"x".repeat(400)}</note>`;
    const document = (activity: string): string =>
      `<presence xmlns="${NAMESPACE.pidf}" xmlns:dm="${NAMESPACE.dataModel}" xmlns:r="${NAMESPACE.rpid}" entity="sip:alice@acme.example">` +
      `<tuple id="t1"><status><basic>open</basic></status>${big}</tuple><dm:person id="p1"><r:activities>${activity}</r:activities></dm:person></presence>`;
    const publish = (activity: string, more: readonly string[] = []) =>
      alice.ask("PUBLISH", {
        headers: ["Event: presence", "Expires: 600", "Content-Type: application/pidf+xml", ...more],
        body: document(activity),
      });
    const first = await publish("<r:busy/>");
    await bob.answerAll();
    await publish("<r:away/>", [`SIP-If-Match: ${tagOf(first)}`]);
    await bob.answerAll();
    expect(roots(bob)).toEqual([
      ["pidf-full", "1", "tuple"],
      ["pidf-full", "2", "tuple", "person"],
      ["pidf-diff", "3", "replace"],
    ]);
    expect(bob.requests("NOTIFY")[2]?.body.toString()).toContain('sel="*/*[@id=&quot;p1&quot;]"');
  });

  test("are not sent to whoever does not ask", async () => {
    const { bob } = await watched("Event: presence", ["Accept: application/pidf+xml"]);
    expect(bob.requests("NOTIFY")[0]?.headers.get("content-type")).toBe("application/pidf+xml");
  });
});

describe("watcher information in parts (RFC 3858)", () => {
  test("tells everybody at first, then who came and who went, and nothing when nothing changed", async () => {
    const { office, bob, alice, subscribe, dialog } = await watched("Event: presence");
    const contact = `Contact: <sip:alice@${alice.at}>`;
    await alice.ask("SUBSCRIBE", { callId: "i", headers: ["Event: presence.winfo", "Expires: 600", contact] });
    await alice.answerAll();
    const carol = await office.phone("carol", "192.0.2.22");
    await carol.watch("alice");
    await carol.answerAll();
    await alice.answerAll();
    await subscribe([], { toTag: dialog.remote });
    await bob.answerAll();
    await alice.answerAll();
    await subscribe(["Expires: 0"], { toTag: dialog.remote, headers: ["Event: presence", "Expires: 0"] });
    await bob.answerAll();
    await alice.answerAll();
    const lists = alice.requests("NOTIFY").map(({ body }) => {
      const parsed = parseWatcherInfo(body);
      if (!parsed.ok) return parsed.error.code;
      const { version, state, lists: all } = parsed.value;
      return [version, state, ...all.flatMap(({ watchers }) => watchers.map((one) => `${one.uri} ${one.status}`))];
    });
    expect(lists).toEqual([
      [0, "full", "sip:bob@acme.example active"],
      [1, "partial", "sip:carol@acme.example active"],
      [2, "partial", "sip:bob@acme.example terminated"],
    ]);
  });
});

describe("what changes by the clock", () => {
  test("an activity that was noticed is told to end when it ends", async () => {
    const { office, bob, alice } = await watched("Event: presence");
    const until = new Date(office.clock.now() + 60_000).toISOString();
    await alice.ask("PUBLISH", {
      headers: ["Event: presence", "Expires: 600", "Content-Type: application/pidf+xml"],
      body:
        `<presence xmlns="${NAMESPACE.pidf}" xmlns:dm="${NAMESPACE.dataModel}" xmlns:r="${NAMESPACE.rpid}" entity="sip:alice@acme.example">` +
        `<tuple id="t1"><status><basic>open</basic></status></tuple>` +
        `<dm:person id="p1"><r:activities until="${until}"><r:on-the-phone/></r:activities></dm:person></presence>`,
    });
    expect(await bob.told()).toEqual(["offline", "on-the-phone"]);
    await office.clock.advance(60_000);
    await bob.answerAll();
    const last = bob.requests("NOTIFY").at(-1)?.body.toString();
    expect([last?.includes("open"), last?.includes("on-the-phone")]).toEqual([true, false]);
  });
});
