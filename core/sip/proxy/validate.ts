/** What a proxy refuses before it forwards anything: RFC 3261 §16.3. Pure. */
import type { SipError } from "../message/error.ts";
import { maxForwards, optionTags } from "../message/fields.ts";
import type { SipRequest } from "../message/message.ts";
import { parseUri } from "../message/uri.ts";
import { isLoop } from "./loop.ts";

export interface ValidateSettings {
  /** Schemes of Request-URIs that can be forwarded, in small letters. */
  readonly schemes: readonly string[];
  /** Option tags of Proxy-Require that this proxy knows. */
  readonly extensions: readonly string[];
  isOwnSentBy(host: string, port: number | undefined): boolean;
}

/** Why the request is not forwarded, with the status to answer, and what Unsupported has to list. */
export interface Refusal extends SipError {
  readonly status: number;
  readonly unsupported?: readonly string[];
}

/** The checks of §16.3 in their order; undefined when the request may go on. */
export function proxyRefusal(request: SipRequest, settings: ValidateSettings): Refusal | undefined {
  const uri = parseUri(request.uri);
  if (!uri.ok) return refuse("SIP_BAD_URI", 400, "The Request-URI cannot be read");
  if (!settings.schemes.includes(uri.value.scheme)) return refuse("SIP_UNKNOWN_SCHEME", 416, "Unsupported URI Scheme");
  if (maxForwards(request) === 0) return refuse("SIP_TOO_MANY_HOPS", 483, "Too Many Hops");
  if (isLoop(request, settings.isOwnSentBy)) return refuse("SIP_LOOP", 482, "Loop Detected");
  const unsupported = optionTags(request, "proxy-require").filter((tag) => !settings.extensions.includes(tag));
  if (unsupported.length > 0) return { ...refuse("SIP_BAD_EXTENSION", 420, "Bad Extension"), unsupported };
  return undefined;
}

function refuse(code: string, status: number, message: string): Refusal {
  return { code, status, message };
}
