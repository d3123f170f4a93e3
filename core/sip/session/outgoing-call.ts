/** An INVITE of ours (RFC 3261 §13.2): every branch of a fork is a session of its own, early or answered. */
import { dialogId, dialogOfClient } from "../dialog/dialog.ts";
import { cseq, toTag } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { Outcome, Sending } from "../stack.ts";
import { TRANSACTION_TIMEOUT } from "../transaction/timers.ts";
import { sendAuthorized } from "./authorized.ts";
import type { Session } from "./session.ts";
import type { SessionSettings } from "./settings.ts";

/** Sessions that one INVITE may bring; further branches are not answered. */
export const MAX_FORKS = 16;

/** What the caller hears. */
export interface OutgoingCallUser {
  /** A provisional response above 100, with the early session that it belongs to where it has a tag and a Contact. */
  ringing?(response: SipResponse, session: Session | undefined): void;
  /** Somebody accepted; the ACK has left. With `forks: "all"` this may be called once for each who did. */
  answered(session: Session, response: SipResponse): void;
  /** Nobody will: the outcome, or `cancelled` when it was given up. Not called once somebody answered. */
  failed(outcome: Outcome): void;
}

export interface OutgoingCallOptions {
  /** Whether every branch of a fork that accepts is kept, or all but the first get BYE. */
  readonly forks?: "one" | "all";
}

interface Parts {
  readonly settings: SessionSettings;
  /** The session of a dialog, made if it is new. */
  hold(dialog: NonNullable<ReturnType<typeof dialogOfClient>>): Session;
}

export class OutgoingCall {
  readonly #parts: Parts;
  readonly #user: OutgoingCallUser;
  readonly #keepsAll: boolean;
  readonly #sessions = new Map<string, Session>();
  #request: SipRequest;
  #sending: Sending | undefined;
  #isCancelled = false;
  #isAnswered = false;

  constructor(request: SipRequest, user: OutgoingCallUser, options: OutgoingCallOptions, parts: Parts) {
    this.#request = request;
    this.#user = user;
    this.#keepsAll = options.forks === "all";
    this.#parts = parts;
    void this.#run();
  }

  /** Gives up: CANCEL where it still helps; who accepted meanwhile gets ACK and BYE (§9.1, §15). */
  cancel(): void {
    if (this.#isAnswered || this.#isCancelled) return;
    this.#isCancelled = true;
    this.#sending?.cancel();
  }

  async #run(): Promise<void> {
    const { request, outcome } = await sendAuthorized(
      this.#request,
      this.#parts.settings,
      (response) => this.#accepted(response),
      {
        provisional: (response) => this.#ringing(response),
        started: (sent, sending) => {
          this.#request = sent;
          this.#sending = sending;
          if (this.#isCancelled) sending.cancel();
        },
      },
    );
    this.#request = request;
    const isAccepted = outcome.kind === "response" && outcome.response.status < 300;
    if (isAccepted) {
      this.#accepted(outcome.response);
      // §13.2.2.4: branches that only rang are over when no further 2xx can come.
      this.#parts.settings.clock.after(TRANSACTION_TIMEOUT, () => this.#endEarly("replaced"));
    } else this.#endEarly(this.#isCancelled ? "cancelled" : "rejected");
    if (!this.#isAnswered) this.#user.failed(outcome);
  }

  #ringing(response: SipResponse): void {
    if (response.status > 100) this.#user.ringing?.(response, this.#sessionOf(response));
  }

  #accepted(response: SipResponse): void {
    const dialog = dialogOfClient(this.#request, response);
    const session = this.#sessionOf(response);
    // Without a Contact there is nothing to send an ACK to: the callee gives up by itself.
    if (!dialog || !session) return;
    const isNew = session.state === "early";
    session.answered(dialog, this.#request, response);
    if (!isNew) return;
    if (this.#isCancelled || (this.#isAnswered && !this.#keepsAll)) void session.bye();
    else {
      this.#isAnswered = true;
      this.#user.answered(session, response);
    }
  }

  #sessionOf(response: SipResponse): Session | undefined {
    if (toTag(response) === undefined || cseq(response)?.number !== cseq(this.#request)?.number) return undefined;
    const dialog = dialogOfClient(this.#request, response);
    if (!dialog) return undefined;
    const id = dialogId(dialog);
    const known = this.#sessions.get(id);
    if (known || this.#sessions.size >= MAX_FORKS) return known;
    const session = this.#parts.hold(dialog);
    this.#sessions.set(id, session);
    return session;
  }

  #endEarly(reason: "cancelled" | "rejected" | "replaced"): void {
    for (const session of this.#sessions.values()) if (session.state === "early") session.end(reason);
  }
}
