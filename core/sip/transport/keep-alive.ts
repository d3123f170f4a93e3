/** Browsers can neither ping nor tell us that they are gone, so the server asks (RFC 7118 §6, RFC 6455 §5.5.2). */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { StreamFlow } from "./stream-flow.ts";

/** Milliseconds between pings to a WebSocket; one that has not answered by the next is given up. */
export const WEBSOCKET_PING_INTERVAL = 14_000;

/** Pings the flow until it ends, and ends it when an answer does not come. */
export function keepAlive(flow: StreamFlow, clock: Clock): void {
  let isAnswered = true;
  let timer: Timer | undefined;
  const round = (): void => {
    if (!isAnswered) return flow.close();
    isAnswered = false;
    flow.ping(() => {
      isAnswered = true;
    });
    timer = clock.after(WEBSOCKET_PING_INTERVAL, round);
  };
  timer = clock.after(WEBSOCKET_PING_INTERVAL, round);
  flow.whenClosed(() => timer?.cancel());
}
