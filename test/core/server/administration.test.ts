import { beforeEach, describe, expect, test } from "vitest";
import { MIN_PASSWORD_LENGTH } from "../../../core/platform/passwords.ts";
import { OfficeAdministration } from "../../../core/server/administration.ts";
import { ha1 } from "../../../core/sip/digest.ts";
import { openGatewayStore } from "../../../core/store/sqlite/gateway-store.ts";
import type { GatewayStore } from "../../../core/store/store.ts";
import { systemClock } from "../../../core/platform/clock.ts";
import { Office } from "./office.ts";

let store: GatewayStore;
let office: OfficeAdministration;

beforeEach(async () => {
  store = openGatewayStore(":memory:", systemClock());
  office = new OfficeAdministration(store);
  await office.set({ domain: "acme.example" });
});

const alice = { address: "alice@acme.example", password: "wonder-1" };
const addresses = (): readonly string[] => office.accounts().map(({ address }) => address);

describe("people", () => {
  test("are added with their secrets and without their passwords", async () => {
    await office.add([{ address: "Alice@ACME.example", password: "wonder-1", name: "Alice", administrator: true }]);
    expect(office.accounts()).toEqual([
      {
        address: "alice@acme.example",
        name: "Alice",
        administrator: true,
        disabled: false,
        md5: false,
        hidden: false,
        invited: false,
      },
    ]);
    expect(store.accounts.secrets("sip:alice@acme.example")).toEqual({
      "SHA-256": ha1("SHA-256", "alice", "acme.example", "wonder-1"),
      "SHA-512-256": ha1("SHA-512-256", "alice", "acme.example", "wonder-1"),
    });
  });

  test("are added all or none", async () => {
    await expect(office.add([alice, { address: "bob@acme.example", password: "short" }])).rejects.toMatchObject({
      code: "password-too-short",
    });
    await expect(office.add([alice, alice])).rejects.toMatchObject({ code: "address-taken" });
    expect(addresses()).toEqual([]);
  });

  test.each([
    ["no address at all", "alice", "bad-address"],
    ["an address of another office", "alice@elsewhere.example", "foreign-domain"],
  ])("are refused with %s", async (_what, address, code) => {
    await expect(office.add([{ address, password: "wonder-1" }])).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/\.$/),
    });
  });

  test("need a password of some length", async () => {
    await expect(office.add([{ ...alice, password: "x".repeat(MIN_PASSWORD_LENGTH - 1) }])).rejects.toMatchObject({
      code: "password-too-short",
    });
    await office.add([{ ...alice, password: "x".repeat(MIN_PASSWORD_LENGTH) }]);
  });

  test("who do not exist cannot be changed", async () => {
    for (const work of [
      office.setPassword("bob@acme.example", "wonder-1"),
      office.disable("bob@acme.example", true),
      office.remove("bob"),
    ])
      await expect(work).rejects.toMatchObject({ code: "no-such-account" });
  });

  test("with an MD5 secret get a new one with each password, so that the old password is worth nothing", async () => {
    await office.add([{ ...alice, md5: true }]);
    await office.setPassword(alice.address, "wonder-2", false);
    expect(store.accounts.secrets("sip:alice@acme.example").MD5).toBe(ha1("MD5", "alice", "acme.example", "wonder-2"));
  });
});

describe("settings", () => {
  test("are set all or none", async () => {
    await expect(office.set({ "message.quota": "5", "auth.algorithms": "ROT13" })).rejects.toMatchObject({
      code: "bad-value",
    });
    await expect(office.set({ "message.quota": "5", nonsense: "1" })).rejects.toMatchObject({
      code: "unknown-setting",
    });
    expect(office.settings().find(({ name }) => name === "message.quota")).toMatchObject({
      value: "1000",
      isDefault: true,
    });
  });

  test("the domain stays as it is once there are people, whose secrets belong to it", async () => {
    await office.set({ domain: "other.example" });
    await office.set({ domain: "acme.example" });
    await office.add([alice]);
    await expect(office.set({ domain: "other.example" })).rejects.toMatchObject({ code: "domain-in-use" });
    await office.set({ domain: "acme.example" });
  });

  test("an office without a domain takes no people", async () => {
    const fresh = new OfficeAdministration(openGatewayStore(":memory:", systemClock()));
    await expect(fresh.add([alice])).rejects.toMatchObject({ code: "no-domain" });
  });
});

test("whoever is switched off or removed is gone at once: bindings, publications and subscriptions", async () => {
  const running = await Office.open();
  const bob = await running.phone("bob", "192.0.2.20");
  const phone = await running.phone("alice", "192.0.2.10");
  await phone.register();
  await phone.publish("available");
  await phone.watch("bob");
  await bob.watch("alice");
  const done = new OfficeAdministration(running.store, running.gateway).disable("alice@acme.example", true);
  await running.settle();
  await done;
  expect(await bob.told()).toEqual(["available", "terminated;reason=noresource"]);
  await phone.answerAll();
  expect(phone.requests("NOTIFY").at(-1)?.headers.get("subscription-state")).toBe("terminated;reason=rejected");
  expect([running.store.bindings.all(), running.store.publications.all()]).toEqual([[], []]);
  expect((await bob.message("alice", "still there?"))()).toBe(404);
});

// The tables of documents and messages cannot be emptied for one person yet: the store's interface has no way to ask.
test("whoever gets the address of somebody removed gets neither their messages nor their rules", async () => {
  const running = await Office.open();
  const bob = await running.phone("bob", "192.0.2.20");
  await bob.message("alice", "for the old Alice");
  const administration = new OfficeAdministration(running.store, running.gateway);
  const replaced = administration.remove("alice@acme.example").then(() => administration.add([alice]));
  await running.settle();
  await replaced;
  const newcomer = await running.phone("alice", "192.0.2.10");
  await newcomer.register();
  expect(newcomer.texts()).toEqual([]);
});
