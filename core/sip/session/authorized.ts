/** A request of a session that is sent once more when it is challenged. */
import { cseq } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { Outcome, Sending, SendOptions } from "../stack.ts";
import type { SessionSettings } from "./settings.ts";

export interface AuthorizedResult {
  /** As it finally left. */
  readonly request: SipRequest;
  readonly outcome: Outcome;
}

export interface AuthorizedOptions extends SendOptions {
  /** Each try, for who may give it up. */
  readonly started?: (request: SipRequest, sending: Sending) => void;
}

/** Sends it, and a second time with credentials where it is challenged and there are some (RFC 3261 §22.2). */
export async function sendAuthorized(
  request: SipRequest,
  settings: Pick<SessionSettings, "stack" | "way" | "authorize">,
  accepted: (response: SipResponse) => void,
  { started, ...options }: AuthorizedOptions = {},
): Promise<AuthorizedResult> {
  const { stack, way, authorize } = settings;
  const send = (one: SipRequest): Promise<Outcome> => {
    const sending = stack.start(one, { ...way?.(one), ...options, accepted });
    started?.(one, sending);
    return sending.outcome;
  };
  const outcome = await send(request);
  if (outcome.kind !== "response" || !isChallenge(outcome.response)) return { request, outcome };
  const proven = authorize?.(request, outcome.response);
  if (!proven) return { request, outcome };
  const sequence = `${(cseq(request)?.number ?? 0) + 1} ${request.method}`;
  const again = { ...proven, headers: proven.headers.with("CSeq", sequence) };
  return { request: again, outcome: await send(again) };
}

function isChallenge({ status }: SipResponse): boolean {
  return status === 401 || status === 407;
}
