import { describe, expect, test } from "vitest";
import { toTag, topVia } from "../../../../core/sip/message/fields.ts";
import { limits } from "../../../../core/sip/message/limits.ts";
import { MAX_BACKLOG, MESSAGE_DEADLINE } from "../../../../core/sip/transport/stream-flow.ts";
import { MAX_STREAMS, MAX_STREAMS_PER_SOURCE } from "../../../../core/sip/transport/admission.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import { written } from "../../../support/sip-lines.ts";
import { HERE, stackOnMemory } from "../stack-on-memory.ts";

async function listening() {
  const here = stackOnMemory();
  await here.stack.listen("udp", HERE);
  await here.stack.listen("tcp", HERE);
  return here;
}

async function connected() {
  const here = await listening();
  return { ...here, peer: await ScriptedPeer.connect(here.network, HERE) };
}

describe("received and rport", () => {
  async function seen(via: string): Promise<string> {
    const { clock, network, requests } = await listening();
    const peer = await ScriptedPeer.datagram(network, { address: "192.0.2.7", port: 5099 }, HERE);
    await peer.send(written({ via }));
    await clock.advance(0);
    return requests[0]?.request.headers.get("via") ?? "";
  }

  test.each([
    ["UDP 192.0.2.7:5099;branch=z9hG4bK1", "SIP/2.0/UDP 192.0.2.7:5099;branch=z9hG4bK1"],
    ["UDP pc.example;branch=z9hG4bK1", "SIP/2.0/UDP pc.example;branch=z9hG4bK1;received=192.0.2.7"],
    ["UDP 192.0.2.7;rport;branch=z9hG4bK1", "SIP/2.0/UDP 192.0.2.7;rport=5099;branch=z9hG4bK1;received=192.0.2.7"],
    ["UDP 10.0.0.1;branch=z9hG4bK1;rport=1", "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport=5099;received=192.0.2.7"],
  ])("are written into %s", async (via, expected) => {
    expect(await seen(via)).toBe(expected);
  });

  test("are not taken from the sender, who could send answers to anybody", async () => {
    expect(await seen("UDP 192.0.2.7:5099;branch=z9hG4bK1;received=198.51.100.1")).not.toContain("198.51.100.1");
    expect(await seen("UDP pc.example;branch=z9hG4bK1;received=198.51.100.1")).toContain("received=192.0.2.7");
  });

  test("decide where an answer goes: back where it came from, or to the port in Via", async () => {
    const { clock, network, stack, requests } = await listening();
    const from = await ScriptedPeer.datagram(network, { address: "192.0.2.7", port: 5099 }, HERE);
    const inVia = await ScriptedPeer.datagram(network, { address: "192.0.2.7", port: 5070 }, HERE);
    await from.send(written({ via: "UDP 192.0.2.7:5070;branch=z9hG4bK1;rport" }));
    await from.send(written({ via: "UDP 192.0.2.7:5070;branch=z9hG4bK2" }));
    await clock.advance(0);
    for (const transaction of requests) stack.respond(transaction, 200);
    await clock.advance(0);
    expect(topVia(from.takeResponse())?.branch).toBe("z9hG4bK1");
    expect(topVia(inVia.takeResponse())?.branch).toBe("z9hG4bK2");
  });
});

describe("what cannot be read", () => {
  test("and is a request gets 4xx with a To tag, the same for its repetition", async () => {
    const { clock, network } = await listening();
    const peer = await ScriptedPeer.datagram(network, { address: "127.0.0.1", port: 5090 }, HERE);
    const broken = written().replace("CSeq: 1 MESSAGE", "CSeq: 1 OPTIONS");
    await peer.send(broken);
    await peer.send(broken);
    await clock.advance(0);
    const [first, second] = [peer.takeResponse(), peer.takeResponse()];
    expect(first.status).toBe(400);
    expect(toTag(first)).toBeTruthy();
    expect(toTag(second)).toBe(toTag(first));
  });

  test.each([
    ["an ACK", written({ method: "ACK" }).replace("Max-Forwards: 70", "Max-Forwards: x")],
    ["a response", "SIP/2.0 200 OK\r\nVia: x\r\nContent-Length: 0\r\n\r\n"],
    ["noise", "hello"],
    ["a keep-alive", "\r\n\r\n"],
    ["NUL bytes", "\0\0\0\0"],
    ["nothing", ""],
  ])("and is %s gets no answer over UDP", async (_name, bytes) => {
    const { clock, network, requests } = await listening();
    const peer = await ScriptedPeer.datagram(network, { address: "127.0.0.1", port: 5090 }, HERE);
    await peer.send(bytes);
    await clock.advance(0);
    expect(peer.messages).toHaveLength(0);
    expect(requests).toHaveLength(0);
  });

  test("but is framed leaves the stream as it is", async () => {
    const { clock, peer, requests } = await connected();
    const via = "TCP 127.0.0.1:5090;branch=z9hG4bK1";
    await peer.send(written({ via }).replace("CSeq: 1 MESSAGE", "CSeq: 1 OPTIONS") + written({ via }));
    await clock.advance(0);
    expect(peer.takeResponse().status).toBe(400);
    expect(requests).toHaveLength(1);
    expect(peer.closed).toBe(false);
  });

  test.each([
    ["has no Content-Length", written().replace(/Content-Length: 0\r\n/, ""), 400],
    [
      "announces a body beyond the limit",
      written().replace("Content-Length: 0", `Content-Length: ${limits.bodyBytes + 1}`),
      413,
    ],
  ])("and %s is answered, then the stream is closed", async (_name, bytes, status) => {
    const { clock, peer, stack } = await connected();
    await peer.send(bytes);
    await clock.advance(0);
    const response = peer.takeResponse();
    expect(response.status).toBe(status);
    expect(toTag(response)).toBeTruthy();
    expect(peer.closed).toBe(true);
    expect(stack.transport.flows).toHaveLength(0);
  });

  test("and has a head without end closes the stream", async () => {
    const { clock, peer } = await connected();
    await peer.send("MESSAGE sip:bob@office.example SIP/2.0\r\n" + "Subject: x\r\n".repeat(limits.headBytes / 10));
    await clock.advance(0);
    expect(peer.closed).toBe(true);
  });
});

describe("a stream", () => {
  test("that is connected and silent is dropped", async () => {
    const { clock, peer } = await connected();
    await clock.advance(MESSAGE_DEADLINE - 1);
    expect(peer.closed).toBe(false);
    await clock.advance(1);
    expect(peer.closed).toBe(true);
  });

  test.each(["M", "MESSAGE sip:bob@office.example SIP/2.0\r\nVia: "])(
    "that stops after %j is dropped",
    async (begun) => {
      const { clock, peer } = await connected();
      await peer.send(begun);
      await clock.advance(MESSAGE_DEADLINE);
      expect(peer.closed).toBe(true);
    },
  );

  test("that always has the beginning of the next message lives", async () => {
    const { clock, peer, requests } = await connected();
    const message = (count: number): string => written({ via: `TCP 127.0.0.1:5090;branch=z9hG4bK${count}` });
    await peer.send(message(0).slice(0, 20));
    for (let count = 0; count < 10; count++) {
      await clock.advance(MESSAGE_DEADLINE / 2);
      await peer.send(message(count).slice(20) + message(count + 1).slice(0, 20));
    }
    await clock.advance(0);
    expect(peer.closed).toBe(false);
    expect(requests).toHaveLength(10);
  });

  test("that is whole and then quiet lives", async () => {
    const { clock, peer } = await connected();
    await peer.send(written({ via: "TCP 127.0.0.1:5090;branch=z9hG4bK1" }));
    await clock.advance(10 * MESSAGE_DEADLINE);
    expect(peer.closed).toBe(false);
  });

  test("has its pings answered and its pongs heard", async () => {
    const { clock, peer, stack } = await connected();
    await peer.send("\r\n\r\n");
    await clock.advance(0);
    expect(peer.raw.toString()).toBe("\r\n");
    const [flow] = stack.transport.flows;
    let answered = 0;
    flow?.ping?.(() => answered++);
    await clock.advance(0);
    expect(peer.keepAlives).toContain("ping");
    await peer.send("\r\n");
    await peer.send("\r\n");
    await clock.advance(0);
    expect(answered).toBe(1);
  });

  test("whose reader is too slow is given up", async () => {
    const { clock, network, stack } = await connected();
    const [flow] = stack.transport.flows;
    let backlog = 0;
    // The memory network takes everything at once; one that does not is what is asked for here.
    const original = network.connectStream;
    network.connectStream = async (...wanted) => {
      const connection = await original(...wanted);
      return Object.defineProperty(connection, "backlog", { get: () => backlog });
    };
    const listener = await ScriptedPeer.listen(network, { address: "127.0.0.1", port: 5091 });
    const slow = await stack.transport.flowTo({ transport: "tcp", ...listener.local, serverName: "slow" });
    await slow.send(Buffer.from("\r\n"));
    backlog = MAX_BACKLOG + 1;
    await expect(slow.send(Buffer.from("\r\n"))).rejects.toMatchObject({ code: "SIP_PEER_TOO_SLOW" });
    await clock.advance(0);
    expect(slow.open).toBe(false);
    expect(listener.peers[0]?.closed).toBe(true);
    expect(flow?.open).toBe(true);
  });

  test("tells of its end once, at once to who comes late, and not to who let go", async () => {
    const { clock, peer, stack } = await connected();
    const [flow] = stack.transport.flows;
    const heard: string[] = [];
    flow?.whenClosed(() => heard.push("stayed"));
    flow?.whenClosed(() => heard.push("let go"))();
    peer.close();
    await clock.advance(0);
    flow?.whenClosed(() => heard.push("late"));
    expect(heard).toEqual(["stayed", "late"]);
    await expect(flow?.send(Buffer.from("x"))).rejects.toMatchObject({ code: "SIP_FLOW_CLOSED" });
  });

  test("is reused for the next request to the same target, and opened anew after its end", async () => {
    const { clock, network, stack } = stackOnMemory();
    const listener = await ScriptedPeer.listen(network, HERE);
    const target = { transport: "tcp", ...HERE, serverName: "b.example" } as const;
    const [first, second] = await Promise.all([stack.transport.flowTo(target), stack.transport.flowTo(target)]);
    expect(second).toBe(first);
    expect(await stack.transport.flowTo({ ...target, serverName: "c.example" })).not.toBe(first);
    listener.peers[0]?.close();
    await clock.advance(0);
    expect(await stack.transport.flowTo(target)).not.toBe(first);
  });

  test("has a name that no stream of another run has", async () => {
    const one = await connected();
    const other = stackOnMemory({}, { random: seededRandom(2) });
    await other.stack.listen("tcp", HERE);
    await ScriptedPeer.connect(other.network, HERE);
    expect(one.stack.transport.flows[0]?.id).not.toBe(other.stack.transport.flows[0]?.id);
  });
});

describe("limits", () => {
  test("hold for one source, and give the place back", async () => {
    const { clock, network, stack } = await listening();
    const peers: ScriptedPeer[] = [];
    for (let count = 0; count <= MAX_STREAMS_PER_SOURCE; count++) peers.push(await ScriptedPeer.connect(network, HERE));
    await clock.advance(0);
    expect(stack.transport.flows).toHaveLength(MAX_STREAMS_PER_SOURCE);
    expect(peers.at(-1)?.closed).toBe(true);
    peers[0]?.close();
    await clock.advance(0);
    const next = await ScriptedPeer.connect(network, HERE);
    await clock.advance(0);
    expect(next.closed).toBe(false);
  });

  test("hold for all together", async () => {
    const { clock, network, stack } = stackOnMemory();
    let source = 0;
    const original = network.listenStream;
    network.listenStream = (local, options) =>
      original(local, {
        ...options,
        connected: (connection) => {
          const address = `192.0.2.${source++}`;
          options.connected(Object.defineProperty(connection, "remote", { value: { ...connection.remote, address } }));
        },
      });
    await stack.listen("tcp", HERE);
    for (let count = 0; count < MAX_STREAMS; count++) await network.connectStream(HERE, 1);
    const last = await ScriptedPeer.connect(network, HERE);
    await clock.advance(0);
    expect(stack.transport.flows).toHaveLength(MAX_STREAMS);
    expect(last.closed).toBe(true);
  });
});

describe("after close", () => {
  test("streams end, nobody is let in, and a connection that was on its way is not kept", async () => {
    const { clock, network, stack, peer } = await connected();
    const listener = await ScriptedPeer.listen(network, { address: "127.0.0.1", port: 5091 });
    const opening = stack.transport.flowTo({ transport: "tcp", ...listener.local, serverName: "late" });
    stack.close();
    await expect(opening).rejects.toMatchObject({ code: "SIP_FLOW_CLOSED" });
    await clock.advance(0);
    expect(peer.closed).toBe(true);
    expect(listener.peers[0]?.closed).toBe(true);
    expect(stack.transport.flows).toHaveLength(0);
    await expect(ScriptedPeer.connect(network, HERE)).rejects.toThrow("refused");
  });
});

describe("the Via of what leaves", () => {
  test("names the listener of the flow's own address family", async () => {
    const { stack } = stackOnMemory();
    await stack.listen("udp", { address: "0.0.0.0", port: 5060 });
    await stack.listen("udp", { address: "::1", port: 5066 });
    const flow = await stack.transport.flowTo({ transport: "udp", address: "::1", port: 9, serverName: "six" });
    expect(stack.transport.sentBy(flow)).toBe("[::1]:5066");
  });

  test("names the flow's own end where nothing listens", async () => {
    const { network, stack } = stackOnMemory();
    await ScriptedPeer.listen(network, HERE);
    const flow = await stack.transport.flowTo({ transport: "tcp", ...HERE, serverName: "b" });
    expect(stack.transport.sentBy(flow)).toBe(`127.0.0.1:${flow.local.port}`);
  });
});

test("without a socket of its family nothing leaves by UDP", async () => {
  const { stack } = await listening();
  const target = { transport: "udp", address: "::1", port: 5060, serverName: "six" } as const;
  await expect(stack.transport.flowTo(target)).rejects.toMatchObject({ code: "SIP_NO_SOCKET" });
});

test("TLS without a certificate is not listened on", async () => {
  const { stack } = stackOnMemory({}, { identity: undefined as never });
  await expect(stack.listen("tls", HERE)).rejects.toMatchObject({ code: "SIP_NO_CERTIFICATE" });
});

test("TLS is not opened where nothing says whom to trust, or the chain is refused", async () => {
  const target = { transport: "tls", ...HERE, serverName: "b" } as const;
  const open = stackOnMemory();
  const listener = await ScriptedPeer.listen(open.network, HERE);
  await expect(open.stack.transport.flowTo(target)).rejects.toMatchObject({ code: "SIP_NO_TRUST" });
  await open.clock.advance(0);
  expect(listener.peers[0]?.closed).toBe(true);
  expect(listener.peers[0]?.raw).toHaveLength(0);
});
