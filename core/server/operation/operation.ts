/** Looks after a running office: its figures, and what is wrong with it. */
import { readCertificate } from "../../certificates/read.ts";
import type { OfficeIdentity } from "../../certificates/office.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { DiskSpace, LoopDelay } from "../../platform/machine.ts";
import { loopDelay, memoryInUse } from "../../platform/machine.ts";
import { formatListening } from "../../sip/transport/flow.ts";
import type { Endpoint } from "../../sip/transport/network.ts";
import type { GatewayStore } from "../../store/store.ts";
import type { Gateway } from "../gateway.ts";
import { ClockWatch } from "./clock-watch.ts";
import type { FiguresServer } from "./figures-server.ts";
import { serveFigures } from "./figures-server.ts";
import type { Problem } from "./health.ts";
import { problemsOf } from "./health.ts";

/** Milliseconds for which it is believed that the store takes changes, before it is tried again. */
const PROBE_KEPT = 30_000;
/** Written to find out whether something can be written. */
const PROBE = "internal.probe";

export interface OperationSettings {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: GatewayStore;
  readonly gateway: Gateway;
  readonly identity: OfficeIdentity;
  readonly disk: () => Promise<DiskSpace | undefined>;
}

export class Operation {
  readonly #settings: OperationSettings;
  readonly #clockWatch: ClockWatch;
  readonly #certificateEnds: number;
  #figures: FiguresServer | undefined;
  #loop: LoopDelay | undefined;
  #probed: { readonly at: number; readonly fault: string | undefined } | undefined;

  constructor(settings: OperationSettings) {
    this.#settings = settings;
    this.#clockWatch = new ClockWatch(settings.clock);
    const facts = readCertificate(settings.identity.certificate);
    this.#certificateEnds = facts.ok ? facts.value.notAfter : 0;
  }

  /** Serves the figures; resolves to where. */
  async serve(endpoint: Endpoint): Promise<string> {
    const { metrics } = this.#settings.gateway.meters;
    const loop = loopDelay();
    this.#loop = loop;
    metrics.gauge("hallway_event_loop_delay_seconds", "How late the event loop was since the last look.", () => {
      const { p99, max } = loop.take();
      return [
        [{ quantile: "0.99" }, p99],
        [{ quantile: "1" }, max],
      ];
    });
    metrics.gauge("hallway_memory_bytes", "Memory in use.", () => {
      const { process, heap } = memoryInUse();
      return [
        [{ of: "process" }, process],
        [{ of: "heap" }, heap],
      ];
    });
    this.#figures = await serveFigures({
      endpoint,
      metrics: () => metrics.exposition(),
      problems: () => this.problems(),
    });
    this.#settings.log.info("The figures are served.", { at: this.#figures.at });
    return this.#figures.at;
  }

  /** What is wrong now. Tries to write when that was not tried lately. */
  async problems(): Promise<readonly Problem[]> {
    const { clock, gateway, disk } = this.#settings;
    const [space, storeFault] = await Promise.all([disk(), this.#probe()]);
    return problemsOf({
      now: clock.now(),
      certificateEnds: this.#certificateEnds,
      disk: space,
      lostListeners: gateway.stack.transport.lostListeners.map((one) => formatListening(one.transport, one.local)),
      storeFault,
      jump: this.#clockWatch.jump,
    });
  }

  close(): void {
    this.#clockWatch.close();
    this.#figures?.close();
    this.#loop?.close();
  }

  async #probe(): Promise<string | undefined> {
    const { clock, store } = this.#settings;
    if (this.#probed && clock.monotonic() - this.#probed.at < PROBE_KEPT) return this.#probed.fault;
    const fault = await store
      .durably(() => store.settings.set(PROBE, String(clock.now())))
      .then(() => undefined)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    this.#probed = { at: clock.monotonic(), fault };
    return fault;
  }
}
