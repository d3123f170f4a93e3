/**
 * The stateless proxy (RFC 3261 §16.11). The trick of this file: the branch of what leaves is a keyed hash of the branch
 * that came in, so a repetition, a CANCEL and the ACK of a failure get the same; and because the response brings both
 * branches back, it can be told whether the connection that is named in ours was really named by us.
 */
import { keyedHash } from "../../platform/hash.ts";
import { callId, cseq, fromTag, toTag, topVia, vias } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { MAGIC_COOKIE } from "../transaction/key.ts";
import type { Flow } from "../transport/flow.ts";
import { isReliable } from "../transport/flow.ts";

/** Hexadecimal digits of a branch. */
const DIGITS = 32;

/** The branch for a request that came by a flow. */
export function statelessBranch(key: Buffer, request: SipRequest, flow: Flow): string {
  const branch = topVia(request)?.branch ?? "";
  const name = branch.startsWith(MAGIC_COOKIE) ? branch : oldName(request);
  return branchOf(key, name, isReliable(flow) ? flow.id : "");
}

/**
 * By which flow the request came whose response this is: the name of a connection, empty where there is none, undefined
 * where our Via is not as we wrote it.
 */
export function returnFlow(key: Buffer, response: SipResponse): string | undefined {
  const [own, before] = vias(response);
  const [, ...rest] = own?.branch?.slice(MAGIC_COOKIE.length).split(".") ?? [];
  const flow = rest.join(".");
  // Of a sender of RFC 2543 nothing can be told, so no connection is believed.
  if (!before?.branch?.startsWith(MAGIC_COOKIE)) return "";
  return branchOf(key, before.branch, flow) === own?.branch ? flow : undefined;
}

function branchOf(key: Buffer, name: string, flow: string): string {
  return `${MAGIC_COOKIE}${keyedHash(key, `${name}\n${flow}`).slice(0, DIGITS)}.${flow}`;
}

/** Without a branch of RFC 3261: what repetitions and the CANCEL have in common. */
function oldName(request: SipRequest): string {
  const via = request.headers.values("via")[0] ?? "";
  const tags = [fromTag(request) ?? "", request.method === "ACK" ? "" : (toTag(request) ?? "")];
  return [via, ...tags, callId(request), String(cseq(request)?.number ?? 0), request.uri].join("|");
}
