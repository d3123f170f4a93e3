/** A profile in memory, and the events that its parts tell. */
import type { EventMessage, EventName, Events } from "../../../core/bridge/contract.ts";
import { EventHub } from "../../../core/client/events.ts";
import { openProfileStore } from "../../../core/store/sqlite/profile-store.ts";
import type { ProfileStore } from "../../../core/store/store.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seededRandom } from "../../support/seeded-random.ts";

export const ME = "alice@office.example";
export const BOB = "bob@office.example";
export const CAROL = "carol@office.example";

export class Profile {
  readonly clock = new ManualClock();
  readonly random = seededRandom();
  readonly store: ProfileStore = openProfileStore(":memory:", this.clock);
  readonly events = new EventHub();
  readonly told: EventMessage[] = [];

  constructor() {
    this.events.subscribe((message) => void this.told.push(message));
  }

  /** What every part of a client takes. */
  get shared() {
    const { clock, random, store, events } = this;
    return { account: ME, clock, random, store, events };
  }

  /** Waits for work that ends on disk, or at the end of that many milliseconds. */
  async done<T>(work: Promise<T>, milliseconds = 50): Promise<T> {
    // Who waits for the outcome hears of a failure; here it must not count as unheard of.
    work.catch(() => undefined);
    await this.clock.advance(milliseconds);
    return work;
  }

  /** The payloads of the events of that name. */
  of<Name extends EventName>(name: Name): readonly Events[Name][] {
    // Name and payload of an event belong together; the compiler cannot follow that through a filter.
    return this.told.filter(({ event }) => event === name).map(({ payload }) => payload as Events[Name]);
  }
}
