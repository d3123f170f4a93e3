/** Who sent a request: people of ours prove it by digest, people of others by the connection of their own office. */
import { domainOf } from "../sip/address.ts";
import { from, to } from "../sip/message/fields.ts";
import type { SipRequest } from "../sip/message/message.ts";
import { addressOfRecord } from "../sip/message/uri.ts";
import type { Flow } from "../sip/transport/flow.ts";
import type { Authentication } from "./authentication.ts";
import type { Federation } from "./federation/federation.ts";
import type { Refusal } from "./policy/peers.ts";
import type { GatewaySettings } from "./settings.ts";

export interface SenderSettings {
  readonly settings: GatewaySettings;
  readonly authentication: Authentication;
  readonly federation: Federation;
}

/** Whom a request is from, or how it is answered instead. */
export type Sender =
  | { readonly aor: string }
  | {
      readonly status: number;
      readonly reason?: string;
      readonly headers?: readonly (readonly [string, string])[];
    };

export class Senders {
  readonly #parts: SenderSettings;

  constructor(parts: SenderSettings) {
    this.#parts = parts;
  }

  /** `status` is that of a challenge: 401 where the request ends here, 407 where it goes on. */
  prove(request: SipRequest, flow: Flow, field: "from" | "to", status: 401 | 407): Sender {
    const { settings, authentication } = this.#parts;
    const claimed = field === "to" ? to(request) : from(request);
    const aor = claimed && addressOfRecord(claimed.uri)?.toLowerCase();
    if (aor === undefined) return { status: 400, reason: "The sender's address cannot be read" };
    const refusal = this.#strangerRefused(domainOf(aor), flow, field);
    if (refusal) return refusal;
    if (!settings.isOwnDomain(domainOf(aor))) return { aor };
    const credentials = request.headers.lines(status === 401 ? "authorization" : "proxy-authorization");
    const other = request.headers.lines(status === 401 ? "proxy-authorization" : "authorization");
    const verdict = authentication.check({
      method: request.method,
      aor,
      credentials: [...credentials, ...other],
      source: flow.remote.address,
    });
    if (verdict.kind === "proven") return { aor: verdict.aor };
    if (verdict.kind === "refused") {
      const { reason, retryAfter } = verdict;
      return {
        status: verdict.status,
        reason,
        ...(retryAfter !== undefined && { headers: [["Retry-After", String(retryAfter)]] }),
      };
    }
    const name = status === 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
    return { status, headers: verdict.challenges.map((value) => [name, value] as const) };
  }

  /**
   * Why somebody who claims to be of this domain is refused before any digest: foreign people come over the flow of
   * their own office, and nobody comes over that with one of our addresses.
   */
  #strangerRefused(domain: string, flow: Flow, field: "from" | "to"): Refusal | undefined {
    const { settings, federation } = this.#parts;
    if (settings.isExempt(flow.remote.address)) return undefined;
    if (settings.isOwnDomain(domain))
      return federation.isPeer(flow)
        ? { status: 403, reason: `Addresses of ${domain} do not come from outside` }
        : undefined;
    if (field === "to") return { status: 403, reason: `Addresses here end in ${settings.domains.join(" or ")}` };
    return federation.admit(domain, flow);
  }
}
