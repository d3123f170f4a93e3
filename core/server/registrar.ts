/** The registrar (RFC 3261 §10.3): all bindings of a REGISTER or none, acknowledged when they are on disk. */
import type { Clock } from "../platform/clock.ts";
import type { NameAddr } from "../sip/message/fields.ts";
import { callId, contacts, cseq, expires, formatParams, optionTags, topVia, unquote } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { isSipUri, parseUri, uriEquals } from "../sip/message/uri.ts";
import type { ServerTransaction } from "../sip/transaction/transaction.ts";
import type { Flow } from "../sip/transport/flow.ts";
import { isWebSocket } from "../sip/transport/flow.ts";
import type { BindingRecord, GatewayStore } from "../store/store.ts";
import type { LocationService } from "./location-service.ts";
import { MAX_BINDINGS } from "./location-service.ts";
import type { GatewaySettings } from "./settings.ts";

/** What a REGISTER comes to: a status with headers. */
export interface RegistrarAnswer {
  readonly status: number;
  readonly reason?: string;
  readonly headers: readonly (readonly [string, string])[];
}

export interface RegistrarSettings {
  readonly clock: Clock;
  readonly store: GatewayStore;
  readonly location: LocationService;
  readonly settings: GatewaySettings;
}

/** Of SIP over UDP, where none is named. */
const DEFAULT_PORT = 5060;
/** Seconds between keep-alives that we ask of devices behind a flow (RFC 5626 §5.3). */
export const FLOW_TIMER = 20;

export class Registrar {
  readonly #settings: RegistrarSettings;

  constructor(settings: RegistrarSettings) {
    this.#settings = settings;
  }

  /** Performs a REGISTER whose sender is proven to be `aor`. */
  async register(transaction: ServerTransaction, aor: string): Promise<RegistrarAnswer> {
    const { request, flow } = transaction;
    const list = contacts(request);
    if (list === "*") return this.#removeAll(request, aor);
    // A Contact that could not be read must not pass for none at all: the phone would believe it is registered.
    if (list.length !== request.headers.values("contact").length) return refuse(400, "Contact cannot be read");
    const now = this.#settings.clock.now();
    const wanted: BindingRecord[] = [];
    for (const contact of list) {
      const binding = this.#bindingOf(contact, request, flow, aor, now);
      if ("status" in binding) return binding;
      wanted.push(binding);
    }
    const left = this.#settings.location.of(aor).filter((old) => !wanted.some(({ device }) => device === old.device));
    const live = wanted.filter(({ expiresAt }) => expiresAt > now);
    if (left.length + live.length > MAX_BINDINGS) return refuse(403, "Too many devices for one address");
    await this.#settings.store.durably(() => {
      for (const binding of wanted) {
        if (binding.expiresAt > now) this.#settings.store.bindings.put(binding);
        else this.#settings.store.bindings.remove(aor, binding.device);
      }
    });
    for (const binding of wanted) {
      if (binding.expiresAt > now) this.#settings.location.put(binding);
      else this.#settings.location.remove(aor, binding.device);
    }
    return this.#current(request, aor, live);
  }

  async #removeAll(request: SipRequest, aor: string): Promise<RegistrarAnswer> {
    if (request.headers.values("contact").length > 1 || expires(request) !== 0)
      return refuse(400, "Contact: * needs Expires: 0 and no other Contact");
    const all = this.#settings.location.of(aor);
    if (all.some((binding) => isOlder(request, binding))) return refuse(400, "CSeq is not newer");
    await this.#settings.store.durably(() => {
      for (const { device } of all) this.#settings.store.bindings.remove(aor, device);
    });
    for (const { device } of all) this.#settings.location.remove(aor, device);
    return this.#current(request, aor, []);
  }

  #bindingOf(
    contact: NameAddr,
    request: SipRequest,
    flow: Flow,
    aor: string,
    now: number,
  ): BindingRecord | RegistrarAnswer {
    const { settings, location } = this.#settings;
    if (!isSipUri(contact.uri)) return refuse(400, "Contact has to be a SIP address");
    const asked = Number(contact.params.get("expires") ?? expires(request) ?? settings.maxExpires);
    const seconds = Math.min(Number.isInteger(asked) && asked >= 0 ? asked : settings.maxExpires, settings.maxExpires);
    if (seconds > 0 && seconds < settings.minExpires)
      return { status: 423, headers: [["Min-Expires", String(settings.minExpires)]] };
    const instance = contact.params.get("+sip.instance");
    const regId = contact.params.get("reg-id");
    const outbound = instance !== undefined && regId !== undefined;
    const known = location
      .of(aor)
      .find((old) => (outbound ? old.device === deviceName(instance, regId) : sameContact(old, contact)));
    if (known && isOlder(request, known)) return refuse(400, "CSeq is not newer");
    const q = Number(contact.params.get("q") ?? "1");
    const device = known?.device ?? (outbound ? deviceName(instance, regId) : contact.uriText);
    const { params } = contact;
    const kept = new Map([...params].filter(([name]) => name !== "expires"));
    return {
      aor,
      device,
      contact: contact.uriText,
      params: formatParams(kept),
      q: q >= 0 && q <= 1 ? q : 1,
      callId: callId(request),
      sequence: cseq(request)?.number ?? 0,
      expiresAt: now + seconds * 1_000,
      path: request.headers.values("path"),
      peer: peerOf(contact, request, flow),
      flow: flow.id,
      diesWithFlow:
        isWebSocket(flow.transport) || (flow.transport !== "udp" && (outbound || isBehindNat(contact, flow))),
      userAgent: request.headers.get("user-agent") ?? "",
    };
  }

  /** The 200 lists every binding with the seconds that it has left (§10.3 step 8). */
  #current(request: SipRequest, aor: string, asked: readonly BindingRecord[]): RegistrarAnswer {
    const now = this.#settings.clock.now();
    const headers: (readonly [string, string])[] = [];
    for (const binding of this.#settings.location.of(aor)) {
      const left = Math.max(Math.ceil((binding.expiresAt - now) / 1_000), 0);
      headers.push(["Contact", `<${binding.contact}>${binding.params};expires=${left}`]);
    }
    for (const path of request.headers.lines("path")) headers.push(["Path", path]);
    const outbound = asked.some(({ diesWithFlow, params }) => diesWithFlow && params.includes("reg-id"));
    if (outbound && optionTags(request, "supported").includes("outbound")) {
      headers.push(["Require", "outbound"], ["Flow-Timer", String(FLOW_TIMER)]);
    }
    headers.push(["Date", new Date(now).toUTCString()]);
    return { status: 200, headers };
  }
}

function deviceName(instance: string, regId: string): string {
  return `${unquote(instance)};${regId}`;
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
