/** What a notifier refuses before it costs anything (RFC 6665 §7.2.1, §8.2.1): for `StackUser.screen`. Pure. */
import { event } from "../message/fields.ts";
import type { SipRequest } from "../message/message.ts";
import type { StatelessAnswer } from "../transaction/transaction.ts";

/**
 * 489 for a SUBSCRIBE or PUBLISH without a package that is known here, before a transaction is made: there are clients
 * that repeat it thousands of times a second, each time as a new request. Undefined for everything else.
 */
export function eventRefusal(request: SipRequest, packages: readonly string[]): StatelessAnswer | undefined {
  if (request.method !== "SUBSCRIBE" && request.method !== "PUBLISH") return undefined;
  const name = event(request)?.name;
  if (name !== undefined && packages.includes(name)) return undefined;
  return { status: 489, headers: [["Allow-Events", packages.join(", ")]] };
}
