/** Whether a parsed message makes sense (RFC 3261 §8.1.1, §8.2, §16.3; cases of RFC 4475). */
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import { contacts, cseq, from, maxForwards, recordRoutes, routes, to, vias } from "./fields.ts";
import { limits } from "./limits.ts";
import type { SipMessage, SipRequest, SipResponse } from "./message.ts";
import { isSipUri, parseUri } from "./uri.ts";

/** What is wrong with a request, with the status to refuse it. Unknown URI schemes are not: they are the user's 416. */
export function checkRequest(request: SipRequest): SipError | undefined {
  return (
    checkRequestUri(request.uri) ??
    checkEssentials(request) ??
    checkMethod(request) ??
    checkMaxForwards(request) ??
    checkAddresses(request)
  );
}

/** What is wrong with a response; the caller drops such a one silently. */
export function checkResponse(response: SipResponse): SipError | undefined {
  return checkEssentials(response) ?? checkAddresses(response);
}

/** The methods that are registered: another one is implemented by nobody here. */
// oxfmt-ignore
const METHODS = new Set([
  "ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER",
  "SUBSCRIBE", "UPDATE",
]);

/** RFC 4475 §3.1.2.18 prefers that an unknown method is called so even where CSeq says something else. */
function checkMethod({ method, headers }: SipRequest): SipError | undefined {
  if (cseq({ headers })?.method === method) return undefined;
  return METHODS.has(method)
    ? sipError("SIP_CSEQ_METHOD", "CSeq Method Does Not Match", 400)
    : sipError("SIP_UNKNOWN_METHOD", "Not Implemented", 501);
}

/** RFC 3261 §19.1.1, table 1: a Request-URI carries no headers. */
function checkRequestUri(text: string): SipError | undefined {
  const uri = parseUri(text);
  if (uri.ok && !(isSipUri(uri.value) && uri.value.headers !== undefined)) return undefined;
  return sipError("SIP_BAD_REQUEST_URI", "Malformed Request-URI", 400);
}

/** From, To, Call-ID and CSeq once, Via at least once, all well-formed. */
function checkEssentials(message: SipMessage): SipError | undefined {
  const { headers } = message;
  if (!headers.has("via")) return sipError("SIP_NO_VIA", "Missing Via", 400);
  const fault = checkOne(message, "from", "From") ?? checkOne(message, "to", "To");
  if (fault) return fault;
  const rest = checkOne(message, "call-id", "Call-ID") ?? checkOne(message, "cseq", "CSeq");
  if (rest) return rest;
  const count = headers.values("via").length;
  if (count > limits.viaCount) return sipError("SIP_TOO_MANY_VIAS", "Too Many Vias", 483);
  const list = vias(message);
  if (count === 0 || list.length !== count || list[0]?.protocol !== "SIP/2.0")
    return sipError("SIP_BAD_VIA", "Malformed Via", 400);
  if (!from(message)) return sipError("SIP_BAD_FROM", "Malformed From", 400);
  if (!to(message)) return sipError("SIP_BAD_TO", "Malformed To", 400);
  if (!/^[!-~\x80-\xff]+$/.test(headers.get("call-id") ?? ""))
    return sipError("SIP_BAD_CALL_ID", "Malformed Call-ID", 400);
  return cseq(message) ? undefined : sipError("SIP_BAD_CSEQ", "Malformed CSeq", 400);
}

function checkOne(message: SipMessage, id: string, name: string): SipError | undefined {
  const count = message.headers.count(id);
  const code = id.toUpperCase().replace("-", "_");
  if (count === 0) return sipError(`SIP_NO_${code}`, `Missing ${name}`, 400);
  return count === 1 ? undefined : sipError(`SIP_REPEATED_${code}`, `More Than One ${name}`, 400);
}

function checkMaxForwards(request: SipRequest): SipError | undefined {
  const count = request.headers.count("max-forwards");
  if (count > 1) return sipError("SIP_REPEATED_MAX_FORWARDS", "More Than One Max-Forwards", 400);
  if (count === 0 || maxForwards(request) !== undefined) return undefined;
  return sipError("SIP_BAD_MAX_FORWARDS", "Malformed Max-Forwards", 400);
}

function checkAddresses(message: SipMessage): SipError | undefined {
  const { headers } = message;
  const contact = contacts(message);
  if (contact !== "*" && contact.length !== headers.values("contact").length)
    return sipError("SIP_BAD_CONTACT", "Malformed Contact", 400);
  if (routes(message).length !== headers.values("route").length)
    return sipError("SIP_BAD_ROUTE", "Malformed Route", 400);
  if (recordRoutes(message).length !== headers.values("record-route").length)
    return sipError("SIP_BAD_RECORD_ROUTE", "Malformed Record-Route", 400);
  return undefined;
}
