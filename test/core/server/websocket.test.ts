/**
 *   browser            gateway            phone
 *      |--- REGISTER ---->|<--- REGISTER ---|      browser by WebSocket, phone by TCP
 *      |---- MESSAGE ---->|---- MESSAGE --->|
 *      |<--- MESSAGE -----|<--- MESSAGE ----|
 */
import { onTestFinished, expect, test } from "vitest";
import { officeIdentity } from "../../../core/certificates/office.ts";
import { systemClock } from "../../../core/platform/clock.ts";
import { memoryFiles } from "../../../core/platform/files.ts";
import { silentLog } from "../../../core/platform/log.ts";
import { systemRandom } from "../../../core/platform/random.ts";
import { addAccount } from "../../../core/server/accounts.ts";
import { Gateway } from "../../../core/server/gateway.ts";
import { parseListening } from "../../../core/sip/transport/flow.ts";
import type { Endpoint } from "../../../core/sip/transport/network.ts";
import { systemNetwork } from "../../../core/sip/transport/system-network.ts";
import { openGatewayStore } from "../../../core/store/sqlite/gateway-store.ts";
import { ScriptedPeer } from "../../support/scripted-peer.ts";
import { written } from "../../support/sip-lines.ts";
import { WebSocketPeer } from "../../support/web-socket-peer.ts";

const DOMAIN = "acme.example";
const ANY: Endpoint = { address: "127.0.0.1", port: 0 };

async function office(challenged = false) {
  const clock = systemClock();
  const store = openGatewayStore(":memory:", clock);
  store.settings.set("domain", DOMAIN);
  if (!challenged) store.settings.set("auth.exempt", "127.0.0.1");
  for (const name of ["alice", "bob"])
    addAccount(store.accounts, DOMAIN, { address: `${name}@${DOMAIN}`, password: "secret-enough" });
  const gateway = new Gateway({
    clock,
    random: systemRandom(),
    log: silentLog,
    network: systemNetwork(),
    dns: { naptr: async () => [], srv: async () => [], addresses: async () => [] },
    store,
    identity: await officeIdentity({ domain: DOMAIN, hosts: ["127.0.0.1"], files: memoryFiles(), now: Date.now() }),
    product: "Hallway",
  });
  onTestFinished(() => {
    gateway.stop();
    store.close();
  });
  const bound = await gateway.start([
    { transport: "tcp", endpoint: ANY },
    { transport: "tls", endpoint: ANY },
  ]);
  const [tcp = 0, tls = 0] = bound.map((one) => parseListening(one)?.port);
  return { gateway, tcp, tls };
}

const aor = (name: string): string => `<sip:${name}@${DOMAIN}>`;

const registration = (name: string, via: string, contact: string): string =>
  written({
    method: "REGISTER",
    uri: `sip:${DOMAIN}`,
    via,
    from: `${aor(name)};tag=r`,
    to: aor(name),
    callId: `register-${name}`,
    headers: ["Supported: path, outbound", `Contact: ${contact}`, "Expires: 600"],
  });

const message = (from: string, to: string, via: string, body: string): string =>
  written({
    uri: `sip:${to}@${DOMAIN}`,
    via,
    from: `${aor(from)};tag=m`,
    to: aor(to),
    callId: `message-${from}`,
    headers: ["Content-Type: text/plain"],
    body,
  });

const BROWSER = 'sip:alice@df7jal23ls0d.invalid;transport=ws>;reg-id=1;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0>"';

test.each(["ws", "wss"] as const)("a browser over %s registers, and texts go both ways", async (transport) => {
  const { gateway, tcp, tls } = await office();
  const browser = await WebSocketPeer.open(`${transport}://127.0.0.1:${transport === "ws" ? tcp : tls}`);
  const via = (branch: string): string => `${transport.toUpperCase()} df7jal23ls0d.invalid;branch=z9hG4bK${branch}`;
  browser.send(registration("alice", via("reg"), `<${BROWSER}`));
  const registered = await browser.response();
  expect(registered.status).toBe(200);
  expect(registered.headers.get("contact")).toContain("df7jal23ls0d.invalid;transport=ws");
  expect(registered.headers.get("flow-timer")).toBe("20");

  const phone = await ScriptedPeer.connect(systemNetwork(), { ...ANY, port: tcp });
  onTestFinished(() => phone.close());
  const phoneVia = (branch: string): string => `TCP 127.0.0.1:${phone.local.port};branch=z9hG4bK${branch};rport`;
  await phone.send(registration("bob", phoneVia("reg"), `<sip:bob@127.0.0.1:${phone.local.port};transport=tcp>`));
  expect((await phone.response()).status).toBe(200);

  browser.send(message("alice", "bob", via("one"), "Grüße aus dem Browser"));
  const arrived = await phone.request();
  expect(arrived.body.toString()).toBe("Grüße aus dem Browser");
  await phone.answer(arrived, 200);
  expect((await browser.response()).status).toBe(200);

  await phone.send(message("bob", "alice", phoneVia("two"), "Grüße vom Telefon"));
  const back = await browser.request();
  expect(back.uri).toBe("sip:alice@df7jal23ls0d.invalid;transport=ws");
  expect(back.body.toString()).toBe("Grüße vom Telefon");
  browser.answer(back, 200);
  expect((await phone.response()).status).toBe(200);

  const bindings = (): number => gateway.people().filter(({ online }) => online).length;
  expect(bindings()).toBe(2);
  const flow = gateway.stack.transport.flows.find((one) => one.transport === transport);
  const ended = new Promise<void>((resolve) => flow?.whenClosed(resolve));
  browser.close();
  await ended;
  expect(bindings()).toBe(1);
});

test("a browser is asked for its password like everybody else", async () => {
  const { tcp } = await office(true);
  const browser = await WebSocketPeer.open(`ws://127.0.0.1:${tcp}`);
  browser.send(registration("alice", "WS df7jal23ls0d.invalid;branch=z9hG4bKreg", `<${BROWSER}`));
  expect((await browser.response()).status).toBe(401);
});

test("XCAP stays on the same port", async () => {
  const { tcp } = await office(true);
  expect((await fetch(`http://127.0.0.1:${tcp}/xcap-root/resource-lists/users/sip:alice@${DOMAIN}/index`)).status).toBe(
    401,
  );
});
