/** Loop detection (RFC 3261 §16.3 step 4, RFC 5393): a branch remembers what the request looked like when it left. Pure. */
import { sha256Hex } from "../../platform/hash.ts";
import { callId, cseq, fromTag, vias } from "../message/fields.ts";
import type { SipRequest } from "../message/message.ts";
import { MAGIC_COOKIE } from "../transaction/key.ts";

/** Hexadecimal digits of a branch that tell one loop from another. */
const DIGITS = 16;

/** What decides where a request goes next: when it comes back with the same, it would go the same way again. */
export function loopMark(request: SipRequest): string {
  const parts = [
    request.uri,
    ...request.headers.lines("route"),
    ...request.headers.lines("proxy-require"),
    callId(request),
    fromTag(request) ?? "",
    String(cseq(request)?.number ?? 0),
  ];
  return sha256Hex(parts.join("\n")).slice(0, DIGITS);
}

/** A branch that carries the mark; `unique` tells this copy from others. */
export function markedBranch(unique: string, mark: string): string {
  return `${MAGIC_COOKIE}${unique}.${mark}`;
}

/** Whether this very request was here before: a Via of ours carries its mark. A spiral has changed and passes. */
export function isLoop(request: SipRequest, isOwnSentBy: (host: string, port: number | undefined) => boolean): boolean {
  const mark = loopMark(request);
  return vias(request).some(({ host, port, branch }) => branch?.endsWith(`.${mark}`) && isOwnSentBy(host, port));
}
