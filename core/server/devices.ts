/** The devices that somebody is signed in with: looking at them, and ending what one or all of them have open. */
import type { Clock } from "../platform/clock.ts";
import { sha256Hex } from "../platform/hash.ts";
import { StoreError } from "../store/errors.ts";
import type { BindingRecord, GatewayStore } from "../store/store.ts";
import { existing } from "./accounts.ts";
import { instanceIn } from "./location-service.ts";

/** Milliseconds for which a registration that was ended stays ended. */
const REMEMBERED = 90 * 86_400_000;
/** Says in the answer to a REGISTER that this device was signed out and waits for a person to sign in again. */
export const SIGNED_OUT_HEADER = "Hallway-Signed-Out";

/** A device as people see it. */
export interface DeviceLine {
  /** Names the device in commands, a few letters. */
  readonly device: string;
  /** What it calls itself. */
  readonly program: string;
  /** `transport:address:port` that it came from. */
  readonly from: string;
  /** When its registration ends unless it renews it, milliseconds since 1970. */
  readonly until: number;
  /** `urn:uuid:…` of the installation, where the device says it. */
  readonly instance?: string;
}

export interface DevicesSettings {
  readonly clock: Clock;
  readonly store: GatewayStore;
  /** Ends what this registration has open on a running gateway. */
  end?(binding: BindingRecord): void;
}

export class Devices {
  readonly #settings: DevicesSettings;

  constructor(settings: DevicesSettings) {
    this.#settings = settings;
  }

  /** Who is signed in at this address, each device once; throws `StoreError` when there is no such account. */
  list(address: string): readonly DeviceLine[] {
    const { accounts, bindings } = this.#settings.store;
    const now = this.#settings.clock.now();
    const lines = new Map<string, DeviceLine>();
    for (const binding of bindings.of(existing(accounts, address).aor).filter(({ expiresAt }) => expiresAt > now)) {
      const line = lineOf(binding);
      // A device with several flows is shown with the one that lives longest.
      if ((lines.get(line.device)?.until ?? 0) < line.until) lines.set(line.device, line);
    }
    return [...lines.values()];
  }

  /**
   * Signs one device out: its registration ends and does not come back until a person signs in there again. Whoever
   * knows the password can do that; a device that is lost needs a new password. Throws `StoreError`.
   */
  async signOut(address: string, device: string): Promise<void> {
    const { store, clock } = this.#settings;
    const { aor } = existing(store.accounts, address);
    const ended = store.bindings.of(aor).filter((binding) => nameOf(binding) === device.toLowerCase());
    if (ended.length === 0)
      throw new StoreError("no-such-device", `No device ${device} is signed in there. List them: account devices.`);
    await store.durably(() => {
      const now = clock.now();
      store.signedOut.forget(now - REMEMBERED);
      for (const binding of ended) {
        store.signedOut.put(aor, binding.callId, now);
        store.bindings.remove(aor, binding.device, binding.regId);
      }
    });
    for (const binding of ended) this.#settings.end?.(binding);
  }

  /** Ends every registration but that of one installation: each has to show the password anew. */
  endAll(aor: string, exceptInstance?: string): void {
    for (const binding of this.#settings.store.bindings.of(aor))
      if (exceptInstance === undefined || instanceOf(binding) !== exceptInstance) this.#settings.end?.(binding);
  }

  /** Whether this registration was signed out and nobody signed in there since. */
  isSignedOut(aor: string, callId: string): boolean {
    return this.#settings.store.signedOut.has(aor, callId);
  }
}

function lineOf(binding: BindingRecord): DeviceLine {
  const instance = instanceOf(binding);
  return {
    device: nameOf(binding),
    program: binding.userAgent,
    from: binding.peer,
    until: binding.expiresAt,
    ...(instance !== undefined && { instance }),
  };
}

function nameOf({ device }: BindingRecord): string {
  return sha256Hex(device).slice(0, 8);
}

/** The installation's URN without its brackets. */
function instanceOf({ params }: BindingRecord): string | undefined {
  return instanceIn(params)?.replaceAll(/^<|>$/g, "");
}
