/** Who is let in: each stream from outside takes a place, and there are only so many. */
import type { Log } from "../../platform/log.ts";
import type { TransportName } from "./flow.ts";
import type { StreamConnection } from "./network.ts";
import { formatEndpoint } from "./network.ts";
import type { OpenFlows } from "./open-flows.ts";
import { Places } from "./places.ts";
import type { StreamFlow } from "./stream-flow.ts";

/** Open streams from one address; the next one is refused. */
export const MAX_STREAMS_PER_SOURCE = 200;
/** Open streams in all. */
export const MAX_STREAMS = 10_000;

export class Admission {
  readonly #flows: OpenFlows;
  readonly #log: Log;
  readonly #refused: (() => void) | undefined;
  readonly #sources = new Places(MAX_STREAMS_PER_SOURCE);

  /** `refused` is called for each connection that finds no place. */
  constructor(flows: OpenFlows, log: Log, refused?: () => void) {
    this.#refused = refused;
    this.#flows = flows;
    this.#log = log;
  }

  /** A flow for who knocks, unless there are too many; the connection is closed then. */
  admit(transport: TransportName, connection: StreamConnection): StreamFlow | undefined {
    const source = connection.remote.address;
    if (this.#flows.closed || this.#flows.count >= MAX_STREAMS || !this.#sources.enter(source)) {
      this.#refused?.();
      this.#log.warn("A connection was refused because too many are open.", {
        peer: formatEndpoint(connection.remote),
      });
      connection.close();
      return undefined;
    }
    const flow = this.#flows.add(transport, true, connection);
    flow.whenClosed(() => this.#sources.leave(source));
    // Who connects and says nothing takes a place from somebody else.
    flow.expectMore();
    return flow;
  }
}
