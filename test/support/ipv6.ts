/** Whether this machine has an IPv6 loopback; containers often have none. */
import { networkInterfaces } from "node:os";

export function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
}
