/** Peers that break a rule and work elsewhere. */
import { expect, test } from "vitest";
import { Office } from "./office.ts";

// SIPp repeats its branch in loops, so over UDP a new request matches a server transaction that is still there
// (RFC 3261 §17.2.3 compares neither Call-ID nor CSeq) and gets the old answer again.
test("a new request under a branch that was used for another CSeq gets an answer of its own", async () => {
  const office = await Office.open();
  const phone = await office.phone("alice", "192.0.2.10");
  const branch = "z9hG4bK-same-again";
  const first = await phone.register(undefined, { branch, sequence: 1 });
  const second = await phone.register(undefined, { branch, sequence: 2, expires: 300 });
  expect([first, second].map((answer) => answer.headers.get("cseq"))).toEqual(["1 REGISTER", "2 REGISTER"]);
});
