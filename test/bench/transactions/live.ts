/** What live transactions cost in memory: many are begun on a network that goes nowhere, and the growth is measured. */
import { silentLog } from "../../../core/platform/log.ts";
import { systemRandom } from "../../../core/platform/random.ts";
import { parseMessage } from "../../../core/sip/message/parse.ts";
import { Stack } from "../../../core/sip/stack.ts";
import type { Endpoint, Network } from "../../../core/sip/transport/network.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const COUNT = 100_000;
const HERE: Endpoint = { address: "127.0.0.1", port: 5060 };
const PEER: Endpoint = { address: "127.0.0.1", port: 5070 };
const TEXT = "The crane is free again. Shall we unload the second ship before lunch? ".repeat(4);

/** Bytes by which the process grew, and what it reached, after garbage was collected. */
export interface Growth {
  readonly count: number;
  readonly heap: number;
  readonly resident: number;
}

/** Server transactions of MESSAGE over UDP, each answered and waiting for timer J with its stored answer. */
export async function completedServers(): Promise<Growth> {
  const { stack, arrive } = await stackToNowhere();
  stack.use({ request: (transaction) => stack.respond(transaction, 200) });
  return growth(stack, "server", (number) => {
    arrive(requestBytes(number, true));
    return Promise.resolve();
  });
}

/** Client transactions of MESSAGE over UDP that nobody answers. */
export async function waitingClients(): Promise<Growth> {
  const { stack } = await stackToNowhere();
  return growth(stack, "client", async (number) => {
    const parsed = parseMessage(requestBytes(number, false), "datagram");
    if (!parsed.ok || parsed.value.kind !== "request") throw new Error("the request is not SIP");
    void stack.send(parsed.value, { targets: [{ transport: "udp", ...PEER, serverName: "peer" }] });
  });
}

async function growth(stack: Stack, side: "client" | "server", begin: (n: number) => Promise<void>): Promise<Growth> {
  const collect = globalThis.gc;
  if (!collect) throw new Error("run with --expose-gc");
  // Code and tables have their size before anything is measured.
  for (let number = 0; number < 1_000; number++) await begin(number);
  await settled();
  collect();
  const before = process.memoryUsage();
  for (let number = 0; number < COUNT; number++) {
    await begin(1_000 + number);
    if (number % 1_000 === 0) await settled();
  }
  await settled();
  collect();
  // The system gets pages back a while after they became free.
  await new Promise((resolve) => void setTimeout(resolve, 1_000));
  collect();
  const after = process.memoryUsage();
  const { transactions } = stack.inspect();
  if (transactions[side] < COUNT) throw new Error(`only ${transactions[side]} live transactions`);
  const used = ({ heapUsed, external }: NodeJS.MemoryUsage): number => heapUsed + external;
  return { count: COUNT, heap: used(after) - used(before), resident: after.rss - before.rss };
}

function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

async function stackToNowhere(): Promise<{ stack: Stack; arrive(bytes: Buffer): void }> {
  let arrive: (bytes: Buffer) => void = () => undefined;
  const unused = (): never => {
    throw new Error("no streams here");
  };
  const network: Network = {
    async bindDatagram(local, received) {
      arrive = (bytes) => received(bytes, { ...PEER });
      return { local, open: true, send: async () => undefined, close: () => undefined };
    },
    listenStream: unused,
    connectStream: unused,
    addressTowards: unused,
  };
  const stack = new Stack({
    // It stands still: on a busy machine the first would be over before the last begins.
    clock: new ManualClock(),
    random: systemRandom(),
    log: silentLog,
    network,
    dns: { naptr: async () => [], srv: async () => [], addresses: async () => [] },
    product: "Bench",
    transports: ["udp"],
  });
  await stack.listen("udp", HERE);
  return { stack, arrive: (bytes) => arrive(bytes) };
}

/** A MESSAGE of about 700 bytes in memory of its own, as a socket hands it over. */
function requestBytes(number: number, hasVia: boolean): Buffer {
  const text = [
    "MESSAGE sip:jonas@harbour.example SIP/2.0",
    ...(hasVia ? [`Via: SIP/2.0/UDP ${PEER.address}:${PEER.port};branch=z9hG4bK-7f3a-${number};rport`] : []),
    "Max-Forwards: 70",
    `From: "Miriam Oduya" <sip:miriam@harbour.example>;tag=${number}`,
    "To: <sip:jonas@harbour.example>",
    `Call-ID: ${number}-8c1e@203.0.113.88`,
    "CSeq: 1 MESSAGE",
    "Date: Tue, 04 Mar 2031 08:15:42 GMT",
    "User-Agent: Harbour Desk 5.1 (linux)",
    "Content-Type: text/plain;charset=UTF-8",
    `Content-Length: ${TEXT.length}`,
    "",
    TEXT,
  ].join("\r\n");
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, "latin1");
  return bytes;
}
