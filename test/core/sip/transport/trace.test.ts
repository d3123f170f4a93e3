import { describe, expect, test } from "vitest";
import { clientKey } from "../../../../core/sip/transaction/key.ts";
import { parseMessage } from "../../../../core/sip/message/parse.ts";
import type { TraceEntry } from "../../../../core/sip/transport/trace.ts";
import { redacted } from "../../../../core/sip/transport/trace.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

const PEER = { address: "127.0.0.2", port: 5070 };

async function tapped(transport: "udp" | "tcp") {
  const entries: TraceEntry[] = [];
  const on = stackOnMemory({}, { trace: (entry) => void entries.push(entry) });
  on.stack.use({ request: (transaction) => on.stack.respond(transaction, 200) });
  await on.stack.listen(transport, HERE);
  const peer =
    transport === "udp"
      ? await ScriptedPeer.datagram(on.network, PEER, HERE)
      : await ScriptedPeer.connect(on.network, HERE);
  const send = async (bytes: string | Buffer): Promise<void> => {
    await peer.send(bytes);
    await on.clock.advance(1);
  };
  return { ...on, entries, peer, send };
}

describe.each(["udp", "tcp"] as const)("a tap on %s", (transport) => {
  const via = `${transport.toUpperCase()} 127.0.0.2:5070;branch=z9hG4bKone;rport`;

  test("sees a request and its answer as one transaction, with their bytes", async () => {
    const { clock, entries, peer, send } = await tapped(transport);
    const text = written({ via, body: "hello" });
    await send(text);
    expect(entries.map(({ direction, firstLine }) => [direction, firstLine])).toEqual([
      ["in", "MESSAGE sip:bob@office.example SIP/2.0"],
      ["out", "SIP/2.0 200 OK"],
    ]);
    const [request, response] = entries;
    expect(request).toMatchObject({ transport, local: HERE, remote: peer.local, transaction: "z9hG4bKone|MESSAGE" });
    expect(request?.bytes.toString()).toBe(text);
    expect(response?.bytes).toEqual(peer.raw);
    expect(response).toMatchObject({ flow: request?.flow, transaction: request?.transaction });
    expect(Math.abs(clock.now() - (request?.at ?? 0))).toBeLessThanOrEqual(1);
  });

  test("names the transaction as the client side does", async () => {
    const { entries, send } = await tapped(transport);
    await send(written({ via }));
    const parsed = parseMessage(entries[0]?.bytes ?? Buffer.alloc(0), "datagram");
    expect(parsed.ok && clientKey(parsed.value)).toBe(entries[0]?.transaction);
  });

  test("sees what is broken and is not told of keep-alives", async () => {
    const { entries, send } = await tapped(transport);
    await send("\r\n\r\n");
    expect(entries).toEqual([]);
    await send("not SIP at all\r\n\r\n");
    expect(entries).toMatchObject([{ direction: "in", transaction: "", firstLine: "not SIP at all" }]);
  });
});

/** RFC 3665 §2.1, message F3. */
const REGISTER = [
  "REGISTER sips:ss2.biloxi.example.com SIP/2.0",
  "Via: SIP/2.0/TLS client.biloxi.example.com:5061;branch=z9hG4bKnashd92",
  "Max-Forwards: 70",
  "From: Bob <sips:bob@biloxi.example.com>;tag=ja743ks76zlflH",
  "To: Bob <sips:bob@biloxi.example.com>",
  "Call-ID: 1j9FpLxk3uxtm8tn@biloxi.example.com",
  "CSeq: 2 REGISTER",
  "Contact: <sips:bob@client.biloxi.example.com>",
  'Authorization: Digest username="bob", realm="atlanta.example.com",',
  ' nonce="ea9c8e88df84f1cec4341ae6cbe5a359", opaque="",',
  ' uri="sips:ss2.biloxi.example.com",',
  ' response="dfe56131d1958046689d83306477ecc"',
  "Content-Length: 0",
  "",
  "",
].join("\r\n");

describe("a redacted entry", () => {
  function shown(bytes: string | Buffer): { text: string; firstLine: string } {
    const endpoints = { local: HERE, remote: PEER };
    const told = { at: 0, direction: "in", flow: "f", transport: "udp", transaction: "t" } as const;
    const entry = redacted({ ...told, ...endpoints, firstLine: "the first line", bytes: Buffer.from(bytes) });
    return { text: entry.bytes.toString("latin1"), firstLine: entry.firstLine };
  }

  test("has no proof of a password, folded or not, and everything else as it was", () => {
    const expected = REGISTER.replace(/^Authorization:[^]*(?=\r\nContent-Length)/m, "Authorization: [hidden]");
    expect(expected).not.toContain("dfe56131");
    expect(shown(REGISTER).text).toBe(expected);
  });

  test.each(["Authorization", "proxy-authorization", "PROXY-AUTHORIZATION ", "Authentication-Info"])(
    "hides every %s",
    (name) => {
      const { text } = shown(written({ headers: [`${name}: Digest secret-a`, `${name}:Digest secret-b`, "X: kept"] }));
      expect(text).not.toContain("secret");
      expect(text).toContain("\r\nX: kept\r\n");
    },
  );

  test.each(["\r\n", "\n"])("has no body behind lines that end in %j, only its size", (lineEnd) => {
    const body = "private\n\ntalk";
    const head = written({ body }).slice(0, -body.length);
    const { text } = shown(head.replaceAll("\r\n", lineEnd) + body);
    expect(text).not.toMatch(/private|talk/);
    expect(text).toMatch(/\[\d+ bytes hidden\]$/);
  });

  test("shows nothing of what cannot be read", () => {
    const broken = written({ headers: ["Authorization Digest secret"], body: "private" });
    for (const bytes of [broken, "private", written({ body: "private" }).slice(0, -2)]) {
      const { text, firstLine } = shown(bytes);
      expect(text).toBe(`[${Buffer.byteLength(bytes)} bytes that are not SIP]`);
      expect(firstLine).toBe(text);
    }
  });
});

test("who looks sees listeners, flows with their age, silence and messages, and transactions", async () => {
  const { stack, clock, send } = await tapped("tcp");
  await send(written({ via: "TCP 127.0.0.1:40000;branch=z9hG4bKone" }));
  await clock.advance(4_000);
  await send("\r\n\r\n");
  await clock.advance(1_000);
  const report = stack.inspect();
  expect(report).toMatchObject({
    listeners: [{ transport: "tcp", local: HERE }],
    flows: [{ transport: "tcp", local: HERE, inbound: true, received: 1, sent: 1 }],
    transactions: { client: 0, server: 0 },
  });
  expect(report.flows[0]?.age).toBeGreaterThanOrEqual(5_000);
  expect(report.flows[0]?.silence).toBeLessThan(1_100);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});
