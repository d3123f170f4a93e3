/** How messages find their transaction: RFC 3261 §17.1.3 and §17.2.3. */
import { callId, cseq, fromTag, toTag, topVia } from "../message/fields.ts";
import type { SipMessage, SipRequest } from "../message/message.ts";

/** Every branch made by RFC 3261 begins so; what follows must say something too. */
export const MAGIC_COOKIE = "z9hG4bK";

/** The client transaction that a response belongs to; also the key under which its request was sent. */
export function clientKey(message: SipMessage): string {
  const method = message.kind === "request" ? message.method : (cseq(message)?.method ?? "");
  return `${topVia(message)?.branch ?? ""}|${method}`;
}

/**
 * The server transaction that a request belongs to; an ACK has the key of its INVITE. A repetition keeps its CSeq, so
 * comparing it too costs nothing, and spares peers that use a branch twice the answer to their earlier request.
 */
export function serverKey(request: SipRequest): string {
  const method = request.method === "ACK" ? "INVITE" : request.method;
  const branch = topVia(request)?.branch ?? "";
  if (branch.startsWith(MAGIC_COOKIE) && branch.length > MAGIC_COOKIE.length)
    return `${branch}|${sentBy(request)}|${cseq(request)?.number ?? 0} ${method}`;
  return oldKey(request, method);
}

/** The INVITE that a CANCEL wants to end (§9.2). */
export function cancelledKey(cancel: SipRequest): string {
  return serverKey({ ...cancel, method: "INVITE" });
}

/** What a request that came by a second path has in common with the first (§8.2.2.2). */
export function mergedKey(request: SipRequest): string {
  return [fromTag(request) ?? "", callId(request), cseq(request)?.number ?? 0, request.method].join("|");
}

function sentBy(request: SipRequest): string {
  const via = topVia(request);
  return `${via?.host.toLowerCase() ?? ""}:${via?.port ?? ""}`;
}

/** Without a branch of RFC 3261, the fields that RFC 2543 compared. An INVITE's To tag is left out: its ACK has one. */
function oldKey(request: SipRequest, method: string): string {
  const branch = topVia(request)?.branch ?? "";
  const sequence = cseq(request)?.number ?? 0;
  const tag = method === "INVITE" ? "" : (toTag(request) ?? "");
  const tags = [fromTag(request) ?? "", tag];
  return [branch, request.uri, ...tags, callId(request), sequence, sentBy(request), method].join("|");
}
