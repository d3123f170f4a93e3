/** Calls that pass through the office on their way to a device. */
import { expect, test } from "vitest";
import { Office } from "./office.ts";

test("a call that is taken back stops ringing at the device, and the caller is told 487", async () => {
  const office = await Office.open();
  const alice = await office.streamPhone("alice");
  const bob = await office.streamPhone("bob");
  await bob.register();
  const invite = { to: "bob", callId: "call", branch: "z9hG4bK-call", sequence: 1 };
  const answer = await alice.send("INVITE", { ...invite, headers: [`Contact: <sip:alice@${alice.at}>`] });
  const [ringing] = bob.requests("INVITE");
  if (!ringing) throw new Error("Nothing rings.");
  await bob.peer.answer(ringing, 180);
  await office.settle();

  const cancelled = await alice.ask("CANCEL", invite);
  expect([cancelled.status, cancelled.headers.get("cseq")]).toEqual([200, "1 CANCEL"]);
  const [stop] = bob.requests("CANCEL");
  if (!stop) throw new Error("It goes on ringing.");
  await bob.peer.answer(stop, 200);
  await bob.peer.answer(ringing, 487);
  await office.settle();
  expect([answer()?.status, answer()?.headers.get("cseq")]).toEqual([487, "1 INVITE"]);
});
