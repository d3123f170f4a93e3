/** The registrar (RFC 3261 §10.3): all bindings of a REGISTER or none, acknowledged when they are on disk. */
import type { Clock } from "../platform/clock.ts";
import { domainOf } from "../sip/address.ts";
import type { NameAddr } from "../sip/message/fields.ts";
import {
  callId,
  contacts,
  cseq,
  expires,
  formatParams,
  optionTags,
  topVia,
  unquote,
  vias,
} from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { parseNameAddr } from "../sip/message/name-addr.ts";
import { isSipUri, parseUri, uriEquals } from "../sip/message/uri.ts";
import type { ServerTransaction } from "../sip/transaction/transaction.ts";
import type { Flow } from "../sip/transport/flow.ts";
import { isWebSocket } from "../sip/transport/flow.ts";
import type { BindingRecord, GatewayStore } from "../store/store.ts";
import type { Gruus } from "./gruu.ts";
import type { LocationService } from "./location-service.ts";
import { instanceIn, keyOf, MAX_BINDINGS } from "./location-service.ts";
import type { GatewaySettings } from "./settings.ts";

type HeaderPair = readonly [string, string];

/** What a REGISTER comes to: a status with headers. */
export interface RegistrarAnswer {
  readonly status: number;
  readonly reason?: string;
  readonly headers: readonly HeaderPair[];
}

export interface RegistrarSettings {
  readonly clock: Clock;
  readonly store: GatewayStore;
  readonly location: LocationService;
  readonly settings: GatewaySettings;
  readonly gruus: Gruus;
  /** The route by which a device is to send what it has to say (RFC 3608); nothing where any way will do. */
  serviceRoute(flow: Flow): string | undefined;
}

/** Of SIP over UDP, where none is named. */
const DEFAULT_PORT = 5060;
/** Seconds between keep-alives that we ask of devices behind a flow (RFC 5626 §5.3). */
export const FLOW_TIMER = 20;
/** Contact parameters that are ours to give, or that speak of the request alone. */
const NOT_KEPT: ReadonlySet<string> = new Set(["expires", "pub-gruu", "temp-gruu"]);

/** What a REGISTER says besides its Contacts. */
interface Registration {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly aor: string;
  readonly now: number;
  /** Whether reg-id counts: the first hop keeps the flow (RFC 5626 §6). */
  readonly outbound: boolean;
}

export class Registrar {
  readonly #settings: RegistrarSettings;

  constructor(settings: RegistrarSettings) {
    this.#settings = settings;
  }

  /** Performs a REGISTER whose sender is proven to be `aor`. */
  async register(transaction: ServerTransaction, aor: string): Promise<RegistrarAnswer> {
    const { request, flow } = transaction;
    if (!this.#settings.settings.isOwnDomain(domainOf(aor)))
      return refuse(404, "This office does not know that address");
    // A proxy on the way recorded itself in a Path of which the device knows nothing (RFC 3327 §5.3).
    if (request.headers.has("path") && !supports(request, "path"))
      return { status: 420, headers: [["Unsupported", "path"]] };
    const list = contacts(request);
    if (list === "*") return this.#removeAll(request, flow, aor);
    // A Contact that could not be read must not pass for none at all: the phone would believe it is registered.
    if (list.length !== request.headers.values("contact").length) return refuse(400, "Contact cannot be read");
    const outbound = firstHopKeepsFlow(request);
    if (!outbound && supports(request, "outbound") && list.some(({ params }) => params.has("reg-id")))
      return refuse(439, "First Hop Lacks Outbound Support");
    const now = this.#settings.clock.now();
    const wanted: BindingRecord[] = [];
    for (const contact of list) {
      const binding = this.#bindingOf(contact, { request, flow, aor, now, outbound });
      if ("status" in binding) return binding;
      wanted.push(binding);
    }
    const live = wanted.filter(({ expiresAt }) => expiresAt > now);
    // A flow belongs to one device, so a request that registers one registers nothing else (RFC 5626 §6).
    if (live.length > 1 && live.some(({ regId }) => regId > 0)) return refuse(400, "One flow at a time");
    const named = new Set(wanted.map(keyOf));
    const left = this.#settings.location.of(aor).filter((old) => !named.has(keyOf(old)));
    if (left.length + live.length > MAX_BINDINGS) return refuse(403, "Too many devices for one address");
    await this.#perform(wanted, now);
    return this.#current(request, flow, aor, live);
  }

  async #perform(wanted: readonly BindingRecord[], now: number): Promise<void> {
    const { store, location, gruus } = this.#settings;
    await store.durably(() => {
      for (const binding of wanted) {
        const { aor, device, regId, callId: session, expiresAt, params } = binding;
        const instance = instanceIn(params);
        if (expiresAt <= now) store.bindings.remove(aor, device, regId);
        else {
          store.bindings.put(binding);
          if (instance !== undefined) gruus.registered(aor, instance, session);
        }
      }
    });
    for (const binding of wanted) {
      if (binding.expiresAt > now) location.put(binding);
      else location.remove(binding);
    }
  }

  async #removeAll(request: SipRequest, flow: Flow, aor: string): Promise<RegistrarAnswer> {
    if (request.headers.values("contact").length > 1 || expires(request) !== 0)
      return refuse(400, "Contact: * needs Expires: 0 and no other Contact");
    const all = this.#settings.location.of(aor);
    if (all.some((binding) => isOlder(request, binding))) return refuse(400, "CSeq is not newer");
    await this.#settings.store.durably(() => {
      for (const { device, regId } of all) this.#settings.store.bindings.remove(aor, device, regId);
    });
    for (const binding of all) this.#settings.location.remove(binding);
    return this.#current(request, flow, aor, []);
  }

  #bindingOf(contact: NameAddr, registration: Registration): BindingRecord | RegistrarAnswer {
    const { request, flow, aor, now } = registration;
    const { settings, location } = this.#settings;
    if (!isSipUri(contact.uri)) return refuse(400, "Contact has to be a SIP address");
    const asked = Number(contact.params.get("expires") ?? expires(request) ?? settings.maxExpires);
    const seconds = Math.min(Number.isInteger(asked) && asked >= 0 ? asked : settings.maxExpires, settings.maxExpires);
    if (seconds > 0 && seconds < settings.minExpires)
      return { status: 423, headers: [["Min-Expires", String(settings.minExpires)]] };
    const { params } = contact;
    const instance = unquoted(params.get("+sip.instance"));
    const regId = registration.outbound && instance !== undefined ? regIdOf(params.get("reg-id")) : 0;
    const known = location
      .of(aor)
      .find((old) =>
        regId > 0 ? old.device === instance && old.regId === regId : old.regId === 0 && sameContact(old, contact),
      );
    if (known && isOlder(request, known)) return refuse(400, "CSeq is not newer");
    const q = Number(params.get("q") ?? "1");
    const path = request.headers.values("path");
    // Behind a proxy the flow is the proxy's: only it knows whether the device is still there.
    const keepsFlow = path.length === 0 && (regId > 0 || isBehindNat(contact, flow));
    return {
      aor,
      device: known?.device ?? (regId > 0 && instance !== undefined ? instance : contact.uriText),
      regId,
      contact: contact.uriText,
      params: formatParams(new Map([...params].filter(([name]) => !NOT_KEPT.has(name)))),
      q: q >= 0 && q <= 1 ? q : 1,
      callId: callId(request),
      sequence: cseq(request)?.number ?? 0,
      registeredAt: known?.registeredAt ?? now,
      renewedAt: now,
      expiresAt: now + seconds * 1_000,
      path,
      peer: peerOf(contact, request, flow),
      flow: flow.id,
      diesWithFlow: isWebSocket(flow.transport) || (flow.transport !== "udp" && keepsFlow),
      userAgent: request.headers.get("user-agent") ?? "",
    };
  }

  /** The 200 lists every binding with the seconds that it has left (§10.3 step 8). */
  #current(request: SipRequest, flow: Flow, aor: string, asked: readonly BindingRecord[]): RegistrarAnswer {
    const now = this.#settings.clock.now();
    const headers: HeaderPair[] = [];
    for (const binding of this.#settings.location.of(aor)) {
      const left = Math.max(Math.ceil((binding.expiresAt - now) / 1_000), 0);
      const gruus = supports(request, "gruu") ? this.#gruuParams(binding) : "";
      headers.push(["Contact", `<${binding.contact}>${binding.params}${gruus};expires=${left}`]);
    }
    for (const path of request.headers.lines("path")) headers.push(["Path", path]);
    const serviceRoute = this.#settings.serviceRoute(flow);
    if (serviceRoute !== undefined) headers.push(["Service-Route", serviceRoute]);
    if (asked.some(({ regId }) => regId > 0) && supports(request, "outbound")) {
      headers.push(["Require", "outbound"]);
      // Only whoever is at the other end of the flow can keep it alive with us.
      if (asked.some(({ diesWithFlow }) => diesWithFlow)) headers.push(["Flow-Timer", String(FLOW_TIMER)]);
    }
    headers.push(["Date", new Date(now).toUTCString()]);
    return { status: 200, headers };
  }

  /** RFC 5627 §5.2. */
  #gruuParams({ aor, params }: BindingRecord): string {
    const { gruus } = this.#settings;
    const instance = instanceIn(params);
    if (instance === undefined) return "";
    const temporary = gruus.temporaryOf(aor, instance);
    return `;pub-gruu="${gruus.publicOf(aor, instance)}"${temporary === undefined ? "" : `;temp-gruu="${temporary}"`}`;
  }
}

function unquoted(value: string | undefined): string | undefined {
  const text = value === undefined ? "" : unquote(value);
  return text === "" ? undefined : text;
}

function supports(request: SipRequest, tag: string): boolean {
  return optionTags(request, "supported").includes(tag);
}

/** Whether the first hop, which is us or the proxy that wrote the lowest Path, keeps the device's flow (RFC 5626 §6). */
function firstHopKeepsFlow(request: SipRequest): boolean {
  if (vias(request).length < 2) return true;
  const first = request.headers.values("path").map(parseNameAddr).at(-1);
  return first !== undefined && isSipUri(first.uri) && first.uri.params.has("ob");
}

/** From 1 to 2^31 - 1 (RFC 5626 §4.2); anything else is passed over. */
function regIdOf(text: string | undefined): number {
  return text !== undefined && /^[1-9]\d{0,9}$/.test(text) && Number(text) < 2 ** 31 ? Number(text) : 0;
}

/** A refresh may come with the same Contact written another way (RFC 3261 §19.1.4). */
function sameContact(old: BindingRecord, contact: NameAddr): boolean {
  if (old.contact === contact.uriText) return true;
  const parsed = parseUri(old.contact);
  return parsed.ok && uriEquals(parsed.value, contact.uri);
}

/** An out-of-date REGISTER of the same session (§10.3 step 7). */
function isOlder(request: SipRequest, binding: BindingRecord): boolean {
  return callId(request) === binding.callId && (cseq(request)?.number ?? 0) <= binding.sequence;
}

/** Nobody can dial a Contact that names another address than the one the stream came from. */
function isBehindNat(contact: NameAddr, flow: Flow): boolean {
  if (!isSipUri(contact.uri)) return false;
  return contact.uri.host.replace(/^\[|\]$/g, "") !== flow.remote.address || contact.uri.port === flow.remote.port;
}

/**
 * Where the device is reached: over UDP at the port that its Contact names, as long as nothing on the way translates
 * addresses; else where it spoke from.
 */
function peerOf(contact: NameAddr, request: SipRequest, { transport, remote }: Flow): string {
  const via = topVia(request);
  const translated = via?.host !== remote.address || (via.port ?? DEFAULT_PORT) !== remote.port;
  const direct = transport === "udp" && !translated && isSipUri(contact.uri) && contact.uri.host === remote.address;
  return `${transport}:${remote.address}:${direct ? (contact.uri.port ?? DEFAULT_PORT) : remote.port}`;
}

function refuse(status: number, reason: string): RegistrarAnswer {
  return { status, reason, headers: [] };
}
