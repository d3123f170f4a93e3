/** What an office is at this moment, as gauges: read when somebody looks, never counted along. */
import type { Notifier } from "../../sip/event/notifier.ts";
import type { Stack } from "../../sip/stack.ts";
import type { MessageTable } from "../../store/store.ts";
import type { EventState } from "../event-state.ts";
import type { LocationService } from "../location-service.ts";
import type { Door } from "./door.ts";
import type { Metrics } from "./metrics.ts";
import { countBy } from "./metrics.ts";

export interface GaugeParts {
  readonly location: LocationService;
  readonly notifier: Notifier;
  readonly events: EventState;
  readonly messages: MessageTable;
  readonly stack: Stack;
  readonly door: Door;
}

export function addGauges(metrics: Metrics, { location, notifier, events, messages, stack, door }: GaugeParts): void {
  metrics.gauge("hallway_registrations", "Devices that are registered.", () =>
    location.people.reduce((sum, aor) => sum + location.of(aor).length, 0),
  );
  metrics.gauge("hallway_people_online", "People with at least one registered device.", () => location.people.length);
  metrics.gauge("hallway_subscriptions", "Subscriptions by event and state.", () =>
    countBy(notifier.list({}), ({ event, state }) => ({ event, state })),
  );
  metrics.gauge("hallway_publications", "Publications that are in force.", () => events.count);
  metrics.gauge("hallway_messages_waiting", "Messages that wait for a device.", () => messages.total());
  metrics.gauge("hallway_transactions", "Transactions that are alive, by side.", () => {
    const { client, server } = stack.transactions.counts;
    return [
      [{ side: "client" }, client],
      [{ side: "server" }, server],
    ];
  });
  metrics.gauge("hallway_flows", "Open connections by transport.", () =>
    countBy(stack.transport.flows, ({ transport }) => ({ transport })),
  );
  metrics.gauge("hallway_sources_remembered", "Addresses whose requests are being counted.", () => door.held.sources);
}
