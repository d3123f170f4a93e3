/** One session between two user agents: an INVITE's dialog from its first tag to its BYE (RFC 3261 §13 to §15). */
import type { Timer } from "../../platform/clock.ts";
import type { Dialog } from "../dialog/dialog.ts";
import { ackInDialog, dialogId, receiveAnswer, receiveInDialog, requestInDialog } from "../dialog/dialog.ts";
import { endsDialog } from "../dialog/fate.ts";
import { cseq } from "../message/fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { Outcome } from "../stack.ts";
import { MAGIC_COOKIE } from "../transaction/key.ts";
import type { ServerTransaction } from "../transaction/transaction.ts";
import { token } from "../../platform/random.ts";
import { Accepted } from "./accepted.ts";
import { sendAuthorized } from "./authorized.ts";
import type { GlareState } from "./glare.ts";
import { refusalOf, STILL, waitAfterGlare } from "./glare.ts";
import type { EndReason, SessionBody, SessionSettings } from "./settings.ts";
import { carried } from "./settings.ts";

/** An INVITE of the peer inside the session; one of the two has to be called. */
export interface Reinvitation {
  readonly request: SipRequest;
  accept(content?: SessionBody): void;
  /** The session goes on as it was. */
  reject(status: number): void;
}

/** What a change of the session came to; `busy` when another one is under way. */
export type ChangeOutcome = Outcome | { readonly kind: "busy" };

export interface SessionParts extends Pick<
  SessionSettings,
  "stack" | "clock" | "random" | "contact" | "way" | "authorize" | "reinvited" | "requested"
> {
  /** Whether we began it. */
  readonly isCaller: boolean;
  ended(session: Session, reason: EndReason): void;
}

type State = "early" | "confirmed" | "ended";

export class Session {
  readonly isCaller: boolean;
  readonly #parts: SessionParts;
  #dialog: Dialog;
  #state: State = "early";
  #glare: GlareState = STILL;
  /** Our ACK, sent again with each 2xx that comes again. */
  #ack: { readonly sequence: number; readonly request: SipRequest; readonly branch: string } | undefined;
  /** Our 2xx, until its ACK. */
  #accepted: { readonly sequence: number; readonly repeated: Accepted } | undefined;
  #byeWhenAcknowledged = false;
  #retry: { readonly timer: Timer; readonly wake: () => void } | undefined;

  constructor(dialog: Dialog, parts: SessionParts) {
    this.#dialog = dialog;
    this.#parts = parts;
    this.isCaller = parts.isCaller;
  }

  /** The dialog's identity. */
  get id(): string {
    return dialogId(this.#dialog);
  }

  get dialog(): Dialog {
    return this.#dialog;
  }

  get state(): State {
    return this.#state;
  }

  /**
   * Ends the session with BYE; it is over at once. A called side that has no ACK yet waits for it first (§15).
   * Nothing happens when it is over already.
   */
  async bye(headers: readonly (readonly [string, string])[] = []): Promise<void> {
    if (this.#state === "ended") return;
    if (this.#accepted?.repeated.isOpen) {
      this.#byeWhenAcknowledged = true;
      return;
    }
    this.end("local");
    await this.#send("BYE", headers);
  }

  /**
   * Changes the session: an INVITE inside it, repeated by itself after the pause that §14.1 wants when the peer had the
   * same idea. The 2xx is acknowledged here; what it says is in the outcome.
   */
  async reinvite(content?: SessionBody): Promise<ChangeOutcome> {
    if (this.#state !== "confirmed" || this.#glare.outgoing || this.#glare.incoming) return { kind: "busy" };
    this.#glare = { ...this.#glare, outgoing: true };
    const { headers, body } = carried(content);
    const contact = ["Contact", this.#parts.contact()] as const;
    const outcome = await this.#send("INVITE", [contact, ...headers], body);
    this.#glare = { ...this.#glare, outgoing: false };
    if (outcome.kind !== "response" || outcome.response.status !== 491) return outcome;
    await this.#pause(waitAfterGlare(this.isCaller, this.#parts.random));
    return this.reinvite(content);
  }

  /** Any other request inside the session: UPDATE, INFO, MESSAGE … 481 and silence end the session (§12.2.1.2). */
  request(
    method: string,
    headers: readonly (readonly [string, string])[] = [],
    body?: Buffer | string,
  ): Promise<Outcome> {
    return this.#send(method, headers, body);
  }

  /** For this folder: the INVITE that began the session was accepted by this answer. The ACK leaves here, each time. */
  answered(dialog: Dialog, invite: SipRequest, response: SipResponse): void {
    if (this.#state === "early") {
      // The 2xx says anew which way the dialog goes; requests sent meanwhile have used up numbers (§13.2.2.4).
      const localSequence = Math.max(dialog.localSequence, this.#dialog.localSequence);
      this.#dialog = { ...this.#dialog, ...dialog, localSequence };
      this.#state = "confirmed";
    }
    this.#acknowledge(invite, response);
  }

  /** For this folder: our 2xx leaves by `respond`, and again until the ACK comes. */
  accepted(invite: SipRequest, respond: () => void): void {
    if (this.#state === "early") this.#state = "confirmed";
    const givenUp = (): void => {
      // §13.3.1.4: the session is ended, though the peer may never have known of it.
      this.end("unacknowledged");
      void this.#send("BYE", []);
    };
    this.#accepted?.repeated.acknowledged();
    const repeated = new Accepted({ clock: this.#parts.clock, repeat: respond, givenUp });
    this.#accepted = { sequence: cseq(invite)?.number ?? 0, repeated };
    respond();
  }

  /** For this folder: an ACK inside the dialog. */
  acknowledged(ack: SipRequest): void {
    if (!this.#accepted || this.#accepted.sequence !== cseq(ack)?.number) return;
    this.#accepted.repeated.acknowledged();
    if (!this.#byeWhenAcknowledged) return;
    this.#byeWhenAcknowledged = false;
    void this.bye();
  }

  /** For this folder: a request inside the dialog that is no ACK and no CANCEL. */
  received(transaction: ServerTransaction): void {
    const { request } = transaction;
    const { stack } = this.#parts;
    const advanced = receiveInDialog(this.#dialog, request);
    if (!advanced) return stack.respond(transaction, 500, { reason: "Out Of Order" });
    if (request.method === "INVITE") return this.#reinvited(transaction, advanced);
    this.#dialog = advanced;
    if (request.method === "BYE") {
      stack.respond(transaction, 200);
      this.end("remote");
    } else if (this.#parts.requested) this.#parts.requested(this, transaction);
    else stack.respond(transaction, 405, { headers: [["Allow", "INVITE, ACK, CANCEL, BYE"]] });
  }

  /** For this folder: it is over, whatever the reason. */
  end(reason: EndReason): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#retry?.timer.cancel();
    this.#retry?.wake();
    this.#accepted?.repeated.acknowledged();
    this.#parts.ended(this, reason);
  }

  /** Ends with the session at the latest. */
  #pause(delay: number): Promise<void> {
    return new Promise((wake) => {
      this.#retry = { timer: this.#parts.clock.after(delay, wake), wake };
    });
  }

  #reinvited(transaction: ServerTransaction, advanced: Dialog): void {
    const { stack, random, reinvited, contact } = this.#parts;
    const refusal = refusalOf(this.#glare, random);
    if (refusal) {
      const { status, retryAfter } = refusal;
      const headers = retryAfter === undefined ? [] : [["Retry-After", String(retryAfter)] as const];
      return stack.respond(transaction, status, { headers });
    }
    this.#dialog = advanced;
    if (!reinvited) return stack.respond(transaction, 488);
    this.#glare = { ...this.#glare, incoming: true };
    const settled = (): void => {
      this.#glare = { ...this.#glare, incoming: false };
    };
    reinvited(this, {
      request: transaction.request,
      accept: (content) => {
        settled();
        const { headers, body } = carried(content);
        const all = [["Contact", contact(transaction.flow)] as const, ...headers];
        const respond = (): void =>
          stack.respond(transaction, 200, { headers: all, ...(body !== undefined && { body }) });
        this.accepted(transaction.request, respond);
      },
      reject: (status) => {
        settled();
        stack.respond(transaction, status);
      },
    });
  }

  async #send(
    method: string,
    headers: readonly (readonly [string, string])[],
    body?: Buffer | string,
  ): Promise<Outcome> {
    const [dialog, request] = requestInDialog(this.#dialog, method, headers, body);
    this.#dialog = dialog;
    const sent = await sendAuthorized(request, this.#parts, (again) => {
      if (method === "INVITE") this.#acknowledgeAgain(again);
    });
    const { outcome } = sent;
    const number = cseq(sent.request)?.number ?? 0;
    if (number > this.#dialog.localSequence) this.#dialog = { ...this.#dialog, localSequence: number };
    if (outcome.kind === "response") {
      if (method === "INVITE" || method === "UPDATE") this.#dialog = receiveAnswer(this.#dialog, outcome.response);
      if (method === "INVITE" && isSuccess(outcome.response)) this.#acknowledge(sent.request, outcome.response);
    }
    const isLost = outcome.kind === "timeout" || (outcome.kind === "response" && isOver(outcome.response.status));
    if (isLost) this.end("lost");
    return outcome;
  }

  /** A 2xx of our INVITE inside the session that came again: our ACK was lost. */
  #acknowledgeAgain(response: SipResponse): void {
    if (this.#ack && this.#ack.sequence === cseq(response)?.number) this.#sendAck();
  }

  #acknowledge(invite: SipRequest, response: SipResponse): void {
    const sequence = cseq(response)?.number ?? 0;
    if (this.#ack?.sequence !== sequence) {
      const credentials = ["Authorization", "Proxy-Authorization"].flatMap((name) =>
        invite.headers.lines(name).map((value) => [name, value] as const),
      );
      const branch = MAGIC_COOKIE + token(this.#parts.random, 12);
      this.#ack = { sequence, request: ackInDialog(this.#dialog, sequence, credentials), branch };
    }
    this.#sendAck();
  }

  #sendAck(): void {
    const ack = this.#ack;
    if (!ack) return;
    const { stack, way } = this.#parts;
    void stack.forward(ack.request, { ...way?.(ack.request), branch: () => ack.branch });
  }
}

/** §12.2.1.2, and RFC 5057 for what else says that nobody is there; a refused change alone ends nothing. */
function isOver(status: number): boolean {
  return status === 408 || status === 481 || endsDialog(status);
}

function isSuccess({ status }: SipResponse): boolean {
  return status >= 200 && status < 300;
}
