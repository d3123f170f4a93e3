/** An INVITE that begins a session with us (RFC 3261 §13.3). */
import type { Timer } from "../../platform/clock.ts";
import type { SipRequest } from "../message/message.ts";
import type { RespondOptions } from "../stack.ts";
import type { ServerTransaction } from "../transaction/transaction.ts";
import type { Session } from "./session.ts";
import type { SessionBody, SessionSettings } from "./settings.ts";
import { carried } from "./settings.ts";

/** A provisional response is said again this often, so that no proxy gives up on us (§13.3.1.1), in milliseconds. */
export const REPEAT_RINGING = 60_000;

export class IncomingCall {
  readonly session: Session;
  readonly request: SipRequest;
  readonly #transaction: ServerTransaction;
  readonly #settings: SessionSettings;
  #timer: Timer | undefined;
  #isOpen = true;

  /** For this folder. */
  constructor(transaction: ServerTransaction, session: Session, settings: SessionSettings) {
    this.#transaction = transaction;
    this.request = transaction.request;
    this.session = session;
    this.#settings = settings;
  }

  /** Whether it can still be answered. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** 180, 183 or another provisional response, which makes the early dialog. Never reliable (RFC 3262 is not offered). */
  ring(status = 180, content?: SessionBody): void {
    if (!this.#isOpen) return;
    this.#respond(status, content);
    this.#timer?.cancel();
    this.#timer = this.#settings.clock.after(REPEAT_RINGING, () => this.ring(status, content));
  }

  /** 200; repeated until the ACK comes. Without one within 64·T1 the session ends with BYE. */
  accept(content?: SessionBody): void {
    if (!this.#close()) return;
    this.session.accepted(this.request, () => this.#respond(200, content));
  }

  /** Any final response but 2xx. */
  reject(status: number, options: RespondOptions = {}): void {
    if (!this.#close()) return;
    const toTag = this.session.dialog.localTag;
    this.#settings.stack.respond(this.#transaction, status, { ...options, toTag });
    this.session.end("rejected");
  }

  /** For this folder: the caller gave up, by CANCEL or by BYE. */
  abandon(): void {
    if (!this.#close()) return;
    this.#settings.stack.respond(this.#transaction, 487, { toTag: this.session.dialog.localTag });
    this.session.end("cancelled");
  }

  #close(): boolean {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#timer?.cancel();
    return wasOpen;
  }

  #respond(status: number, content: SessionBody | undefined): void {
    const { stack, contact } = this.#settings;
    const { headers, body } = carried(content);
    stack.respond(this.#transaction, status, {
      toTag: this.session.dialog.localTag,
      copyRecordRoute: true,
      headers: [["Contact", contact(this.#transaction.flow)], ...headers],
      ...(body !== undefined && { body }),
    });
  }
}
