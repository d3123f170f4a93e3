import { expect, test } from "vitest";
import { Office } from "../office.ts";

test("who holds too many subscriptions is refused, and may again when one has ended", async () => {
  const office = await Office.open({ settings: { "limit.watched-by-one": "1" } });
  const alice = await office.phone("alice", "192.0.2.10");
  expect((await alice.watch("bob")).status).toBe(200);
  expect(await alice.watch("carol")).toMatchObject({
    status: 403,
    reason: "You hold too many subscriptions, end some first",
  });
  await alice.told();
  const carol = await office.phone("carol", "192.0.2.12");
  expect((await carol.watch("bob")).status).toBe(200);
  office.gateway.signOut("sip:bob@acme.example");
  await alice.told();
  expect((await alice.watch("carol", { callId: "again" })).status).toBe(200);
});

test("who is watched by too many is not watched by more; they are told when to come again", async () => {
  const office = await Office.open({ settings: { "limit.watchers-of-one": "1" } });
  const alice = await office.phone("alice", "192.0.2.10");
  const carol = await office.phone("carol", "192.0.2.12");
  await alice.watch("bob");
  const refused = await carol.watch("bob");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "600"]);
});

test("subscriptions that were taken up after a restart count too, and polls do not stay", async () => {
  const office = await Office.open({ settings: { "limit.watched-by-one": "1" } });
  const alice = await office.phone("alice", "192.0.2.10");
  const headers = ["Event: presence", "Expires: 0", `Contact: <sip:alice@${alice.at}>`];
  for (const callId of ["a", "b", "c"]) {
    expect((await alice.ask("SUBSCRIBE", { to: "bob", callId, headers })).status).toBe(200);
    await alice.told();
  }
  await alice.watch("bob");
  await alice.told();
  await office.restart();
  expect((await alice.watch("carol")).status).toBe(403);
});
