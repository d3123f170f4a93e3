/**
 * Max-Breadth (RFC 5393 §5): how many branches a request may have at once, all proxies taken together. Without it a few
 * forwarding rules make one request into thousands. Pure.
 */
import { parseNumber } from "../message/text.ts";
import type { SipRequest } from "../message/message.ts";

/** What a request without the header has (§5.3.3). */
export const DEFAULT_BREADTH = 60;

/** How many branches at once the request allows for; a value that cannot be read allows for one. */
export function breadthOf(request: SipRequest): number {
  const text = request.headers.get("max-breadth");
  return text === undefined ? DEFAULT_BREADTH : Math.min(parseNumber(text, Number.MAX_VALUE) ?? 1, DEFAULT_BREADTH);
}

/** Cuts groups that are broader than allowed, so that the rest waits for its turn (§5.3.3.1). */
export function narrowGroups(groups: readonly (readonly number[])[], breadth: number): readonly (readonly number[])[] {
  return groups.flatMap((group) => {
    const parts: (readonly number[])[] = [];
    for (let start = 0; start < group.length; start += breadth) parts.push(group.slice(start, start + breadth));
    return parts;
  });
}

/** The share of each branch of its group: together they have no more than the request had. */
export function shareOf(groups: readonly (readonly number[])[], branch: number, breadth: number): number {
  const group = groups.find((one) => one.includes(branch)) ?? [branch];
  const rest = breadth % group.length;
  return Math.floor(breadth / group.length) + (group.indexOf(branch) < rest ? 1 : 0);
}
