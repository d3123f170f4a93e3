/** The office's server: joins registrar, presence agent and message relay over one stack and one store. */
import type { OfficeIdentity } from "../certificates/office.ts";
import type { Clock, Timer } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Random } from "../platform/random.ts";
import type { Notifier } from "../sip/event/notifier.ts";
import { callId } from "../sip/message/fields.ts";
import type { SipRequest, SipResponse } from "../sip/message/message.ts";
import { Proxy } from "../sip/proxy/proxy.ts";
import { RouteTokens } from "../sip/proxy/route-token.ts";
import type { StackObserver } from "../sip/stack.ts";
import { Stack } from "../sip/stack.ts";
import type { ServerTransaction } from "../sip/transaction/transaction.ts";
import type { Dns } from "../sip/transport/dns.ts";
import { formatListening } from "../sip/transport/flow.ts";
import type { Flow, ListenerName } from "../sip/transport/flow.ts";
import type { Endpoint, Network } from "../sip/transport/network.ts";
import type { BindingRecord, GatewayStore } from "../store/store.ts";
import { bareAddress } from "../sip/address.ts";
import type { PasswordVerdict } from "./authentication.ts";
import { Addressees } from "./addressees.ts";
import { Authentication } from "./authentication.ts";
import { onlyPersonOf } from "./aliases.ts";
import { Devices } from "./devices.ts";
import { Documents } from "./documents.ts";
import { DocumentEvents, XCAP_DIFF } from "./document-events.ts";
import { EventState } from "./event-state.ts";
import { Federation } from "./federation/federation.ts";
import { OfficeHttp } from "./http.ts";
import { instanceIn, LocationService } from "./location-service.ts";
import { MessageDelivery } from "./message-delivery.ts";
import { MessageRelay } from "./message-relay.ts";
import { officeNotifier } from "./notifications.ts";
import { BACK_SOON, Door } from "./operation/door.ts";
import { addGauges } from "./operation/gauges.ts";
import { OfficeMeters } from "./operation/meters.ts";
import { observed, RequestLog } from "./operation/observed.ts";
import { SubscriptionCount } from "./operation/subscription-count.ts";
import { OwnPlaces } from "./own-places.ts";
import { PRESENCE, PresenceAgent } from "./presence-agent.ts";
import { ListEvents } from "./list-events.ts";
import { ListServices } from "./list-services.ts";
import { PresenceEvents } from "./presence-events.ts";
import { presencePackage } from "./presence-package.ts";
import { Probing } from "./probing.ts";
import { WATCHER_INFO, WatcherEvents } from "./watcher-events.ts";
import type { EventPackage } from "./event-packages.ts";
import { Gruus } from "./gruu.ts";
import { FLOW_TIMER, Registrar } from "./registrar.ts";
import { REGISTRATION, RegistrationEvents } from "./registration-events.ts";
import { ProxyRouting } from "./proxy-routing.ts";
import { Router } from "./router.ts";
import { Senders } from "./senders.ts";
import { GatewaySettings } from "./settings.ts";

/** A device that agreed to keep-alives and is silent for this many milliseconds has lost its connection. */
const SILENCE = (FLOW_TIMER + 8) * 1_000;
/** Milliseconds between looks for silent devices. */
const SILENCE_ROUND = 2_000;
/** Milliseconds in which an end in good order answers what is under way and takes leave of watchers. */
export const STOP_WITHIN = 2_000;

export interface GatewayPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly network: Network;
  readonly dns: Dns;
  readonly store: GatewayStore;
  readonly identity: OfficeIdentity;
  readonly product: string;
}

export interface Listen {
  readonly transport: ListenerName;
  readonly endpoint: Endpoint;
}

export interface OfficePerson {
  readonly address: string;
  readonly name?: string;
  readonly online: boolean;
  /** Was invited and has not chosen a password yet. */
  readonly invited?: boolean;
}

export class Gateway {
  readonly stack: Stack;
  readonly settings: GatewaySettings;
  readonly meters = new OfficeMeters();
  readonly door: Door;
  readonly devices: Devices;
  readonly #ports: GatewayPorts;
  readonly #location: LocationService;
  readonly #gruus: Gruus;
  readonly #registrations: RegistrationEvents;
  readonly #packages: ReadonlyMap<string, EventPackage>;
  readonly #events: EventState;
  readonly #documents: Documents;
  readonly #notifier: Notifier;
  readonly #presence: PresenceAgent;
  readonly #watching: PresenceEvents;
  readonly #lists: ListEvents;
  readonly #probing: Probing;
  readonly #delivery: MessageDelivery;
  readonly #relay: MessageRelay;
  readonly #federation: Federation;
  readonly #proxy: Proxy;
  readonly #router: Router;
  readonly #http: OfficeHttp;
  readonly #watchedFlows = new Set<string>();
  readonly #subscriptions: SubscriptionCount;
  readonly #authentication: Authentication;
  readonly #requests: RequestLog;
  #silence: Timer | undefined;
  /** Requests that have no final answer yet, and who waits for there to be none. */
  #underWay = 0;
  /** What the parts were given for a transaction of the stack, which is what a CANCEL names. */
  readonly #given = new WeakMap<ServerTransaction, ServerTransaction>();
  #idle: (() => void) | undefined;

  constructor(ports: GatewayPorts) {
    this.#ports = ports;
    const { clock, random, store, identity } = ports;
    const log = ports.log;
    this.settings = new GatewaySettings(store.settings);
    this.#requests = new RequestLog(log.tagged("sip"));
    this.#subscriptions = new SubscriptionCount(this.settings);
    store.observe(this.meters.store);
    this.#federation = new Federation({ ...ports, communities: store.communities });
    this.stack = new Stack({
      ...ports,
      // Asked only of connections that were silent for a quarter of an hour, so looking through all is cheap enough.
      isInUse: ({ id }) => this.#location.uses(id) || this.#notifier.list({}).some(({ flow }) => flow === id),
      verifyServer: (chain, domain) => this.#federation.verifyServer(chain, domain),
      transports: ["udp", "tcp", "tls"],
      identity: { key: identity.key, certificate: identity.certificate },
      onHttp: (stream, secure) => this.#http.take(stream, secure),
      observer: observers(this.meters.stack, this.#requests),
    });
    this.door = new Door({
      clock,
      transport: this.stack.transport,
      settings: this.settings,
      refused: (reason) => this.meters.refusedAtTheDoor(reason),
    });
    const authentication = new Authentication({
      clock,
      random,
      accounts: store.accounts,
      settings: this.settings,
      refused: (kind) => this.meters.passwordRefused(kind),
    });
    this.#authentication = authentication;
    const gruus = new Gruus({ table: store.gruus, random, key: persistentKey(ports, "internal.gruu-key") });
    this.#gruus = gruus;
    this.devices = new Devices({ clock, store, end: (binding) => this.#end(binding) });
    this.#location = new LocationService({
      clock,
      table: store.bindings,
      changed: (aor, change) => {
        this.#presence.located(aor, change);
        this.#registrations.changed(aor, change);
        if (change.kind === "registered") this.#delivery.wake(aor, change.binding.device);
        else this.#endGruus(aor, change.binding.params);
      },
    });
    this.#events = new EventState({ clock, random, store, changed: (aor) => this.#presence.presenceChanged(aor) });
    const places = new OwnPlaces(this.stack, this.settings);
    this.#notifier = officeNotifier({
      ...ports,
      log: log.tagged("presence"),
      stack: this.stack,
      settings: this.settings,
      federation: this.#federation,
      gruus,
      location: this.#location,
      places,
      packages: () => this.#packages,
      ended: (subscription) => this.#subscriptions.ended(subscription),
    });
    this.#documents = new Documents({
      random,
      store,
      rulesChanged: (aor) => this.#presence.rulesChanged(aor),
      lastingChanged: (aor) => this.#presence.presenceChanged(aor),
      documentChanged: (change) => documentEvents.changed(change),
    });
    const documents = this.#documents;
    this.#http = new OfficeHttp({
      clock,
      store,
      settings: this.settings,
      authentication,
      documents,
      devices: this.devices,
      secondsToWait: (address) => this.door.secondsToWait(address),
      upgrade: (request, stream, head) => this.stack.transport.upgrade(request, stream, head),
    });
    const shared = {
      clock,
      log: log.tagged("message"),
      store,
      stack: this.stack,
      location: this.#location,
      settings: this.settings,
    };
    this.#presence = new PresenceAgent({
      ...shared,
      events: this.#events,
      documents,
      changed: (people) => {
        this.#watching.changed(people);
        this.#lists.changed(people);
      },
      judged: (aor) => {
        this.#watching.judged(aor);
        this.#lists.changed([aor]);
      },
    });
    const told = { clock, notifier: this.#notifier, waiting: store.waiting };
    const watchers = new WatcherEvents({ ...told, byList: (aor) => this.#lists.watching(aor) });
    this.#lists = new ListEvents({
      ...told,
      settings: this.settings,
      accounts: store.accounts,
      personOf: (aor) => onlyPersonOf(store.aliases, aor),
      presence: this.#presence,
      watchersChanged: (aor) => watchers.changed(aor),
    });
    this.#watching = new PresenceEvents({
      ...told,
      presence: this.#presence,
      watchersChanged: (aor) => watchers.changed(aor),
    });
    this.#probing = new Probing({
      ...shared,
      random,
      isWatched: (aor) =>
        this.#notifier.list({ resource: aor, event: PRESENCE }).length > 0 || this.#lists.watching(aor).length > 0,
    });
    this.#registrations = new RegistrationEvents({ ...shared, ...store, gruus, notifier: this.#notifier });
    const documentEvents = new DocumentEvents({ settings: this.settings, documents, notifier: this.#notifier });
    this.#packages = new Map<string, EventPackage>([
      [PRESENCE, presencePackage(this.#watching, this.#lists, new ListServices(documents))],
      [WATCHER_INFO, watchers],
      [REGISTRATION, this.#registrations],
      [XCAP_DIFF, documentEvents],
    ]);
    const branchKey = persistentKey(ports, "internal.branch-key");
    this.#delivery = new MessageDelivery({ ...shared, branchKey, delivered: () => this.meters.delivered() });
    this.#relay = new MessageRelay({ ...shared, delivery: this.#delivery, branchKey });
    const senders = new Senders({ settings: this.settings, authentication, federation: this.#federation });
    const addressees = new Addressees({
      ...store,
      settings: this.settings,
      gruus,
      location: this.#location,
      isOwnHost: (host, port) => places.isOwnHost(host, port),
    });
    const routing = new ProxyRouting({
      ...shared,
      presence: this.#presence,
      federation: this.#federation,
      senders,
      addressees,
    });
    const { settings } = this;
    this.#proxy = new Proxy({
      get realms() {
        return settings.domains;
      },
      get recordRoute() {
        return settings.recordRoute;
      },
      get mode() {
        return settings.proxyMode;
      },
      stack: this.stack,
      clock,
      random,
      tokens: new RouteTokens(persistentKey(ports, "internal.route-key")),
      extensions: [],
      followRedirects: true,
      isOwn: (uri) => addressees.isOwn(uri),
      isOwnSentBy: (host, port) => addressees.isOwnPlace(host, port),
      route: (question) => routing.route(question),
    });
    this.#router = new Router({
      stack: this.stack,
      senders,
      addressees,
      proxy: this.#proxy,
      devices: this.devices,
      registrar: new Registrar({ ...shared, gruus, serviceRoute: (flow) => places.serviceRoute(flow) }),
      notifier: this.#notifier,
      presence: this.#presence,
      packages: this.#packages,
      events: this.#events,
      relay: this.#relay,
      subscriptions: this.#subscriptions,
    });
    addGauges(this.meters.metrics, {
      location: this.#location,
      notifier: this.#notifier,
      events: this.#events,
      messages: store.messages,
      stack: this.stack,
      door: this.door,
    });
    this.stack.use({
      screen: (request, flow) => this.door.screen(request, flow),
      request: (transaction) => void this.#take(transaction),
      cancelled: (invite) => this.#proxy.cancelled(this.#given.get(invite) ?? invite),
      acknowledged: (ack, flow) => void this.#proxy.acknowledged(ack, flow),
    });
  }

  async #take(transaction: ServerTransaction): Promise<void> {
    const { request, flow } = transaction;
    this.#watch(flow);
    this.#requests.came(request, flow);
    this.#underWay++;
    const given = observed(transaction, (response) => this.#answered(request, flow, response));
    this.#given.set(transaction, given);
    try {
      await this.#router.handle(given);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const { method } = request;
      this.#ports.log.error("A request could not be handled.", { method, callId: callId(request), reason });
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) this.#idle?.();
    }
  }

  #answered(request: SipRequest, flow: Flow, response: SipResponse): void {
    const { status, reason } = response;
    this.#requests.answered(request, response);
    this.meters.answered(request, status);
    const headers = response.headers.lines("allow-events").map((value) => ["Allow-Events", value] as const);
    this.door.answered(request, flow, { status, reason, headers });
  }

  /** Takes up what was stored, then binds the listeners; resolves to what is bound. */
  async start(listeners: readonly Listen[]): Promise<readonly string[]> {
    this.#events.restore();
    this.#location.restore();
    this.#presence.restore();
    this.#notifier.restore();
    this.#watching.restore();
    this.#lists.restore();
    for (const subscription of this.#notifier.list({})) this.#subscriptions.began(subscription);
    const bound: string[] = [];
    for (const { transport, endpoint } of listeners)
      bound.push(formatListening(transport, await this.stack.listen(transport, endpoint)));
    this.#delivery.start();
    this.#presence.start();
    this.#probing.start();
    this.#closeSilentFlows();
    return bound;
  }

  /** People of the office, and whether a device of theirs is there. */
  people(): readonly OfficePerson[] {
    const { accounts } = this.#ports.store;
    return accounts.list().map(({ aor, name }) => ({
      address: bareAddress(aor),
      ...(name !== undefined && { name }),
      online: this.#location.of(aor).length > 0,
      ...(Object.keys(accounts.secrets(aor)).length === 0 && { invited: true }),
    }));
  }

  /** Ends what a person has open here: bindings, publications, and subscriptions as watcher and as watched. */
  signOut(aor: string): void {
    for (const binding of this.#location.of(aor)) this.#location.remove(binding);
    this.#events.removeAll(aor);
    this.#documents.forget(aor);
    for (const { id } of this.#notifier.list({ watcher: aor })) this.#notifier.terminate(id, "rejected");
    for (const { id } of this.#notifier.list({ resource: aor })) this.#notifier.terminate(id, "noresource");
  }

  communitiesChanged(): void {
    this.#federation.changed();
  }

  /** Messages that wait for a device, of all people. */
  get messagesWaiting(): number {
    return this.#ports.store.messages.total();
  }

  /** Whether this is the password of an administrator; counts towards the same lock-out as SIP does. */
  checkAdministrator(aor: string, password: string, source: string): PasswordVerdict {
    return this.#authentication.checkAdministrator(aor, password, source);
  }

  /**
   * Takes leave: lets nobody in any more, answers what is under way, and tells watchers to subscribe anew, all within
   * `STOP_WITHIN` milliseconds. Then it is time for `stop`.
   */
  async takeLeave(): Promise<void> {
    this.door.close();
    this.stack.transport.stopListening();
    this.#relay.settleAll();
    const idle = this.#underWay === 0 ? undefined : new Promise<void>((resolve) => void (this.#idle = resolve));
    const told = this.#notifier.endAll(`deactivated;retry-after=${BACK_SOON}`);
    let timer: Timer | undefined;
    const bound = new Promise<void>((resolve) => void (timer = this.#ports.clock.after(STOP_WITHIN, resolve)));
    await Promise.race([bound, Promise.all([idle, told])]);
    timer?.cancel();
  }

  /** Ends what one registration has open; a connection that others share stays. */
  #end(binding: BindingRecord): void {
    const { aor, flow } = binding;
    this.#location.remove(binding);
    this.#events.flowLost(aor, flow);
    const isShared = this.#location.people.some((one) => this.#location.of(one).some((other) => other.flow === flow));
    if (!isShared) this.stack.transport.flow(flow)?.close();
  }

  /** Ends at once. What is stored stays, and is taken up by the next start. */
  stop(): void {
    this.#silence?.cancel();
    this.door.close();
    this.#relay.close();
    // Flows that end because we do were not lost: the next start finds their bindings and tells what became of them.
    this.#location.close();
    this.stack.close();
    this.#http.close();
    this.#notifier.close();
    this.#probing.close();
    this.#lists.close();
    this.#watching.close();
    this.#presence.close();
    this.#events.close();
    this.#delivery.close();
  }

  /** RFC 5626 §5.4: what was promised to speak and does not is dead, whatever TCP still believes. */
  #closeSilentFlows(): void {
    const { clock } = this.#ports;
    for (const aor of this.#location.people) {
      for (const { flow, diesWithFlow, regId } of this.#location.of(aor)) {
        const open = diesWithFlow && regId > 0 ? this.stack.transport.flow(flow) : undefined;
        if (open?.lastHeard !== undefined && clock.monotonic() - open.lastHeard > SILENCE) open.close();
      }
    }
    this.#silence = clock.after(SILENCE_ROUND, () => this.#closeSilentFlows());
  }

  /** The temporary addresses of a device end with its last contact (RFC 5627 §5.3). */
  #endGruus(aor: string, params: string): void {
    const instance = instanceIn(params);
    if (instance !== undefined && this.#location.ofInstance(aor, instance).length === 0)
      this.#gruus.ended(aor, instance);
  }

  /** Bindings, publications and subscriptions that live with a flow end when it does. */
  #watch(flow: Flow): void {
    if (flow.transport === "udp" || this.#watchedFlows.has(flow.id)) return;
    this.#watchedFlows.add(flow.id);
    flow.whenClosed(() => {
      this.#watchedFlows.delete(flow.id);
      // Another office is dialled again; a device behind its connection cannot be.
      if (!this.#federation.isPeer(flow)) this.#notifier.flowLost(flow.id);
      this.#location.flowLost(flow.id);
    });
  }
}

/** Each hears of everything. */
function observers(meters: StackObserver, requests: RequestLog): StackObserver {
  return {
    ...meters,
    sent: (request, flow) => requests.sent(request, flow),
    ended(sent, outcome) {
      meters.ended?.(sent, outcome);
      requests.ended(sent, outcome);
    },
  };
}

/** A secret that outlives restarts: for branches, so that a repeated message leaves under the one that it had, and GRUUs. */
function persistentKey({ store, random }: GatewayPorts, name: string): Buffer {
  const kept = store.settings.get(name);
  if (kept !== undefined) return Buffer.from(kept, "hex");
  const made = random.bytes(32);
  store.settings.set(name, made.toString("hex"));
  return made;
}
