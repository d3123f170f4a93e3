import { expect, test } from "vitest";
import { CLOSED_FOR, LockOut, PAIRS_REMEMBERED, TRIES } from "../../../core/server/lock-out.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function failing(times: number, account = "sip:alice@acme.example", source = "192.0.2.66") {
  const clock = new ManualClock();
  const lockOut = new LockOut(clock);
  for (let count = 0; count < times; count++) lockOut.failed(account, source);
  return { clock, lockOut };
}

test("the door closes after so many wrong passwords, and opens again", async () => {
  const { clock, lockOut } = failing(TRIES - 1);
  const remaining = (): number => lockOut.remaining("sip:alice@acme.example", "192.0.2.66");
  expect(remaining()).toBe(0);
  lockOut.failed("sip:alice@acme.example", "192.0.2.66");
  expect(remaining()).toBe(CLOSED_FOR / 1_000);
  await clock.advance(CLOSED_FOR - 1);
  expect(remaining()).toBe(1);
  await clock.advance(1);
  expect(remaining()).toBe(0);
});

test("a stranger cannot lock out a colleague: another source and another account stay open", () => {
  const { lockOut } = failing(TRIES);
  expect(lockOut.remaining("sip:alice@acme.example", "192.0.2.10")).toBe(0);
  expect(lockOut.remaining("sip:bob@acme.example", "192.0.2.66")).toBe(0);
});

test("a right password wipes the slate, and so does a pause", async () => {
  const { clock, lockOut } = failing(TRIES - 1);
  lockOut.succeeded("sip:alice@acme.example", "192.0.2.66");
  for (let count = 0; count < TRIES - 1; count++) lockOut.failed("sip:alice@acme.example", "192.0.2.66");
  await clock.advance(CLOSED_FOR + 1);
  lockOut.failed("sip:alice@acme.example", "192.0.2.66");
  expect(lockOut.remaining("sip:alice@acme.example", "192.0.2.66")).toBe(0);
});

test("the memory is bounded: who failed longest ago is forgotten first", () => {
  const { lockOut } = failing(TRIES);
  for (let count = 0; count < PAIRS_REMEMBERED; count++) lockOut.failed(`sip:${count}@acme.example`, "192.0.2.66");
  expect(lockOut.remaining("sip:alice@acme.example", "192.0.2.66")).toBe(0);
});
