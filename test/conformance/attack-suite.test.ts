/**
 * The PROTOS c07-sip suite through real sockets. Nothing is said about how a case is answered; what is asked for is that
 * whoever was attacked still answers an OPTIONS after each, holds on to nothing, and has not grown at the end.
 */
import dgram from "node:dgram";
import { readFileSync } from "node:fs";
import net from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../core/platform/log.ts";
import { systemRandom } from "../../core/platform/random.ts";
import { Stack } from "../../core/sip/stack.ts";
import { memoryNetwork } from "../../core/sip/transport/memory.ts";
import type { Endpoint } from "../../core/sip/transport/network.ts";
import { MESSAGE_DEADLINE } from "../../core/sip/transport/stream-flow.ts";
import { systemNetwork } from "../../core/sip/transport/system-network.ts";
import { emptyDns, HERE } from "../core/sip/stack-on-memory.ts";
import { DOMAIN, GatewayProcess } from "../support/gateway-process.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { written } from "../support/sip-lines.ts";
import type { Aim } from "./protos.ts";
import { attacks, missing } from "./protos.ts";

/** Milliseconds for one suite against one victim. */
const WITHIN = 60_000;
/** Bytes by which a heap, and a whole process, may have grown since a tenth of the suite was over. */
const HEAP_GROWTH = 8 * 1024 * 1024;
const PROCESS_GROWTH = 64 * 1024 * 1024;
/** Longer than any transaction lives, in milliseconds. */
const EVERYTHING_IS_OVER = 70_000;

/** Timer E, in milliseconds. */
const REPEAT_AFTER = 500;

const why = missing === undefined ? "" : ` (skipped: ${missing})`;

/** Sends raw bytes, and waits for an answer that has a text in it. */
interface Attacker {
  readonly port: number;
  send(messages: readonly Buffer[]): Promise<void>;
  /** Asks whether the victim lives; resolves when it has answered this very request with 200. */
  options(count: number, domain: string): Promise<void>;
}

function optionsRequest(transport: string, port: number, count: number, domain: string): string {
  return [
    `OPTIONS sip:${domain} SIP/2.0`,
    `Via: SIP/2.0/${transport} 127.0.0.1:${port};branch=z9hG4bKalive${count};rport`,
    "Max-Forwards: 70",
    `From: <sip:alice@${domain}>;tag=alive`,
    `To: <sip:${domain}>`,
    `Call-ID: alive-${count}-${transport}`,
    `CSeq: ${count} OPTIONS`,
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");
}

/** What came and has not been looked at, and who waits for something in it. */
class Heard {
  #text = "";
  #wanted: { readonly text: string; readonly found: () => void } | undefined;

  take(chunk: Buffer): void {
    this.#text += chunk.toString("latin1");
    if (!this.#wanted || !this.#text.includes(this.#wanted.text)) return;
    this.#text = "";
    this.#wanted.found();
  }

  wait(text: string): Promise<void> {
    return new Promise((found) => {
      this.#wanted = { text, found };
    });
  }
}

async function byDatagrams(victim: Endpoint): Promise<Attacker> {
  const socket = dgram.createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => void socket.close());
  const { port } = socket.address();
  const heard = new Heard();
  socket.on("message", (bytes) => {
    // Only answers to OPTIONS matter, and each comes in a datagram of its own.
    if (bytes.includes("SIP/2.0 200") && bytes.includes(" OPTIONS")) heard.take(bytes);
  });
  const send = (bytes: Buffer): Promise<void> =>
    new Promise((resolve) => void socket.send(bytes, victim.port, victim.address, () => resolve()));
  return {
    port,
    async send(messages) {
      for (const message of messages) await send(message);
    },
    async options(count, domain) {
      const answered = heard.wait(`Call-ID: alive-${count}-UDP`);
      const request = Buffer.from(optionsRequest("UDP", port, count, domain));
      await send(request);
      // The system drops datagrams when it is busy; a client repeats its request (RFC 3261 §17.1.2.2).
      const again = setInterval(() => void send(request), REPEAT_AFTER);
      await answered;
      clearInterval(again);
    },
  };
}

async function byStreams(victim: Endpoint): Promise<Attacker> {
  const connect = async (): Promise<net.Socket> => {
    const socket = net.connect(victim.port, victim.address);
    socket.on("error", () => undefined);
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return socket;
  };
  const quiet = await connect();
  onTestFinished(() => void quiet.destroy());
  const heard = new Heard();
  quiet.on("data", (chunk) => heard.take(chunk));
  const port = quiet.localPort ?? 0;
  return {
    port,
    // After most cases the stream cannot be read on, so each has its own.
    async send(messages) {
      const socket = await connect();
      const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.resume();
      socket.end(Buffer.concat(messages));
      await gone;
    },
    async options(count, domain) {
      const answered = heard.wait(`Call-ID: alive-${count}-TCP`);
      quiet.write(optionsRequest("TCP", port, count, domain));
      await answered;
    },
  };
}

/** Plays the whole suite; returns by how much `size` grew since a tenth of it was over. */
async function play(attacker: Attacker, transport: "udp" | "tcp", domain: string, size: () => number): Promise<number> {
  const aim: Aim = { transport, port: attacker.port, from: `alice@${domain}`, to: `bob@${domain}` };
  const all = attacks();
  expect(all.length).toBeGreaterThan(1_000);
  let early = 0;
  for (const [count, attack] of all.entries()) {
    if (count === Math.floor(all.length / 10)) early = size();
    await attacker.send(attack.messages(aim));
    await attacker.options(count + 1, domain);
  }
  return size() - early;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A small user agent on real sockets whose timers the test moves. */
async function smallAgent(transport: "udp" | "tcp") {
  const clock = new ManualClock();
  const seen = { messages: 0, requests: 0 };
  const stack = new Stack({
    clock,
    random: systemRandom(),
    log: silentLog,
    network: systemNetwork(),
    dns: emptyDns,
    product: "Test",
    transports: ["udp", "tcp"],
    trace: ({ direction }) => void (seen.messages += direction === "in" ? 1 : 0),
  });
  onTestFinished(() => stack.close());
  stack.use({
    request: (transaction) => {
      const { method } = transaction.request;
      seen.requests += method === "OPTIONS" ? 0 : 1;
      stack.respond(transaction, method === "OPTIONS" ? 200 : method === "INVITE" ? 486 : 405);
    },
  });
  return { clock, stack, seen, local: await stack.listen(transport, { address: "127.0.0.1", port: 0 }) };
}

const TRANSPORTS = [
  ["udp", byDatagrams],
  ["tcp", byStreams],
] as const;

describe.skipIf(missing !== undefined).each(TRANSPORTS)("the PROTOS suite over %s", (transport, reach) => {
  test(
    `leaves a small user agent alive, without a transaction, a stream or a timer, and no larger${why}`,
    async () => {
      const { clock, stack, seen, local } = await smallAgent(transport);
      let round = 0;
      const grown = await play(await reach(local), transport, "office.example", heapUsed);
      expect(grown).toBeLessThan(HEAP_GROWTH);
      // Two for each case at least, the OPTIONS among them; some cases are harmless to those who read with care.
      expect(seen.messages).toBeGreaterThan(2_000);
      expect(seen.requests).toBeGreaterThan(100);
      expect(seen.requests).toBeLessThan(seen.messages);
      // Streams end one after the other; the one that asks is left.
      while (stack.transport.flows.length > (transport === "tcp" ? 1 : 0) && round++ < 1_000) await clock.advance(0);
      await clock.advance(EVERYTHING_IS_OVER);
      const { transactions, flows } = stack.inspect();
      expect(transactions).toEqual({ client: 0, server: 0 });
      expect(flows).toHaveLength(transport === "tcp" ? 1 : 0);
      expect(clock.pending).toBe(0);
    },
    WITHIN,
  );

  test(
    `leaves a gateway alive and no larger${why}`,
    async () => {
      const gateway = await GatewayProcess.start({
        people: ["alice", "bob"],
        settings: { "auth.exempt": "127.0.0.1" },
      });
      const victim = { address: "127.0.0.1", port: gateway.ports[transport] };
      const grown = await play(await reach(victim), transport, DOMAIN, () => residentBytes(gateway.pid));
      expect(grown).toBeLessThan(PROCESS_GROWTH);
      expect(gateway.log).not.toMatch(/could not be handled|uncaught|unhandled/i);
    },
    WITHIN,
  );
});

describe("a sender that takes its time", () => {
  async function served() {
    const clock = new ManualClock();
    const network = memoryNetwork({ clock });
    const settings = { clock, network, random: systemRandom(), log: silentLog, dns: emptyDns, product: "Test" };
    const stack = new Stack({ ...settings, transports: ["tcp"] });
    stack.use({ request: (transaction) => stack.respond(transaction, 200) });
    await stack.listen("tcp", HERE);
    const connect = async () => {
      const heard: Buffer[] = [];
      const connection = await network.connectStream(HERE, 1);
      let isClosed = false;
      connection.start({ data: (chunk) => void heard.push(chunk), closed: () => (isClosed = true) });
      return { connection, isClosed: () => isClosed, text: () => Buffer.concat(heard).toString("latin1") };
    };
    return { clock, stack, connect };
  }

  const message = Buffer.from(written({ via: "TCP 127.0.0.1:5090;branch=z9hG4bK1" }));

  test("byte by byte, but in time, is answered", async () => {
    const { clock, connect } = await served();
    const { connection, text } = await connect();
    for (const byte of message) {
      await connection.write(Buffer.of(byte));
      await clock.advance(50);
    }
    expect(text()).toMatch(/^SIP\/2\.0 200 /);
  });

  test("byte by byte without an end is dropped after MESSAGE_DEADLINE, though it is never silent", async () => {
    const { clock, stack, connect } = await served();
    const { connection, isClosed } = await connect();
    for (let second = 0; second < MESSAGE_DEADLINE / 1_000; second++) {
      expect(isClosed()).toBe(false);
      await connection.write(message.subarray(second, second + 1));
      await clock.advance(1_000);
    }
    expect(isClosed()).toBe(true);
    expect(stack.transport.flows).toHaveLength(0);
  });

  test("that stops at any byte is dropped after MESSAGE_DEADLINE, and leaves no timer", async () => {
    const { clock, stack, connect } = await served();
    const senders = [];
    for (let length = 0; length < Math.min(message.length, 190); length++) {
      const sender = await connect();
      await sender.connection.write(message.subarray(0, length));
      senders.push(sender);
    }
    await clock.advance(MESSAGE_DEADLINE - 1);
    expect(senders.some(({ isClosed }) => isClosed())).toBe(false);
    await clock.advance(1);
    expect(senders.every(({ isClosed }) => isClosed())).toBe(true);
    expect(stack.transport.flows).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  test.skipIf(missing !== undefined)(`of attacks, byte by byte, is taken for no other than at once${why}`, async () => {
    const aim: Aim = { transport: "tcp", port: 5090, from: "alice@office.example", to: "bob@office.example" };
    const answersTo = async (chunks: (bytes: Buffer) => readonly Buffer[]) => {
      const { clock, connect } = await served();
      const answers: string[] = [];
      for (const [count, attack] of attacks().entries()) {
        const [bytes = Buffer.alloc(0)] = attack.messages(aim);
        if (count % 20 !== 0 || bytes.length > 2_000) continue;
        const { connection, text } = await connect();
        for (const chunk of chunks(bytes)) await connection.write(chunk).catch(() => undefined);
        await clock.advance(MESSAGE_DEADLINE);
        answers.push(`${attack.name}: ${text().split("\r\n")[0]}`);
        connection.close();
      }
      return answers;
    };
    const atOnce = await answersTo((bytes) => [bytes]);
    expect(await answersTo((bytes) => Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(atOnce);
    expect(atOnce.length).toBeGreaterThan(20);
  });
});

/** What the system says that the process holds in memory; nothing where it does not say so. */
function residentBytes(pid: number): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
