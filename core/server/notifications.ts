/** The notifier of an office: its subscriptions on disk, and the way on which each watcher is reached. */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Random } from "../platform/random.ts";
import { domainOf } from "../sip/address.ts";
import type { Subscription } from "../sip/event/notifier.ts";
import { Notifier } from "../sip/event/notifier.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { isSipUri, parseUri } from "../sip/message/uri.ts";
import type { Outcome, Stack } from "../sip/stack.ts";
import type { BindingRecord, GatewayStore } from "../store/store.ts";
import type { EventPackage } from "./event-packages.ts";
import type { Federation } from "./federation/federation.ts";
import type { Gruus } from "./gruu.ts";
import type { LocationService } from "./location-service.ts";
import type { OwnPlaces } from "./own-places.ts";
import { reach, reachDevice } from "./reach.ts";
import type { GatewaySettings } from "./settings.ts";

export interface NotificationSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly stack: Stack;
  readonly store: GatewayStore;
  readonly settings: GatewaySettings;
  readonly federation: Federation;
  readonly gruus: Gruus;
  readonly location: LocationService;
  readonly places: OwnPlaces;
  /** Known when the first subscription is told anything. */
  packages(): ReadonlyMap<string, EventPackage>;
  ended(subscription: Subscription): void;
}

export function officeNotifier(parts: NotificationSettings): Notifier {
  const { store, places } = parts;
  const packageOf = ({ event }: Subscription): EventPackage | undefined => parts.packages().get(event);
  return new Notifier({
    ...parts,
    store: {
      save: (subscription) => store.subscriptions.save(subscription.id, JSON.stringify(subscription)),
      remove: (id) => store.subscriptions.remove(id),
      all: () => store.subscriptions.all().map((json) => JSON.parse(json) as Subscription),
    },
    send: async (request, subscription) => {
      const outcome = await send(parts, request, subscription);
      return outcome.kind === "response" ? outcome.response : undefined;
    },
    contact: (subscription) => places.contact(subscription),
    render: (subscription) => packageOf(subscription)?.render(subscription),
    additions: (subscription) => packageOf(subscription)?.additions?.(subscription) ?? {},
    ended: (subscription) => {
      parts.ended(subscription);
      packageOf(subscription)?.ended?.(subscription);
    },
  });
}

/** A watcher elsewhere is reached by the way to their office once the connection on which they asked is gone. */
function send(parts: NotificationSettings, request: SipRequest, subscription: Subscription): Promise<Outcome> {
  const { stack, settings, federation } = parts;
  const flows = flowsBehind(parts, request.uri);
  if (flows) return reachDevice(stack, request, flows);
  const domain = domainOf(subscription.watcher);
  const isOutside = !settings.isOwnDomain(domain) && federation.of(domain) !== undefined;
  if (!isOutside || stack.transport.flow(subscription.flow)) return reach(stack, request, subscription);
  return federation.send(stack, request, domain);
}

/** The flows of the device that a GRUU of ours names; nothing for any other URI, which is its own way. */
function flowsBehind(
  { settings, gruus, location }: NotificationSettings,
  uri: string,
): readonly BindingRecord[] | undefined {
  const parsed = parseUri(uri);
  if (!parsed.ok || !isSipUri(parsed.value) || !settings.isOwnDomain(parsed.value.host)) return undefined;
  const target = gruus.isGruu(parsed.value) ? gruus.resolve(parsed.value) : undefined;
  return target && location.ofInstance(target.aor, target.instance);
}
