/**
 * A source that asks for documents faster than its share.
 *
 *     stranger         gateway
 *       |--GET 1, 2------>|  401: prove who you are
 *       |--GET 3--------->|  503, Retry-After: nothing is spent on it
 */
import { expect, test } from "vitest";
import { GatewayProcess } from "../support/gateway-process.ts";

test("documents count towards the share of a source like everything else", async () => {
  const gateway = await GatewayProcess.start({
    people: ["alice"],
    settings: { "limit.requests-per-second": "1", "limit.burst": "2", "limit.exempt": "" },
  });
  const url = `http://127.0.0.1:${gateway.ports.tcp}/xcap-root/pres-rules/users/sip:alice@acme.example/index`;
  const statuses = [];
  for (let count = 0; count < 3; count++) {
    const answer = await fetch(url);
    statuses.push([answer.status, answer.headers.get("retry-after")]);
  }
  expect(statuses).toEqual([
    [401, null],
    [401, null],
    [503, "1"],
  ]);
});
