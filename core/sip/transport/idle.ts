/** Inbound streams that nobody uses any more end, so that their places are free for others (RFC 5923 §4). */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Flow } from "./flow.ts";
import type { StreamFlow } from "./stream-flow.ts";

/** Milliseconds without a byte in either direction, keep-alives included, after which a stream may be closed. */
export const IDLE_TIMEOUT = 15 * 60_000;

/** Closes the flow when it has been idle for `IDLE_TIMEOUT` and `isInUse` says no; asks again after as long. */
export function closeWhenIdle(flow: StreamFlow, clock: Clock, isInUse: (flow: Flow) => boolean): void {
  let timer: Timer | undefined;
  const look = (): void => {
    const left = IDLE_TIMEOUT - flow.idleFor;
    if (left <= 0 && !isInUse(flow)) return flow.close();
    timer = clock.after(left > 0 ? left : IDLE_TIMEOUT, look);
  };
  timer = clock.after(IDLE_TIMEOUT, look);
  flow.whenClosed(() => timer?.cancel());
}
