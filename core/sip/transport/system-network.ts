/** Sockets of the machine: node:dgram, node:net, node:tls. Nothing here knows SIP. */
import dgram from "node:dgram";
import net from "node:net";
import tls from "node:tls";
import type {
  DatagramSocket,
  Endpoint,
  Network,
  StreamConnection,
  StreamHandlers,
  StreamListenOptions,
  StreamServer,
  TlsClientOptions,
  TlsIdentity,
  TlsPeer,
} from "./network.ts";

/** Silence after which the system itself asks whether the other end still lives, in milliseconds. */
const TCP_KEEP_ALIVE = 15_000;
/** Connections that wait for the end of a TLS handshake are dropped after this many milliseconds. */
const HANDSHAKE_TIMEOUT = 10_000;
/** Kernel buffer of a UDP socket: bursts of a whole office must not be dropped. */
const DATAGRAM_BUFFER = 4 * 1024 * 1024;

export function systemNetwork(): Network {
  return { bindDatagram, listenStream, connectStream };
}

async function bindDatagram(
  local: Endpoint,
  received: (bytes: Buffer, from: Endpoint) => void,
): Promise<DatagramSocket> {
  const socket = dgram.createSocket({
    type: net.isIPv6(local.address) ? "udp6" : "udp4",
    recvBufferSize: DATAGRAM_BUFFER,
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
  const bound = socket.address();
  return {
    local: { address: bound.address, port: bound.port },
    send: (bytes, to) =>
      new Promise((resolve, reject) => {
        socket.send(bytes, to.port, to.address, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => socket.close(),
  };
}

async function listenStream(local: Endpoint, options: StreamListenOptions): Promise<StreamServer> {
  const server = options.identity ? tlsServer(options, options.identity) : net.createServer();
  if (!options.identity) server.on("connection", (socket: net.Socket) => options.connected(connectionOf(socket)));
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
    setIdentity: (identity) => {
      if (server instanceof tls.Server) server.setSecureContext(secureSettings(identity));
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function secureSettings(identity: TlsIdentity): tls.SecureContextOptions {
  return { key: identity.key, cert: identity.certificate, minVersion: "TLSv1.2" };
}

function tlsServer(options: StreamListenOptions, identity: TlsIdentity): tls.Server {
  const server = tls.createServer({
    ...secureSettings(identity),
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT,
  });
  server.on("secureConnection", (socket) => options.connected(connectionOf(socket, tlsPeer(socket))));
  server.on("tlsClientError", (error, socket) => {
    options.refused?.({ address: plainAddress(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 }, error.message);
    socket.destroy();
  });
  return server;
}

function connectStream(remote: Endpoint, timeout: number, options?: TlsClientOptions): Promise<StreamConnection> {
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
    const deadline = setTimeout(() => fail(new Error("no answer in time")), timeout);
    const fail = (error: Error): void => {
      clearTimeout(deadline);
      socket.destroy();
      reject(error);
    };
    socket.once("error", fail);
    socket.once(options ? "secureConnect" : "connect", () => {
      clearTimeout(deadline);
      socket.off("error", fail);
      resolve(connectionOf(socket, socket instanceof tls.TLSSocket ? tlsPeer(socket) : undefined));
    });
  });
}

function tlsPeer(socket: tls.TLSSocket): TlsPeer {
  const chain: Buffer[] = [];
  const seen = new Set<string>();
  let certificate: tls.DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256);
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return { chain, protocol: socket.getProtocol() ?? "", cipher: socket.getCipher().name };
}

function connectionOf(socket: net.Socket, peer?: TlsPeer): StreamConnection {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, TCP_KEEP_ALIVE);
  let failure: Error | undefined;
  const noteError = (error: Error): void => {
    failure = error;
  };
  socket.on("error", noteError);
  return {
    local: { address: plainAddress(socket.localAddress ?? ""), port: socket.localPort ?? 0 },
    remote: { address: plainAddress(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 },
    ...(peer && { peer }),
    get backlog() {
      return socket.writableLength;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (!socket.writable) reject(failure ?? new Error("the connection is closed"));
        else socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    start(handlers: StreamHandlers) {
      socket.on("data", (chunk) => handlers.data(chunk));
      socket.on("end", () => socket.end());
      socket.on("close", () => handlers.closed(failure));
      if (socket.destroyed) handlers.closed(failure);
    },
    close: () => socket.destroy(),
    detach(read: Buffer) {
      socket.removeAllListeners("data");
      socket.removeAllListeners("end");
      socket.removeAllListeners("close");
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

/** IPv4 addresses that a dual socket shows as `::ffff:1.2.3.4` are written plainly. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
}
