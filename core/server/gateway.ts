/** The office's server: joins registrar, presence agent and message relay over one stack and one store. */
import type { Server } from "node:http";
import { createServer } from "node:http";
import { networkInterfaces } from "node:os";
import type { OfficeIdentity } from "../certificates/office.ts";
import type { Clock, Timer } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Random } from "../platform/random.ts";
import type { Subscription } from "../sip/event/notifier.ts";
import { Notifier } from "../sip/event/notifier.ts";
import { Stack } from "../sip/stack.ts";
import type { Dns } from "../sip/transport/dns.ts";
import { carrierOf, formatListening } from "../sip/transport/flow.ts";
import type { Flow, ListenerName, TransportName } from "../sip/transport/flow.ts";
import type { Endpoint, Network } from "../sip/transport/network.ts";
import { asksForWebSocket } from "../sip/transport/websocket.ts";
import type { GatewayStore } from "../store/store.ts";
import { bareAddress } from "../sip/address.ts";
import { Authentication } from "./authentication.ts";
import { Documents } from "./documents.ts";
import { EventState } from "./event-state.ts";
import { Federation } from "./federation/federation.ts";
import { LocationService } from "./location-service.ts";
import { MessageDelivery } from "./message-delivery.ts";
import { MessageRelay } from "./message-relay.ts";
import { PresenceAgent } from "./presence-agent.ts";
import { reach } from "./reach.ts";
import { FLOW_TIMER, Registrar } from "./registrar.ts";
import { Router } from "./router.ts";
import { GatewaySettings } from "./settings.ts";
import { serveXcap } from "./xcap.ts";

/** Milliseconds that an HTTP request may take to arrive whole. */
const HTTP_TIMEOUT = 15_000;
/** A device that agreed to keep-alives and is silent for this many milliseconds has lost its connection. */
const SILENCE = (FLOW_TIMER + 8) * 1_000;
/** Milliseconds between looks for silent devices. */
const SILENCE_ROUND = 2_000;

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

export class Gateway {
  readonly stack: Stack;
  readonly settings: GatewaySettings;
  readonly #ports: GatewayPorts;
  readonly #location: LocationService;
  readonly #events: EventState;
  readonly #documents: Documents;
  readonly #notifier: Notifier;
  readonly #presence: PresenceAgent;
  readonly #delivery: MessageDelivery;
  readonly #relay: MessageRelay;
  readonly #federation: Federation;
  readonly #router: Router;
  readonly #http: Server;
  readonly #watchedFlows = new Set<string>();
  #silence: Timer | undefined;

  constructor(ports: GatewayPorts) {
    this.#ports = ports;
    const { clock, random, store, identity } = ports;
    const log = ports.log;
    this.settings = new GatewaySettings(store.settings);
    const http = { requestTimeout: HTTP_TIMEOUT, shouldUpgradeCallback: asksForWebSocket };
    this.#http = createServer(http, (request, response) => {
      void serveXcap(request, response, { authentication, documents });
    });
    this.#http.on("upgrade", (request, stream, head) => this.stack.transport.upgrade(request, stream, head));
    this.#federation = new Federation({ ...ports, communities: store.communities });
    this.stack = new Stack({
      ...ports,
      verifyServer: (chain, domain) => this.#federation.verifyServer(chain, domain),
      transports: ["udp", "tcp", "tls"],
      identity: { key: identity.key, certificate: identity.certificate },
      onHttp: (stream) => this.#http.emit("connection", stream),
    });
    const authentication = new Authentication({ clock, random, accounts: store.accounts, settings: this.settings });
    this.#location = new LocationService({
      clock,
      table: store.bindings,
      changed: (aor, change) => {
        this.#presence.located(aor, change);
        if (change.kind === "registered") this.#delivery.wake(aor, change.binding.device);
      },
    });
    this.#events = new EventState({ clock, random, store, changed: (aor) => this.#presence.presenceChanged(aor) });
    this.#notifier = this.#makeNotifier();
    this.#documents = new Documents({ random, store, rulesChanged: (aor) => this.#presence.rulesChanged(aor) });
    const documents = this.#documents;
    const shared = { clock, log, store, stack: this.stack, location: this.#location, settings: this.settings };
    this.#presence = new PresenceAgent({ ...shared, events: this.#events, documents, notifier: this.#notifier });
    const branchKey = persistentKey(ports);
    this.#delivery = new MessageDelivery({ ...shared, branchKey });
    this.#relay = new MessageRelay({ ...shared, delivery: this.#delivery, branchKey });
    this.#router = new Router({
      stack: this.stack,
      settings: this.settings,
      accounts: store.accounts,
      authentication,
      registrar: new Registrar(shared),
      location: this.#location,
      notifier: this.#notifier,
      presence: this.#presence,
      events: this.#events,
      relay: this.#relay,
      federation: this.#federation,
      isOwnHost: (host, port) => this.#isOwnHost(host, port),
    });
    this.stack.use({
      request: (transaction) => {
        this.#watch(transaction.flow);
        this.#router.handle(transaction).catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          log.error("A request could not be handled.", { method: transaction.request.method, reason });
        });
      },
    });
  }

  /** Takes up what was stored, then binds the listeners; resolves to what is bound. */
  async start(listeners: readonly Listen[]): Promise<readonly string[]> {
    this.#events.restore();
    this.#location.restore();
    this.#presence.restore();
    this.#notifier.restore();
    const bound: string[] = [];
    for (const { transport, endpoint } of listeners)
      bound.push(formatListening(transport, await this.stack.listen(transport, endpoint)));
    this.#delivery.start();
    this.#closeSilentFlows();
    return bound;
  }

  /** People of the office, and whether a device of theirs is there. */
  people(): readonly { readonly address: string; readonly name?: string; readonly online: boolean }[] {
    return this.#ports.store.accounts.list().map(({ aor, name }) => ({
      address: bareAddress(aor),
      ...(name !== undefined && { name }),
      online: this.#location.of(aor).length > 0,
    }));
  }

  /** Ends what a person has open here: bindings, publications, and subscriptions as watcher and as watched. */
  signOut(aor: string): void {
    for (const { device } of this.#location.of(aor)) this.#location.remove(aor, device);
    this.#events.removeAll(aor);
    this.#documents.forget(aor);
    for (const { id } of this.#notifier.list({ watcher: aor })) this.#notifier.terminate(id, "rejected");
    for (const { id } of this.#notifier.list({ resource: aor })) this.#notifier.terminate(id, "noresource");
  }

  communitiesChanged(): void {
    this.#federation.changed();
  }

  stop(): void {
    this.#silence?.cancel();
    this.#relay.close();
    this.stack.close();
    this.#http.closeAllConnections();
    this.#notifier.close();
    this.#presence.close();
    this.#events.close();
    this.#location.close();
    this.#delivery.close();
  }

  /** RFC 5626 §5.4: what was promised to speak and does not is dead, whatever TCP still believes. */
  #closeSilentFlows(): void {
    const { clock } = this.#ports;
    for (const aor of this.#location.people) {
      for (const { flow, diesWithFlow, params } of this.#location.of(aor)) {
        const open = diesWithFlow && params.includes("reg-id") ? this.stack.transport.flow(flow) : undefined;
        if (open?.lastHeard !== undefined && clock.monotonic() - open.lastHeard > SILENCE) open.close();
      }
    }
    this.#silence = clock.after(SILENCE_ROUND, () => this.#closeSilentFlows());
  }

  #makeNotifier(): Notifier {
    const { clock, random, log, store } = this.#ports;
    return new Notifier({
      clock,
      random,
      log: log.tagged("presence"),
      store: {
        save: (subscription) => store.subscriptions.save(subscription.id, JSON.stringify(subscription)),
        remove: (id) => store.subscriptions.remove(id),
        all: () => store.subscriptions.all().map((json) => JSON.parse(json) as Subscription),
      },
      send: async (request, subscription) => {
        const outcome = await reach(this.stack, request, subscription);
        return outcome.kind === "response" ? outcome.response : undefined;
      },
      contact: (subscription) => this.#contact(subscription),
      render: (subscription) => this.#presence.render(subscription),
      ended: (subscription) => this.#presence.ended(subscription),
    });
  }

  /** Our Contact towards a peer: the address it reached us at, so that its next request finds the way. */
  #contact({ peer, flow, resource }: Pick<Subscription, "peer" | "flow" | "resource">): string {
    const transport = peer.slice(0, peer.indexOf(":")) as TransportName;
    const user = bareAddress(resource).split("@")[0] ?? "";
    const open = this.stack.transport.flow(flow);
    const listener = this.stack.transport.listening.find((one) => one.transport === carrierOf(transport));
    const address = open?.local.address ?? listener?.local.address ?? this.settings.domain;
    const host = address === "0.0.0.0" || address === "::" ? this.settings.domain : address;
    const port = listener?.local.port;
    // URIs know one name for both kinds of WebSocket (RFC 7118 §5.2).
    const named = transport === "wss" ? "ws" : transport;
    return `sip:${user}@${host.includes(":") ? `[${host}]` : host}${port === undefined ? "" : `:${port}`};transport=${named}`;
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

  #isOwnHost(host: string, port: number | undefined): boolean {
    return this.stack.transport.listening.some(({ local }) => {
      if (port !== undefined && port !== local.port) return false;
      if (local.address === host) return true;
      return (local.address === "0.0.0.0" || local.address === "::") && isOwnAddress(host);
    });
  }
}

function isOwnAddress(host: string): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === host));
}

/** A secret that outlives restarts, so that a repeated message leaves under the branch that it had. */
function persistentKey({ store, random }: GatewayPorts): Buffer {
  const kept = store.settings.get("internal.branch-key");
  if (kept !== undefined) return Buffer.from(kept, "hex");
  const made = random.bytes(32);
  store.settings.set("internal.branch-key", made.toString("hex"));
  return made;
}
