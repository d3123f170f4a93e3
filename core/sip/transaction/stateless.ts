/** Answers that leave no state behind (RFC 3261 §8.2.7). */
import { sha256Hex } from "../../platform/hash.ts";
import { callId, topVia } from "../message/fields.ts";
import type { SipRequest } from "../message/message.ts";
import { responseTo } from "../message/message.ts";
import type { Flow } from "../transport/flow.ts";
import type { TransportLayer } from "../transport/transport.ts";

/** A final answer: a challenge, a refusal, too much load. */
export interface StatelessAnswer {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: Iterable<readonly [string, string]>;
}

/** Sends it once. A repeated request is judged anew, so its tag has to come out the same. */
export function answerStatelessly(
  transport: TransportLayer,
  request: SipRequest,
  flow: Flow,
  { status, ...options }: StatelessAnswer,
): void {
  const toTag = sha256Hex(`${callId(request)} ${topVia(request)?.branch ?? ""}`).slice(0, 16);
  void transport.sendResponse(responseTo(request, status, { ...options, toTag }), flow).catch(() => undefined);
}
