import { expect, test } from "vitest";
import { request, responseTo } from "../../../core/sip/message/message.ts";
import type { Flow } from "../../../core/sip/transport/flow.ts";
import { connectionFault, registrationFault } from "../../../core/user-agent/failure.ts";

function afterStatus(status: number, rejected = false, headers: readonly (readonly [string, string])[] = []) {
  const response = responseTo(request("REGISTER", "sip:o.example", [["Via", "SIP/2.0/TCP a"]]), status, { headers });
  return registrationFault({ kind: "response", response, flow: {} as Flow }, "o.example", rejected);
}

test.each([
  [401, true, "wrong-password", false],
  [403, false, "refused", false],
  [404, false, "unknown-user", false],
  [401, false, "refused", false],
  [408, false, "server-busy", true],
  [430, false, "server-busy", true],
  [480, false, "server-busy", true],
  [500, false, "server-busy", true],
  [503, false, "server-busy", true],
])("%i (password tried: %s) is %s, passing: %s", (status, rejected, code, passing) => {
  expect(afterStatus(status, rejected)).toMatchObject({ code, passing });
});

test("a busy server may name its time", () => {
  expect(afterStatus(503, false, [["Retry-After", "120"]]).retryAfter).toBe(120);
  expect(afterStatus(503)).not.toHaveProperty("retryAfter");
});

test.each([
  ["certificate-changed", "certificate-changed", false],
  ["SIP_NAME_UNKNOWN", "server-not-found", false],
  ["SIP_DNS_FAILED", "dns-failed", true],
  ["SIP_FLOW_CLOSED", "connection-lost", true],
  ["SIP_CONNECT_FAILED", "server-unreachable", true],
])("a connection that failed with %s is %s, passing: %s", (from, code, passing) => {
  expect(connectionFault(from, "One sentence.", "o.example")).toMatchObject({ code, passing });
});

test("every fault is one whole sentence or more, and names the domain", () => {
  const faults = [
    ...[401, 403, 404, 486, 503].map((status) => afterStatus(status)),
    afterStatus(401, true),
    registrationFault({ kind: "timeout" }, "o.example", false),
    ...["SIP_NAME_UNKNOWN", "SIP_DNS_FAILED", "SIP_FLOW_CLOSED", "x"].map((code) =>
      connectionFault(code, "", "o.example"),
    ),
  ];
  for (const { message } of faults) {
    expect(message).toMatch(/^[A-Zo].*\.$/);
    expect(message).toContain("o.example");
  }
});
