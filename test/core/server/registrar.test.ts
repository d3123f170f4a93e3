import { describe, expect, test } from "vitest";
import { MAX_BINDINGS } from "../../../core/server/location-service.ts";
import { FLOW_TIMER } from "../../../core/server/registrar.ts";
import type { SipResponse } from "../../../core/sip/message/message.ts";
import { Office } from "./office.ts";

const contactsIn = (response: SipResponse): readonly string[] => response.headers.lines("contact");

describe("bindings (RFC 3261 §10.3)", () => {
  test("every device of a person stands in the answer with the seconds that it has left", async () => {
    const office = await Office.open();
    const desk = await office.phone("alice", "192.0.2.10");
    const pocket = await office.phone("alice", "192.0.2.11");
    await desk.register();
    await office.clock.advance(100_000);
    const answer = await pocket.register(undefined, { expires: 300 });
    expect(answer.status).toBe(200);
    expect(contactsIn(answer)).toEqual([
      "<sip:alice@192.0.2.10:5060>;expires=500",
      "<sip:alice@192.0.2.11:5060>;expires=300",
    ]);
  });

  test("a request without Contact asks and changes nothing", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    await phone.register();
    expect(contactsIn(await phone.ask("REGISTER"))).toHaveLength(1);
  });

  test("the same Contact written another way is the same binding", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    await phone.register("<sip:alice@192.0.2.10:5060>");
    const answer = await phone.register('"Alice" <sip:%61lice@192.0.2.10:5060>;q=0.5');
    expect(contactsIn(answer)).toEqual(["<sip:%61lice@192.0.2.10:5060>;q=0.5;expires=600"]);
  });

  test("expires 0 removes the binding that it names and no other", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    await phone.register("<sip:alice@192.0.2.10:5060>, <sip:alice@192.0.2.99>");
    const answer = await phone.register("<sip:alice@192.0.2.99>;expires=0");
    expect(contactsIn(answer)).toEqual(["<sip:alice@192.0.2.10:5060>;expires=600"]);
  });

  test("a binding ends when its time is over", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    await phone.register();
    await office.clock.advance(600_000);
    expect(contactsIn(await phone.ask("REGISTER"))).toEqual([]);
    expect(office.store.bindings.all()).toEqual([]);
  });

  test("a longer life than allowed is shortened, a shorter one refused with the least there is", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    expect(contactsIn(await phone.register(undefined, { expires: 100_000 }))[0]).toContain("expires=3600");
    const refused = await phone.register(undefined, { expires: 59 });
    expect([refused.status, refused.headers.get("min-expires")]).toEqual([423, "60"]);
  });

  test("all Contacts of a request are taken or none", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    expect((await phone.register("<sip:alice@192.0.2.10>, <sip:alice@192.0.2.11>;expires=5")).status).toBe(423);
    expect((await phone.register("<sip:alice@192.0.2.10>, <mailto:alice@acme.example>")).status).toBe(400);
    expect((await phone.register("<sip:alice@192.0.2.10>, <sip:broken")).status).toBe(400);
    expect(contactsIn(await phone.ask("REGISTER"))).toEqual([]);
  });

  test("one more device than a person may have is refused", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    const many = (count: number): string =>
      Array.from({ length: count }, (_, index) => `<sip:alice@198.51.100.${index}>`).join(", ");
    expect((await phone.register(many(MAX_BINDINGS + 1))).status).toBe(403);
    expect((await phone.register(many(MAX_BINDINGS))).status).toBe(200);
    expect((await phone.register()).status).toBe(403);
  });

  test("an old request of the same session changes nothing", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    await phone.register(undefined, { sequence: 5 });
    expect((await phone.register(undefined, { sequence: 5, expires: 0 })).status).toBe(400);
    expect((await phone.register(undefined, { sequence: 4 })).status).toBe(400);
    expect((await phone.register(undefined, { sequence: 1, callId: "after-a-reboot" })).status).toBe(200);
  });
});

describe("Contact: *", () => {
  test("removes everything", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    await phone.register("<sip:alice@192.0.2.10>, <sip:alice@192.0.2.11>");
    const answer = await phone.register("*", { expires: 0 });
    expect([answer.status, contactsIn(answer)]).toEqual([200, []]);
    expect(office.store.bindings.all()).toEqual([]);
  });

  test("is refused with another life than 0, beside another Contact, and when it is old", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    await phone.register(undefined, { sequence: 5 });
    expect((await phone.register("*", { sequence: 6 })).status).toBe(400);
    expect((await phone.register("*, <sip:alice@192.0.2.11>", { expires: 0, sequence: 7 })).status).toBe(400);
    expect((await phone.register("*", { expires: 0, sequence: 5 })).status).toBe(400);
    expect(contactsIn(await phone.ask("REGISTER"))).toHaveLength(1);
  });
});

describe("flows", () => {
  const outbound =
    '<sip:alice@10.1.1.1;transport=tcp>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";reg-id=1';

  test("a device with an instance and a flow is told how often to speak, and is gone with its connection", async () => {
    const office = await Office.open();
    const phone = await office.streamPhone("alice");
    const answer = await phone.register(outbound, { headers: ["Supported: path, outbound"] });
    expect(answer.headers.get("require")).toBe("outbound");
    expect(answer.headers.get("flow-timer")).toBe(String(FLOW_TIMER));
    phone.peer.close();
    await office.settle();
    expect(office.gateway.people().find(({ address }) => address.startsWith("alice"))?.online).toBe(false);
  });

  test("a device that promised to speak and is silent is gone, one that speaks stays", async () => {
    const office = await Office.open();
    const silent = await office.streamPhone("alice");
    const talking = await office.streamPhone("bob");
    for (const phone of [silent, talking]) await phone.register(outbound, { headers: ["Supported: outbound"] });
    for (let round = 0; round < 4; round++) {
      await office.clock.advance(10_000);
      await talking.peer.send("\r\n\r\n");
    }
    const online = office.gateway
      .people()
      .filter((one) => one.online)
      .map(({ address }) => address);
    expect(online).toEqual(["bob@acme.example"]);
  });

  test("the same device on a new connection replaces its binding", async () => {
    const office = await Office.open();
    const before = await office.streamPhone("alice");
    await before.register(outbound, { headers: ["Supported: outbound"] });
    const after = await office.streamPhone("alice");
    expect(
      contactsIn(await after.register(outbound, { headers: ["Supported: outbound"], callId: "new" })),
    ).toHaveLength(1);
    before.peer.close();
    await office.settle();
    expect(contactsIn(await after.ask("REGISTER"))).toHaveLength(1);
  });

  test("a restart keeps bindings that need no connection and ends those that did", async () => {
    const office = await Office.open();
    const desk = await office.phone("alice", "192.0.2.10");
    const laptop = await office.streamPhone("alice");
    await desk.register();
    await laptop.register(outbound, { headers: ["Supported: outbound"] });
    await office.restart(60_000);
    expect(contactsIn(await desk.ask("REGISTER"))).toEqual([expect.stringContaining("192.0.2.10:5060>;expires=5")]);
  });
});

describe("where a device on UDP is reached", () => {
  test("at the port of its Contact where nothing translates addresses", async () => {
    const office = await Office.open();
    const registering = await office.phone("alice", "192.0.2.10", 5070);
    const receiving = await office.phone("alice", "192.0.2.10", 5080);
    await registering.register("<sip:alice@192.0.2.10:5080>");
    const bob = await office.phone("bob", "192.0.2.11");
    await bob.message("alice", "hello");
    expect([registering.texts(), receiving.texts()]).toEqual([[], ["hello"]]);
  });

  test("where it spoke from when its Contact is an address that only it knows", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10", 33_333);
    await phone.register("<sip:alice@10.0.0.5:5060>");
    const bob = await office.phone("bob", "192.0.2.11");
    await bob.message("alice", "hello");
    expect(phone.texts()).toEqual(["hello"]);
    expect(phone.requests("MESSAGE")[0]?.uri).toBe("sip:alice@10.0.0.5:5060");
  });
});

describe("what stands between a device and the registrar", () => {
  const laptop = '<sip:alice@10.1.1.1>;+sip.instance="<urn:uuid:1>"';

  /** A REGISTER that came through a proxy. */
  const through = (path: string, supported: string): readonly string[] => [
    "Via: SIP/2.0/UDP 10.1.1.1;branch=z9hG4bK-device",
    ...(path === "" ? [] : [`Path: ${path}`]),
    `Supported: ${supported}`,
  ];

  test("a Path of which the device knows nothing is refused (RFC 3327 §5.3)", async () => {
    const office = await Office.open();
    const proxy = await office.phone("alice", "192.0.2.10");
    const answer = await proxy.register(undefined, { headers: ["Path: <sip:edge.example;lr>"] });
    expect([answer.status, answer.headers.get("unsupported")]).toEqual([420, "path"]);
  });

  test("a Path is given back and becomes the route to the device", async () => {
    const office = await Office.open();
    const proxy = await office.phone("alice", "192.0.2.10");
    const answer = await proxy.register("<sip:alice@10.1.1.1>", {
      headers: through("<sip:192.0.2.10;lr>, <sip:inner.example;lr>", "path"),
    });
    expect([answer.status, answer.headers.get("path")]).toEqual([200, "<sip:192.0.2.10;lr>, <sip:inner.example;lr>"]);
    await (await office.phone("bob", "192.0.2.11")).message("alice", "hello");
    const [message] = proxy.requests("MESSAGE");
    expect(message?.uri).toBe("sip:alice@10.1.1.1");
    expect(message?.headers.values("route")).toEqual(["<sip:192.0.2.10;lr>", "<sip:inner.example;lr>"]);
  });

  test("a first hop that keeps no flows is told as such (RFC 5626 §6)", async () => {
    const office = await Office.open();
    const proxy = await office.phone("alice", "192.0.2.10");
    const flow = `${laptop};reg-id=1`;
    const status = async (path: string, supported: string, callId: string): Promise<SipResponse> =>
      proxy.register(flow, { headers: through(path, supported), callId });
    expect((await status("", "path, outbound", "1")).status).toBe(439);
    expect((await status("<sip:edge.example;lr>", "path, outbound", "2")).status).toBe(439);
    const kept = await status("<sip:edge.example;lr;ob>", "path, outbound", "3");
    expect([kept.status, kept.headers.get("require"), kept.headers.get("flow-timer")]).toEqual([
      200,
      "outbound",
      undefined,
    ]);
    const ignored = await status("<sip:edge.example;lr>", "path", "4");
    expect([ignored.status, ignored.headers.get("require")]).toEqual([200, undefined]);
  });

  test("a flow is registered alone", async () => {
    const office = await Office.open();
    const phone = await office.streamPhone("alice");
    const answer = await phone.register(`${laptop};reg-id=1, <sip:alice@10.1.1.2>`);
    expect(answer.status).toBe(400);
  });

  test("the route of devices is told where the office wants to see everything (RFC 3608)", async () => {
    const office = await Office.open({ settings: { "registrar.service-route": "on" } });
    const answer = await (await office.streamPhone("alice")).register();
    expect(answer.headers.get("service-route")).toBe("<sip:192.0.2.1:5060;transport=tcp;lr>");
    const silent = await (await Office.open()).phone("alice", "192.0.2.10");
    expect((await silent.register()).headers.has("service-route")).toBe(false);
  });

  test("an address of another domain is not registered here", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    const answer = await phone.ask("REGISTER", {
      headers: ["Contact: <sip:alice@192.0.2.10>", "To: <sip:alice@other.example>"],
    });
    expect([400, 404]).toContain(answer.status);
    expect(office.store.bindings.all()).toEqual([]);
  });

  test("what a device can do is kept and given back (RFC 3840)", async () => {
    const office = await Office.open();
    const phone = await office.phone("alice", "192.0.2.10");
    const answer = await phone.register('<sip:alice@192.0.2.10>;audio;methods="INVITE,MESSAGE";+sip.rendering="no"');
    expect(contactsIn(answer)).toEqual([
      '<sip:alice@192.0.2.10>;audio;methods="INVITE,MESSAGE";+sip.rendering="no";expires=600',
    ]);
  });
});

describe("several flows of one device (RFC 5626)", () => {
  async function twoFlows() {
    const office = await Office.open();
    const flow = (id: number): string =>
      `<sip:alice@10.1.1.1;transport=tcp;n=${id}>;+sip.instance="<urn:uuid:1>";reg-id=${id}`;
    const first = await office.streamPhone("alice");
    const second = await office.streamPhone("alice");
    await first.register(flow(1), { headers: ["Supported: outbound"] });
    await office.clock.advance(1_000);
    const answer = await second.register(flow(2), { headers: ["Supported: outbound"], callId: "second" });
    expect(contactsIn(answer)).toHaveLength(2);
    return { office, first, second, bob: await office.phone("bob", "192.0.2.11") };
  }

  test("a message goes over the newest flow and no other", async () => {
    const { office, first, second, bob } = await twoFlows();
    const status = await bob.message("alice", "hello");
    await second.takeMessage();
    await office.settle();
    expect([first.texts(), second.texts(), status()]).toEqual([[], ["hello"], 200]);
  });

  test("the other flow is tried when a proxy says that the newest is gone, and that one is forgotten", async () => {
    const { office, first, second, bob } = await twoFlows();
    const status = await bob.message("alice", "hello");
    await second.answerAll(430);
    await first.takeMessage();
    await office.settle();
    expect([first.texts(), status()]).toEqual([["hello"], 200]);
    expect(office.store.bindings.all().map(({ regId }) => regId)).toEqual([1]);
  });

  test("a person whose newest connection breaks is still there by the other", async () => {
    const { office, first, second, bob } = await twoFlows();
    second.peer.close();
    await office.settle();
    await bob.message("alice", "hello");
    expect(first.texts()).toEqual(["hello"]);
  });
});
