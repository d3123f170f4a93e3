/** What is alive in the stack and above it, as lines of text for a terminal. */
import type { SubscriptionReport } from "./event/notifier.ts";
import type { SessionReport } from "./session/sessions.ts";
import type { StackReport } from "./stack.ts";
import { formatEndpoint } from "./transport/network.ts";

/** Lines of each kind; what is left out is counted in one more. */
export const MAX_LINES = 50;

export interface Inspected {
  readonly stack: StackReport;
  readonly sessions?: readonly SessionReport[];
  readonly subscriptions?: readonly SubscriptionReport[];
}

/** One line for each listener, flow, transaction, session and subscription, `MAX_LINES` of a kind at the most. */
export function inspectionLines({ stack, sessions = [], subscriptions = [] }: Inspected): readonly string[] {
  const { client, server } = stack.transactions;
  return [
    ...some("listener", stack.listeners, ({ transport, local }) => `${transport} ${formatEndpoint(local)}`),
    ...some("flow", stack.flows, ({ id, remote }) => `${id} ${formatEndpoint(remote)}`),
    `transactions: ${client} client, ${server} server`,
    ...some("transaction", stack.live, ({ side, method, branch, state, age }) =>
      [side, method, branch, state, `${(age / 1_000).toFixed(1)} s`].join(" "),
    ),
    ...some("session", sessions, ({ id, state, isCaller, remote }) =>
      [state, isCaller ? "to" : "from", remote, id].join(" "),
    ),
    ...some("subscription", subscriptions, ({ event, resource, watcher, state, seconds }) =>
      [event, resource, "for", watcher, state, `${seconds} s`].join(" "),
    ),
  ];
}

function some<T>(kind: string, list: readonly T[], write: (one: T) => string): readonly string[] {
  const lines = list.slice(0, MAX_LINES).map((one) => `${kind} ${write(one)}`);
  return list.length > MAX_LINES ? [...lines, `${kind}: ${list.length - MAX_LINES} more`] : lines;
}
