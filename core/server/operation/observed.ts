/** What the log says of requests, in and out: enough to follow one by its Call-ID, never a body and never a proof. */
import type { Log, LogFields } from "../../platform/log.ts";
import { callId, from, to } from "../../sip/message/fields.ts";
import type { SipRequest, SipResponse } from "../../sip/message/message.ts";
import { addressOfRecord } from "../../sip/message/uri.ts";
import type { Outcome, SentRequest, StackObserver } from "../../sip/stack.ts";
import type { ServerTransaction } from "../../sip/transaction/transaction.ts";
import type { Flow } from "../../sip/transport/flow.ts";
import { formatListening } from "../../sip/transport/flow.ts";

/** A transaction that tells how it is answered in the end. */
export function observed(transaction: ServerTransaction, answered: (response: SipResponse) => void): ServerTransaction {
  const { request, flow } = transaction;
  return {
    request,
    flow,
    respond(response) {
      if (response.status >= 200) answered(response);
      transaction.respond(response);
    },
  };
}

/** Lines at level debug, one when a request comes or goes and one when it ends. */
export class RequestLog implements StackObserver {
  readonly #log: Log;

  /** `log` is tagged by whoever gives it. */
  constructor(log: Log) {
    this.#log = log;
  }

  came(request: SipRequest, flow: Flow): void {
    if (this.#log.hears("debug")) this.#log.debug("A request came in.", factsOf(request, flow));
  }

  answered(request: SipRequest, { status, reason }: SipResponse): void {
    if (this.#log.hears("debug")) this.#log.debug("A request was answered.", { ...nameOf(request), status, reason });
  }

  sent(request: SipRequest, flow: Flow): void {
    if (this.#log.hears("debug")) this.#log.debug("A request was sent.", factsOf(request, flow));
  }

  ended({ method, callId: id }: SentRequest, outcome: Outcome): void {
    if (!this.#log.hears("debug")) return;
    const result = outcome.kind === "response" ? { status: outcome.response.status } : { outcome: outcome.kind };
    this.#log.debug("A request of ours ended.", { method, callId: id, ...result });
  }
}

function nameOf(request: SipRequest): LogFields {
  return { method: request.method, callId: callId(request) };
}

/** Addresses-of-record: URIs as they came could hold a password (RFC 3261 §19.1.1). */
function factsOf(request: SipRequest, flow: Flow): LogFields {
  const [sender, recipient] = [from(request), to(request)];
  return {
    ...nameOf(request),
    from: sender && addressOfRecord(sender.uri),
    to: recipient && addressOfRecord(recipient.uri),
    peer: formatListening(flow.transport, flow.remote),
  };
}
