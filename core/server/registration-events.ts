/** The event package `reg` (RFC 3680): a person's devices, told to that person and to administrators. */
import type { Clock } from "../platform/clock.ts";
import { sha256Hex } from "../platform/hash.ts";
import type { RegisteredContact } from "../payload/reg-info.ts";
import { formatRegInfo, REG_INFO_TYPE } from "../payload/reg-info.ts";
import type { Notifier, NotifyBody, Subscription } from "../sip/event/notifier.ts";
import { parseNameAddr } from "../sip/message/name-addr.ts";
import type { AccountTable, BindingRecord } from "../store/store.ts";
import type { Admission, EventPackage } from "./event-packages.ts";
import type { Gruus } from "./gruu.ts";
import type { BindingChange, EndOfBinding, LocationService } from "./location-service.ts";
import { instanceIn, keyOf } from "./location-service.ts";

export const REGISTRATION = "reg";

const ENDINGS = {
  unregistered: "unregistered",
  expired: "expired",
  "flow-lost": "deactivated",
} as const satisfies Record<EndOfBinding, RegisteredContact["event"]>;

export interface RegistrationEventSettings {
  readonly clock: Clock;
  readonly accounts: AccountTable;
  readonly location: LocationService;
  readonly gruus: Gruus;
  readonly notifier: Notifier;
}

export class RegistrationEvents implements EventPackage {
  readonly #settings: RegistrationEventSettings;
  /** What changed since a subscription was last told, by subscription; one that is not here is told everything. */
  readonly #changes = new Map<string, Map<string, RegisteredContact>>();

  constructor(settings: RegistrationEventSettings) {
    this.#settings = settings;
  }

  /** Where somebody's devices are is nobody else's business, whether they are there or not. */
  admit(_event: string, resource: string, watcher: string): Admission {
    const allowed = resource === watcher || this.#settings.accounts.get(watcher)?.administrator === true;
    return allowed ? { state: "active" } : { status: 403 };
  }

  refreshed({ id }: Subscription): undefined {
    this.#changes.delete(id);
  }

  ended({ id }: Subscription): void {
    this.#changes.delete(id);
  }

  /** The bindings of a person changed. */
  changed(aor: string, change: BindingChange): void {
    const { notifier } = this.#settings;
    const contact = this.#contact(change.binding, change);
    for (const { id } of notifier.list({ resource: aor, event: REGISTRATION })) {
      this.#changes.get(id)?.set(contact.id, contact);
      notifier.notify(id);
    }
  }

  render({ id, resource, dialog }: Subscription): NotifyBody {
    const { location } = this.#settings;
    const bindings = location.of(resource);
    const changes = this.#changes.get(id);
    const partial = changes !== undefined && changes.size > 0;
    const contacts = partial ? [...changes.values()] : bindings.map((binding) => this.#contact(binding));
    this.#changes.set(id, new Map());
    const state = bindings.length > 0 ? "active" : partial ? "terminated" : "init";
    const body = formatRegInfo({
      version: dialog.localSequence,
      state: partial ? "partial" : "full",
      registrations: [{ aor: resource, id: shortName(resource), state, contacts }],
    });
    return { contentType: REG_INFO_TYPE, body };
  }

  #contact(binding: BindingRecord, change?: BindingChange): RegisteredContact {
    const now = this.#settings.clock.now();
    const params = parseNameAddr(`<sip:x>${binding.params}`)?.params ?? new Map<string, string | undefined>();
    const instance = instanceIn(binding.params);
    const ended = change?.kind === "removed" ? change.because : undefined;
    const isFirst = change === undefined || binding.registeredAt === binding.renewedAt;
    return {
      id: shortName(`${binding.aor} ${keyOf(binding)}`),
      state: ended === undefined ? "active" : "terminated",
      event: ended === undefined ? (isFirst ? "registered" : "refreshed") : ENDINGS[ended],
      uri: binding.contact,
      durationRegistered: Math.max(Math.round((now - binding.registeredAt) / 1_000), 0),
      expires: ended === undefined ? Math.max(Math.ceil((binding.expiresAt - now) / 1_000), 0) : 0,
      q: binding.q,
      callId: binding.callId,
      sequence: binding.sequence,
      params: new Map([...params].filter(([name]) => name !== "q").map(([name, value]) => [name, value ?? ""])),
      ...(instance !== undefined && { publicGruu: this.#settings.gruus.publicOf(binding.aor, instance) }),
    };
  }
}

/** Identifiers say nothing of what they stand for. */
function shortName(text: string): string {
  return `r${sha256Hex(text).slice(0, 15)}`;
}
