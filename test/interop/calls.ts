/**
 * INVITE dialogs on the transaction layer and the dialog functions, as much of them as tests against other programs
 * need: ring, answer, acknowledge, cancel, change, hang up. No media: the descriptions offered are empty words.
 */
import type { Clock, Timer } from "../../core/platform/clock.ts";
import { systemRandom, token } from "../../core/platform/random.ts";
import type { Dialog } from "../../core/sip/dialog/dialog.ts";
import {
  dialogId,
  dialogIdOf,
  dialogOfClient,
  dialogOfServer,
  receiveInDialog,
  requestInDialog,
} from "../../core/sip/dialog/dialog.ts";
import { cseq } from "../../core/sip/message/fields.ts";
import type { SipRequest, SipResponse } from "../../core/sip/message/message.ts";
import { request as makeRequest } from "../../core/sip/message/message.ts";
import { serialize } from "../../core/sip/message/serialize.ts";
import type { Outcome, Stack } from "../../core/sip/stack.ts";
import { MAGIC_COOKIE } from "../../core/sip/transaction/key.ts";
import { T1, T2, TRANSACTION_TIMEOUT } from "../../core/sip/transaction/timers.ts";
import type { ServerTransaction } from "../../core/sip/transaction/transaction.ts";
import type { Flow } from "../../core/sip/transport/flow.ts";
import { formatEndpoint } from "../../core/sip/transport/network.ts";

export const DESCRIPTION = [
  ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"],
  ...["m=audio 49170 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""],
].join("\r\n");
const DESCRIBED: readonly [string, string] = ["Content-Type", "application/sdp"];

/** Callees whose name begins like this ring until somebody cancels. */
const RINGS = "ringing";

/** A call that stands, or stood. */
export interface Call {
  dialog: Dialog;
  readonly flow: Flow;
  /** The peer's ACK for our last 2xx came, or ours left. */
  acknowledged: boolean;
  /** How often its INVITE came again inside the dialog. */
  changes: number;
  ended: boolean;
}

/** An INVITE that left: `answer` is its final response, `call` stands when that is a 2xx. */
export interface Attempt {
  readonly answer: Promise<Outcome>;
  /** Responses below 200 so far. */
  readonly provisional: SipResponse[];
  /** How often a 2xx came, repetitions included; each was acknowledged. */
  accepted: number;
  call: Call | undefined;
  /** What answered the 2xx. */
  ack: Buffer | undefined;
  /** Takes the INVITE back (RFC 3261 §9.1); resolves to the CANCEL's own answer. */
  cancel(): Promise<Outcome>;
}

export class Calls {
  /** All that were answered, by dialog. */
  readonly all = new Map<string, Call>();
  /** INVITEs that were taken back before an answer. */
  cancelled = 0;
  readonly #stack: Stack;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #repeating = new Map<string, Timer>();
  readonly #ringing = new WeakMap<ServerTransaction, string>();

  constructor(stack: Stack, clock: Clock, name: string) {
    this.#stack = stack;
    this.#clock = clock;
    this.#name = name;
  }

  /** Calls that neither side ended. */
  get standing(): number {
    return [...this.all.values()].filter(({ ended }) => !ended).length;
  }

  /** Takes a request that is about a call; false when it is not. */
  take(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    if (request.method === "CANCEL") this.#cancel(transaction);
    else if (this.all.has(dialogIdOf(request))) this.#inDialog(transaction);
    else if (request.method === "INVITE") this.#ring(transaction);
    else if (request.method === "BYE") this.#stack.respond(transaction, 481);
    else return false;
    return true;
  }

  /** An ACK for a 2xx. */
  acknowledged(ack: SipRequest): void {
    const id = dialogIdOf(ack);
    this.#stopRepeating(id);
    const call = this.all.get(id);
    if (call) call.acknowledged = true;
  }

  /** Sends an INVITE over a flow and follows it. Each 2xx is acknowledged by itself. */
  invite(request: SipRequest, flow: Flow): Attempt {
    const contact: readonly [string, string] = ["Contact", `<${this.contact(flow)}>`];
    return this.#start({ ...request, headers: request.headers.append(...contact) }, flow, undefined);
  }

  /** A further INVITE inside the call (RFC 3261 §14.1). */
  change(call: Call): Attempt {
    const headers = [["Contact", `<${this.contact(call.flow)}>`] as const, DESCRIBED];
    const [dialog, request] = requestInDialog(call.dialog, "INVITE", headers, DESCRIPTION);
    call.dialog = dialog;
    return this.#start(request, call.flow, call);
  }

  /** Ends the call from our side. */
  async hangUp(call: Call): Promise<Outcome> {
    const [dialog, request] = requestInDialog(call.dialog, "BYE", []);
    call.dialog = dialog;
    call.ended = true;
    return this.#stack.send(request, { flow: call.flow });
  }

  /** Where we are reached over this flow. */
  contact(flow: Flow): string {
    return `sip:${this.#name}@${this.#stack.transport.sentBy(flow)};transport=${flow.transport}`;
  }

  #start(request: SipRequest, flow: Flow, standing: Call | undefined): Attempt {
    const branch = newBranch();
    const sent = { ...request, headers: request.headers.prepend("Via", this.#via(flow, branch)) };
    const provisional: SipResponse[] = [];
    let settle: (outcome: Outcome) => void = () => undefined;
    const attempt: Attempt = {
      answer: new Promise((resolve) => (settle = resolve)),
      provisional,
      accepted: 0,
      call: standing,
      ack: undefined,
      cancel: () => this.#stack.send(cancelOf(request), { flow, branch: () => branch }),
    };
    this.#stack.transactions.start(sent, flow, {
      response: (response) => {
        if (response.status < 200) return void provisional.push(response);
        if (response.status < 300) this.#accepted(attempt, sent, response, flow);
        settle({ kind: "response", response, flow });
      },
      timedOut: () => settle({ kind: "timeout" }),
      unreachable: () => settle({ kind: "unreachable", code: "SIP_SEND_FAILED", message: formatEndpoint(flow.remote) }),
    });
    return attempt;
  }

  #accepted(attempt: Attempt, invite: SipRequest, response: SipResponse, flow: Flow): void {
    attempt.accepted++;
    const dialog = attempt.call?.dialog ?? dialogOfClient(invite, response);
    if (!dialog) throw new Error("A 2xx for an INVITE has no Contact.");
    attempt.call ??= { dialog, flow, acknowledged: true, changes: 0, ended: false };
    this.all.set(dialogId(dialog), attempt.call);
    // A repeated 2xx brings the same ACK again, byte for byte (RFC 3261 §13.2.2.4).
    const ack = attempt.ack ?? this.#ack(dialog, invite, flow);
    attempt.ack = ack;
    void flow.send(ack);
  }

  #ack(dialog: Dialog, invite: SipRequest, flow: Flow): Buffer {
    const sequence = cseq(invite)?.number ?? 1;
    const [, ack] = requestInDialog({ ...dialog, localSequence: sequence - 1 }, "ACK", []);
    return serialize({ ...ack, headers: ack.headers.prepend("Via", this.#via(flow, newBranch())) });
  }

  #via(flow: Flow, branch: string): string {
    return `SIP/2.0/${flow.transport.toUpperCase()} ${this.#stack.transport.sentBy(flow)};branch=${branch};rport`;
  }

  #ring(transaction: ServerTransaction): void {
    const { request } = transaction;
    const toTag = token(systemRandom());
    const contact = ["Contact", `<${this.contact(transaction.flow)}>`] as const;
    this.#ringing.set(transaction, toTag);
    this.#stack.respond(transaction, 180, { toTag, copyRecordRoute: true, headers: [contact] });
    if (request.uri.startsWith(`sip:${RINGS}`)) return;
    const dialog = dialogOfServer(request, toTag);
    if (!dialog) return this.#stack.respond(transaction, 400, { reason: "INVITE Needs A Contact" });
    const call: Call = { dialog, flow: transaction.flow, acknowledged: false, changes: 0, ended: false };
    this.all.set(dialogId(dialog), call);
    this.#accept(transaction, call);
  }

  #inDialog(transaction: ServerTransaction): void {
    const { request } = transaction;
    const call = this.all.get(dialogIdOf(request));
    const dialog = call && receiveInDialog(call.dialog, request);
    if (!call || call.ended) return this.#stack.respond(transaction, 481);
    if (!dialog) return this.#stack.respond(transaction, 500, { reason: "Out Of Order" });
    call.dialog = dialog;
    if (request.method === "INVITE") {
      call.changes++;
      return this.#accept(transaction, call);
    }
    if (request.method === "BYE") {
      call.ended = true;
      this.#stopRepeating(dialogId(dialog));
    }
    this.#stack.respond(transaction, 200);
  }

  /** Answers 200 and repeats that until the ACK comes (RFC 3261 §13.3.1.4). */
  #accept(transaction: ServerTransaction, call: Call): void {
    const id = dialogId(call.dialog);
    call.acknowledged = false;
    this.#stopRepeating(id);
    const answer = (interval: number, left: number): void => {
      this.#stack.respond(transaction, 200, {
        toTag: call.dialog.localTag,
        copyRecordRoute: true,
        headers: [["Contact", `<${this.contact(transaction.flow)}>`], DESCRIBED],
        body: DESCRIPTION,
      });
      if (left <= 0) return;
      const again = (): void => answer(Math.min(interval * 2, T2), left - interval);
      this.#repeating.set(id, this.#clock.after(interval, again));
    };
    answer(T1, TRANSACTION_TIMEOUT);
  }

  #stopRepeating(id: string): void {
    this.#repeating.get(id)?.cancel();
    this.#repeating.delete(id);
  }

  #cancel(transaction: ServerTransaction): void {
    const invite = this.#stack.transactions.cancelled(transaction.request)?.invite;
    const toTag = invite && this.#ringing.get(invite);
    if (!invite || toTag === undefined) return this.#stack.respond(transaction, 481);
    this.cancelled++;
    this.#stack.respond(transaction, 200, { toTag });
    this.#stack.respond(invite, 487, { toTag });
  }
}

/** RFC 3261 §9.1: the same Request-URI, Route, From, To, Call-ID and number; the caller adds the same Via. */
function cancelOf(invite: SipRequest): SipRequest {
  const same = ["max-forwards", "route", "from", "to", "call-id"].flatMap((name) =>
    invite.headers.lines(name).map((value) => [name, value] as const),
  );
  return makeRequest("CANCEL", invite.uri, [...same, ["CSeq", `${cseq(invite)?.number ?? 1} CANCEL`]]);
}

function newBranch(): string {
  return MAGIC_COOKIE + token(systemRandom(), 12);
}
