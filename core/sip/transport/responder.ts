/** Where a response goes (RFC 3261 §18.2.2, RFC 3581). */
import { isIP } from "node:net";
import { sha256Hex } from "../../platform/hash.ts";
import { callId, topVia } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { responseTo } from "../message/message.ts";
import { serialize } from "../message/serialize.ts";
import type { Connector } from "./connector.ts";
import type { Flow } from "./flow.ts";
import { isWebSocket, TransportError } from "./flow.ts";
import type { Listeners } from "./listeners.ts";
import { withReceived } from "./received.ts";

export class Responder {
  readonly #listeners: Listeners;
  readonly #connector: Connector;

  constructor(listeners: Listeners, connector: Connector) {
    this.#listeners = listeners;
    this.#connector = connector;
  }

  /**
   * Sends over the flow that the request came on, else to where Via says; `bytes` are the response's, from who has them
   * already. Rejects with `TransportError`.
   */
  async send(response: SipResponse, flow: Flow, bytes = serialize(response)): Promise<void> {
    const via = topVia(response);
    const asksElsewhere = flow.transport === "udp" && via !== undefined && via.rport === undefined;
    if (flow.open && !asksElsewhere) {
      await flow.send(bytes);
      return;
    }
    const address = (via?.received ?? via?.host ?? "").replace(/^\[|\]$/g, "");
    // Nobody can dial a browser (RFC 7118 §5.3).
    if (isIP(address) === 0 || isWebSocket(flow.transport))
      throw new TransportError("SIP_FLOW_CLOSED", "The connection that the request came on is closed.");
    const port = via?.port ?? (flow.transport === "tls" ? 5061 : 5060);
    const other = asksElsewhere
      ? this.#listeners.datagramFlow({ address, port }, flow.local)
      : await this.#connector.flowTo({ transport: flow.transport, address, port, serverName: address });
    if (!other) throw new TransportError("SIP_NO_SOCKET", "There is no UDP socket to answer from.");
    await other.send(bytes);
  }

  /** Answers a request without any state (RFC 3261 §8.2.7), never an ACK: when it is broken, or there is no room. */
  refuse(request: SipRequest, flow: Flow, status: number, reason: string): void {
    if (request.method === "ACK" || !topVia(request)) return;
    // Without state the tag must come out the same for each repetition.
    const toTag = sha256Hex(`${callId(request)} ${topVia(request)?.branch ?? ""}`).slice(0, 16);
    const response = responseTo(withReceived(request, flow), status, { reason, toTag });
    void this.send(response, flow).catch(() => undefined);
  }
}
