import { createServer } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { officeIdentity } from "../../../../core/certificates/office.ts";
import type { Clock } from "../../../../core/platform/clock.ts";
import { systemClock } from "../../../../core/platform/clock.ts";
import { memoryFiles } from "../../../../core/platform/files.ts";
import { silentLog } from "../../../../core/platform/log.ts";
import { systemRandom } from "../../../../core/platform/random.ts";
import { topVia } from "../../../../core/sip/message/fields.ts";
import { limits } from "../../../../core/sip/message/limits.ts";
import { request } from "../../../../core/sip/message/message.ts";
import type { StackSettings } from "../../../../core/sip/stack.ts";
import { Stack } from "../../../../core/sip/stack.ts";
import type { ServerTransaction } from "../../../../core/sip/transaction/transaction.ts";
import { WEBSOCKET_PING_INTERVAL } from "../../../../core/sip/transport/keep-alive.ts";
import type { Endpoint } from "../../../../core/sip/transport/network.ts";
import { MAX_BACKLOG, MESSAGE_DEADLINE } from "../../../../core/sip/transport/stream-flow.ts";
import { systemNetwork } from "../../../../core/sip/transport/system-network.ts";
import { MAX_STREAMS_PER_SOURCE } from "../../../../core/sip/transport/admission.ts";
import { asksForWebSocket } from "../../../../core/sip/transport/websocket.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { written } from "../../../support/sip-lines.ts";
import { WebSocketPeer } from "../../../support/web-socket-peer.ts";
import { emptyDns } from "../stack-on-memory.ts";

const ANY = { address: "127.0.0.1", port: 0 };
const identity = await officeIdentity({
  domain: "office.example",
  hosts: ["127.0.0.1"],
  files: memoryFiles(),
  now: Date.now(),
});
const open: { close(): void }[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function keep<T extends { close(): void }>(one: T): T {
  open.push(one);
  return one;
}

function stackWith(settings: Partial<StackSettings> = {}): { stack: Stack; requests: ServerTransaction[] } {
  const http = createServer({ shouldUpgradeCallback: asksForWebSocket }, (asked, response) =>
    response.end(`page ${asked.url}`),
  );
  const stack = keep(
    new Stack({
      clock: systemClock(),
      random: systemRandom(),
      log: silentLog,
      network: systemNetwork(),
      dns: emptyDns,
      product: "Test",
      transports: ["wss", "ws"],
      identity,
      verifyServer: () => undefined,
      onHttp: (stream) => http.emit("connection", stream),
      ...settings,
    }),
  );
  http.on("upgrade", (asked, stream, head) => stack.transport.upgrade(asked, stream, head));
  const requests: ServerTransaction[] = [];
  stack.use({
    request: (transaction) => {
      requests.push(transaction);
      stack.respond(transaction, 200);
    },
  });
  return { stack, requests };
}

const KINDS = [
  { transport: "ws", carrier: "tcp" },
  { transport: "wss", carrier: "tls" },
] as const;

async function served(carrier: "tcp" | "tls" = "tcp", clock: Clock = systemClock()) {
  const { stack, requests } = stackWith({ clock });
  const local = await stack.listen(carrier, ANY);
  const url = `${carrier === "tls" ? "wss" : "ws"}://127.0.0.1:${local.port}`;
  return { stack, requests, local, url, connect: async () => keep(await WebSocketPeer.open(url)) };
}

/** As browsers write it: a host that nobody can find. */
const via = (transport: string, count = 1): string =>
  `${transport.toUpperCase()} df7jal23ls0d.invalid;branch=z9hG4bK${count};rport`;

describe.each(KINDS)("over $transport", ({ transport, carrier }) => {
  test("a request is answered on its flow, with where it came from", async () => {
    const { stack, requests, connect } = await served(carrier);
    const peer = await connect();
    expect(peer.socket.protocol).toBe("sip");
    peer.send(written({ via: via(transport) }));
    const response = await peer.response();
    expect(response.status).toBe(200);
    expect(topVia(response)).toMatchObject({ received: "127.0.0.1" });
    expect(requests.map(({ flow }) => flow.transport)).toEqual([transport]);
    expect(stack.transport.flows.map((flow) => flow.transport)).toEqual([transport]);
  });

  test("a request goes to the browser with the listener in its Via", async () => {
    const { stack, requests, local, connect } = await served(carrier);
    const peer = await connect();
    peer.send(written({ via: via(transport) }));
    await peer.response();
    const outcome = stack.send(request("OPTIONS", "sip:x@df7jal23ls0d.invalid;transport=ws", BARE), {
      ...(requests[0] && { flow: requests[0].flow }),
    });
    const asked = await peer.request();
    expect(topVia(asked)).toMatchObject({ transport: transport.toUpperCase(), host: "127.0.0.1", port: local.port });
    peer.answer(asked, 200);
    expect(await outcome).toMatchObject({ kind: "response", response: { status: 200 } });
  });

  test("one stack calls another, one connection for all requests", async () => {
    const { stack, requests, local } = await served(carrier);
    const caller = stackWith().stack;
    const uri = `${transport === "ws" ? "sip" : "sips"}:bob@127.0.0.1:${local.port};transport=ws`;
    for (const sequence of [1, 2])
      expect(await caller.send(request("OPTIONS", uri, bare(sequence)))).toMatchObject({ response: { status: 200 } });
    expect(requests).toHaveLength(2);
    expect(stack.transport.flows).toHaveLength(1);
    expect(caller.transport.flows.map((flow) => flow.transport)).toEqual([transport]);
  });

  test("a flow ends with its connection, on both sides", async () => {
    const { stack, requests, connect } = await served(carrier);
    const peer = await connect();
    peer.send(written({ via: via(transport) }));
    await peer.response();
    const ended = new Promise<void>((resolve) => requests[0]?.flow.whenClosed(resolve));
    peer.socket.close();
    await ended;
    expect(stack.transport.flows).toEqual([]);
  });
});

const bare = (sequence: number): [string, string][] => [
  ["Max-Forwards", "70"],
  ["From", "<sip:office@office.example>;tag=o"],
  ["To", "<sip:x@office.example>"],
  ["Call-ID", "call-out"],
  ["CSeq", `${sequence} OPTIONS`],
];
const BARE = bare(1);

describe("messages", () => {
  test("text, binary and fragmented ones are the same", async () => {
    const { requests, connect } = await served();
    const peer = await connect();
    const body = "Grüße";
    const [text, binary, pieces] = [1, 2, 3].map((count) => written({ via: via("ws", count), body }));
    peer.socket.send(text ?? "");
    peer.socket.send(Buffer.from(binary ?? ""));
    for (const letter of pieces?.slice(0, 40) ?? "") peer.socket.send(letter, { fin: false });
    peer.socket.send(pieces?.slice(40) ?? "", { fin: true });
    for (let count = 0; count < 3; count++) expect((await peer.response()).status).toBe(200);
    expect(requests.map((one) => one.request.body.toString())).toEqual([body, body, body]);
  });

  test("need no Content-Length", async () => {
    const { requests, connect } = await served();
    const peer = await connect();
    peer.send(written({ via: via("ws"), body: "hello" }).replace(/Content-Length: \d+\r\n/, ""));
    expect((await peer.response()).status).toBe(200);
    expect(requests[0]?.request.body.toString()).toBe("hello");
  });

  test("leave as text, those that are not UTF-8 as binary", async () => {
    const { requests, stack, connect } = await served();
    const peer = await connect();
    peer.send(written({ via: via("ws") }));
    expect((await peer.raw()).isBinary).toBe(false);
    void stack.transport.flow(requests[0]?.flow.id ?? "")?.send(Buffer.from([0x41, 0xff]));
    expect(await peer.raw()).toEqual({ text: "A\xff", isBinary: true });
  });

  test("a double CRLF gets its single one", async () => {
    const { connect } = await served();
    const peer = await connect();
    peer.send("\r\n\r\n");
    expect((await peer.raw()).text).toBe("\r\n");
  });

  test("a broken one is answered and the next is read", async () => {
    const { connect } = await served();
    const peer = await connect();
    peer.send(written({ via: via("ws", 1) }).replace("Max-Forwards: 70", "Max-Forwards: many"));
    expect((await peer.response()).status).toBe(400);
    peer.send("not SIP at all");
    peer.send(written({ via: via("ws", 2) }));
    expect((await peer.response()).status).toBe(200);
  });
});

describe("limits", () => {
  test("a body beyond its limit is answered 413", async () => {
    const { connect } = await served();
    const peer = await connect();
    peer.send(written({ via: via("ws"), body: "x".repeat(limits.bodyBytes + 1) }));
    expect((await peer.response()).status).toBe(413);
  });

  test("a message beyond its limit ends the connection with 1009", async () => {
    const { connect } = await served();
    const peer = await connect();
    peer.send(written({ via: via("ws"), body: "x".repeat(limits.messageBytes) }));
    expect(await peer.closed()).toBe(1009);
  });

  test("one source has no more WebSockets than streams, and a place is free again when one ends", async () => {
    const { stack, connect, url } = await served();
    const peers = await Promise.all(Array.from({ length: MAX_STREAMS_PER_SOURCE }, connect));
    await expect(WebSocketPeer.open(url)).rejects.toThrow();
    expect(stack.transport.flows).toHaveLength(MAX_STREAMS_PER_SOURCE);
    const ended = new Promise<void>((resolve) => stack.transport.flows[0]?.whenClosed(resolve));
    peers[0]?.close();
    await ended;
    const late = await connect();
    late.send(written({ via: via("ws") }));
    expect((await late.response()).status).toBe(200);
  });

  test("who does not read is dropped", async () => {
    const { requests, connect } = await served();
    const peer = await connect();
    peer.send(written({ via: via("ws") }));
    await peer.response();
    peer.socket.pause();
    const flow = requests[0]?.flow;
    const piece = Buffer.alloc(MAX_BACKLOG / 4, "x");
    const failures: unknown[] = [];
    for (let count = 0; count < 40; count++) void flow?.send(piece).catch((error: unknown) => failures.push(error));
    expect(flow?.open).toBe(false);
    await expect(flow?.send(piece)).rejects.toMatchObject({ code: "SIP_FLOW_CLOSED" });
    expect(failures).toContainEqual(expect.objectContaining({ code: "SIP_PEER_TOO_SLOW" }));
  });

  test("who says nothing is dropped", async () => {
    const clock = new ManualClock();
    const { connect } = await served("tcp", clock);
    const peer = await connect();
    await clock.advance(MESSAGE_DEADLINE);
    await peer.closed();
  });

  test("who leaves a message unfinished is dropped, pings in between or not", async () => {
    const clock = new ManualClock();
    const { stack, connect } = await served("tcp", clock);
    const peer = await connect();
    peer.send(written({ via: via("ws") }));
    await peer.response();
    const [flow] = stack.transport.flows;
    const pingAndPong = async (): Promise<void> => {
      const answered = new Promise((resolve) => peer.socket.once("pong", resolve));
      peer.socket.ping();
      await answered;
    };
    peer.socket.send("MESSAGE ", { fin: false });
    await pingAndPong();
    const asked = new Promise((resolve) => peer.socket.once("ping", resolve));
    await clock.advance(WEBSOCKET_PING_INTERVAL);
    await asked;
    await pingAndPong();
    await clock.advance(MESSAGE_DEADLINE - WEBSOCKET_PING_INTERVAL - 1);
    expect(flow?.open).toBe(true);
    await clock.advance(1);
    expect(flow?.open).toBe(false);
  });
});

test("a browser is asked whether it lives, and counts as heard when it answers", async () => {
  const clock = new ManualClock();
  const { stack, connect } = await served("tcp", clock);
  const peer = await connect();
  peer.send(written({ via: via("ws") }));
  await peer.response();
  const [flow] = stack.transport.flows;
  const before = flow?.lastHeard ?? 0;
  const asked = new Promise((resolve) => peer.socket.once("ping", resolve));
  await clock.advance(WEBSOCKET_PING_INTERVAL);
  await asked;
  // The answer to a CRLF comes behind the answer to the ping.
  peer.send("\r\n\r\n");
  await peer.raw();
  expect(flow?.lastHeard).toBe(before + WEBSOCKET_PING_INTERVAL);
  peer.socket.pause();
  await clock.advance(WEBSOCKET_PING_INTERVAL);
  expect(flow?.open).toBe(true);
  await clock.advance(WEBSOCKET_PING_INTERVAL);
  expect(flow?.open).toBe(false);
});

describe("the handshake", () => {
  test.each([[["chat"]], [[]]])("with the subprotocols %j is refused with 400", async (protocols) => {
    const { stack, url } = await served();
    await expect(WebSocketPeer.open(url, protocols)).rejects.toThrow("refused: 400");
    expect(stack.transport.flows.filter((flow) => flow.transport === "ws")).toEqual([]);
  });

  test("of a page of another site is refused with 403, one of our own is not", async () => {
    const { url } = await served();
    await expect(WebSocketPeer.open(url, ["sip"], "https://elsewhere.example")).rejects.toThrow("refused: 403");
    const own = keep(await WebSocketPeer.open(url, ["sip"], url.replace("ws:", "http:")));
    expect(own.socket.protocol).toBe("sip");
  });

  test("with others beside it takes sip", async () => {
    const { url } = await served();
    expect(keep(await WebSocketPeer.open(url, ["chat", "sip"])).socket.protocol).toBe("sip");
  });

  test("is not for other HTTP, even such as wants an upgrade", async () => {
    const { local } = await served();
    const connection = await systemNetwork().connectStream(local, 5_000);
    let answer = "";
    const done = new Promise<void>((resolve) =>
      connection.start({ data: (chunk) => (answer += chunk.toString()), closed: () => resolve() }),
    );
    const head = ["GET /page HTTP/1.1", "Host: x", "Upgrade: h2c", "Connection: Upgrade, close", "", ""];
    await connection.write(Buffer.from(head.join("\r\n")));
    await done;
    expect(answer).toContain("page /page");
  });
});

describe("to a server", () => {
  async function refusal(target: { local: Endpoint; transport: "ws" | "wss" }, settings: Partial<StackSettings> = {}) {
    const { transport, local } = target;
    return stackWith(settings)
      .stack.transport.flowTo({ transport, ...local, serverName: "office.example" })
      .then(
        () => "accepted",
        (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
      );
  }

  test("whose certificate is not trusted nothing is said", async () => {
    let heard = 0;
    const server = await systemNetwork().listenStream(ANY, {
      identity,
      connected: (connection) =>
        connection.start({ data: (chunk) => void (heard += chunk.length), closed: () => undefined }),
    });
    keep(server);
    const verifyServer = () => ({ code: "certificate-changed", message: "Another one." });
    expect(await refusal({ transport: "wss", local: server.local }, { verifyServer })).toBe("certificate-changed");
    expect(heard).toBe(0);
  });

  test("that does not speak SIP there is no flow", async () => {
    const server = keep(new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => "chat" }));
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(await refusal({ transport: "ws", local: { address: "127.0.0.1", port } })).toBe("SIP_CONNECT_FAILED");
  });

  test("that speaks first at once is heard", async () => {
    const server = keep(new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => "sip" }));
    const answer = new Promise<string>((resolve) =>
      server.on("connection", (socket) => {
        socket.send(written({ via: "WS 127.0.0.1;branch=z9hG4bKfirst" }));
        socket.once("message", (data: Buffer) => resolve(data.toString()));
      }),
    );
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(await refusal({ transport: "ws", local: { address: "127.0.0.1", port } })).toBe("accepted");
    expect(await answer).toContain("SIP/2.0 200");
  });
});
