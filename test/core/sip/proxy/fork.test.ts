import { describe, expect, test } from "vitest";
import { request, responseTo } from "../../../../core/sip/message/message.ts";
import type { SipResponse } from "../../../../core/sip/message/message.ts";
import { bestResponse } from "../../../../core/sip/proxy/best-response.ts";
import type { ForkAction, ForkEvent, ForkState } from "../../../../core/sip/proxy/fork.ts";
import { startFork, stepFork } from "../../../../core/sip/proxy/fork.ts";

const invite = request("INVITE", "sip:bob@acme.example", [["CSeq", "1 INVITE"]]);
const answer = (status: number): SipResponse => responseTo(invite, status);

/** Runs a fork through events; what it does is written as short words. */
class Run {
  state: ForkState;
  readonly did: string[];

  constructor(groups: readonly (readonly number[])[], isInvite = true) {
    const [state, actions] = startFork(groups, isInvite);
    this.state = state;
    this.did = actions.map(word);
  }

  take(event: ForkEvent): string[] {
    const [state, actions] = stepFork(this.state, event);
    this.state = state;
    return actions.map(word);
  }

  response(branch: number, status: number): string[] {
    return this.take({ type: "response", branch, response: answer(status) });
  }
}

function word(action: ForkAction): string {
  if (action.type === "forward") return `forward ${action.response.status}`;
  return "branch" in action ? `${action.type} ${action.branch}` : action.type;
}

describe("parallel targets", () => {
  test("are begun together, the first 2xx goes up and the others are cancelled", () => {
    const run = new Run([[0, 1]]);
    expect(run.did).toEqual(["begin 0", "begin 1"]);
    expect(run.response(1, 180)).toEqual(["forward 180", "restart-timer-c 1"]);
    expect(run.response(0, 180)).toEqual(["forward 180", "restart-timer-c 0"]);
    expect(run.response(0, 200)).toEqual(["forward 200", "cancel 1"]);
    expect(run.response(1, 487)).toEqual(["done"]);
  });

  test("a second 2xx of an INVITE goes up too: it is a dialog of its own", () => {
    const run = new Run([[0, 1]]);
    run.response(0, 180);
    run.response(1, 180);
    run.response(0, 200);
    expect(run.response(1, 200)).toEqual(["forward 200", "done"]);
  });

  test("of other requests one final response goes up, and nothing is cancelled", () => {
    const run = new Run([[0, 1]], false);
    expect(run.response(0, 200)).toEqual(["forward 200"]);
    expect(run.response(1, 200)).toEqual(["done"]);
  });

  test("a 100 stays between neighbours", () => {
    expect(new Run([[0]]).response(0, 100)).toEqual([]);
  });

  test("a branch that has not answered yet is cancelled when it does", () => {
    const run = new Run([[0, 1]]);
    run.response(0, 180);
    expect(run.response(0, 200)).toEqual(["forward 200"]);
    expect(run.response(1, 100)).toEqual(["cancel 1"]);
    expect(run.response(1, 487)).toEqual(["done"]);
  });

  test("all fail: the best goes up when the last has ended", () => {
    const run = new Run([[0, 1]]);
    expect(run.response(0, 486)).toEqual([]);
    expect(run.response(1, 407)).toEqual(["forward 407", "done"]);
  });

  test("a 6xx ends the search, but only when the others have ended", () => {
    const run = new Run([[0, 1], [2]]);
    run.response(1, 180);
    expect(run.response(0, 603)).toEqual(["cancel 1"]);
    expect(run.response(1, 487)).toEqual(["forward 603", "done"]);
  });
});

describe("targets one after another", () => {
  test("the next group begins when the one before has failed", () => {
    const run = new Run([[0], [1]]);
    expect(run.did).toEqual(["begin 0"]);
    expect(run.response(0, 486)).toEqual(["begin 1"]);
    expect(run.response(1, 200)).toEqual(["forward 200", "done"]);
  });

  test("timer C cancels what rings for too long, and the search goes on", () => {
    const run = new Run([[0], [1]]);
    run.response(0, 180);
    expect(run.take({ type: "timer-c", branch: 0 })).toEqual(["cancel 0"]);
    expect(run.response(0, 487)).toEqual(["begin 1"]);
  });

  test("a branch without an answer counts as what stands for it", () => {
    const run = new Run([[0], [1]]);
    expect(run.take({ type: "gone", branch: 0, response: answer(408) })).toEqual(["begin 1"]);
    expect(run.take({ type: "gone", branch: 1, response: answer(503) })).toEqual(["forward 408", "done"]);
  });
});

describe("a caller who gives up", () => {
  test("cancels what rings and begins nothing more; the 487 goes up", () => {
    const run = new Run([[0], [1]]);
    run.response(0, 180);
    expect(run.take({ type: "cancel" })).toEqual(["cancel 0"]);
    expect(run.response(0, 487)).toEqual(["forward 487", "done"]);
  });

  test("a 2xx that was on its way still goes up", () => {
    const run = new Run([[0]]);
    run.response(0, 180);
    run.take({ type: "cancel" });
    expect(run.response(0, 200)).toEqual(["forward 200", "done"]);
  });
});

describe("the best of several failures (RFC 3261 §16.7 step 6)", () => {
  test.each([
    [[486, 404], 486],
    [[404, 603], 603],
    [[503, 486], 486],
    [[302, 486], 302],
    [[486, 401], 401],
    [[500, 408], 408],
    [[503], 503],
  ])("of %j is %i", (statuses, best) => {
    expect(bestResponse(statuses.map(answer))?.status).toBe(best);
  });

  test("of none is none", () => {
    expect(bestResponse([])).toBeUndefined();
  });
});
