import { describe, expect, test } from "vitest";
import { Office } from "./office.ts";
import type { Phone } from "./office.ts";

const ALICE = "alice@acme.example";

/** Alice with a desk phone that names itself, on a connection, and a mobile on UDP. Bob watches her. */
async function aliceWithTwo() {
  const office = await Office.open();
  const desk = await office.streamPhone("alice");
  const mobile = await office.phone("alice", "192.0.2.11");
  const bob = await office.phone("bob", "192.0.2.20");
  await registerDesk(desk, "desk-1");
  await mobile.register(undefined, { callId: "mobile-1", headers: ["User-Agent: Mobile 2"] });
  await desk.publish("busy");
  await bob.watch("alice");
  return { office, desk, mobile, bob };
}

function registerDesk(desk: Phone, callId: string) {
  const contact = `<sip:alice@${desk.at};transport=tcp>;+sip.instance="<urn:uuid:desk>";reg-id=1`;
  return desk.register(contact, { callId, headers: ["User-Agent: Desk 1", "Supported: outbound"] });
}

describe("a device", () => {
  test("is listed with what it calls itself and where it came from", async () => {
    const { office } = await aliceWithTwo();
    expect(office.gateway.devices.list(ALICE)).toEqual([
      expect.objectContaining({ program: "Desk 1", instance: "urn:uuid:desk", from: expect.stringMatching(/^tcp:/) }),
      expect.objectContaining({ program: "Mobile 2", from: "udp:192.0.2.11:5060" }),
    ]);
    expect(() => office.gateway.devices.list("nobody@acme.example")).toThrow(/There is no account/);
  });

  test("that is signed out loses connection, registration and publication; watchers see no broken connection", async () => {
    const { office, desk, mobile, bob } = await aliceWithTwo();
    const name = office.gateway.devices.list(ALICE)[0]?.device ?? "";
    const done = office.gateway.devices.signOut(ALICE, name.toUpperCase());
    await office.clock.advance(3_000);
    await done;
    expect(desk.peer.closed).toBe(true);
    expect(office.gateway.devices.list(ALICE)).toMatchObject([{ program: "Mobile 2" }]);
    expect(await bob.told()).toEqual(["busy", "available"]);
    expect((await mobile.register(undefined, { callId: "mobile-1" })).status).toBe(200);
  });

  test("that is signed out cannot come back by itself, not even after a restart, but by a new sign-in", async () => {
    const { office } = await aliceWithTwo();
    const name = office.gateway.devices.list(ALICE)[0]?.device ?? "";
    const done = office.gateway.devices.signOut(ALICE, name);
    await office.settle();
    await done;
    const again = await office.streamPhone("alice");
    const refused = await registerDesk(again, "desk-1");
    expect([refused.status, refused.headers.get("hallway-signed-out")]).toEqual([403, "yes"]);
    await office.restart();
    const later = await office.streamPhone("alice");
    expect((await registerDesk(later, "desk-1")).status).toBe(403);
    expect((await registerDesk(later, "desk-2")).status).toBe(200);
  });

  test("that is not there cannot be signed out", async () => {
    const { office } = await aliceWithTwo();
    await expect(office.gateway.devices.signOut(ALICE, "0123")).rejects.toMatchObject({ code: "no-such-device" });
    await expect(office.gateway.devices.signOut("bob@acme.example", "0123")).rejects.toMatchObject({
      code: "no-such-device",
    });
  });
});

test("all devices but one end when the password becomes another", async () => {
  const { office, desk } = await aliceWithTwo();
  office.gateway.devices.endAll(`sip:${ALICE}`, "urn:uuid:desk");
  expect(office.gateway.devices.list(ALICE)).toMatchObject([{ program: "Desk 1" }]);
  expect(desk.peer.closed).toBe(false);
  office.gateway.devices.endAll(`sip:${ALICE}`);
  await office.settle();
  expect([office.gateway.devices.list(ALICE), desk.peer.closed]).toEqual([[], true]);
});
