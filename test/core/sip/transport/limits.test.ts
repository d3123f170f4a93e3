/** Each limit of a message, on a real stream and in a real datagram: answered where that can be, and never taken in. */
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../../core/platform/clock.ts";
import { silentLog } from "../../../../core/platform/log.ts";
import { systemRandom } from "../../../../core/platform/random.ts";
import { limits } from "../../../../core/sip/message/limits.ts";
import { Stack } from "../../../../core/sip/stack.ts";
import type { ServerTransaction } from "../../../../core/sip/transaction/transaction.ts";
import { systemNetwork } from "../../../../core/sip/transport/system-network.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { emptyDns } from "../stack-on-memory.ts";

const ANY = { address: "127.0.0.1", port: 0 };
/** The most that a datagram carries over IPv4. */
const LARGEST_DATAGRAM = 65_507;
const network = systemNetwork();

async function served(transport: "udp" | "tcp") {
  const stack = new Stack({
    clock: systemClock(),
    random: systemRandom(),
    log: silentLog,
    network,
    dns: emptyDns,
    product: "Test",
    transports: ["udp", "tcp"],
  });
  onTestFinished(() => stack.close());
  const requests: ServerTransaction[] = [];
  stack.use({
    request: (transaction) => {
      requests.push(transaction);
      stack.respond(transaction, 200);
    },
  });
  const local = await stack.listen(transport, ANY);
  const peer =
    transport === "udp" ? await ScriptedPeer.datagram(network, ANY, local) : await ScriptedPeer.connect(network, local);
  onTestFinished(() => peer.close());
  const via = `${transport.toUpperCase()} 127.0.0.1:${peer.local.port};branch=z9hG4bK1;rport`;
  return { requests, peer, message: written({ via }) };
}

const fill = (line: string, length: number): string => line + "x".repeat(Math.max(length - line.length, 0));

/** Header lines put into a message before its Content-Length. */
const withHeaders = (message: string, lines: readonly string[]): string =>
  message.replace("Content-Length", `${lines.map((line) => `${line}\r\n`).join("")}Content-Length`);

/** So many bytes of head, in lines that are not too long themselves. */
function headOf(message: string, length: number): string {
  const lines: string[] = [];
  for (let left = length - message.length; left > 0; left -= 8_192)
    lines.push(fill("X: ", Math.max(Math.min(left, 8_192) - 2, 3)));
  return withHeaders(message, lines);
}

/** So many bytes of body, announced as such. */
const bodyOf = (message: string, length: number): string =>
  message.replace("Content-Length: 0", `Content-Length: ${length}`) + "x".repeat(length);

const lineOf = (message: string, length: number): string =>
  message.replace(
    /^(\S+) (\S+)/,
    (_all, method: string, uri: string) => `${method} ${fill(`${uri};x=`, length - method.length - 9)}`,
  );

/** What is made as large as the limit, the limit, and the status of what is beyond it. */
const LIMITS: readonly (readonly [keyof typeof limits, (message: string, size: number) => string, number])[] = [
  ["startLineBytes", lineOf, 414],
  ["headerLineBytes", (message, size) => withHeaders(message, [fill("X: ", size - 2)]), 513],
  [
    "headerCount",
    (message, size) => withHeaders(message, Array(size - written().trim().split("\r\n").length + 1).fill("X: y")),
    513,
  ],
  [
    "viaCount",
    (message, size) =>
      message.replace("Max-Forwards", `${"Via: SIP/2.0/UDP a;branch=z9hG4bK9\r\n".repeat(size - 1)}Max-Forwards`),
    483,
  ],
  ["headBytes", headOf, 513],
  ["bodyBytes", bodyOf, 413],
];

describe.each(["udp", "tcp"] as const)("over %s", (transport) => {
  describe.each(LIMITS)("%s", (name, make, status) => {
    const fits = (size: number): boolean =>
      transport === "tcp" || make(written(), size).length <= LARGEST_DATAGRAM - 100;

    test.skipIf(!fits(limits[name] - 16))(
      `is taken${fits(limits[name] - 16) ? "" : " (skipped: no datagram is as large)"}`,
      async () => {
        const { requests, peer, message } = await served(transport);
        await peer.send(make(message, limits[name] - 16));
        expect((await peer.response()).status).toBe(200);
        expect(requests).toHaveLength(1);
      },
    );

    test.skipIf(!fits(limits[name] + 16))(
      `is answered ${status} when it is exceeded${fits(limits[name] + 16) ? "" : " (skipped: no datagram is as large)"}`,
      async () => {
        const { requests, peer, message } = await served(transport);
        // The other side may be gone before it has taken all of this.
        await peer.send(make(message, limits[name] + 16)).catch(() => undefined);
        expect((await peer.response()).status).toBe(status);
        expect(requests).toHaveLength(0);
      },
    );
  });

  test.each([
    ["no Via", (message: string) => message.replace(/Via: [^\r]*\r\n/, ""), undefined],
    ["no Call-ID", (message: string) => message.replace(/Call-ID: [^\r]*\r\n/, ""), 400],
    ["a CSeq that is none", (message: string) => message.replace(/CSeq: [^\r]*/, "CSeq: x"), 400],
    ["two To", (message: string) => withHeaders(message, ["To: <sip:b@b.example>"]), 400],
    ["a broken Max-Forwards", (message: string) => message.replace(/Max-Forwards: \d+/, "Max-Forwards: x"), 400],
  ] as const)(
    "a message with %s is answered where it can be, and the next one is taken",
    async (_name, spoil, status) => {
      const { requests, peer, message } = await served(transport);
      await peer.send(spoil(message));
      await peer.send(message.replace("z9hG4bK1", "z9hG4bK2"));
      if (status !== undefined) expect((await peer.response()).status).toBe(status);
      expect((await peer.response()).status).toBe(200);
      expect(requests).toHaveLength(1);
    },
  );
});

test("a head without end is dropped with its stream at headBytes", async () => {
  const { requests, peer, message } = await served("tcp");
  const endless = message.slice(0, message.indexOf("Content-Length"));
  await peer.send(endless + `X: ${"y".repeat(1_000)}\r\n`.repeat(limits.headBytes / 1_000)).catch(() => undefined);
  await peer.until(({ closed }) => closed);
  expect(requests).toHaveLength(0);
});
