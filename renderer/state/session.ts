import { createStore } from "zustand/vanilla";
import type { StoreApi } from "zustand/vanilla";
import type { Bridge, EventMessage } from "../../core/bridge/contract.ts";
import type { Model } from "./model.ts";
import { emptyModel, fromSnapshot } from "./model.ts";
import { reduce } from "./reduce.ts";

/** Runs the callback before the next picture is drawn, or soon when nothing is drawn. */
export type Frame = (callback: () => void) => void;

export interface Session {
  readonly store: StoreApi<Model>;
  /** Opens the session, or opens it again. Resolves when the snapshot stands or was refused. */
  open(): Promise<void>;
  /** Hears every batch of events after it was applied. Returns the function that ends it. */
  onApplied(listener: (events: readonly EventMessage[], before: Model) => void): () => void;
  close(): void;
}

/**
 * Follows the core: one snapshot, then numbered events. Events gather until the next frame and become one change, so a
 * flood costs one drawing a frame. A missing number means that something was lost: the session opens again.
 */
export function createSession(bridge: Bridge, frame: Frame): Session {
  const store = createStore<Model>(() => emptyModel);
  const listeners = new Set<(events: readonly EventMessage[], before: Model) => void>();
  let queue: EventMessage[] = [];
  let last: number | undefined;
  let opening = false;
  let scheduled = false;

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    frame(apply);
  };

  function apply(): void {
    scheduled = false;
    if (last === undefined) return;
    const { ready, next, gap } = inSequence(queue, last);
    queue = [];
    last = next;
    if (ready.length > 0) {
      const before = store.getState();
      store.setState(reduce(before, ready), true);
      for (const listener of listeners) listener(ready, before);
    }
    if (gap) void open();
  }

  async function open(): Promise<void> {
    if (opening) return;
    opening = true;
    last = undefined;
    const answer = await bridge.invoke("session.open", {}).catch((cause: unknown) => refusal(cause));
    opening = false;
    if (!answer.ok) {
      store.setState({ phase: "failed", failure: answer.message });
      return;
    }
    store.setState(fromSnapshot(answer.value.snapshot), true);
    last = answer.value.seq;
    if (queue.length > 0) schedule();
  }

  const unsubscribe = bridge.subscribe((message) => {
    queue.push(message);
    if (last !== undefined) schedule();
  });

  return {
    store,
    open,
    onApplied(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: unsubscribe,
  };
}

/** Takes the events that follow `last` without a hole; older ones are dropped, what comes after a hole is given up. */
export function inSequence(
  queue: readonly EventMessage[],
  last: number,
): { readonly ready: readonly EventMessage[]; readonly next: number; readonly gap: boolean } {
  const ready: EventMessage[] = [];
  let next = last;
  for (const event of queue) {
    if (event.seq <= next) continue;
    if (event.seq !== next + 1) return { ready, next, gap: true };
    ready.push(event);
    next = event.seq;
  }
  return { ready, next, gap: false };
}

function refusal(cause: unknown): { readonly ok: false; readonly code: string; readonly message: string } {
  return { ok: false, code: "bridge-closed", message: cause instanceof Error ? cause.message : String(cause) };
}
