/** The office ends in good order: nobody new, an answer for everybody who has asked, and a word to those who watch. */
import { expect, test } from "vitest";
import { STOP_WITHIN } from "../../../../core/server/gateway.ts";
import { Office } from "../office.ts";

test("watchers are told to subscribe anew, and when all have heard it the leave is over", async () => {
  const office = await Office.open();
  const alice = await office.phone("alice", "192.0.2.10");
  await alice.watch("bob");
  await alice.answerAll();
  let over = false;
  const leave = office.gateway.takeLeave().then(() => (over = true));
  await office.settle();
  expect(alice.requests("NOTIFY").at(-1)?.headers.get("subscription-state")).toBe(
    "terminated;reason=deactivated;retry-after=10",
  );
  expect(over).toBe(false);
  await alice.answerAll();
  await leave;
  expect(office.store.subscriptions.all()).toEqual([]);
});

test("a watcher that does not answer holds nobody up for long", async () => {
  const office = await Office.open();
  const alice = await office.phone("alice", "192.0.2.10");
  await alice.watch("bob");
  await alice.answerAll();
  let over = false;
  void office.gateway.takeLeave().then(() => (over = true));
  await office.clock.advance(STOP_WITHIN - 1);
  expect(over).toBe(false);
  await office.clock.advance(1);
  expect(over).toBe(true);
});

test("a message that waits for its devices is stored, and its sender is answered", async () => {
  const office = await Office.open();
  const alice = await office.phone("alice", "192.0.2.10");
  const bob = await office.phone("bob", "192.0.2.11");
  await bob.register();
  const status = await alice.message("bob", "before the end");
  expect(status()).toBeUndefined();
  void office.gateway.takeLeave();
  await office.settle();
  expect([status(), office.store.messages.total()]).toEqual([202, 1]);
});

test("who comes meanwhile is asked to come again soon, and nobody can connect", async () => {
  const office = await Office.open();
  const alice = await office.phone("alice", "192.0.2.10");
  void office.gateway.takeLeave();
  const refused = await alice.register();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
  await expect(office.streamPhone("bob")).rejects.toThrow("refused");
});
