/** Each transport on the IPv6 loopback, with real sockets: brackets where text needs them, none where sockets do not. */
import { createServer } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { officeIdentity } from "../../../../core/certificates/office.ts";
import { systemClock } from "../../../../core/platform/clock.ts";
import { memoryFiles } from "../../../../core/platform/files.ts";
import { silentLog } from "../../../../core/platform/log.ts";
import { systemRandom } from "../../../../core/platform/random.ts";
import { topVia } from "../../../../core/sip/message/fields.ts";
import { request } from "../../../../core/sip/message/message.ts";
import type { Outcome } from "../../../../core/sip/stack.ts";
import { Stack } from "../../../../core/sip/stack.ts";
import type { ServerTransaction } from "../../../../core/sip/transaction/transaction.ts";
import { carrierOf, formatListening, parseListening } from "../../../../core/sip/transport/flow.ts";
import { systemNetwork } from "../../../../core/sip/transport/system-network.ts";
import { asksForWebSocket } from "../../../../core/sip/transport/websocket.ts";
import { hasIpv6 } from "../../../support/ipv6.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { emptyDns } from "../stack-on-memory.ts";

const LOOPBACK = { address: "::1", port: 0 };
const network = systemNetwork();
const identity = await officeIdentity({ domain: "office.example", hosts: [], files: memoryFiles(), now: Date.now() });
const skipped = hasIpv6() ? "" : " (skipped: this machine has no IPv6 loopback)";

function stackOnSockets() {
  const http = createServer({ shouldUpgradeCallback: asksForWebSocket });
  const stack = new Stack({
    clock: systemClock(),
    random: systemRandom(),
    log: silentLog,
    network,
    dns: emptyDns,
    product: "Test",
    transports: ["udp", "tcp", "tls", "ws", "wss"],
    identity,
    verifyServer: () => undefined,
    onHttp: (stream) => http.emit("connection", stream),
  });
  http.on("upgrade", (asked, stream, head) => stack.transport.upgrade(asked, stream, head));
  onTestFinished(() => stack.close());
  const requests: ServerTransaction[] = [];
  stack.use({
    request: (transaction) => {
      requests.push(transaction);
      stack.respond(transaction, 200);
    },
  });
  return { stack, requests };
}

function options(uri: string) {
  return request("OPTIONS", uri, [
    ["Max-Forwards", "70"],
    ["From", "<sip:alice@office.example>;tag=a"],
    ["To", `<${uri}>`],
    ["Call-ID", "six"],
    ["CSeq", "1 OPTIONS"],
  ]);
}

describe.skipIf(!hasIpv6()).each(["udp", "tcp", "tls", "ws", "wss"] as const)(
  `on ::1 over %s${skipped}`,
  (transport) => {
    async function asked(): Promise<{
      outcome: Outcome;
      received: ServerTransaction | undefined;
      caller: Stack;
      port: number;
    }> {
      const server = stackOnSockets();
      const { port } = await server.stack.listen(carrierOf(transport), LOOPBACK);
      const caller = stackOnSockets().stack;
      if (transport === "udp") await caller.listen("udp", LOOPBACK);
      const scheme = transport === "wss" ? "sips" : "sip";
      const named = transport === "wss" ? "ws" : transport;
      const outcome = await caller.send(options(`${scheme}:bob@[::1]:${port};transport=${named}`));
      return { outcome, received: server.requests[0], caller, port };
    }

    test("a request goes to a literal address and its answer comes back", async () => {
      const { outcome, received, port } = await asked();
      expect(outcome).toMatchObject({ kind: "response", response: { status: 200 } });
      expect(received?.flow).toMatchObject({ transport, local: { address: "::1", port }, remote: { address: "::1" } });
    });

    test("Via has brackets around its host, received has none, and rport is the port", async () => {
      const { received } = await asked();
      const via = received && topVia(received.request);
      expect(received?.request.headers.get("via")).toMatch(/^SIP\/2\.0\/[A-Z]+ \[::1\]:\d+;/);
      expect(via).toMatchObject({ host: "[::1]", received: "::1", rport: received?.flow.remote.port });
    });

    test("who looks sees the endpoints as they are", async () => {
      const { caller, port } = await asked();
      const { flows, stun } = caller.inspect();
      if (transport === "udp") expect(stun).toMatchObject([{ local: { address: "::1" } }]);
      else expect(flows).toMatchObject([{ transport, remote: { address: "::1", port } }]);
    });
  },
);

test.skipIf(!hasIpv6())(`an answer without rport goes to the literal in Via${skipped}`, async () => {
  const { stack } = stackOnSockets();
  const local = await stack.listen("udp", LOOPBACK);
  const inVia = await ScriptedPeer.datagram(network, LOOPBACK, local);
  const from = await ScriptedPeer.datagram(network, LOOPBACK, local);
  onTestFinished(() => [inVia, from].forEach((peer) => peer.close()));
  await from.send(written({ via: `UDP [::1]:${inVia.local.port};branch=z9hG4bK1` }));
  expect((await inVia.response()).status).toBe(200);
  expect(from.messages).toHaveLength(0);
});

test("listeners are written with brackets and read back", () => {
  const text = formatListening("tls", { address: "2001:db8::1", port: 5061 });
  expect(text).toBe("tls:[2001:db8::1]:5061");
  expect(parseListening(text)).toEqual({ transport: "tls", host: "2001:db8::1", port: 5061 });
});
