/**
 * Whether devices on UDP are still there. Nothing breaks when one of them goes, so whoever is watched and answers OPTIONS
 * is asked again and again; whoever never answers is believed until the registration ends.
 */
import type { Clock, Timer } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import { token } from "../platform/random.ts";
import { request as makeRequest } from "../sip/message/message.ts";
import type { Stack } from "../sip/stack.ts";
import type { BindingRecord } from "../store/store.ts";
import type { LocationService } from "./location-service.ts";
import { keyOf } from "./location-service.ts";
import { addressed, reach } from "./reach.ts";
import type { GatewaySettings } from "./settings.ts";

/** Milliseconds between two questions to the same device. */
export const PROBE_EVERY = 20_000;
/** Milliseconds in which the answer is due; by then the question was repeated four times. */
export const PROBE_WITHIN = 10_000;

export interface ProbingSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly stack: Stack;
  readonly settings: GatewaySettings;
  readonly location: LocationService;
  /** Whether anybody would notice that this person is gone. */
  isWatched(aor: string): boolean;
}

export class Probing {
  readonly #settings: ProbingSettings;
  /** By binding: whether the device ever answered. */
  readonly #known = new Map<string, "asked" | "answers" | "silent">();
  #round: Timer | undefined;
  #closed = false;

  constructor(settings: ProbingSettings) {
    this.#settings = settings;
  }

  start(): void {
    this.#round = this.#settings.clock.after(PROBE_EVERY, () => {
      this.#askAll();
      this.start();
    });
  }

  close(): void {
    this.#closed = true;
    this.#round?.cancel();
  }

  #askAll(): void {
    const { location, settings, isWatched } = this.#settings;
    if (!settings.probesDevices) return;
    const there = new Set<string>();
    for (const aor of location.people) {
      const bindings = location.of(aor).filter(({ peer, diesWithFlow }) => peer.startsWith("udp:") && !diesWithFlow);
      for (const binding of bindings) there.add(nameOf(binding));
      if (bindings.length === 0 || !isWatched(aor)) continue;
      for (const binding of bindings) {
        const known = this.#known.get(nameOf(binding));
        if (known !== "silent" && known !== "asked") void this.#ask(binding, known === "answers");
      }
    }
    for (const name of this.#known.keys()) if (!there.has(name)) this.#known.delete(name);
  }

  async #ask(binding: BindingRecord, answeredBefore: boolean): Promise<void> {
    const { clock, stack, location } = this.#settings;
    const name = nameOf(binding);
    this.#known.set(name, "asked");
    const silence = new Promise<"silent">((resolve) => clock.after(PROBE_WITHIN, () => resolve("silent")));
    const answer = reach(stack, addressed(this.#question(binding), binding), binding).then(({ kind }) =>
      kind === "response" ? ("answers" as const) : ("silent" as const),
    );
    const heard = await Promise.race([answer, silence]);
    if (this.#closed) return;
    this.#known.set(name, heard);
    // Whoever registered again meanwhile has spoken, and is asked anew.
    const now = location.of(binding.aor).find((one) => keyOf(one) === keyOf(binding));
    if (heard === "silent" && answeredBefore && now?.renewedAt === binding.renewedAt) location.lost(now);
  }

  #question({ aor, contact }: BindingRecord) {
    const { random, settings } = this.#settings;
    return makeRequest("OPTIONS", contact, [
      ["Max-Forwards", "70"],
      ["From", `<sip:${settings.domain}>;tag=${token(random)}`],
      ["To", `<${aor}>`],
      ["Call-ID", token(random, 16)],
      ["CSeq", "1 OPTIONS"],
    ]);
  }
}

function nameOf(binding: BindingRecord): string {
  return `${binding.aor} ${keyOf(binding)}`;
}
