/** A stack on a network in memory, and what its user sees. */
import { silentLog } from "../../../core/platform/log.ts";
import type { Dns } from "../../../core/sip/transport/dns.ts";
import type { ServerTransaction } from "../../../core/sip/transaction/transaction.ts";
import type { StackSettings } from "../../../core/sip/stack.ts";
import { Stack } from "../../../core/sip/stack.ts";
import type { MemoryNetwork, MemoryNetworkOptions } from "../../../core/sip/transport/memory.ts";
import { memoryNetwork } from "../../../core/sip/transport/memory.ts";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

export const HERE = { address: "127.0.0.1", port: 5060 };

/** Nobody is in this DNS. */
export const emptyDns: Dns = { naptr: async () => [], srv: async () => [], addresses: async () => [] };

export interface OnMemory {
  readonly clock: ManualClock;
  readonly network: MemoryNetwork;
  readonly stack: Stack;
  /** Every request that reached the user, in order. */
  readonly requests: ServerTransaction[];
  readonly acknowledged: SipRequest[];
}

/** `identity` is shown on TLS in memory, where nobody reads it. */
export function stackOnMemory(
  network: Partial<MemoryNetworkOptions> = {},
  settings: Partial<StackSettings> = {},
): OnMemory {
  const clock = new ManualClock();
  const wires = memoryNetwork({ clock, ...network });
  const stack = new Stack({
    clock,
    random: seededRandom(),
    log: silentLog,
    network: wires,
    dns: emptyDns,
    product: "Test",
    transports: ["udp", "tcp", "tls"],
    identity: { key: "", certificate: "" },
    ...settings,
  });
  const requests: ServerTransaction[] = [];
  const acknowledged: SipRequest[] = [];
  stack.use({
    request: (transaction) => void requests.push(transaction),
    acknowledged: (request) => void acknowledged.push(request),
  });
  return { clock, network: wires, stack, requests, acknowledged };
}
