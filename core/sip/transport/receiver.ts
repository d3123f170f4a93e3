/** What comes in: read, checked and given to the layer above. Malformed messages end here, answered where they can be. */
import type { Log } from "../../platform/log.ts";
import { checkRequest, checkResponse } from "../message/check.ts";
import type { SipError } from "../message/error.ts";
import type { Frame } from "../message/frame.ts";
import { limits } from "../message/limits.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { parseMessage } from "../message/parse.ts";
import { isKeepAlive } from "./datagram-flow.ts";
import type { FailedTargets } from "./failed-targets.ts";
import type { Flow } from "./flow.ts";
import { isWebSocket } from "./flow.ts";
import { formatEndpoint } from "./network.ts";
import { withReceived } from "./received.ts";
import type { StreamFlow } from "./stream-flow.ts";
import type { Tap } from "./trace.ts";

/** The layer above. */
export interface TransportUser {
  request(request: SipRequest, flow: Flow): void;
  response(response: SipResponse, flow: Flow): void;
}

export class Receiver {
  readonly #log: Log;
  readonly #tap: Tap | undefined;
  readonly #failures: FailedTargets;
  readonly #refuse: (request: SipRequest, flow: Flow, status: number, reason: string) => void;
  readonly #malformed: (() => void) | undefined;
  user: TransportUser = { request: () => undefined, response: () => undefined };

  constructor(
    log: Log,
    tap: Tap | undefined,
    failures: FailedTargets,
    refuse: (request: SipRequest, flow: Flow, status: number, reason: string) => void,
    malformed?: () => void,
  ) {
    this.#log = log;
    this.#tap = tap;
    this.#failures = failures;
    this.#refuse = refuse;
    this.#malformed = malformed;
  }

  datagram(bytes: Buffer, flow: Flow): void {
    this.#received(bytes, "datagram", flow);
  }

  frame(frame: Extract<Frame, { kind: "message" | "error" }>, flow: StreamFlow): void {
    if (frame.kind === "error") this.#unframed(frame.error, frame.head, flow);
    else this.#received(frame.bytes, isWebSocket(flow.transport) ? "datagram" : "stream", flow);
  }

  #received(bytes: Buffer, framing: "datagram" | "stream", flow: Flow): void {
    if (framing === "datagram" && isKeepAlive(bytes)) return;
    this.#tap?.("in", bytes, flow);
    const parsed = parseMessage(bytes, framing);
    if (!parsed.ok) {
      this.#malformed?.();
      this.#log.debug("A message could not be read.", { code: parsed.error.code, peer: formatEndpoint(flow.remote) });
      const request = parsed.error.request ?? requestIn(bytes);
      if (request) this.#refuseBroken(request, parsed.error, flow);
      return;
    }
    const message = parsed.value;
    if (message.kind === "response") {
      if (!checkResponse(message)) this.#response(message, flow);
      return;
    }
    const fault = checkRequest(message);
    if (fault) {
      this.#malformed?.();
      this.#refuseBroken(message, fault, flow);
    } else this.user.request(withReceived(message, flow), flow);
  }

  #response(response: SipResponse, flow: Flow): void {
    const seconds = response.status === 503 ? Number.parseInt(response.headers.get("retry-after") ?? "", 10) : 0;
    const place = { transport: flow.transport, ...flow.remote };
    if (seconds > 0) this.#failures.busy(place, seconds);
    else this.#failures.works(place);
    this.user.response(response, flow);
  }

  #refuseBroken(request: SipRequest, fault: SipError, flow: Flow): void {
    this.#refuse(request, flow, fault.status ?? 400, fault.message);
  }

  /** After a framing error nothing behind it can be found: answer what can be answered, then close (§18.3). */
  #unframed(error: SipError, head: Buffer | undefined, flow: StreamFlow): void {
    this.#log.info("A stream was closed because it is not framed as SIP.", {
      code: error.code,
      peer: formatEndpoint(flow.remote),
    });
    if (head) this.#tap?.("in", head, flow);
    const request = head && requestIn(head);
    if (request) this.#refuseBroken(request, error, flow);
    flow.finish();
  }
}

/** As much of a request as its answer needs, of the part of its head that may be read; undefined when it is not there. */
function requestIn(bytes: Buffer): SipRequest | undefined {
  const parsed = parseMessage(bytes.subarray(0, limits.headBytes), "datagram");
  const message = parsed.ok ? parsed.value : parsed.error.request;
  return message?.kind === "request" ? message : undefined;
}
