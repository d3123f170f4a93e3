/** Header fields that point to dialogs and sessions (RFC 3262, 3326, 3515, 3891, 3892, 3911, 4028, 4538). */
import { DIGIT, TOKEN } from "./characters.ts";
import { MAX_NUMBER, readTokenWithParams, readTrimmedNumber, unquotedParam } from "./field-readers.ts";
import { fieldOf } from "./header.ts";
import { readNameAddr } from "./name-addr.ts";
import type { Params } from "./params.ts";
import { readParams } from "./params.ts";
import type { Reader, Source } from "./source.ts";
import { readNumber, skip, skipBack, skipBlanks } from "./source.ts";
import { parseNumber, utf8 } from "./text.ts";

/** RFC 3515 §2.1. */
export const REFER_TO = fieldOf("refer-to", readNameAddr);
/** RFC 3892 §3. */
export const REFERRED_BY = fieldOf("referred-by", readNameAddr);

export interface DialogReference {
  readonly callId: string;
  /** The tag of whoever receives the header (RFC 3891 §3). */
  readonly toTag: string;
  readonly fromTag: string;
  readonly params: Params;
}

/** RFC 3891 §6.1; `early-only` is among the parameters. Both tags have to be there. */
export const REPLACES = fieldOf("replaces", readReference("to-tag", "from-tag"));
/** RFC 3911 §7.1. */
export const JOIN = fieldOf("join", readReference("to-tag", "from-tag"));
/** RFC 4538 §7: the tags are those of whoever receives it (`local-tag`) and of whoever sends it. */
export const TARGET_DIALOG = fieldOf("target-dialog", readReference("local-tag", "remote-tag"));

function readReference(toName: string, fromName: string): Reader<DialogReference | undefined> {
  return (source, from, to) => {
    const start = skipBlanks(source, from, to);
    const rest = source.text.slice(start, to);
    const semicolon = rest.indexOf(";");
    const end = skipBack(source, start, semicolon < 0 ? to : start + semicolon);
    const callId = source.text.slice(start, end);
    const params = readParams(source, end, to);
    const toTag = params?.get(toName);
    const fromTag = params?.get(fromName);
    return params && /^[!-~]+$/.test(callId) && toTag && fromTag ? { callId, toTag, fromTag, params } : undefined;
  };
}

/** RFC 3262 §7.1: from 1 to 2³¹ − 1. */
export const RSEQ = fieldOf("rseq", (source, from, to) => {
  const number = readTrimmedNumber(source, from, to, 2 ** 31 - 1);
  return number === 0 ? undefined : number;
});

export interface RAck {
  /** The RSeq of the response that is acknowledged. */
  readonly rseq: number;
  /** Its CSeq. */
  readonly cseq: number;
  readonly method: string;
}

/** RFC 3262 §7.2. */
export const RACK = fieldOf("rack", readRAck);

function readRAck(source: Source, from: number, to: number): RAck | undefined {
  const start = skipBlanks(source, from, to);
  const rseqEnd = skip(source, start, to, DIGIT);
  const second = skipBlanks(source, rseqEnd, to);
  const cseqEnd = skip(source, second, to, DIGIT);
  const third = skipBlanks(source, cseqEnd, to);
  const end = skip(source, third, to, TOKEN);
  const rseq = readNumber(source, start, rseqEnd, MAX_NUMBER);
  const cseq = readNumber(source, second, cseqEnd, MAX_NUMBER);
  const isWhole = second > rseqEnd && third > cseqEnd && end > third && skipBlanks(source, end, to) === to;
  if (rseq === undefined || cseq === undefined || !isWhole) return undefined;
  return { rseq, cseq, method: source.text.slice(third, end) };
}

export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: "uac" | "uas" | undefined;
  readonly params: Params;
}

/** RFC 4028 §4. */
export const SESSION_EXPIRES = fieldOf("session-expires", readSessionExpires);
/** RFC 4028 §5. */
export const MIN_SE = fieldOf("min-se", readSessionExpires);

function readSessionExpires(source: Source, from: number, to: number): SessionExpires | undefined {
  const start = skipBlanks(source, from, to);
  const end = skip(source, start, to, DIGIT);
  const seconds = readNumber(source, start, end, MAX_NUMBER);
  const params = readParams(source, end, to);
  const refresher = params?.get("refresher")?.toLowerCase();
  if (seconds === undefined || !params) return undefined;
  return { seconds, refresher: refresher === "uac" || refresher === "uas" ? refresher : undefined, params };
}

export interface Reason {
  /** In lower case: sip, q.850 or an extension. */
  readonly protocol: string;
  readonly cause: number | undefined;
  /** For people. */
  readonly text: string | undefined;
  readonly params: Params;
}

/** RFC 3326 §2; one protocol may stand there more than once (RFC 9366). */
export const REASON = fieldOf("reason", readReason);

function readReason(source: Source, from: number, to: number): Reason | undefined {
  const value = readTokenWithParams(source, from, to);
  if (!value) return undefined;
  const text = unquotedParam(value.params, "text");
  return {
    protocol: value.token,
    cause: parseNumber(value.params.get("cause"), MAX_NUMBER),
    text: text === undefined ? undefined : utf8(text),
    params: value.params,
  };
}
