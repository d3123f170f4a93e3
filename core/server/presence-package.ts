/** `presence` as one package: subscriptions to a person, and to lists of people. */
import type { Subscription } from "../sip/event/notifier.ts";
import type { SipRequest } from "../sip/message/message.ts";
import type { EventPackage } from "./event-packages.ts";
import { ListEvents } from "./list-events.ts";
import type { ListServices } from "./list-services.ts";
import type { PresenceEvents } from "./presence-events.ts";

/** Joins both; a SUBSCRIBE that brings a list, or names a service that stands for one, is a list's. */
export function presencePackage(people: PresenceEvents, lists: ListEvents, services: ListServices): EventPackage {
  const of = (subscription: Subscription): EventPackage => (ListEvents.isList(subscription) ? lists : people);
  const serviceFor = (request: SipRequest, watcher: string) => services.find(request.uri, watcher);
  return {
    resourceOf: (uri, watcher) => (services.find(uri, watcher) ? watcher : undefined),
    admit(event, resource, watcher, request) {
      const service = serviceFor(request, watcher);
      if (service) return lists.admitList(request.uri, service.members, request);
      return (ListEvents.asksForList(request) ? lists : people).admit(event, resource, watcher, request);
    },
    subscribed: (subscription) => of(subscription).subscribed?.(subscription),
    refreshed: (subscription, request) => of(subscription).refreshed?.(subscription, request),
    isKnown: (subscription, etag) => of(subscription).isKnown?.(subscription, etag) ?? false,
    ended: (subscription) => of(subscription).ended?.(subscription),
    render: (subscription) => of(subscription).render(subscription),
    additions: (subscription) => of(subscription).additions?.(subscription) ?? {},
  };
}
