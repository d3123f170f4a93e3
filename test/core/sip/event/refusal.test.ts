import { expect, test } from "vitest";
import { eventRefusal } from "../../../../core/sip/event/refusal.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

test("who asks for an unknown event 2,500 times a second leaves nothing behind", async () => {
  const { clock, network, stack, requests } = stackOnMemory();
  stack.use({
    request: (transaction) => void requests.push(transaction),
    screen: (message) => eventRefusal(message, ["presence", "presence.winfo"]),
  });
  await stack.listen("udp", HERE);
  const peer = await ScriptedPeer.datagram(network, { address: "127.0.0.1", port: 5090 }, HERE);
  const via = (count: number): string => `UDP 127.0.0.1:5090;branch=z9hG4bK${count};rport`;
  for (let count = 0; count < 2_500; count++)
    await peer.send(written({ method: "SUBSCRIBE", via: via(count), sequence: count, headers: ["Event: dialog"] }));
  await clock.advance(0);
  expect(peer.messages).toHaveLength(2_500);
  const answer = peer.takeResponse();
  expect([answer.status, answer.headers.get("allow-events")]).toEqual([489, "presence, presence.winfo"]);
  expect(stack.transactions.counts.server).toBe(0);
  expect(clock.pending).toBe(0);
  await peer.send(written({ method: "SUBSCRIBE", via: via(-1), headers: ["Event: presence"] }));
  await peer.send(written({ via: via(-2) }));
  await clock.advance(0);
  expect(requests).toHaveLength(2);
});
