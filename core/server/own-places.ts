/** Where this gateway is, as others write it and as it writes itself into messages. */
import { networkInterfaces } from "node:os";
import { bareAddress } from "../sip/address.ts";
import type { Subscription } from "../sip/event/notifier.ts";
import type { Stack } from "../sip/stack.ts";
import type { Flow, TransportName } from "../sip/transport/flow.ts";
import { carrierOf } from "../sip/transport/flow.ts";
import type { GatewaySettings } from "./settings.ts";

export class OwnPlaces {
  readonly #stack: Pick<Stack, "transport">;
  readonly #settings: GatewaySettings;

  constructor(stack: Pick<Stack, "transport">, settings: GatewaySettings) {
    this.#stack = stack;
    this.#settings = settings;
  }

  /** Whether a host and port are ours, however they were written. */
  isOwnHost(host: string, port: number | undefined): boolean {
    return this.#stack.transport.listening.some(({ local }) => {
      if (port !== undefined && port !== local.port) return false;
      if (local.address === host) return true;
      return (local.address === "0.0.0.0" || local.address === "::") && isOwnAddress(host);
    });
  }

  /** Our Contact towards a peer: the address it reached us at, so that its next request finds the way. */
  contact({ peer, flow, resource }: Pick<Subscription, "peer" | "flow" | "resource">): string {
    const { transport: layer } = this.#stack;
    const transport = peer.slice(0, peer.indexOf(":")) as TransportName;
    const user = bareAddress(resource).split("@")[0] ?? "";
    const open = layer.flow(flow);
    const listener = layer.listening.find((one) => one.transport === carrierOf(transport));
    const address = open?.local.address ?? listener?.local.address ?? this.#settings.domain;
    const host = address === "0.0.0.0" || address === "::" ? this.#settings.domain : address;
    const port = listener?.local.port;
    // URIs know one name for both kinds of WebSocket (RFC 7118 §5.2).
    const named = transport === "wss" ? "ws" : transport;
    return `sip:${user}@${host.includes(":") ? `[${host}]` : host}${port === undefined ? "" : `:${port}`};transport=${named}`;
  }

  /** What devices put before their requests where the office wants to stay on their way (RFC 3608). */
  serviceRoute(flow: Flow): string | undefined {
    if (!this.#settings.wantsServiceRoute) return undefined;
    const uri = this.contact({ peer: `${flow.transport}:`, flow: flow.id, resource: "" });
    return `<${uri.replace("sip:@", "sip:")};lr>`;
  }
}

function isOwnAddress(host: string): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === host));
}
