/**
 * Two stacks over a network that loses, doubles, delays and reorders, on each transport.
 *
 *     client                    server
 *        | REGISTER, MESSAGE, OPTIONS |
 *        |--------- x  (lost)         |
 *        |--------------------------->|  to its user, once
 *        |--------------------------->|  (repeated: its answer again)
 *        |  (lost)  x      200        |
 *        |<---------------------------|
 *        |            200 (again)     |
 *        |<---------------------------|  absorbed
 *        |                            |
 *        | SUBSCRIBE                  |
 *        |--------------------------->|
 *        |                        200 |
 *        |<---------------------------|
 *        |                     NOTIFY |
 *        |<---------------------------|  to its user, once
 *        | 200                        |
 *        |--------------------------->|
 */
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../core/sip/stack.ts";
import type { Trouble } from "../../../core/sip/transport/memory.ts";
import { asking, ending, TwoStacks } from "./two-stacks.ts";

const DATAGRAMS: Omit<Trouble, "random"> = { loss: 0.2, duplication: 0.2, jitter: 300 };
const STREAMS: Omit<Trouble, "random"> = { jitter: 300, piece: 200 };
/** Requests of each method in one run. */
const COUNT = 25;

const EVERY = (["udp", "tcp", "tls", "ws", "wss"] as const).flatMap((name) =>
  ([1, 2] as const).map((seed) => [name, seed] as const),
);

describe.each(EVERY)("over %s, seed %i", (transport, seed) => {
  const open = () => TwoStacks.open(transport, seed, transport === "udp" ? DATAGRAMS : STREAMS);

  test("every REGISTER, MESSAGE and OPTIONS reaches the other user once and is answered once", async () => {
    const both = await open();
    const requests = ["REGISTER", "MESSAGE", "OPTIONS"].flatMap((method) =>
      Array.from({ length: COUNT }, (_none, index) => asking(method, `${method}-${index}`)),
    );
    const outcomes = Promise.all(requests.map((one) => both.ask(one)));
    await both.settle();
    expect((await outcomes).map(ending)).toEqual(Array(requests.length).fill("200"));
    expect([...both.server.delivered.values()]).toEqual(Array(requests.length).fill(1));
    expect([both.client.strays, both.server.strays]).toEqual([0, 0]);
    expect(both.client.stack.inspect().transactions.client).toBe(0);
    expect(both.server.stack.inspect().transactions.server).toBe(0);
  });

  test("every SUBSCRIBE is answered once and brings one NOTIFY, which is answered once", async () => {
    const both = await open();
    const notified: Promise<Outcome>[] = [];
    both.server.afterwards = ({ request, flow }) => {
      const call = request.headers.get("call-id") ?? "";
      const notify = asking("NOTIFY", call, [
        ["Event", "presence"],
        ["Subscription-State", "active;expires=600"],
      ]);
      notified.push(both.server.stack.send(notify, { flow }));
    };
    const requests = Array.from({ length: COUNT }, (_none, index) =>
      asking("SUBSCRIBE", `watch-${index}`, [
        ["Event", "presence"],
        ["Expires", "600"],
      ]),
    );
    const outcomes = Promise.all(requests.map((one) => both.ask(one)));
    await both.settle();
    expect((await outcomes).map(ending)).toEqual(Array(COUNT).fill("200"));
    expect((await Promise.all(notified)).map(ending)).toEqual(Array(COUNT).fill("200"));
    expect([...both.server.delivered.values()]).toEqual(Array(COUNT).fill(1));
    expect([...both.client.delivered.values()]).toEqual(Array(COUNT).fill(1));
    expect([both.client.strays, both.server.strays]).toEqual([0, 0]);
  });
});
