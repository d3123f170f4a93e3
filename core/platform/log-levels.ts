/** How much each component of a running program says. A change for a while falls back by itself. */
import type { Clock, Timer } from "./clock.ts";
import type { LevelJudge, LogLevel } from "./log.ts";
import { isWithin } from "./log.ts";

/** Stands for every component that has no level of its own. */
export const ALL_COMPONENTS = "all";

export interface ComponentLevel {
  readonly component: string;
  readonly level: LogLevel;
  /** Milliseconds since 1970 at which it falls back. */
  readonly until?: number;
}

interface Change {
  readonly level: LogLevel;
  readonly until?: number;
  readonly timer?: Timer;
}

export class LogLevels implements LevelJudge {
  readonly #clock: Clock;
  readonly #base: LogLevel;
  readonly #changes = new Map<string, Change>();

  /** `base` is what holds where nothing else was said. */
  constructor(clock: Clock, base: LogLevel) {
    this.#clock = clock;
    this.#base = base;
  }

  allows(component: string | undefined, level: LogLevel): boolean {
    if (this.#changes.size === 0) return isWithin(level, this.#base);
    const own = component === undefined ? undefined : this.#changes.get(component);
    return isWithin(level, (own ?? this.#changes.get(ALL_COMPONENTS))?.level ?? this.#base);
  }

  /** Sets a component's level, or that of all without one of their own; `duration` in milliseconds, for good without. */
  set(component: string, level: LogLevel, duration?: number): void {
    this.#changes.get(component)?.timer?.cancel();
    if (duration === undefined) {
      this.#changes.set(component, { level });
      return;
    }
    const timer = this.#clock.after(duration, () => void this.#changes.delete(component));
    this.#changes.set(component, { level, until: this.#clock.now() + duration, timer });
  }

  /** What holds now, the level of all first. */
  get current(): readonly ComponentLevel[] {
    const shown = ({ level, until }: Change) => ({ level, ...(until !== undefined && { until }) });
    const { [ALL_COMPONENTS]: all, ...others } = Object.fromEntries(this.#changes);
    return [
      { component: ALL_COMPONENTS, ...shown(all ?? { level: this.#base }) },
      ...Object.entries(others).map(([component, change]) => ({ component, ...shown(change) })),
    ];
  }

  close(): void {
    for (const { timer } of this.#changes.values()) timer?.cancel();
  }
}
