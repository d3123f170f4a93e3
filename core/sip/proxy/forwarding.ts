/** One request that a stateful proxy has taken on: its branches over the stack, and the response context that judges them. */
import type { Clock } from "../../platform/clock.ts";
import { contacts } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { isSipUri } from "../message/uri.ts";
import type { Outcome, SendOptions, Sending } from "../stack.ts";
import { breadthOf, narrowGroups, shareOf } from "./breadth.ts";
import type { ProxyTarget } from "./copy.ts";
import { copyFor, groupsByQ, upstream } from "./copy.ts";
import type { Branch, BranchUser } from "./response-context.ts";
import { ResponseContext } from "./response-context.ts";

/** Targets of one request in all, redirections included. */
export const MAX_BRANCHES = 64;

export interface ForwardingSettings {
  readonly clock: Clock;
  /** Without our own Routes. */
  readonly request: SipRequest;
  readonly targets: readonly ProxyTarget[];
  readonly followRedirects: boolean;
  send(copy: SipRequest, target: ProxyTarget, options: SendOptions): Sending;
  /** A response of our own. */
  standIn(status: number): SipResponse;
  respond(response: SipResponse): void;
  done(): void;
}

export class Forwarding {
  readonly #settings: ForwardingSettings;
  readonly #targets: ProxyTarget[];
  readonly #breadth: number;
  readonly #context: ResponseContext;
  #groups: readonly (readonly number[])[];
  #isOpen = true;

  constructor(settings: ForwardingSettings) {
    this.#settings = settings;
    this.#breadth = breadthOf(settings.request);
    this.#targets = settings.targets.slice(0, MAX_BRANCHES);
    this.#groups = narrowGroups(groupsByQ(this.#targets), this.#breadth);
    this.#context = new ResponseContext({
      clock: settings.clock,
      isInvite: settings.request.method === "INVITE",
      groups: this.#groups,
      begin: (branch, user) => this.#begin(branch, user),
      standIn: (status) => settings.standIn(status),
      forward: (response) => settings.respond(upwards(response)),
      ...(settings.followRedirects && { follow: (_branch, response: SipResponse) => this.#follow(response) }),
      done: () => {
        this.#isOpen = false;
        settings.done();
      },
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  cancel(): void {
    this.#context.cancel();
  }

  #begin(branch: number, user: BranchUser): Branch {
    const target = this.#targets[branch];
    if (!target) throw new RangeError(`There is no branch ${branch}.`);
    const { request, send, standIn } = this.#settings;
    const copy = copyFor(request, target);
    const share = shareOf(this.#groups, branch, this.#breadth);
    const headers = copy.headers.with("Max-Breadth", String(share));
    const heard = (response: SipResponse): void => {
      // Where nobody is behind us the response was for nobody (§16.7 step 3).
      const stripped = upstream(response);
      if (stripped) user.response(stripped);
    };
    const sending = send({ ...copy, headers }, target, { provisional: heard, accepted: heard });
    void sending.outcome.then((outcome) => {
      if (outcome.kind === "response") heard(outcome.response);
      else user.gone(standIn(statusOf(outcome)));
    });
    return sending;
  }

  /** The places that a 3xx names and that were not tried yet; undefined when there is none (§16.7 step 4). */
  #follow(response: SipResponse): readonly (readonly number[])[] | undefined {
    const list = contacts(response);
    const tried = new Set(this.#targets.map(({ uri }) => uri));
    const isSips = this.#settings.request.uri.startsWith("sips:");
    const found = (list === "*" ? [] : list).flatMap(({ uri, uriText, params }): readonly ProxyTarget[] => {
      // A request for sips may not be taken to where it would leave TLS (RFC 3261 §16.5).
      const isUsable = isSipUri(uri) && uri.headers === undefined && (!isSips || uri.scheme === "sips");
      return isUsable && !tried.has(uriText) ? [{ uri: uriText, q: qOf(params.get("q")) }] : [];
    });
    const added = found.slice(0, MAX_BRANCHES - this.#targets.length);
    if (added.length === 0) return undefined;
    const offset = this.#targets.length;
    this.#targets.push(...added);
    const groups = groupsByQ(added).map((group) => group.map((index) => index + offset));
    const narrow = narrowGroups(groups, this.#breadth);
    this.#groups = [...this.#groups, ...narrow];
    return narrow;
  }
}

/** A branch that nobody answered counts as 408, one whose way is broken as 503 (§16.7, §16.9). */
function statusOf(outcome: Outcome): 408 | 503 {
  return outcome.kind === "timeout" ? 408 : 503;
}

/** 503 speaks of one server: to the caller it would mean all of us (§16.7 step 6). */
function upwards(response: SipResponse): SipResponse {
  if (response.status !== 503) return response;
  return {
    ...response,
    status: 500,
    reason: "Server Internal Error",
    headers: response.headers.without("retry-after"),
  };
}

/** From 0 to 1; what is absent or cannot be read counts as 1. */
function qOf(text: string | undefined): number {
  const number = Number(text ?? 1);
  return number >= 0 && number <= 1 ? number : 1;
}
