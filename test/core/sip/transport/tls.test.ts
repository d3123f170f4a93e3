/** TLS on real sockets: which certificate is shown to whom, and one line in the log for each handshake that fails. */
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import type { OfficeIdentity } from "../../../../core/certificates/office.ts";
import { officeIdentity } from "../../../../core/certificates/office.ts";
import { systemClock } from "../../../../core/platform/clock.ts";
import { memoryFiles } from "../../../../core/platform/files.ts";
import type { Log, LogFields } from "../../../../core/platform/log.ts";
import { silentLog } from "../../../../core/platform/log.ts";
import { systemRandom } from "../../../../core/platform/random.ts";
import type { StackSettings } from "../../../../core/sip/stack.ts";
import { Stack } from "../../../../core/sip/stack.ts";
import type { Endpoint } from "../../../../core/sip/transport/network.ts";
import { systemNetwork } from "../../../../core/sip/transport/system-network.ts";
import { serverTrust } from "../../../../core/user-agent/server-trust.ts";
import { end } from "../../../support/command.ts";
import { hasProgram } from "../../../support/programs.ts";
import { ScriptedPeer } from "../../../support/scripted-peer.ts";
import { written } from "../../../support/sip-lines.ts";
import { emptyDns } from "../stack-on-memory.ts";

const ANY = { address: "127.0.0.1", port: 0 };
const network = systemNetwork();
const identityOf = (domain: string): Promise<OfficeIdentity> =>
  officeIdentity({ domain, hosts: ["127.0.0.1"], files: memoryFiles(), now: Date.now() });
const office = await identityOf("office.example");
const partner = await identityOf("partner.example");

interface Line {
  readonly text: string;
  readonly fields: LogFields | undefined;
}

/** A stack that answers everything with 200, and every line that it logs. */
function stackWith(settings: Partial<StackSettings> = {}) {
  const lines: Line[] = [];
  const waiting: (() => void)[] = [];
  const write = (text: string, fields?: LogFields): void => {
    lines.push({ text, fields });
    for (const wake of waiting.splice(0)) wake();
  };
  const log: Log = { ...silentLog, error: write, warn: write, info: write, tagged: () => log };
  const clock = systemClock();
  const stack = new Stack({
    clock,
    random: systemRandom(),
    log,
    network,
    dns: emptyDns,
    product: "Test",
    transports: ["tls"],
    identity: office,
    verifyServer: serverTrust({ clock, domain: "office.example", trust: office.authority, untrusted: () => undefined }),
    ...settings,
  });
  onTestFinished(() => stack.close());
  stack.use({ request: (transaction) => stack.respond(transaction, 200) });
  /** The first line that comes, waited for. */
  const logged = async (): Promise<Line> => {
    while (!lines[0]) await new Promise<void>((resolve) => void waiting.push(resolve));
    return lines[0];
  };
  return { stack, lines, logged };
}

async function connect(local: Endpoint, serverName = "office.example"): Promise<ScriptedPeer> {
  const peer = await ScriptedPeer.connect(network, local, { serverName });
  onTestFinished(() => peer.close());
  return peer;
}

async function exchange(peer: ScriptedPeer, count = 1): Promise<number> {
  await peer.send(written({ via: `TLS 127.0.0.1:5090;branch=z9hG4bK${count}` }));
  return (await peer.response()).status;
}

async function shownTo(local: Endpoint, serverName: string): Promise<X509Certificate> {
  const connection = await network.connectStream(local, 5_000, { serverName });
  connection.finish();
  return new X509Certificate(connection.peer?.chain[0] ?? Buffer.alloc(0));
}

describe("a listener", () => {
  test("speaks TLS 1.3 with who can, 1.2 with who cannot", async () => {
    const { stack } = stackWith();
    const local = await stack.listen("tls", ANY);
    for (const [maxVersion, expected] of [
      ["TLSv1.3", "TLSv1.3"],
      ["TLSv1.2", "TLSv1.2"],
    ] as const) {
      const socket = tls.connect({ host: local.address, port: local.port, maxVersion, rejectUnauthorized: false });
      onTestFinished(() => void socket.destroy());
      await new Promise((resolve) => socket.once("secureConnect", resolve));
      expect(socket.getProtocol()).toBe(expected);
    }
  });

  test("shows the identity of the domain that is asked for, and the default to everybody else", async () => {
    const { stack } = stackWith({ identities: new Map([["Partner.example", partner]]) });
    const local = await stack.listen("tls", ANY);
    expect((await shownTo(local, "partner.example")).subjectAltName).toContain("sip:partner.example");
    expect((await shownTo(local, "PARTNER.EXAMPLE")).subjectAltName).toContain("sip:partner.example");
    expect((await shownTo(local, "other.example")).subjectAltName).toContain("sip:office.example");
    expect((await shownTo(local, "127.0.0.1")).subjectAltName).toContain("sip:office.example");
  });

  test("shows a renewed certificate of one domain, and of a domain that is new, without harm to the others", async () => {
    const { stack } = stackWith({ identities: new Map([["partner.example", partner]]) });
    const local = await stack.listen("tls", ANY);
    const renewed = await identityOf("partner.example");
    stack.setIdentity(renewed, "partner.example");
    stack.setIdentity(await identityOf("third.example"), "third.example");
    const serial = (one: OfficeIdentity): string => new X509Certificate(one.certificate).serialNumber;
    expect((await shownTo(local, "partner.example")).serialNumber).toBe(serial(renewed));
    expect((await shownTo(local, "third.example")).subjectAltName).toContain("sip:third.example");
    expect((await shownTo(local, "office.example")).serialNumber).toBe(serial(office));
  });

  test("takes a new certificate while fifty connections go on carrying messages", async () => {
    const { stack, lines } = stackWith();
    const local = await stack.listen("tls", ANY);
    const peers: ScriptedPeer[] = [];
    for (let count = 0; count < 50; count++) peers.push(await connect(local));
    expect(await Promise.all(peers.map((peer) => exchange(peer, 1)))).toEqual(Array(50).fill(200));
    const before = (await shownTo(local, "office.example")).serialNumber;
    const renewed = await identityOf("office.example");
    stack.setIdentity(renewed);
    expect(await Promise.all(peers.map((peer) => exchange(peer, 2)))).toEqual(Array(50).fill(200));
    const after = (await shownTo(local, "office.example")).serialNumber;
    expect(after).toBe(new X509Certificate(renewed.certificate).serialNumber);
    expect(after).not.toBe(before);
    expect(peers.some(({ closed }) => closed)).toBe(false);
    expect(lines).toEqual([]);
  });
});

/** Runs `openssl s_client` towards the listener until it ends by itself. */
function opensslClient({ port }: Endpoint, ...words: readonly string[]): void {
  const child = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, ...words], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  onTestFinished(async () => void (await end(child, "SIGKILL")));
}

function plainClient({ port }: Endpoint, talk: (socket: net.Socket) => void): void {
  const socket = net.connect(port, "127.0.0.1", () => talk(socket));
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
}

/** The beginning of a ClientHello: enough to wait for the rest. */
const HALF_A_HELLO = Buffer.from("16030100c8010000c40303", "hex");
const openssl = (name: string): string =>
  hasProgram("openssl") ? name : `${name} (skipped: openssl is not installed)`;

describe("a handshake with a client that fails has one line in the log", () => {
  async function failing(attempt: (local: Endpoint) => void): Promise<LogFields> {
    const { stack, lines, logged } = stackWith({ identities: new Map([["partner.example", partner]]) });
    const local = await stack.listen("tls", ANY);
    attempt(local);
    const { text, fields } = await logged();
    // Others are served as before, and nothing more is said.
    expect(await exchange(await connect(local))).toBe(200);
    expect(lines).toHaveLength(1);
    expect(text).toBe("A TLS handshake failed.");
    expect(fields?.["peer"]).toMatch(/^127\.0\.0\.1:\d+$/);
    return fields ?? {};
  }

  test("when it speaks no TLS", async () => {
    const fields = await failing((local) => plainClient(local, (socket) => void socket.write(written())));
    expect(fields).toMatchObject({
      reason: expect.stringMatching(/wrong version|http request/),
      shown: expect.stringContaining("sip:office.example"),
    });
    expect(fields).not.toHaveProperty("asked");
  });

  test("when it goes away in the middle", async () => {
    const fields = await failing((local) => plainClient(local, (socket) => void socket.end(HALF_A_HELLO)));
    expect(fields["reason"]).toBeTruthy();
  });

  test.skipIf(!hasProgram("openssl"))(openssl("when it can do no better than TLS 1.1"), async () => {
    const fields = await failing((local) =>
      opensslClient(local, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", "-servername", "partner.example"),
    );
    expect(fields["reason"]).toBe("unsupported protocol");
  });

  test.skipIf(!hasProgram("openssl"))(
    openssl("when it does not trust what it is shown, with the name it asked for and those it saw"),
    async () => {
      const fields = await failing((local) =>
        opensslClient(local, "-verify_return_error", "-servername", "partner.example"),
      );
      expect(fields).toMatchObject({
        reason: expect.stringContaining("alert unknown ca"),
        asked: "partner.example",
        shown: expect.stringContaining("sip:partner.example"),
      });
    },
  );
});

describe("a handshake with a server that fails has one line in the log", () => {
  async function failing(listen: (server: net.Server) => void, server: net.Server) {
    const { stack, lines } = stackWith();
    listen(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    const target = { transport: "tls", address: "127.0.0.1", port, serverName: "proxy.example" } as const;
    const error: unknown = await stack.transport.flowTo(target).catch((cause: unknown) => cause);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.text).toBe("A TLS handshake failed.");
    expect(lines[0]?.fields).toMatchObject({ peer: `127.0.0.1:${port}`, expected: "proxy.example" });
    return { code: error instanceof Error && "code" in error ? error.code : error, fields: lines[0]?.fields ?? {} };
  }

  const secure = (identity: OfficeIdentity, options: tls.TlsOptions = {}): tls.Server =>
    tls.createServer({ key: identity.key, cert: identity.certificate, ...options });
  const nothing = (): void => undefined;

  test("when it speaks no TLS", async () => {
    const { code, fields } = await failing(
      (server) =>
        server.on("connection", (socket: net.Socket) => socket.on("error", nothing).end("SIP/2.0 400 Bad\r\n\r\n")),
      net.createServer(),
    );
    expect(code).toBe("SIP_CONNECT_FAILED");
    expect(fields["reason"]).toBe("wrong version number");
  });

  test("when it goes away in the middle", async () => {
    const { code, fields } = await failing(
      (server) => server.on("connection", (socket: net.Socket) => socket.once("data", () => socket.destroy())),
      net.createServer(),
    );
    expect(code).toBe("SIP_CONNECT_FAILED");
    expect(fields["reason"]).toBeTruthy();
  });

  test("when it can do no better than TLS 1.1", async () => {
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    const { code, fields } = await failing((server) => server.on("tlsClientError", nothing), secure(office, old));
    expect(code).toBe("SIP_CONNECT_FAILED");
    expect(fields["reason"]).toMatch(/protocol/);
  });

  test("when its authority is not trusted", async () => {
    const { code, fields } = await failing(nothing, secure(await identityOf("office.example")));
    expect(code).toBe("certificate-changed");
    expect(fields).toMatchObject({
      shown: expect.stringContaining("sip:office.example"),
      reason: expect.stringContaining("another authority"),
    });
  });

  test("when its certificate is for somebody else, with both names", async () => {
    const { stack, lines } = stackWith({
      verifyServer: serverTrust({
        clock: systemClock(),
        domain: "wanted.example",
        trust: office.authority,
        untrusted: () => undefined,
      }),
    });
    const server = stackWith();
    const local = await server.stack.listen("tls", ANY);
    const target = { transport: "tls", ...local, serverName: "proxy.example" } as const;
    await expect(stack.transport.flowTo(target)).rejects.toMatchObject({ code: "certificate-wrong-name" });
    expect(lines.map(({ fields }) => fields)).toMatchObject([
      {
        expected: "proxy.example",
        shown: expect.stringContaining("sip:office.example"),
        reason: expect.stringContaining("office.example"),
      },
    ]);
  });

  test("and never a key or a certificate", async () => {
    const { lines, stack } = stackWith();
    const other = stackWith({ identity: partner });
    const local = await other.stack.listen("tls", ANY);
    const target = { transport: "tls", ...local, serverName: "office.example" } as const;
    await expect(stack.transport.flowTo(target)).rejects.toThrow();
    const text = JSON.stringify(lines);
    expect(lines).toHaveLength(1);
    for (const secret of ["BEGIN", office.key.slice(40, 80), partner.key.slice(40, 80)])
      expect(text).not.toContain(secret);
  });
});

test("where nobody listens no handshake failed", async () => {
  const { stack, lines } = stackWith();
  const gone = await stack.listen("tls", ANY);
  stack.close();
  const caller = stackWith();
  const target = { transport: "tls", ...gone, serverName: "x" } as const;
  await expect(caller.stack.transport.flowTo(target)).rejects.toMatchObject({ code: "SIP_CONNECT_FAILED" });
  expect([...lines, ...caller.lines]).toEqual([]);
});
