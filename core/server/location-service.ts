/** Where people are: the bindings of every address-of-record (RFC 3261 §10), in memory with the store behind them. */
import type { Clock, Timer } from "../platform/clock.ts";
import type { BindingRecord, BindingTable } from "../store/store.ts";

/** Devices that one person may have at once. */
export const MAX_BINDINGS = 20;

/** Why a person's bindings changed. */
export type BindingChange =
  | { readonly kind: "registered"; readonly binding: BindingRecord; readonly newFlow: boolean }
  | {
      readonly kind: "removed";
      readonly binding: BindingRecord;
      readonly because: "unregistered" | "expired" | "flow-lost";
    };

export interface LocationSettings {
  readonly clock: Clock;
  readonly table: BindingTable;
  changed(aor: string, change: BindingChange): void;
}

export class LocationService {
  readonly #settings: LocationSettings;
  readonly #bindings = new Map<string, Map<string, BindingRecord>>();
  readonly #timers = new Map<string, Timer>();
  #closed = false;

  constructor(settings: LocationSettings) {
    this.#settings = settings;
  }

  /**
   * Takes up what was stored. What lived with a flow has lost it while we were down, and what expired is gone:
   * both are told as such, so that watchers learn what happened.
   */
  restore(): void {
    const now = this.#settings.clock.now();
    for (const binding of this.#settings.table.all()) {
      this.#hold(binding);
      if (binding.expiresAt <= now) this.#drop(binding, "expired");
      else if (binding.diesWithFlow) this.#drop(binding, "flow-lost");
    }
  }

  of(aor: string): readonly BindingRecord[] {
    return [...(this.#bindings.get(aor)?.values() ?? [])];
  }

  get people(): readonly string[] {
    return [...this.#bindings.keys()];
  }

  /** Adds or renews a binding. The caller has it on disk already, in one transaction with the others of its request. */
  put(binding: BindingRecord): void {
    if (this.#closed) return;
    const before = this.#bindings.get(binding.aor)?.get(binding.device);
    this.#hold(binding);
    const newFlow = before?.flow !== binding.flow;
    this.#settings.changed(binding.aor, { kind: "registered", binding, newFlow });
  }

  /** Ends a binding because its device said so. */
  remove(aor: string, device: string): void {
    const binding = this.#bindings.get(aor)?.get(device);
    if (binding) this.#drop(binding, "unregistered");
  }

  /** Ends the bindings that lived with a flow. */
  flowLost(flow: string): void {
    for (const devices of [...this.#bindings.values()]) {
      for (const binding of [...devices.values()])
        if (binding.flow === flow && binding.diesWithFlow) this.#drop(binding, "flow-lost");
    }
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #hold(binding: BindingRecord): void {
    const devices = this.#bindings.get(binding.aor) ?? new Map<string, BindingRecord>();
    devices.set(binding.device, binding);
    this.#bindings.set(binding.aor, devices);
    const left = Math.max(binding.expiresAt - this.#settings.clock.now(), 0);
    const name = timerName(binding);
    this.#timers.get(name)?.cancel();
    this.#timers.set(
      name,
      this.#settings.clock.after(left, () => this.#drop(binding, "expired")),
    );
  }

  #drop(binding: BindingRecord, because: "unregistered" | "expired" | "flow-lost"): void {
    const devices = this.#bindings.get(binding.aor);
    if (devices?.get(binding.device) !== binding) return;
    devices.delete(binding.device);
    if (devices.size === 0) this.#bindings.delete(binding.aor);
    this.#timers.get(timerName(binding))?.cancel();
    this.#timers.delete(timerName(binding));
    this.#settings.table.remove(binding.aor, binding.device);
    this.#settings.changed(binding.aor, { kind: "removed", binding, because });
  }
}

function timerName(binding: BindingRecord): string {
  return `${binding.aor} ${binding.device}`;
}
