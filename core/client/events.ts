/** The numbered events that every face follows. */
import type { EventMessage, EventName, Events } from "../bridge/contract.ts";

export type Listener = (message: EventMessage) => void;

export class EventHub {
  readonly #listeners = new Set<Listener>();
  #seq = 0;

  /** The number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  emit<Name extends EventName>(event: Name, payload: Events[Name]): void {
    this.#seq++;
    // The union of all messages cannot be built from a generic name; name and payload belong together by signature.
    const message = { event, seq: this.#seq, payload } as EventMessage;
    for (const listener of [...this.#listeners]) listener(message);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
