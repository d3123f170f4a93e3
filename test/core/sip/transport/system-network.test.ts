import { createServer } from "node:http";
import net from "node:net";
import tls from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import type { OfficeIdentity } from "../../../../core/certificates/office.ts";
import { officeIdentity } from "../../../../core/certificates/office.ts";
import { systemClock } from "../../../../core/platform/clock.ts";
import { memoryFiles } from "../../../../core/platform/files.ts";
import type { Log, LogFields } from "../../../../core/platform/log.ts";
import { silentLog } from "../../../../core/platform/log.ts";
import { systemRandom } from "../../../../core/platform/random.ts";
import { toTag } from "../../../../core/sip/message/fields.ts";
import { limits } from "../../../../core/sip/message/limits.ts";
import type { StackSettings } from "../../../../core/sip/stack.ts";
import { Stack } from "../../../../core/sip/stack.ts";
import type { ServerTransaction } from "../../../../core/sip/transaction/transaction.ts";
import type { Endpoint } from "../../../../core/sip/transport/network.ts";
import { systemNetwork } from "../../../../core/sip/transport/system-network.ts";
import { serverTrust } from "../../../../core/user-agent/server-trust.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { emptyDns } from "../stack-on-memory.ts";

const ANY = { address: "127.0.0.1", port: 0 };
const DAY = 86_400_000;
const network = systemNetwork();
const open: { close(): void }[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function keep<T extends { close(): void }>(one: T): T {
  open.push(one);
  return one;
}

function identityOf(domain: string, now = Date.now()): Promise<OfficeIdentity> {
  return officeIdentity({ domain, hosts: ["127.0.0.1"], files: memoryFiles(), now });
}

function stackWith(settings: Partial<StackSettings> = {}): { stack: Stack; requests: ServerTransaction[] } {
  const stack = keep(
    new Stack({
      clock: systemClock(),
      random: systemRandom(),
      log: silentLog,
      network,
      dns: emptyDns,
      product: "Test",
      transports: ["tls", "tcp", "udp"],
      ...settings,
    }),
  );
  const requests: ServerTransaction[] = [];
  stack.use({
    request: (transaction) => {
      requests.push(transaction);
      stack.respond(transaction, 200);
    },
  });
  return { stack, requests };
}

describe.each(["tcp", "tls"] as const)("over %s on this machine", (transport) => {
  async function served() {
    const identity = await identityOf("office.example");
    const { stack, requests } = stackWith({ identity });
    const local = await stack.listen(transport, ANY);
    const secure = transport === "tls" ? { serverName: "office.example" } : undefined;
    const connect = async (): Promise<ScriptedPeer> => keep(await ScriptedPeer.connect(network, local, secure));
    return { stack, requests, connect };
  }

  const via = (count: number): string => `${transport.toUpperCase()} 127.0.0.1:5090;branch=z9hG4bK${count}`;

  test("messages in single bytes, in halves and several at once are the same messages", async () => {
    const { requests, connect } = await served();
    const peer = await connect();
    const body = "Grüße";
    const whole = Buffer.from([1, 2, 3].map((count) => written({ via: via(count), body })).join(""));
    for (const byte of whole.subarray(0, 300)) await peer.send(Buffer.of(byte));
    await peer.send(whole.subarray(300, whole.length - 1));
    await peer.send(whole.subarray(-1));
    await peer.until(({ messages }) => messages.length === 3);
    expect(requests.map((one) => one.request.body.toString())).toEqual([body, body, body]);
  });

  test("what is too large is answered, though the sender is still sending, then the stream is closed", async () => {
    const { connect } = await served();
    const peer = await connect();
    const length = limits.bodyBytes + 1;
    await peer.send(written({ via: via(1) }).replace("Content-Length: 0", `Content-Length: ${length}`));
    // The other side may be gone before it has taken all of this.
    await peer.send(Buffer.alloc(length)).catch(() => undefined);
    await peer.until(({ closed }) => closed);
    const response = peer.takeResponse();
    expect(response.status).toBe(413);
    expect(toTag(response)).toBeTruthy();
  });

  test("a ping is answered and an end is noticed", async () => {
    const { stack, connect } = await served();
    const peer = await connect();
    await peer.send("\r\n\r\n");
    await peer.until(({ keepAlives }) => keepAlives.length === 1);
    expect(peer.keepAlives).toEqual(["pong"]);
    const [flow] = stack.transport.flows;
    const ended = new Promise<void>((resolve) => flow?.whenClosed(resolve));
    peer.close();
    await ended;
    expect(stack.transport.flows).toHaveLength(0);
  });

  test("HTTP on the same port goes to its own server, and SIP goes on", async () => {
    const http = createServer((request, response) => response.end(`seen ${request.url}`));
    const identity = await identityOf("office.example");
    const { stack, requests } = stackWith({ identity, onHttp: (stream) => http.emit("connection", stream) });
    const local = await stack.listen(transport, ANY);
    const secure = transport === "tls" ? { serverName: "office.example" } : undefined;
    const sip = keep(await ScriptedPeer.connect(network, local, secure));
    const web = await network.connectStream(local, 5_000, secure);
    let answer = "";
    const done = new Promise<void>((resolve) =>
      web.start({ data: (chunk) => (answer += chunk.toString()), closed: () => resolve() }),
    );
    await web.write(Buffer.from("G"));
    await web.write(Buffer.from("ET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    await sip.send(written({ via: via(1) }));
    await sip.response();
    await done;
    expect(answer).toContain("seen /page");
    expect(requests).toHaveLength(1);
  });
});

describe("a server's certificate", () => {
  async function refusal(shown: OfficeIdentity, trusted: OfficeIdentity, now = Date.now()) {
    let heard = 0;
    const server = await network.listenStream(ANY, {
      identity: shown,
      connected: (connection) =>
        connection.start({ data: (chunk) => void (heard += chunk.length), closed: () => undefined }),
    });
    keep(server);
    const verifyServer = serverTrust({
      clock: { ...systemClock(), now: () => now },
      domain: "office.example",
      trust: trusted.authority,
      untrusted: () => undefined,
    });
    const { stack } = stackWith({ verifyServer });
    const target = { transport: "tls", ...server.local, serverName: "server.example" } as const;
    const code = await stack.transport.flowTo(target).then(
      () => "accepted",
      (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
    );
    return { code, heard };
  }

  test("of the trusted authority, in time and for the domain is accepted", async () => {
    const office = await identityOf("office.example");
    expect((await refusal(office, office)).code).toBe("accepted");
  });

  test("is refused before a byte of SIP leaves when it is another authority's", async () => {
    const [office, stranger] = [await identityOf("office.example"), await identityOf("office.example")];
    expect(await refusal(stranger, office)).toEqual({ code: "certificate-changed", heard: 0 });
  });

  test("is refused when it names somebody else", async () => {
    const other = await identityOf("other.example");
    expect(await refusal(other, other)).toEqual({ code: "certificate-wrong-name", heard: 0 });
  });

  test("is refused when it has ended", async () => {
    const office = await identityOf("office.example");
    expect(await refusal(office, office, Date.now() + 20 * 365 * DAY)).toEqual({
      code: "certificate-expired",
      heard: 0,
    });
  });

  test("that was renewed is shown to new connections", async () => {
    const [first, second] = [await identityOf("one.example"), await identityOf("two.example")];
    const { stack } = stackWith({ identity: first });
    const local = await stack.listen("tls", ANY);
    const shown = async (): Promise<string> => {
      const connection = await network.connectStream(local, 5_000, { serverName: "x" });
      connection.close();
      return connection.peer?.chain[0]?.toString("latin1") ?? "";
    };
    expect(await shown()).toContain("one.example");
    stack.setIdentity(second);
    expect(await shown()).toContain("two.example");
  });
});

describe("a handshake that fails", () => {
  interface Line {
    readonly text: string;
    readonly fields: LogFields | undefined;
  }

  async function logged(attempt: (local: Endpoint) => net.Socket): Promise<{ line: Line; from: string }> {
    const heard = Promise.withResolvers<Line>();
    const log: Log = { ...silentLog, info: (text, fields) => heard.resolve({ text, fields }), tagged: () => log };
    const { stack } = stackWith({ log, identity: await identityOf("office.example") });
    const local = await stack.listen("tls", ANY);
    const socket = attempt(local);
    const from = new Promise<string>((resolve) =>
      socket.once("connect", () => resolve(`127.0.0.1:${socket.localPort}`)),
    );
    socket.on("error", () => undefined);
    return { from: await from, line: await heard.promise };
  }

  test.each([
    [
      "because the peer speaks no TLS",
      ({ port }: Endpoint) =>
        net.connect(port, "127.0.0.1", function (this: net.Socket) {
          this.write("REGISTER sip:office.example SIP/2.0\r\n\r\n");
        }),
    ],
    [
      "because the peer goes away",
      ({ port }: Endpoint) =>
        net.connect(port, "127.0.0.1", function (this: net.Socket) {
          this.end();
        }),
    ],
    ["because the peer does not trust us", ({ port }: Endpoint) => tls.connect({ host: "127.0.0.1", port })],
  ])("%s is logged with the peer's address", async (_name, attempt) => {
    const { line, from } = await logged(attempt);
    expect(line.text).toBe("A TLS handshake failed.");
    expect(line.fields?.["peer"]).toBe(from);
    expect(line.fields?.["reason"]).not.toContain("\n");
  });
});

test("nobody there is said so at once", async () => {
  const { stack } = stackWith();
  const listener = await network.listenStream(ANY, { connected: () => undefined });
  listener.close();
  const target = { transport: "tcp", ...listener.local, serverName: "x" } as const;
  await expect(stack.transport.flowTo(target)).rejects.toMatchObject({ code: "SIP_CONNECT_FAILED" });
});

test("our own address towards another is known without sending anything", async () => {
  expect(await network.addressTowards({ address: "127.0.0.1", port: 9 })).toBe("127.0.0.1");
});

test("datagrams go both ways", async () => {
  const { stack } = stackWith();
  const local = await stack.listen("udp", ANY);
  const peer = keep(await ScriptedPeer.datagram(network, ANY, local));
  await peer.send(written({ via: `UDP 127.0.0.1:${peer.local.port};branch=z9hG4bK1` }));
  expect((await peer.response()).status).toBe(200);
});
