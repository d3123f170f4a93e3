/** Whom a URI means: people of ours through all aliases, one device of theirs (RFC 5627), or somebody elsewhere. */
import type { SipUri } from "../sip/message/uri.ts";
import { addressOfRecord } from "../sip/message/uri.ts";
import type { AccountTable, AliasTable } from "../store/store.ts";
import { followAliases } from "./aliases.ts";
import type { Gruus } from "./gruu.ts";
import type { LocationService } from "./location-service.ts";
import type { GatewaySettings } from "./settings.ts";

export interface AddresseeSettings {
  readonly settings: GatewaySettings;
  readonly accounts: AccountTable;
  readonly aliases: AliasTable;
  readonly gruus: Gruus;
  readonly location: LocationService;
  /** Whether a host and port are this gateway's own, however they were written. */
  isOwnHost(host: string, port: number | undefined): boolean;
}

/** The one device that is meant. */
export interface DialledDevice {
  /** Its name among the bindings. */
  readonly name: string;
  readonly kind: "public" | "temporary";
}

export class Addressees {
  readonly #parts: AddresseeSettings;

  constructor(parts: AddresseeSettings) {
    this.#parts = parts;
  }

  /** Whether the URI is of this office: its domains, or an address where it listens. */
  isOwn({ host, port }: SipUri): boolean {
    return this.#parts.settings.isOwnDomain(host) || this.isOwnPlace(host, port);
  }

  /** Whether a host and port, as in Via, are where this office listens. */
  isOwnPlace(host: string, port: number | undefined): boolean {
    return this.#parts.isOwnHost(host.replace(/^\[|\]$/g, ""), port);
  }

  /** The people of ours who are meant and may be reached; empty when there are none. */
  people(uri: SipUri): readonly string[] {
    const { accounts, aliases, gruus } = this.#parts;
    const dialled = this.#dialled(uri);
    const aor = gruus.isGruu(uri) ? gruus.resolve(dialled)?.aor : addressOfRecord(dialled)?.toLowerCase();
    return (aor === undefined ? [] : followAliases(aliases, aor)).filter((one) => {
      const account = accounts.get(one);
      return account !== undefined && !account.disabled;
    });
  }

  /** The device that a GRUU asks for; nothing where any device will do. */
  device(uri: SipUri): DialledDevice | undefined {
    const { gruus, location } = this.#parts;
    const target = gruus.isGruu(uri) ? gruus.resolve(this.#dialled(uri)) : undefined;
    if (!target) return undefined;
    const name = location.ofInstance(target.aor, target.instance)[0]?.device ?? target.instance;
    return { name, kind: target.kind };
  }

  /** Somebody who dials our address instead of our domain means our domain. */
  #dialled(uri: SipUri): SipUri {
    const { settings } = this.#parts;
    return settings.isOwnDomain(uri.host) ? uri : { ...uri, host: settings.domain };
  }
}
