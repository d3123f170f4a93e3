/** Addresses of the machine's sockets as the rest of the stack writes them. */
import type net from "node:net";
import type { Endpoint } from "./network.ts";

/** IPv4 addresses that a dual socket shows as `::ffff:1.2.3.4` are written plainly. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
}

export function remoteOf(socket: net.Socket): Endpoint {
  return { address: plainAddress(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 };
}
