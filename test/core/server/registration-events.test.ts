import { describe, expect, test } from "vitest";
import { parseRegInfo } from "../../../core/payload/reg-info.ts";
import type { Phone } from "./office.ts";
import { dialogOf, Office } from "./office.ts";

async function subscribe(phone: Phone, whom: string, callId = "reg") {
  const headers = ["Event: reg", "Expires: 600", `Contact: <sip:${phone.name}@${phone.at}>`];
  return phone.ask("SUBSCRIBE", { to: whom, callId, headers });
}

/** What a phone was told: version, full or partial, and each contact with its state and event. */
async function told(phone: Phone) {
  await phone.answerAll();
  return phone.requests("NOTIFY").map(({ body }) => {
    const parsed = parseRegInfo(body);
    if (!parsed.ok) return parsed.error.code;
    const { version, state, registrations } = parsed.value;
    const contacts = registrations.flatMap((one) => one.contacts.map(({ uri, event }) => `${uri} ${event}`));
    return [version, state, registrations[0]?.state, ...contacts];
  });
}

describe("a person's devices (RFC 3680)", () => {
  test("are told whole at first, then as they come, are renewed and go", async () => {
    const office = await Office.open();
    const desk = await office.phone("alice", "192.0.2.10");
    const pocket = await office.phone("alice", "192.0.2.11");
    await desk.register("<sip:alice@192.0.2.10>");
    await subscribe(desk, "alice");
    await desk.answerAll();
    await pocket.register("<sip:alice@192.0.2.11>", { callId: "p" });
    await desk.answerAll();
    await office.clock.advance(1_000);
    await pocket.register("<sip:alice@192.0.2.11>", { callId: "p" });
    await desk.answerAll();
    await pocket.register("<sip:alice@192.0.2.11>", { callId: "p", expires: 0 });
    expect(await told(desk)).toEqual([
      [0, "full", "active", "sip:alice@192.0.2.10 registered"],
      [1, "partial", "active", "sip:alice@192.0.2.11 registered"],
      [2, "partial", "active", "sip:alice@192.0.2.11 refreshed"],
      [3, "partial", "active", "sip:alice@192.0.2.11 unregistered"],
    ]);
  });

  test("a renewed subscription is told everything", async () => {
    const office = await Office.open();
    const desk = await office.phone("alice", "192.0.2.10");
    const dialog = dialogOf(await subscribe(desk, "alice"));
    await desk.answerAll();
    await desk.register("<sip:alice@192.0.2.10>");
    await desk.answerAll();
    await desk.ask("SUBSCRIBE", { to: "alice", callId: "reg", toTag: dialog.remote, headers: ["Event: reg"] });
    expect(await told(desk)).toEqual([
      [0, "full", "init"],
      [1, "partial", "active", "sip:alice@192.0.2.10 registered"],
      [2, "full", "active", "sip:alice@192.0.2.10 registered"],
    ]);
  });

  test("are nobody else's business but an administrator's, whether they are there or not", async () => {
    const office = await Office.open();
    await (await office.phone("alice", "192.0.2.10")).register();
    const bob = await office.phone("bob", "192.0.2.11");
    expect((await subscribe(bob, "alice", "1")).status).toBe(403);
    expect((await subscribe(bob, "carol", "2")).status).toBe(403);
    const account = office.store.accounts.get("sip:bob@acme.example");
    if (account) office.store.accounts.put({ ...account, administrator: true });
    expect((await subscribe(bob, "alice", "3")).status).toBe(200);
  });
});
