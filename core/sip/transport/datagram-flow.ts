/** A UDP socket and one peer as a flow: it never ends, and nobody knows whether the other side is there. */
import type { Flow } from "./flow.ts";
import { TransportError } from "./flow.ts";
import type { DatagramSocket, Endpoint } from "./network.ts";
import { formatEndpoint } from "./network.ts";
import type { StunClient } from "./stun-client.ts";

/** The flow from the socket to the peer; two of the same ends are the same flow. `sent` hears what is about to leave. */
export function datagramFlow(
  socket: DatagramSocket,
  remote: Endpoint,
  stun: StunClient,
  sent?: (bytes: Buffer, flow: Flow) => void,
): Flow {
  let seenAt: string | undefined;
  const flow: Flow = {
    id: `udp-${formatEndpoint(socket.local)}-${formatEndpoint(remote)}`,
    transport: "udp",
    local: socket.local,
    remote,
    inbound: true,
    open: true,
    async send(bytes) {
      sent?.(bytes, flow);
      try {
        await socket.send(bytes, remote);
      } catch (cause) {
        throw new TransportError("SIP_SEND_FAILED", `A datagram to ${formatEndpoint(remote)} could not be sent.`, {
          cause,
        });
      }
    },
    close: () => undefined,
    ping(answered) {
      stun.ask(remote, (mapped) => {
        const before = seenAt;
        if (mapped) seenAt = formatEndpoint(mapped);
        answered(before !== undefined && before !== seenAt);
      });
    },
    whenClosed: () => () => undefined,
  };
  return flow;
}

/** CRLF keep-alives and NUL bytes that old phones send (RFC 5626 §3.5.1 speaks of streams only). */
export function isKeepAlive(bytes: Buffer): boolean {
  return bytes.length <= 4 && bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0);
}
