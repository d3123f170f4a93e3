/**
 * One request on its way to several targets: the response context of RFC 3261 §16.7, groups by q one after another,
 * inside a group all at once. Pure: a driver performs the actions.
 */
import type { SipResponse } from "../message/message.ts";
import { bestResponse, withAllChallenges } from "./best-response.ts";

/** Milliseconds for which an INVITE may ring without news before its branch is given up (timer C, §16.6 step 11). */
export const TIMER_C = 181_000;

export interface BranchState {
  /**
   * `waiting` has not been tried; `unwanted` is to be cancelled as soon as it answers at all (§9.1); `cancelling` was
   * told to stop and has not ended yet.
   */
  readonly name: "waiting" | "trying" | "proceeding" | "unwanted" | "cancelling" | "finished";
}

export interface ForkState {
  readonly isInvite: boolean;
  readonly groups: readonly (readonly number[])[];
  readonly branches: readonly BranchState[];
  /** Final failures so far. */
  readonly failures: readonly SipResponse[];
  /** A final response went upstream; for an INVITE further 2xx still may. */
  readonly answered: boolean;
  /** No more branches are begun: somebody accepted, refused for all, or the caller gave up. */
  readonly closed: boolean;
}

export type ForkEvent =
  | { readonly type: "response"; readonly branch: number; readonly response: SipResponse }
  /** The branch's transaction ended without an answer; `status` stands for it (408 or 503). */
  | { readonly type: "gone"; readonly branch: number; readonly response: SipResponse }
  | { readonly type: "timer-c"; readonly branch: number }
  /** The branch ended in a 3xx that is followed: groups of new branches, whose numbers go on behind the last one. */
  | { readonly type: "redirected"; readonly branch: number; readonly groups: readonly (readonly number[])[] }
  /** The caller's CANCEL. */
  | { readonly type: "cancel" };

export type ForkAction =
  | { readonly type: "begin"; readonly branch: number }
  | { readonly type: "forward"; readonly response: SipResponse }
  | { readonly type: "cancel"; readonly branch: number }
  | { readonly type: "restart-timer-c"; readonly branch: number }
  /** Every branch has ended: the context can be forgotten. */
  | { readonly type: "done" };

type Next = readonly [ForkState, readonly ForkAction[]];

/** Begins with the first group. `groups` hold numbers of branches, most wanted first. */
export function startFork(groups: readonly (readonly number[])[], isInvite: boolean): Next {
  const count = groups.flat().length;
  const state: ForkState = {
    isInvite,
    groups,
    branches: Array.from({ length: count }, () => ({ name: "waiting" })),
    failures: [],
    answered: false,
    closed: false,
  };
  return beginNextGroup(state);
}

export function stepFork(state: ForkState, event: ForkEvent): Next {
  switch (event.type) {
    case "response":
      return event.response.status < 200
        ? onProvisional(state, event.branch, event.response)
        : onFinal(state, event.branch, event.response);
    case "gone":
      return isEnded(state, event.branch) ? [state, []] : onFinal(state, event.branch, event.response);
    case "timer-c":
      return onTimerC(state, event.branch);
    case "redirected":
      return onRedirected(state, event.branch, event.groups);
    case "cancel":
      return cancelAll({ ...state, closed: true });
  }
}

function onProvisional(state: ForkState, branch: number, response: SipResponse): Next {
  if (isEnded(state, branch)) return [state, []];
  const name = state.branches[branch]?.name;
  const actions: ForkAction[] = [];
  // A 100 is only between neighbours; the others go up while no final response has (§16.7 step 5).
  if (response.status > 100 && !state.answered) actions.push({ type: "forward", response });
  if (name === "unwanted") return [mark(state, branch, "cancelling"), [...actions, { type: "cancel", branch }]];
  if (name === "cancelling") return [state, actions];
  if (state.isInvite && response.status > 100) actions.push({ type: "restart-timer-c", branch });
  return [mark(state, branch, "proceeding"), actions];
}

function onFinal(state: ForkState, branch: number, response: SipResponse): Next {
  const family = Math.floor(response.status / 100);
  const ended = mark(state, branch, "finished");
  if (family === 2) {
    const accepted = { ...ended, answered: true, closed: true };
    // Each 2xx of an INVITE is a dialog of its own and goes up; of others only the first does (§16.7 step 5).
    const forward: readonly ForkAction[] = state.isInvite || !state.answered ? [{ type: "forward", response }] : [];
    return append(forward, cancelAll(accepted));
  }
  const failed = { ...ended, failures: [...ended.failures, response] };
  if (family === 6) return settle(cancelAll({ ...failed, closed: true }));
  return settle([failed, []]);
}

/** What is tried instead comes before the next group: the callee itself named it (§16.7 step 4). */
function onRedirected(state: ForkState, branch: number, groups: readonly (readonly number[])[]): Next {
  const added = groups.flat().map((): BranchState => ({ name: "waiting" }));
  const ended = mark(state, branch, "finished");
  return settle([{ ...ended, branches: [...ended.branches, ...added], groups: [...groups, ...ended.groups] }, []]);
}

/** Timer C: a branch that rang is cancelled, one that never answered counts as 408 (§16.8). */
function onTimerC(state: ForkState, branch: number): Next {
  const name = state.branches[branch]?.name;
  if (name === "proceeding") return [mark(state, branch, "cancelling"), [{ type: "cancel", branch }]];
  return [state, []];
}

/** When no branch of this group is open: the next group, or the best failure, or the end. */
function settle([state, actions]: Next): Next {
  const open = state.branches.some(({ name }) => name !== "waiting" && name !== "finished");
  if (open) return [state, actions];
  const waiting = state.branches.some(({ name }) => name === "waiting");
  if (waiting && !state.closed) return append(actions, beginNextGroup(state));
  const best = state.answered ? undefined : bestResponse(candidates(state));
  const response = best && withAllChallenges(best, state.failures);
  const forward: readonly ForkAction[] = response ? [{ type: "forward", response }] : [];
  return [{ ...state, answered: true }, [...actions, ...forward, { type: "done" }]];
}

/** A 408 says nothing to who sent no INVITE: its own timer has said it already (RFC 4320 §4.2). */
function candidates({ isInvite, failures }: ForkState): readonly SipResponse[] {
  return isInvite ? failures : failures.filter(({ status }) => status !== 408);
}

function beginNextGroup(state: ForkState): Next {
  const group = state.groups.find((branches) => branches.some((one) => state.branches[one]?.name === "waiting")) ?? [];
  const next = group.reduce((current, branch) => mark(current, branch, "trying"), state);
  return [next, group.map((branch) => ({ type: "begin", branch }))];
}

/** Stops what still rings. Only an INVITE can be cancelled (§9.1); other requests simply end. */
function cancelAll(state: ForkState): Next {
  const actions: ForkAction[] = [];
  let next = state;
  state.branches.forEach(({ name }, branch) => {
    if (!state.isInvite || (name !== "trying" && name !== "proceeding")) return;
    next = mark(next, branch, name === "trying" ? "unwanted" : "cancelling");
    if (name === "proceeding") actions.push({ type: "cancel", branch });
  });
  return settle([next, actions]);
}

function append(actions: readonly ForkAction[], [state, more]: Next): Next {
  return [state, [...actions, ...more]];
}

function mark(state: ForkState, branch: number, name: BranchState["name"]): ForkState {
  return { ...state, branches: state.branches.map((one, index) => (index === branch ? { name } : one)) };
}

function isEnded(state: ForkState, branch: number): boolean {
  return state.branches[branch]?.name === "finished";
}
