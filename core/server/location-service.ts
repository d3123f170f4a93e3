/** Where people are: the bindings of every address-of-record (RFC 3261 §10), in memory with the store behind them. */
import type { Clock, Timer } from "../platform/clock.ts";
import { unquote } from "../sip/message/fields.ts";
import { parseNameAddr } from "../sip/message/name-addr.ts";
import type { BindingRecord, BindingTable } from "../store/store.ts";

/** Bindings that one person may have at once: devices, times the flows of each. */
export const MAX_BINDINGS = 20;

/** Why a binding ended. */
export type EndOfBinding = "unregistered" | "expired" | "flow-lost";

/** Why a person's bindings changed. */
export type BindingChange =
  | { readonly kind: "registered"; readonly binding: BindingRecord; readonly newFlow: boolean }
  | { readonly kind: "removed"; readonly binding: BindingRecord; readonly because: EndOfBinding };

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

  /**
   * Where a request to a person goes: each device with its flows, the newest flow first. One flow of a device is tried
   * after the other, never two at once (RFC 5626 §5.1 and §6); devices are ordered by their `q`.
   */
  devices(aor: string): readonly (readonly BindingRecord[])[] {
    const devices = new Map<string, BindingRecord[]>();
    for (const binding of this.of(aor)) devices.set(binding.device, [...(devices.get(binding.device) ?? []), binding]);
    return [...devices.values()]
      .map((flows) => flows.sort((one, other) => other.renewedAt - one.renewedAt))
      .sort(([one], [other]) => (other?.q ?? 0) - (one?.q ?? 0));
  }

  /** The flows of one device, the newest first; empty when it is not there. */
  flowsOf(aor: string, device: string): readonly BindingRecord[] {
    return this.devices(aor).find(([first]) => first?.device === device) ?? [];
  }

  /** The bindings of the device with this `+sip.instance`, whether it registers flows or not; the newest first. */
  ofInstance(aor: string, instance: string): readonly BindingRecord[] {
    return this.of(aor)
      .filter(({ params }) => instanceIn(params) === instance)
      .sort((one, other) => other.renewedAt - one.renewedAt);
  }

  /** Whether a device is reached over this flow. */
  uses(flow: string): boolean {
    return this.people.some((aor) => this.of(aor).some((binding) => binding.flow === flow));
  }

  get people(): readonly string[] {
    return [...this.#bindings.keys()];
  }

  /** Adds or renews a binding. The caller has it on disk already, in one transaction with the others of its request. */
  put(binding: BindingRecord): void {
    if (this.#closed) return;
    const before = this.#bindings.get(binding.aor)?.get(keyOf(binding));
    this.#hold(binding);
    const newFlow = before?.flow !== binding.flow;
    this.#settings.changed(binding.aor, { kind: "registered", binding, newFlow });
  }

  /** Ends a binding because its device said so. */
  remove({ aor, device, regId }: Pick<BindingRecord, "aor" | "device" | "regId">): void {
    const binding = this.#bindings.get(aor)?.get(keyOf({ device, regId }));
    if (binding) this.#drop(binding, "unregistered");
  }

  /** Ends a binding whose device does not answer any more. */
  lost(binding: BindingRecord): void {
    this.#drop(binding, "flow-lost");
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
    const bindings = this.#bindings.get(binding.aor) ?? new Map<string, BindingRecord>();
    bindings.set(keyOf(binding), binding);
    this.#bindings.set(binding.aor, bindings);
    const left = Math.max(binding.expiresAt - this.#settings.clock.now(), 0);
    const name = timerName(binding);
    this.#timers.get(name)?.cancel();
    this.#timers.set(
      name,
      this.#settings.clock.after(left, () => this.#drop(binding, "expired")),
    );
  }

  #drop(binding: BindingRecord, because: EndOfBinding): void {
    const bindings = this.#bindings.get(binding.aor);
    if (this.#closed || bindings?.get(keyOf(binding)) !== binding) return;
    bindings.delete(keyOf(binding));
    if (bindings.size === 0) this.#bindings.delete(binding.aor);
    this.#timers.get(timerName(binding))?.cancel();
    this.#timers.delete(timerName(binding));
    this.#settings.table.remove(binding.aor, binding.device, binding.regId);
    this.#settings.changed(binding.aor, { kind: "removed", binding, because });
  }
}

/** The `+sip.instance` among the parameters of a Contact, with its angle brackets. */
export function instanceIn(params: string): string | undefined {
  const value = params.includes("+sip.instance") ? parseNameAddr(`<sip:x>${params}`)?.params.get("+sip.instance") : "";
  return unquote(value ?? "") || undefined;
}

/** What tells the bindings of one person apart. */
export function keyOf({ device, regId }: Pick<BindingRecord, "device" | "regId">): string {
  return `${device} ${regId}`;
}

function timerName(binding: BindingRecord): string {
  return `${binding.aor} ${keyOf(binding)}`;
}
