/** Cuts a byte stream into messages and keep-alives (RFC 3261 §18.3, RFC 5626 §3.5.1). */
import type { Result } from "../../platform/result.ts";
import { failure, success } from "../../platform/result.ts";
import type { SipError } from "./error.ts";
import { sipError } from "./error.ts";
import { bodyLength, findHeadEnd, headTooLarge, noContentLength, startLineTooLong } from "./head.ts";
import { limits } from "./limits.ts";
import { trim } from "./text.ts";

export type Frame =
  | { readonly kind: "message"; readonly bytes: Buffer }
  /** The double CRLF of a peer that wants a single one back. */
  | { readonly kind: "ping" }
  /** A single CRLF. */
  | { readonly kind: "pong" }
  /** The stream cannot be read on. `head` is what was read of the message, to answer it. */
  | { readonly kind: "error"; readonly error: SipError; readonly head?: Buffer };

const CR = 0x0d;
const LF = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);
const SMALLEST = 4096;

/**
 * Takes the chunks of one stream in their order. Messages must carry Content-Length. After an error nothing more is
 * read. A double CRLF that arrives cut in the middle counts as two single ones: waiting would delay every answer to
 * our own pings.
 */
export class StreamFramer {
  /** Bytes of the stream; those from `#start` to `#end` are not yet given out. Given out ones are never overwritten. */
  #held: Buffer = NOTHING;
  #start = 0;
  #end = 0;
  /** How far the head has been searched for its end. */
  #searched = 0;
  /** Where the message that has begun ends, once its head is read. */
  #messageEnd: number | undefined;
  #failed = false;

  /** Bytes that wait for the rest of their message. */
  get pending(): number {
    return this.#end - this.#start;
  }

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    if (this.#failed) return frames;
    this.#append(chunk);
    for (let frame = this.#next(); frame; frame = this.#next()) {
      frames.push(frame);
      if (frame.kind === "error") this.#stop();
    }
    return frames;
  }

  /** Doubles its space when full, so that every byte is copied a bounded number of times however small the chunks. */
  #append(chunk: Buffer): void {
    const pending = this.pending;
    if (pending === 0) {
      this.#hold(chunk, chunk.length);
      return;
    }
    if (this.#end + chunk.length > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(SMALLEST, 2 * (pending + chunk.length)));
      this.#held.copy(larger, 0, this.#start, this.#end);
      this.#searched -= this.#start;
      if (this.#messageEnd !== undefined) this.#messageEnd -= this.#start;
      this.#held = larger;
      this.#start = 0;
      this.#end = pending;
    }
    chunk.copy(this.#held, this.#end);
    this.#end += chunk.length;
  }

  #hold(bytes: Buffer, length: number): void {
    this.#held = bytes;
    this.#start = 0;
    this.#end = length;
    this.#searched = 0;
  }

  #stop(): void {
    this.#failed = true;
    this.#hold(NOTHING, 0);
  }

  #next(): Frame | undefined {
    if (this.#failed) return undefined;
    if (this.#messageEnd === undefined) {
      const frame = this.#betweenMessages() ?? this.#readHead();
      if (frame) return frame;
    }
    if (this.#messageEnd === undefined || this.#messageEnd > this.#end) return undefined;
    const bytes = this.#held.subarray(this.#start, this.#messageEnd);
    this.#advance(this.#messageEnd);
    this.#messageEnd = undefined;
    return { kind: "message", bytes };
  }

  #advance(to: number): void {
    this.#start = to;
    this.#searched = to;
    if (this.#start === this.#end) this.#hold(NOTHING, 0);
  }

  #betweenMessages(): Frame | undefined {
    while (this.pending > 0 && this.#held[this.#start] === LF) this.#advance(this.#start + 1);
    if (!this.#isCrlf(this.#start)) return undefined;
    const next = this.#start + 2;
    if (this.#isCrlf(next)) {
      this.#advance(next + 2);
      return { kind: "ping" };
    }
    if (next + 1 === this.#end && this.#held[next] === CR) return undefined;
    this.#advance(next);
    return { kind: "pong" };
  }

  #isCrlf(at: number): boolean {
    return at + 2 <= this.#end && this.#held[at] === CR && this.#held[at + 1] === LF;
  }

  /** Looks for the end of the head and learns from it where the message ends. */
  #readHead(): Frame | undefined {
    if (this.pending === 0) return undefined;
    if (this.#held[this.#start] === CR) return this.#loneCr();
    const { found, next } = findHeadEnd(this.#held.subarray(0, this.#end), this.#searched);
    this.#searched = next;
    if ((found ?? this.#end) - this.#start > limits.headBytes) return this.#error(headTooLarge, found ?? this.#end);
    if (found === undefined) return this.#startLineIsTooLong() ? this.#error(startLineTooLong, this.#end) : undefined;
    const length = contentLength(this.#held.toString("latin1", this.#start, found));
    if (!length.ok) return this.#error(length.error, found);
    this.#messageEnd = found + length.value;
    return undefined;
  }

  /** Begins no message, but at the very end it may yet become a CRLF. */
  #loneCr(): Frame | undefined {
    const undecided = this.pending === 1 || (this.pending === 3 && this.#isCrlf(this.#start));
    return undecided ? undefined : this.#error(sipError("SIP_NOT_SIP", "Not a SIP Message"), this.#end);
  }

  #startLineIsTooLong(): boolean {
    if (this.pending <= limits.startLineBytes) return false;
    return !this.#held.subarray(this.#start, this.#start + limits.startLineBytes).includes(LF);
  }

  #error(error: SipError, headEnd: number): Frame {
    return { kind: "error", error, head: this.#held.subarray(this.#start, headEnd) };
  }
}

/** Every Content-Length line of a head, compact or folded, without decoding the rest. */
const CONTENT_LENGTH = /\n(?:content-length|l)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)/gi;

function contentLength(head: string): Result<number, SipError> {
  const values = Array.from(head.matchAll(CONTENT_LENGTH), ([, value = ""]) => trim(value.replace(/\r?\n|\r$/g, "")));
  const length = bodyLength(values);
  if (!length.ok) return length;
  if (length.value === undefined) return failure(noContentLength);
  return success(length.value);
}
