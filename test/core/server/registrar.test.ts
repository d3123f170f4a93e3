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
