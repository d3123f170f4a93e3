/** The sessions of one user agent, both roles: finds the session of a request, and begins new ones. */
import { token } from "../../platform/random.ts";
import type { Dialog } from "../dialog/dialog.ts";
import { dialogId, dialogIdOf, dialogOfServer } from "../dialog/dialog.ts";
import { toTag } from "../message/fields.ts";
import type { SipRequest } from "../message/message.ts";
import type { ServerTransaction } from "../transaction/transaction.ts";
import { IncomingCall } from "./incoming-call.ts";
import type { OutgoingCallOptions, OutgoingCallUser } from "./outgoing-call.ts";
import { OutgoingCall } from "./outgoing-call.ts";
import type { EndReason, SessionSettings } from "./settings.ts";
import { Session } from "./session.ts";

/** Sessions at once; above it callers get 486. */
export const MAX_SESSIONS = 10_000;

/** A session as plain data, for people who look. */
export interface SessionReport {
  readonly id: string;
  readonly state: Session["state"];
  readonly isCaller: boolean;
  readonly remote: string;
}

export class Sessions {
  readonly #settings: SessionSettings;
  readonly #sessions = new Map<string, Session>();
  readonly #calls = new Map<ServerTransaction, IncomingCall>();

  constructor(settings: SessionSettings) {
    this.#settings = settings;
  }

  /**
   * Calls somebody. `request` is an INVITE as it leaves but for Via and Contact, with a From tag, and no Route but the
   * account's own.
   */
  invite(request: SipRequest, user: OutgoingCallUser, options: OutgoingCallOptions = {}): OutgoingCall {
    const headers = request.headers.with("Contact", this.#settings.contact());
    const hold = (dialog: Dialog): Session => this.#hold(dialog, true);
    return new OutgoingCall({ ...request, headers }, user, options, { settings: this.#settings, hold });
  }

  /** Takes an INVITE, or a request inside a session. False when it is nothing of ours; then nothing was answered. */
  request(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    const session = this.#sessions.get(dialogIdOf(request));
    if (session && request.method !== "CANCEL") {
      this.#within(transaction, session);
      return true;
    }
    if (request.method !== "INVITE" && request.method !== "BYE") return false;
    if (request.method === "BYE" || toTag(request) !== undefined) this.#settings.stack.respond(transaction, 481);
    else this.#begin(transaction);
    return true;
  }

  /** An ACK for a 2xx of ours; false when there is none. */
  acknowledged(ack: SipRequest): boolean {
    const session = this.#sessions.get(dialogIdOf(ack));
    session?.acknowledged(ack);
    return session !== undefined;
  }

  /** The caller's CANCEL; false when the INVITE is none of ours. */
  cancelled(invite: ServerTransaction): boolean {
    const call = this.#calls.get(invite);
    call?.abandon();
    return call !== undefined;
  }

  /** `most` of them at the most. */
  inspect(most: number): readonly SessionReport[] {
    const found: SessionReport[] = [];
    for (const { id, state, isCaller, dialog } of this.#sessions.values()) {
      if (found.length >= most) break;
      found.push({ id, state, isCaller, remote: dialog.remote });
    }
    return found;
  }

  get count(): number {
    return this.#sessions.size;
  }

  #within(transaction: ServerTransaction, session: Session): void {
    // A BYE before the answer: the INVITE has to have one too (§15.1.2).
    const call = transaction.request.method === "BYE" ? this.#callOf(session) : undefined;
    if (!call?.isOpen) return session.received(transaction);
    this.#settings.stack.respond(transaction, 200);
    call.abandon();
  }

  #callOf(session: Session): IncomingCall | undefined {
    return [...this.#calls.values()].find((call) => call.session === session);
  }

  #begin(transaction: ServerTransaction): void {
    const { stack, random, incoming, most = MAX_SESSIONS } = this.#settings;
    const dialog = dialogOfServer(transaction.request, token(random));
    if (!dialog) return stack.respond(transaction, 400, { reason: "INVITE needs a Contact" });
    if (this.#sessions.size >= most) return stack.respond(transaction, 486);
    const session = this.#hold(dialog, false);
    const call = new IncomingCall(transaction, session, this.#settings);
    this.#calls.set(transaction, call);
    incoming(call);
  }

  #hold(dialog: Dialog, isCaller: boolean): Session {
    const session = new Session(dialog, {
      ...this.#settings,
      isCaller,
      ended: (one, reason) => this.#ended(one, reason),
    });
    this.#sessions.set(dialogId(dialog), session);
    return session;
  }

  #ended(session: Session, reason: EndReason): void {
    this.#sessions.delete(session.id);
    for (const [transaction, call] of this.#calls) if (call.session === session) this.#calls.delete(transaction);
    this.#settings.ended?.(session, reason);
  }
}
