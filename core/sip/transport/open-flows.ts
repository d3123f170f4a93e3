/** The streams that are open, by the names that they have for the rest of the program. */
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import { token } from "../../platform/random.ts";
import type { TransportName } from "./flow.ts";
import type { StreamConnection } from "./network.ts";
import type { FlowReport, StreamFlowHandlers } from "./stream-flow.ts";
import { StreamFlow } from "./stream-flow.ts";

export class OpenFlows {
  readonly #clock: Clock;
  readonly #handlers: Omit<StreamFlowHandlers, "closed">;
  /** Differs from run to run, so that no flow ever has the name of another. */
  readonly #prefix: string;
  readonly #flows = new Map<string, StreamFlow>();
  #next = 1;
  #closed = false;

  constructor(clock: Clock, random: Random, handlers: Omit<StreamFlowHandlers, "closed">) {
    this.#clock = clock;
    this.#handlers = handlers;
    this.#prefix = token(random, 4);
  }

  /** Makes a flow of a connection. It does not read yet. */
  add(transport: TransportName, inbound: boolean, connection: StreamConnection): StreamFlow {
    const id = `${transport}-${this.#prefix}-${this.#next++}`;
    const flow = new StreamFlow(id, transport, inbound, connection, this.#clock, {
      ...this.#handlers,
      closed: (ended) => void this.#flows.delete(ended.id),
    });
    this.#flows.set(id, flow);
    return flow;
  }

  get(id: string): StreamFlow | undefined {
    return this.#flows.get(id);
  }

  get all(): readonly StreamFlow[] {
    return [...this.#flows.values()];
  }

  get count(): number {
    return this.#flows.size;
  }

  /** Whether the stack has stopped: no flow may be added any more. */
  get closed(): boolean {
    return this.#closed;
  }

  report(): readonly FlowReport[] {
    return Array.from(this.#flows.values(), (flow) => flow.report());
  }

  close(): void {
    this.#closed = true;
    for (const flow of this.#flows.values()) flow.close();
  }
}
