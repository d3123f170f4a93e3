/** The shapes that many header fields share, read from the part of a source between two places. */
import { TOKEN } from "./characters.ts";
import type { Params } from "./params.ts";
import { readParams } from "./params.ts";
import type { Source } from "./source.ts";
import { codeAt, readNumber, skip, skipBack, skipBlanks } from "./source.ts";
import { parseNumber, unquote, utf8 } from "./text.ts";

/** The largest CSeq number, Expires and the like: 32 bits (RFC 3261 §8.1.1.5, §20.19). */
export const MAX_NUMBER = 2 ** 32 - 1;

export interface TokenWithParams {
  /** In lower case. */
  readonly token: string;
  readonly params: Params;
}

export function readTokenWithParams(source: Source, from: number, to: number): TokenWithParams | undefined {
  const start = skipBlanks(source, from, to);
  const end = skip(source, start, to, TOKEN);
  const params = end === start ? undefined : readParams(source, end, to);
  return params && { token: source.text.slice(start, end).toLowerCase(), params };
}

/** Seconds. Larger values than 32 bits hold mean the largest (RFC 4475 §3.1.2.4 lets them be defaulted). */
export function readSeconds(source: Source, from: number, to: number): number | undefined {
  const number = readTrimmedNumber(source, from, to, Number.MAX_VALUE);
  return number === undefined ? undefined : Math.min(number, MAX_NUMBER);
}

export function readTrimmedNumber(source: Source, from: number, to: number, max: number): number | undefined {
  const start = skipBlanks(source, from, to);
  return readNumber(source, start, skipBack(source, start, to), max);
}

/** Seconds of a parameter. */
export function seconds(text: string | undefined): number | undefined {
  const number = parseNumber(text, Number.MAX_VALUE);
  return number === undefined ? undefined : Math.min(number, MAX_NUMBER);
}

/** All that stands there, trimmed, for people. */
export function readText(source: Source, from: number, to: number): string {
  return utf8(trimmed(source, from, to));
}

/** One token and nothing else, as it was sent. */
export function readToken(source: Source, from: number, to: number): string | undefined {
  const text = trimmed(source, from, to);
  return text !== "" && skip(source, skipBlanks(source, from, to), to, TOKEN) === skipBack(source, from, to)
    ? text
    : undefined;
}

/** The same in lower case. */
export function readLowerToken(source: Source, from: number, to: number): string | undefined {
  return readToken(source, from, to)?.toLowerCase();
}

/** One word without white space, as it was sent. */
export function readWord(source: Source, from: number, to: number): string | undefined {
  const text = trimmed(source, from, to);
  return /^[!-~\x80-\xff]+$/.test(text) ? text : undefined;
}

export interface InfoUri {
  /** Between the angle brackets, as it was sent. */
  readonly uri: string;
  readonly params: Params;
}

/** `<uri>;params`, as in Call-Info, where any scheme may stand. */
export function readInfoUri(source: Source, from: number, to: number): InfoUri | undefined {
  const start = skipBlanks(source, from, to);
  const bracket = source.text.slice(start, to).indexOf(">");
  if (codeAt(source, start) !== 0x3c || bracket < 2) return undefined;
  const params = readParams(source, start + bracket + 1, to);
  return params && { uri: source.text.slice(start + 1, start + bracket), params };
}

function trimmed(source: Source, from: number, to: number): string {
  const start = skipBlanks(source, from, to);
  return source.text.slice(start, skipBack(source, start, to));
}

/** What a parameter says to people or programs, without quotes. */
export function unquotedParam(params: Params, name: string): string | undefined {
  const value = params.get(name);
  return value === undefined ? undefined : unquote(value);
}

/** A q value (RFC 3261 §25.1, qvalue): from 0 to 1 with three digits at most; 1 when absent, undefined when malformed. */
export function qOf(params: Params): number | undefined {
  if (!params.has("q")) return 1;
  const text = params.get("q") ?? "";
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : undefined;
}
