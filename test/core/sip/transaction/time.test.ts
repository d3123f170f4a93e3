/** What becomes of transactions when time does not go on evenly. */
import { describe, expect, test } from "vitest";
import { request } from "../../../../core/sip/message/message.ts";
import type { Outcome } from "../../../../core/sip/stack.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

const PEER = { address: "127.0.0.1", port: 5090 };
const HOURS = 3_600_000;

async function overUdp() {
  const here = stackOnMemory();
  await here.stack.listen("udp", HERE);
  const peer = await ScriptedPeer.datagram(here.network, PEER, HERE);
  return { ...here, peer };
}

function outgoing(method: string, callId: string) {
  return request(method, "sip:bob@127.0.0.1:5090", [
    ["From", "<sip:alice@office.example>;tag=a"],
    ["To", "<sip:bob@office.example>"],
    ["Call-ID", callId],
    ["CSeq", `1 ${method}`],
  ]);
}

describe("after the machine slept for hours", () => {
  test("requests that were under way have timed out, and are not repeated first", async () => {
    const { clock, stack, peer } = await overUdp();
    const outcomes: Outcome[] = [];
    const targets = [{ transport: "udp", ...PEER, serverName: "peer" }] as const;
    for (const method of ["MESSAGE", "INVITE"])
      for (let count = 0; count < 50; count++)
        void stack.send(outgoing(method, `${method}${count}`), { targets }).then((one) => outcomes.push(one));
    await clock.advance(0);
    expect(peer.messages).toHaveLength(100);
    await clock.sleep(5 * HOURS);
    expect(peer.messages).toHaveLength(100);
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 100 }, () => "timeout"));
    expect(clock.pending).toBe(0);
  });

  test("answers are forgotten without a word, and a failed INVITE is not repeated", async () => {
    const { clock, stack, peer, requests } = await overUdp();
    await peer.send(written({ method: "INVITE" }));
    await peer.send(written({ method: "MESSAGE" }));
    await clock.advance(0);
    for (const transaction of requests) stack.respond(transaction, 486);
    await clock.advance(0);
    await clock.sleep(5 * HOURS);
    expect(peer.messages).toHaveLength(2);
    expect(stack.transactions.counts.server).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test("a short sleep costs one repetition, not all that were missed", async () => {
    const { clock, stack, peer } = await overUdp();
    void stack.send(outgoing("MESSAGE", "one"), { targets: [{ transport: "udp", ...PEER, serverName: "peer" }] });
    await clock.advance(0);
    await clock.sleep(20_000);
    expect(peer.messages).toHaveLength(2);
    await clock.advance(1_000);
    expect(peer.messages).toHaveLength(3);
  });
});

test("nothing notices that the wall clock was set", async () => {
  const { clock, stack, peer } = await overUdp();
  void stack.send(outgoing("MESSAGE", "one"), { targets: [{ transport: "udp", ...PEER, serverName: "peer" }] });
  await clock.advance(400);
  clock.jump(-48 * HOURS);
  await clock.advance(99);
  expect(peer.messages).toHaveLength(1);
  clock.jump(96 * HOURS);
  await clock.advance(1);
  expect(peer.messages).toHaveLength(2);
  expect(stack.transactions.inspect(1)).toMatchObject([{ age: 500 }]);
});
