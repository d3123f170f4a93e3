/** Sockets of the machine: node:dgram, node:net, node:tls. Nothing here knows SIP. */
import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";
import tls from "node:tls";
import type { Clock } from "../../platform/clock.ts";
import { systemClock } from "../../platform/clock.ts";
import type {
  DatagramSocket,
  Endpoint,
  Network,
  StreamConnection,
  StreamHandlers,
  StreamListenOptions,
  StreamServer,
  TlsClientOptions,
  TlsPeer,
} from "./network.ts";
import { HandshakeError } from "./network.ts";
import { plainAddress, remoteOf } from "./system-address.ts";
import { plainReason, TlsListener, tlsPeer } from "./system-tls.ts";

/** Silence after which the system itself asks whether the other end still lives, in milliseconds. */
const TCP_KEEP_ALIVE = 15_000;
/** Kernel buffer of a UDP socket: bursts of a whole office must not be dropped. */
const DATAGRAM_BUFFER = 4 * 1024 * 1024;

/** How long the other side may take to read a last word before its connection is dropped, in milliseconds. */
const FAREWELL = 2_000;

export function systemNetwork(clock: Clock = systemClock()): Network {
  return {
    bindDatagram,
    listenStream: (local, options) => listenStream(local, options, clock),
    connectStream: (remote, timeout, options) => connectStream(remote, timeout, options, clock),
    addressTowards,
  };
}

/** Connecting a datagram socket sends nothing; it only makes the system choose the way. */
async function addressTowards(remote: Endpoint): Promise<string> {
  const socket = dgram.createSocket(net.isIPv6(remote.address) ? "udp6" : "udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.connect(remote.port, remote.address, resolve);
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}

/** Every datagram asks for its address to be looked up: for what is an address already that takes as long as the rest. */
const lookupName: NonNullable<dgram.SocketOptions["lookup"]> = (name, options, found) => {
  const family = net.isIP(name);
  if (family === 0) dns.lookup(name, options, found);
  else found(null, name, family);
};

async function bindDatagram(
  local: Endpoint,
  received: (bytes: Buffer, from: Endpoint) => void,
): Promise<DatagramSocket> {
  const socket = dgram.createSocket({
    type: net.isIPv6(local.address) ? "udp6" : "udp4",
    recvBufferSize: DATAGRAM_BUFFER,
    lookup: lookupName,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(local.port, local.address, () => {
      socket.off("error", reject);
      resolve();
    });
  });
  // ICMP answers to earlier datagrams arrive as errors of the socket; the transaction's timer tells the story.
  socket.on("error", () => undefined);
  socket.on("message", (bytes, from) => received(bytes, { address: plainAddress(from.address), port: from.port }));
  let open = true;
  socket.once("close", () => (open = false));
  const bound = socket.address();
  return {
    local: { address: bound.address, port: bound.port },
    get open() {
      return open;
    },
    send: (bytes, to) =>
      new Promise((resolve, reject) => {
        socket.send(bytes, to.port, to.address, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => socket.close(),
  };
}

async function listenStream(local: Endpoint, options: StreamListenOptions, clock: Clock): Promise<StreamServer> {
  const secure =
    options.identity &&
    new TlsListener(options.identity, options, (socket, peer) => options.connected(connectionOf(socket, clock, peer)));
  const server = secure?.server ?? net.createServer((socket) => options.connected(connectionOf(socket, clock)));
  const open = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: local.port, host: local.address, ipv6Only: local.address === "::" }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : local.port;
  return {
    local: { address: local.address, port },
    get open() {
      return server.listening;
    },
    stopListening: () => void server.close(),
    setIdentity: (identity, name) => secure?.setIdentity(identity, name),
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function connectStream(
  remote: Endpoint,
  timeout: number,
  options: TlsClientOptions | undefined,
  clock: Clock,
): Promise<StreamConnection> {
  return new Promise((resolve, reject) => {
    const socket = options
      ? tls.connect({
          host: remote.address,
          port: remote.port,
          ...(net.isIP(options.serverName) === 0 && { servername: options.serverName }),
          ...(options.identity && { key: options.identity.key, cert: options.identity.certificate }),
          minVersion: "TLSv1.2",
          // The chain is judged by our own rules (RFC 5922), before the first byte is written.
          rejectUnauthorized: false,
        })
      : net.connect({ host: remote.address, port: remote.port });
    const deadline = clock.after(timeout, () => fail(new Error("no answer in time")));
    let shakesHands = false;
    if (options) socket.once("connect", () => (shakesHands = true));
    const fail = (error: Error): void => {
      deadline.cancel();
      socket.destroy();
      reject(shakesHands ? new HandshakeError(plainReason(error), { cause: error }) : error);
    };
    socket.once("error", fail);
    socket.once(options ? "secureConnect" : "connect", () => {
      deadline.cancel();
      socket.off("error", fail);
      resolve(connectionOf(socket, clock, socket instanceof tls.TLSSocket ? tlsPeer(socket) : undefined));
    });
  });
}

function connectionOf(socket: net.Socket, clock: Clock, peer?: TlsPeer): StreamConnection {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, TCP_KEEP_ALIVE);
  let failure: Error | undefined;
  const noteError = (error: Error): void => {
    failure = error;
  };
  socket.on("error", noteError);
  let handlers: StreamHandlers | undefined;
  const listeners = {
    data: (chunk: Buffer): void => handlers?.data(chunk),
    end: (): void => void socket.end(),
    close: (): void => handlers?.closed(failure),
  };
  return {
    local: { address: plainAddress(socket.localAddress ?? ""), port: socket.localPort ?? 0 },
    remote: remoteOf(socket),
    ...(peer && { peer }),
    get backlog() {
      return socket.writableLength;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (!socket.writable) reject(failure ?? new Error("the connection is closed"));
        else socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    start(given: StreamHandlers) {
      handlers = given;
      socket.on("data", listeners.data).on("end", listeners.end).on("close", listeners.close);
      if (socket.destroyed) given.closed(failure);
    },
    close: () => void socket.destroy(),
    finish() {
      handlers = undefined;
      const deadline = clock.after(FAREWELL, () => socket.destroy());
      socket.once("close", () => deadline.cancel());
      socket.end();
    },
    detach(read: Buffer) {
      socket.off("data", listeners.data).off("end", listeners.end).off("close", listeners.close);
      if (read.length > 0) {
        socket.pause();
        socket.unshift(read);
        // Whoever takes the stream listens within this turn; then it flows again, what was put back first.
        process.nextTick(() => socket.resume());
      }
      return socket;
    },
  };
}
