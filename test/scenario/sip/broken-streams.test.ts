/**
 * Two stacks over streams that break at any byte, of the request or of its answer.
 *
 *     client                      server
 *        | MESSAGE                  |
 *        |------------ x (cut)      |  nothing, or once to its user
 *        |                          |
 *     one outcome: the connection broke
 *        |                          |
 *        | MESSAGE on a new stream  |
 *        |------------------------->|
 *        |                      200 |
 *        |<-------------------------|
 */
import { describe, expect, test } from "vitest";
import { asking, ending, nameOf, TwoStacks } from "./two-stacks.ts";

/** Bytes between two places at which the stream is cut. */
const STEP = 53;

describe.each(["tcp", "tls", "ws", "wss"] as const)("over %s", (transport) => {
  test("a request is delivered at most once, its sender hears one outcome, and the next one opens a new stream", async () => {
    const both = await TwoStacks.open(transport, 1, { jitter: 50, piece: 100 });
    const outcomes: string[] = [];
    for (let bytes = 0; outcomes.at(-1) !== "200"; bytes += STEP) {
      const first = asking("MESSAGE", `cut-after-${bytes}`);
      both.cutAfter(bytes);
      const outcome = both.ask(first);
      await both.settle();
      outcomes.push(ending(await outcome));
      const times = both.server.delivered.get(nameOf(first)) ?? 0;
      expect(times, `after ${bytes} bytes`).toBeLessThanOrEqual(1);
      if (outcomes.at(-1) === "200") expect(times).toBe(1);
    }
    // Every place inside the request, then every place inside its answer.
    expect(outcomes.length).toBeGreaterThan(8);
    const failures = outcomes.slice(0, -1);
    expect(failures.filter((code) => code !== "SIP_FLOW_CLOSED" && code !== "SIP_CONNECT_FAILED")).toEqual([]);
    expect(both.server.delivered.size).toBeLessThan(outcomes.length);
    expect(both.server.delivered.size).toBeGreaterThan(1);
    both.cutAfter(Infinity);
    const after = both.ask(asking("OPTIONS", "afterwards"));
    await both.settle();
    expect(ending(await after)).toBe("200");
    expect([both.client.strays, both.server.strays]).toEqual([0, 0]);
  });

  test("of many requests on one stream that breaks each has one outcome, and those answered were delivered once", async () => {
    const both = await TwoStacks.open(transport, 2, { jitter: 50, piece: 100 });
    const warm = both.ask(asking("OPTIONS", "first"));
    await both.settle();
    expect(ending(await warm)).toBe("200");
    both.cutAfter(5_000);
    const requests = Array.from({ length: 20 }, (_none, index) => asking("MESSAGE", `many-${index}`));
    const outcomes = Promise.all(requests.map(async (one) => [nameOf(one), ending(await both.ask(one))] as const));
    await both.settle();
    const ended = await outcomes;
    expect(ended.some(([, status]) => status !== "200")).toBe(true);
    for (const [name, status] of ended) {
      const times = both.server.delivered.get(name) ?? 0;
      if (status === "200") expect(times).toBe(1);
      else expect([status, times <= 1]).toEqual(["SIP_FLOW_CLOSED", true]);
    }
  });
});
