/** Loopback ports that nobody uses now. */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/**
 * Below the range from which systems take the ports of outgoing connections: a server that is down for a moment
 * must not find its port in the hands of a client that tries to reach it.
 */
const FIRST = 20_000;
const LAST = 32_000;
const given = new Set<number>();

/** A port on 127.0.0.1 that is free for UDP and for TCP, and was not given to this test file before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (given.has(port)) continue;
    given.add(port);
    if ((await isFreeForStreams(port)) && (await isFreeForDatagrams(port))) return port;
  }
}

function isFreeForStreams(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function isFreeForDatagrams(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
}
