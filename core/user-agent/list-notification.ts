/** What the NOTIFY of a list says of each of its members (RFC 4662 §5), as if each had been asked for alone. */
import { parseMultipart } from "../payload/multipart.ts";
import type { ResourceMeta } from "../payload/rlmi.ts";
import { parseRlmi, RLMI_TYPE } from "../payload/rlmi.ts";
import { canonicalAddress } from "../sip/address.ts";
import type { Retry } from "../sip/event/retry.ts";
import { afterTermination } from "../sip/event/retry.ts";
import type { Notification } from "../sip/event/subscriber.ts";
import { parseContentType, unquote } from "../sip/message/fields.ts";

export interface MemberNews {
  /** `sip:name@domain`. */
  readonly resource: string;
  readonly news: Notification | Retry;
}

/** The news of all members that are told of; none where the body cannot be read. */
export function readListNotification({ contentType, contentParams, body }: Notification): readonly MemberNews[] {
  if (contentType !== "multipart/related") return [];
  const parts = parseMultipart(body, unquote(contentParams?.get("boundary") ?? "")) ?? [];
  const typed = parts.map((part) => ({
    ...part,
    type: parseContentType(part.headers.get("content-type") ?? "")?.type,
  }));
  const root = typed.find(({ type }) => type === RLMI_TYPE);
  const meta = root && parseRlmi(root.body);
  if (!meta?.ok) return [];
  const byId = new Map(typed.map((part) => [part.headers.get("content-id")?.replace(/^<|>$/g, ""), part]));
  return meta.value.resources.flatMap(({ uri, instance }): readonly MemberNews[] => {
    const resource = canonicalAddress(uri);
    if (resource === undefined || !instance) return [];
    return [{ resource, news: newsOf(instance, byId.get(instance.cid)) }];
  });
}

function newsOf(
  { state, reason }: NonNullable<ResourceMeta["instance"]>,
  part: { readonly type: string | undefined; readonly body: Buffer } | undefined,
): Notification | Retry {
  // The list goes on telling of a member that it cannot watch now, so there is nothing to try again.
  if (state === "terminated") return { meaning: afterTermination(reason, undefined).meaning };
  return { state, ...(part?.type !== undefined && { contentType: part.type }), body: part?.body ?? Buffer.alloc(0) };
}
